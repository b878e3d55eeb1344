// docket worker: reads documents for another docket process. Hidden: extract, batch and eval start it.
#include <unistd.h>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "extract/worker_loop.h"

namespace docket::cli {

void add_worker_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("worker", "Read documents for another docket process")->group("");
  const auto pages = std::make_shared<std::string>();
  command->add_option("--pages", *pages, "pages to read");
  command->add_option_function<std::vector<std::string>>(
      "--set",
      [&program](const std::vector<std::string>& pairs) {
        for (const std::string& pair : pairs) {
          const std::size_t equals = pair.find('=');
          if (equals == std::string::npos) throw CLI::ValidationError("--set", "expected KEY=VALUE, found " + pair);
          program.flags.push_back({pair.substr(0, equals), "--set", pair.substr(equals + 1)});
        }
      },
      "KEY=VALUE of a setting");
  command->callback([&program, pages] {
    program.run = [pages](const Settings& settings) {
      const auto options = document_options(settings, *pages);
      if (!options) return fail(options.error(), kUsage);
      const Status status = extract::run_worker(*options, STDIN_FILENO, STDOUT_FILENO);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli

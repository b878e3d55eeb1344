// docket: the command line. Each command is one file beside this one (command.h says how); this file reads the
// settings, runs the command that was chosen and maps errors to exit statuses.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "apps/cli/command.h"
#include "apps/cli/setting_list.h"
#include "apps/cli/version.h"
#include "core/base/file.h"
#include "core/base/log.h"

namespace docket::cli {
namespace {

constexpr std::size_t kMaxEnvFileBytes = 1 << 20;

// A missing .env is fine; a missing file that the user named is not.
Result<std::vector<DotEnvEntry>> read_env_file(const Program& program) {
  const auto text = read_text_file(program.env_file, kMaxEnvFileBytes);
  if (!text && text.error().code == ErrorCode::kNotFound && !program.env_file_named) return std::vector<DotEnvEntry>();
  if (!text) return text.failure();
  return parse_dotenv(*text, program.env_file);
}

Result<Settings> load_settings(const Program& program) {
  SettingSources sources;
  sources.flags = program.flags;
  sources.environment = environment_map();
  sources.dotenv_path = program.env_file;
  DOCKET_TRY(sources.dotenv, read_env_file(program));
  return Settings::load(setting_specs(), sources);
}

int run(int argc, char** argv) {
  CLI::App app{"docket reads receipts and invoices on your own hardware."};
  Program program;
  program.path = argc > 0 ? argv[0] : "docket";
  app.set_version_flag("--version", "docket " + std::string(kVersion));
  app.require_subcommand(0, 1);
  app.add_option("--env-file", program.env_file, "file of settings, KEY=VALUE lines [.env]")->type_name("FILE");
  add_setting(app, program, "--log-level", "DOCKET_LOG_LEVEL");
  app.footer("Example:\n  docket extract receipt.jpg\n\nExit status: 0 all was read, 1 a document failed, 2 usage.");
  add_commands(app, program);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  program.env_file_named = app.count("--env-file") > 0;
  program.settings_with = [&program](const std::vector<FlagValue>& more) {
    Program with = program;
    with.flags.insert(with.flags.end(), more.begin(), more.end());
    return load_settings(with);
  };
  const auto settings = load_settings(program);
  if (!settings) return fail(settings.error(), kUsage);
  if (const Status status = set_log_level(settings->text("DOCKET_LOG_LEVEL")); !status) {
    return fail(status.error(), kUsage);
  }
  if (program.run) return program.run(*settings);
  std::fputs(app.help().c_str(), stdout);
  return kOk;
}

}  // namespace
}  // namespace docket::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away (| head) is a failed write, not a death
  try {
    return docket::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "docket: unexpected failure: %s\n", error.what());
    return docket::cli::kSomeFailed;
  }
}

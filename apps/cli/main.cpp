// docket: the command line. Each command is one file beside this one; this file only lists them and maps errors to
// statuses.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

namespace {

int run(int argc, char** argv) {
  CLI::App app{"docket reads receipts and invoices on your own hardware."};
  app.set_version_flag("--version", "docket 0.1.0");
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::fputs(app.help().c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "docket: unexpected failure: %s\n", error.what());
    return 1;
  }
}

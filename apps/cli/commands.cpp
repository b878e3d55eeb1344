// The list of commands, in the order of --help.
#include "apps/cli/command.h"

namespace docket::cli {

void add_commands(CLI::App& app, Program& program) { add_doctor_command(app, program); }

}  // namespace docket::cli

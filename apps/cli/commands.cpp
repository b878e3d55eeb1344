// The list of commands, in the order of --help.
#include "apps/cli/command.h"

namespace docket::cli {

void add_commands(CLI::App& app, Program& program) {
#ifdef DOCKET_DOCUMENTS
  add_extract_command(app, program);
  add_explain_command(app, program);
  add_batch_command(app, program);
  add_export_command(app, program);
  add_eval_command(app, program);
  add_correct_command(app, program);
  add_experiment_command(app, program);
  add_prompts_command(app, program);
  add_worker_command(app, program);
#endif
  add_ask_command(app, program);
  add_forward_command(app, program);
  add_bench_command(app, program);
  add_model_command(app, program);
  add_check_command(app, program);
  add_doctor_command(app, program);
}

}  // namespace docket::cli

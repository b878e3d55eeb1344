// docket eval: how often the records are right, against labelled documents.
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "apps/cli/labelled_run.h"
#include "apps/cli/version.h"
#include "core/base/file.h"
#include "eval/evaluate.h"
#include "eval/report.h"
#include "eval/table.h"

namespace docket::cli {
namespace {

struct EvalFlags {
  std::string truth, format = "table", report;
};

Status write_report(const EvalFlags& flags, const Settings& settings, const eval::Evaluation& evaluation) {
  DOCKET_TRY(const extract::Options options, document_options(settings, ""));
  const std::string subtitle = "docket " + std::string(kVersion) + ", reader " + settings.text("DOCKET_READER") +
                               ", today " + rules::to_iso(options.today);
  return write_file_atomic(
      flags.report, eval::to_report(evaluation, {"docket eval: " + flags.truth, subtitle}, picture_source(options)));
}

int run_eval(const EvalFlags& flags, const Settings& settings) {
  const auto truth = read_truth(flags.truth);
  if (!truth) return fail(truth.error(), kUsage);
  const auto pool = labelled_pool(settings, truth->size());
  if (!pool) return fail(pool.error(), kUsage);
  auto read = read_labelled(*truth, *pool);
  if (!read) return fail(read.error(), kSomeFailed);
  if (read->predictions.size() < truth->size()) return kInterrupted;
  std::vector<double> seconds;
  for (const eval::RunCost& cost : read->costs) seconds.push_back(cost.seconds);

  eval::Evaluation evaluation = eval::evaluate(*truth, read->predictions, seconds);
  evaluation.costs = std::move(read->costs);
  const std::string text =
      flags.format == "json" ? eval::to_json(evaluation).dump(2) + "\n" : eval::to_table(evaluation);
  std::fputs(text.c_str(), stdout);
  if (!flags.report.empty()) {
    if (const Status written = write_report(flags, settings, evaluation); !written) {
      return fail(written.error(), kSomeFailed);
    }
  }
  return evaluation.documents_failed == 0 ? kOk : kSomeFailed;
}

}  // namespace

void add_eval_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "eval", "Measure accuracy against labelled documents",
                                  "docket eval --truth samples/truth.jsonl --report report.html");
  const auto flags = std::make_shared<EvalFlags>();
  command->add_option("--truth", flags->truth, "labels, a JSON line a document; files are relative to it")->required();
  add_setting(*command, program, "--reader", "DOCKET_READER");
  add_setting(*command, program, "--model", "DOCKET_MODEL");
  add_setting(*command, program, "--adapter", "DOCKET_ADAPTER");
  add_setting(*command, program, "--quant", "DOCKET_QUANT");
  add_setting(*command, program, "-j,--jobs", "DOCKET_JOBS");
  add_setting(*command, program, "--time-limit", "DOCKET_TIME_LIMIT");
  command->add_option("--format", flags->format, "table or json [table]")->check(CLI::IsMember({"table", "json"}));
  command->add_option("--report", flags->report, "also write an HTML report with the pictures to this file");
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_eval(*flags, settings); }; });
}

}  // namespace docket::cli

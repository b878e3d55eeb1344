// docket eval: how often the records are right, against labelled documents.
#include <cstdio>
#include <set>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "apps/cli/progress.h"
#include "apps/cli/version.h"
#include "core/base/file.h"
#include "eval/evaluate.h"
#include "eval/report.h"
#include "eval/table.h"
#include "store/json.h"

namespace docket::cli {
namespace {

struct EvalFlags {
  std::string truth, format = "table", report;
};

constexpr std::size_t kMaxTruthBytes = std::size_t{256} << 20;

int present_fields(const record::Record& record) {
  int count = 0;
  for (const auto& [name, value] : record.fields) count += value.value.has_value();
  return count;
}

// The record that stands for a file: of several receipts the one with most on it, since the truth describes one.
Result<eval::Prediction> prediction_of(const std::string& file, const extract::DocumentResult& result) {
  if (!result.records) {
    eval::Prediction out;
    out.file = file;
    out.error = result.records.error().text();
    return out;
  }
  const auto best = std::max_element(
      result.records->begin(), result.records->end(),
      [](const record::Record& a, const record::Record& b) { return present_fields(a) < present_fields(b); });
  CHECK(best != result.records->end(), "%s gave no record", file.c_str());
  DOCKET_TRY(const Json json, parse_json(store::to_json_line(*best), file));
  return eval::read_prediction(json, file);
}

eval::PictureSource picture_source(const extract::Options& options) {
  return [options](const eval::DocumentResult& document) {
    eval::PictureOptions pictures;
    pictures.limits = options.limits;
    pictures.read = options.page;
    std::set<int> pages;
    for (const auto& [name, field] : document.prediction.fields) {
      if (field.value && field.page > 0) pages.insert(field.page);
    }
    if (pages.empty()) pages.insert(1);
    pictures.read.pages.assign(pages.begin(), pages.end());
    return eval::load_pictures(document.path, pictures);
  };
}

Status write_report(const EvalFlags& flags, const Settings& settings, const eval::Evaluation& evaluation) {
  DOCKET_TRY(const extract::Options options, document_options(settings, ""));
  const std::string subtitle = "docket " + std::string(kVersion) + ", reader " + settings.text("DOCKET_READER") +
                               ", today " + rules::to_iso(options.today);
  return write_file_atomic(
      flags.report, eval::to_report(evaluation, {"docket eval: " + flags.truth, subtitle}, picture_source(options)));
}

Result<std::vector<eval::TruthDocument>> read_truth(const std::string& file) {
  DOCKET_TRY(const std::string text, read_text_file(file, kMaxTruthBytes));
  return eval::parse_truth(text, file);
}

// A masked value cannot be held against the truth, so nothing is masked here, unless a setting asks for it.
void keep_values(const Settings& settings, extract::PoolOptions& pool) {
  if (settings.value("DOCKET_REDACT").source == SettingSource::kDefault) {
    pool.worker_command.emplace_back("--set=DOCKET_REDACT=false");
  }
}

int run_eval(const EvalFlags& flags, const Settings& settings) {
  const auto truth = read_truth(flags.truth);
  if (!truth) return fail(truth.error(), kUsage);
  auto pool = pool_options(settings, "", truth->size());
  if (!pool) return fail(pool.error(), kUsage);
  keep_values(settings, *pool);
  std::vector<std::string> files;
  for (const eval::TruthDocument& document : *truth) files.push_back(document.path.string());

  std::vector<eval::Prediction> predictions;
  std::vector<double> seconds;
  std::atomic<bool>& stop = stop_on_interrupt();
  Progress progress(files.size(), 0);
  Status judged;
  std::size_t failed = 0;
  const Status status = extract::read_documents(files, *pool, extract::Delivery::kInOrder, stop,
                                                [&](const extract::DocumentResult& result) {
                                                  auto prediction = prediction_of(files[result.index], result);
                                                  if (!prediction) {
                                                    judged = prediction.failure();
                                                    stop = true;
                                                    return;
                                                  }
                                                  failed += !result.records;
                                                  predictions.push_back(*std::move(prediction));
                                                  seconds.push_back(result.seconds);
                                                  progress.update(predictions.size(), failed);
                                                });
  progress.clear();
  if (!status) return fail(status.error(), kSomeFailed);
  if (!judged) return fail(judged.error(), kSomeFailed);
  if (predictions.size() < files.size()) return kInterrupted;

  const eval::Evaluation evaluation = eval::evaluate(*truth, predictions, seconds);
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

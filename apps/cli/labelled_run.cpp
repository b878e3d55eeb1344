#include "apps/cli/labelled_run.h"

#include <algorithm>

#include "apps/cli/document_run.h"
#include "apps/cli/progress.h"
#include "core/base/file.h"
#include "store/json.h"

namespace docket::cli {
namespace {

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

eval::RunCost cost_of(const extract::DocumentResult& result) {
  const extract::Usage& model = result.model;
  return {.seconds = result.seconds,
          .processor_seconds = result.processor_seconds,
          .tokens = model.tokens,
          .questions = model.questions,
          .cached = model.cached,
          .images = model.images};
}

}  // namespace

Result<std::vector<eval::TruthDocument>> read_truth(const std::string& file) {
  DOCKET_TRY(const std::string text, read_text_file(file, kMaxTruthBytes));
  return eval::parse_truth(text, file);
}

Result<extract::PoolOptions> labelled_pool(const Settings& settings, std::size_t documents) {
  DOCKET_TRY(extract::PoolOptions pool, pool_options(settings, "", documents));
  if (settings.value("DOCKET_REDACT").source == SettingSource::kDefault) {
    for (std::vector<std::string>* command : {&pool.worker_command, &pool.fallback_command}) {
      if (!command->empty()) command->emplace_back("--set=DOCKET_REDACT=false");
    }
  }
  return pool;
}

Result<LabelledRun> read_labelled(const std::vector<eval::TruthDocument>& truth, const extract::PoolOptions& pool) {
  std::vector<std::string> files;
  files.reserve(truth.size());
  for (const eval::TruthDocument& document : truth) files.push_back(document.path.string());
  LabelledRun out;
  std::atomic<bool>& stop = stop_on_interrupt();
  Progress progress(files.size(), 0);
  Status judged;
  std::size_t failed = 0;
  const auto take = [&](const extract::DocumentResult& result) {
    auto prediction = prediction_of(files[result.index], result);
    if (!prediction) {
      judged = prediction.failure();
      stop = true;
      return;
    }
    failed += !result.records;
    out.predictions.push_back(*std::move(prediction));
    out.costs.push_back(cost_of(result));
    progress.update(out.predictions.size(), failed);
  };
  const Status status = extract::read_documents(files, pool, extract::Delivery::kInOrder, stop, take);
  progress.clear();
  if (!status) return status.failure();
  if (!judged) return judged.failure();
  return out;
}

eval::PictureSource picture_source(const extract::Options& options) {
  return [options](const std::filesystem::path& file, const std::vector<int>& pages) {
    eval::PictureOptions pictures;
    pictures.limits = options.limits;
    pictures.read = options.page;
    pictures.read.pages = pages;
    return eval::load_pictures(file, pictures);
  };
}

}  // namespace docket::cli

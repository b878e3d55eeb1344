// What `eval` and `experiment` share: labelled documents, read under some settings.
#pragma once

#include <string>
#include <vector>

#include "core/base/settings.h"
#include "eval/experiment.h"
#include "eval/report.h"
#include "extract/documents.h"
#include "extract/options.h"

namespace docket::cli {

// Errors: those of parse_truth.
Result<std::vector<eval::TruthDocument>> read_truth(const std::string& file);

// As pool_options, for so many documents; nothing is masked unless a setting asks for it, since a masked value cannot
// be held against the truth.
Result<extract::PoolOptions> labelled_pool(const Settings& settings, std::size_t documents);

// What was read, in the order of the truth; fewer than that when the user stopped it. Errors: those of read_documents.
struct LabelledRun {
  std::vector<eval::Prediction> predictions;
  std::vector<eval::RunCost> costs;
};
Result<LabelledRun> read_labelled(const std::vector<eval::TruthDocument>& truth, const extract::PoolOptions& pool);

// Pages of the documents, read as `options` say.
eval::PictureSource picture_source(const extract::Options& options);

}  // namespace docket::cli

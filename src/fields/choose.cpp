#include "fields/choose.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace docket::fields {
namespace {

struct Calibration {
  FieldId field;
  double slope, offset, reading;
  double threshold;  // of the calibrated confidence
};

constexpr Calibration kDefault = {FieldId::kCount, 1, 0.5, 2, 0.55};
constexpr std::array kTable = {
#define CALIBRATION(field, slope, offset, reading, threshold) \
  Calibration{FieldId::field, slope, offset, reading, threshold},
#include "fields/calibration.inc"
#undef CALIBRATION
};

const Calibration& calibration_of(FieldId field) {
  for (const Calibration& row : kTable) {
    if (row.field == field) return row;
  }
  return kDefault;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Against its rivals and against "none of them", which has a score of 0.
double share(const std::vector<Candidate>& candidates, std::size_t index) {
  double sum = 1;
  for (const Candidate& candidate : candidates) sum += std::exp(std::min(candidate.score, 50.0));
  return std::exp(std::min(candidates[index].score, 50.0)) / sum;
}

Field decide(FieldId id, std::vector<Candidate> candidates, double probability) {
  Field field;
  if (candidates.empty()) {
    field.absent_reason = "not_seen";
    return field;
  }
  field.confidence = calibrated(id, probability, candidates.front().evidence.word_confidence);
  if (field.confidence >= calibration_of(id).threshold) {
    field.chosen = candidates.front();
  } else {
    field.absent_reason = "below_threshold";
  }
  field.candidates = std::move(candidates);
  return field;
}

}  // namespace

double calibrated(FieldId field, double probability, double word_confidence) {
  const Calibration& row = calibration_of(field);
  const double p = std::clamp(probability, 1e-6, 1 - 1e-6);
  return logistic(row.offset + row.slope * std::log(p / (1 - p)) + row.reading * (word_confidence - 0.9));
}

Field choose(const Candidates& candidates, FieldId field) {
  std::vector<Candidate> merged = candidates.merged(field);
  const double probability = merged.empty() ? 0 : share(merged, 0);
  return decide(field, std::move(merged), probability);
}

Field choose(const Candidates& candidates, FieldId field, const std::map<std::string, double>& probability) {
  std::vector<Candidate> merged = candidates.merged(field);
  const auto of = [&](const Candidate& candidate) {
    const auto found = probability.find(candidate.value);
    return found == probability.end() ? 0.0 : found->second;
  };
  std::stable_sort(merged.begin(), merged.end(), [&](const Candidate& a, const Candidate& b) { return of(a) > of(b); });
  const double best = merged.empty() ? 0 : of(merged.front());
  return decide(field, std::move(merged), best);
}

}  // namespace docket::fields

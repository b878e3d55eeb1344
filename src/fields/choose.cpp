#include "fields/choose.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fields/spelling.h"
#include "fields/text_match.h"

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

Field decide(FieldId id, std::vector<Belief> beliefs) {
  Field field;
  if (beliefs.empty()) {
    field.absent_reason = "not_seen";
    return field;
  }
  std::vector<Candidate> candidates;
  candidates.reserve(beliefs.size());
  const double probability = beliefs.front().probability;
  for (Belief& belief : beliefs) {
    belief.candidate.probability = belief.probability;
    candidates.push_back(std::move(belief.candidate));
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

void sort(std::vector<Belief>& beliefs) {
  std::stable_sort(beliefs.begin(), beliefs.end(),
                   [](const Belief& a, const Belief& b) { return a.probability > b.probability; });
}

// What values are compared by when looks are held against each other.
std::string ballot(FieldId field, const std::string& value) {
  return field == FieldId::kSupplierName ? fold(value) : value;
}

}  // namespace

double threshold_of(FieldId field) { return calibration_of(field).threshold; }

double calibrated(FieldId field, double probability, double word_confidence) {
  const Calibration& row = calibration_of(field);
  const double p = std::clamp(probability, 1e-6, 1 - 1e-6);
  return logistic(row.offset + row.slope * std::log(p / (1 - p)) + row.reading * (word_confidence - 0.9));
}

std::vector<Belief> believe(const Candidates& candidates, FieldId field) {
  std::vector<Belief> beliefs;
  double sum = 1;  // "none of them" has a score of 0
  for (Candidate& candidate : candidates.merged(field)) {
    const double odds = std::exp(std::min(candidate.score, 50.0));
    beliefs.push_back({std::move(candidate), odds});
    sum += odds;
  }
  for (Belief& belief : beliefs) belief.probability /= sum;
  return beliefs;
}

std::vector<Belief> believe(const Candidates& candidates, FieldId field,
                            const std::map<std::string, double>& probability) {
  std::vector<Belief> beliefs;
  for (Candidate& candidate : candidates.merged(field)) {
    const auto found = probability.find(candidate.value);
    beliefs.push_back({std::move(candidate), found == probability.end() ? 0.0 : found->second});
  }
  sort(beliefs);
  return beliefs;
}

Field vote(FieldId field, const std::vector<std::vector<Belief>>& looks) {
  struct Pool {
    Belief belief;
    double surest = 0;  // of the looks
  };
  std::map<std::string, Pool> pools;
  for (const auto& look : looks) {
    for (const Belief& belief : look) {
      Pool& pool = pools[ballot(field, belief.candidate.value)];
      pool.belief.probability += belief.probability / static_cast<double>(looks.size());
      if (belief.probability <= pool.surest) continue;
      pool.surest = belief.probability;
      pool.belief.candidate = belief.candidate;
    }
  }
  std::vector<Belief> beliefs;
  for (auto& [text, pool] : pools) {
    if (pool.surest > 0) beliefs.push_back(std::move(pool.belief));
  }
  sort(beliefs);
  if (field == FieldId::kSupplierName) beliefs = settle_spelling(std::move(beliefs));
  return decide(field, std::move(beliefs));
}

}  // namespace docket::fields

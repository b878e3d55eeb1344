// eval: two ways of reading the same labelled documents held against each other, document by document.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "eval/paired.h"

namespace docket::eval {

// One side of an experiment; predictions and costs are as long as the truth.
struct Run {
  std::string name;  // "quant=nf4"
  std::vector<Prediction> predictions;
  std::vector<RunCost> costs;
};

enum class Winner { kNeither, kA, kB };
std::string_view to_string(Winner winner);  // "no difference", "a", "b"

// Right: the value of the truth (exact or normalised), or none where the truth has none.
struct FieldDifference {
  std::string field;
  int n = 0;                         // documents that label it
  int right_a = 0, right_b = 0;      // of n
  int wrong_a = 0, wrong_b = 0;      // of n: a value that is not the truth's, or where it has none
  int only_a = 0, only_b = 0;        // right on that side alone
  double p = 1;                      // McNemar, exact
  double p_holm = 1;                 // the same, adjusted for all fields on which the sides differ
  Interval difference;               // 95 % bootstrap of right_b / n - right_a / n
  Winner winner = Winner::kNeither;  // of the field: p_holm < kLevel
};

struct Overall {
  int n = 0;                     // labelled fields of all documents
  int right_a = 0, right_b = 0;  // of n
  int wrong_a = 0, wrong_b = 0;
  int better_a = 0, better_b = 0;    // documents of which that side has more fields right
  double p = 1;                      // that better_a and better_b differ by chance alone: sign test, exact
  Interval difference;               // 95 % bootstrap over documents of right_b / n - right_a / n
  Winner winner = Winner::kNeither;  // p < kLevel, and the interval is on one side of 0
};

struct CostDifference {
  std::string name;     // "seconds", "processor_seconds", "tokens", "questions", "cached", "images"
  double a = 0, b = 0;  // means of a document
  Interval difference;  // 95 % bootstrap of b - a
};

// A document of which a judged field has another value or outcome.
struct Change {
  std::size_t document = 0;         // into the evaluations' documents
  std::vector<std::size_t> fields;  // into their fields
  int gained = 0, lost = 0;         // fields that are right in b alone, in a alone
};

struct Experiment {
  static constexpr double kLevel = 0.05;

  std::string name_a, name_b;
  Evaluation a, b;
  std::vector<FieldDifference> fields;
  Overall overall;
  std::vector<CostDifference> costs;
  std::vector<Change> changed;
  int resamples = 0;
  std::uint64_t seed = 0;
};

// The same arguments give the same figures. CHECK: there is a document, and all lengths agree.
Experiment compare_runs(const std::vector<TruthDocument>& truth, const Run& a, const Run& b, int resamples,
                        std::uint64_t seed);

}  // namespace docket::eval

// eval: predictions held against ground truth: counts per field and kind, calibration, failures.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eval/prediction.h"
#include "eval/statistics.h"
#include "eval/truth.h"

namespace docket::eval {

enum class Outcome {
  kExact,       // the truth, character by character (money: to the cent, dates: the day)
  kNormalised,  // the same letters and digits
  kWrong,       // a value where truth has another
  kMissing,     // no value where truth has one
  kInvented,    // a value where truth has none
  kBothAbsent,
  kNotLabelled,  // nobody said what it should be (a partial truth): it counts nowhere
};
const char* to_string(Outcome outcome);
inline bool is_failure(Outcome o) { return o == Outcome::kWrong || o == Outcome::kMissing || o == Outcome::kInvented; }

// One field of one document.
struct FieldResult {
  std::string field;         // the truth's name
  std::string record_field;  // what of the record it was compared with
  Outcome outcome = Outcome::kBothAbsent;
  std::string expected, given;  // empty when absent
  GivenField detail;            // confidence, place, raw
};

struct DocumentResult {
  std::string file;
  std::filesystem::path path;
  std::string kind;
  std::string error;   // empty when the document was read
  double seconds = 0;  // to read it
  std::vector<FieldResult> fields;
  Prediction prediction;
};

struct FieldScore {
  std::string field;
  int n = 0;              // documents whose truth has a value
  int exact = 0;          // of n
  int normalised = 0;     // of n, exact ones included
  int wrong = 0;          // of n, neither exact nor normalised
  int missing = 0;        // of n; n = normalised + wrong + missing
  int without_truth = 0;  // documents whose truth has no value
  int invented = 0;       // of without_truth
  Interval interval;      // Wilson 95 % of normalised / n
};

struct Seconds {
  double mean = 0, median = 0, p95 = 0, max = 0;
};

// What reading one document took.
struct RunCost {
  double seconds = 0;            // by the clock
  double processor_seconds = 0;  // of all threads
  std::int64_t tokens = 0;       // of the model's replies, those that a grammar forced left out
  int questions = 0;             // put to the model
  int cached = 0;                // answered from earlier replies
  int images = 0;                // encoded
};

struct Evaluation {
  std::vector<FieldScore> fields;                          // in order of first appearance in the schema, others after
  std::map<std::string, std::vector<FieldScore>> by_kind;  // empty when no document has a kind
  Calibration calibration;                                 // over values given where truth has one
  std::map<std::string, Calibration> calibration_by_field;
  std::map<std::string, std::vector<Scored>> scored_by_field;  // what these are made of, in order of the documents
  std::vector<DocumentResult> documents;                       // as in the truth
  int documents_failed = 0;
  Seconds seconds;
  std::vector<RunCost> costs;        // a document each, where the caller knows them; else empty
  std::vector<std::string> ignored;  // fields of the truth that docket does not know, or that are lists
};

// A prediction for each document and the seconds it took; both as long as `truth`. Every field that the truth labels in
// any document is scored in all of them.
Evaluation evaluate(const std::vector<TruthDocument>& truth, const std::vector<Prediction>& predictions,
                    const std::vector<double>& seconds);

}  // namespace docket::eval

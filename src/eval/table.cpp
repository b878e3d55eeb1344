#include "eval/table.h"

#include <cstdarg>
#include <cstdio>

namespace docket::eval {
namespace {

__attribute__((format(printf, 2, 3))) void append(std::string& out, const char* format, ...) {
  char line[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(line, sizeof line, format, args);
  va_end(args);
  out += line;
}

std::string range(const FieldScore& score) {
  if (score.n == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f-%.1f", 100 * score.interval.low, 100 * score.interval.high);
  return text;
}

void append_fields(std::string& out, const std::vector<FieldScore>& scores) {
  append(out, "%-26s %4s %8s %8s %12s %8s %8s  %s\n", "field", "n", "exact", "norm.", "95 %", "wrong", "missing",
         "invented");
  for (const FieldScore& s : scores) {
    append(out, "%-26.26s %4d %8s %8s %12s %8s %8s  %d of %d\n", s.field.c_str(), s.n, percent(s.exact, s.n).c_str(),
           percent(s.normalised, s.n).c_str(), range(s).c_str(), percent(s.wrong, s.n).c_str(),
           percent(s.missing, s.n).c_str(), s.invented, s.without_truth);
  }
}

void append_calibration(std::string& out, const Calibration& calibration) {
  append(out, "\nCalibration over %d values given: ECE %.3f\n", calibration.count, calibration.ece);
  append(out, "%-12s %5s %11s %9s\n", "confidence", "n", "mean", "right");
  for (const ReliabilityBin& bin : calibration.bins) {
    if (bin.count == 0) continue;
    append(out, "%.1f-%.1f      %5d %11.3f %9.3f\n", bin.low, bin.high, bin.count, bin.mean_confidence, bin.accuracy);
  }
}

void append_failures(std::string& out, const Evaluation& evaluation) {
  out += "\nFailures\n";
  for (const DocumentResult& document : evaluation.documents) {
    if (!document.error.empty()) out += document.file + ": not read: " + document.error + "\n";
    for (const FieldResult& field : document.fields) {
      if (!is_failure(field.outcome)) continue;
      out += document.file + ": " + field.field + " " + to_string(field.outcome) + ": truth \"" + field.expected +
             "\", docket \"" + field.given + "\"";
      if (!field.given.empty()) append(out, " (%.2f)", field.detail.confidence);
      out += "\n";
    }
  }
}

// Means of a document.
struct MeanCost {
  double processor_seconds = 0, questions = 0, cached = 0, images = 0, tokens = 0;
};

MeanCost mean_cost(const std::vector<RunCost>& costs) {
  MeanCost out;
  const double share = costs.empty() ? 0 : 1 / static_cast<double>(costs.size());
  for (const RunCost& cost : costs) {
    out.processor_seconds += share * cost.processor_seconds;
    out.questions += share * cost.questions;
    out.cached += share * cost.cached;
    out.images += share * cost.images;
    out.tokens += share * static_cast<double>(cost.tokens);
  }
  return out;
}

OrderedJson fields_json(const std::vector<FieldScore>& scores) {
  OrderedJson out = OrderedJson::array();
  for (const FieldScore& s : scores) {
    out.push_back({{"field", s.field},
                   {"n", s.n},
                   {"exact", s.exact},
                   {"normalised", s.normalised},
                   {"wilson95", {s.interval.low, s.interval.high}},
                   {"wrong", s.wrong},
                   {"missing", s.missing},
                   {"without_truth", s.without_truth},
                   {"invented", s.invented}});
  }
  return out;
}

OrderedJson calibration_json(const Calibration& calibration) {
  OrderedJson bins = OrderedJson::array();
  for (const ReliabilityBin& bin : calibration.bins) {
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"n", bin.count},
                    {"mean_confidence", bin.mean_confidence},
                    {"accuracy", bin.accuracy}});
  }
  return {{"n", calibration.count}, {"ece", calibration.ece}, {"bins", std::move(bins)}};
}

OrderedJson failures_json(const Evaluation& evaluation) {
  OrderedJson out = OrderedJson::array();
  for (const DocumentResult& document : evaluation.documents) {
    if (!document.error.empty()) out.push_back({{"file", document.file}, {"error", document.error}});
    for (const FieldResult& field : document.fields) {
      if (!is_failure(field.outcome)) continue;
      out.push_back({{"file", document.file},
                     {"field", field.field},
                     {"outcome", to_string(field.outcome)},
                     {"truth", field.expected.empty() ? OrderedJson() : OrderedJson(field.expected)},
                     {"given", field.given.empty() ? OrderedJson() : OrderedJson(field.given)},
                     {"confidence", field.detail.confidence}});
    }
  }
  return out;
}

}  // namespace

std::string percent(int part, int whole) {
  if (whole == 0) return "-";
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100.0 * part / whole);
  return text;
}

std::string to_table(const Evaluation& evaluation) {
  std::string out;
  append(out, "%zu documents, %d could not be read\n\n", evaluation.documents.size(), evaluation.documents_failed);
  append_fields(out, evaluation.fields);
  for (const auto& [kind, scores] : evaluation.by_kind) {
    out += "\nKind: " + kind + "\n";
    append_fields(out, scores);
  }
  append_calibration(out, evaluation.calibration);
  const Seconds& s = evaluation.seconds;
  append(out, "\nSeconds a document: mean %.2f, median %.2f, 95 %% below %.2f, most %.2f\n", s.mean, s.median, s.p95,
         s.max);
  if (!evaluation.costs.empty()) {
    const MeanCost cost = mean_cost(evaluation.costs);
    append(out,
           "Mean of a document: %.2f processor seconds; the model: %.2f questions (%.2f more from memory), %.2f "
           "pictures encoded, %.1f tokens\n",
           cost.processor_seconds, cost.questions, cost.cached, cost.images, cost.tokens);
  }
  if (!evaluation.ignored.empty()) {
    out += "Ignored, not fields of docket:";
    for (const std::string& name : evaluation.ignored) out += " " + name;
    out += "\n";
  }
  append_failures(out, evaluation);
  return out;
}

OrderedJson to_json(const Evaluation& evaluation) {
  OrderedJson kinds = OrderedJson::object(), by_field = OrderedJson::object();
  for (const auto& [kind, scores] : evaluation.by_kind) kinds[kind] = fields_json(scores);
  for (const auto& [field, calibration] : evaluation.calibration_by_field) {
    OrderedJson values = OrderedJson::array();
    for (const Scored& one : evaluation.scored_by_field.at(field)) {
      values.push_back(OrderedJson::array({one.confidence, one.right ? 1 : 0}));
    }
    by_field[field] = {{"n", calibration.count}, {"ece", calibration.ece}, {"values", std::move(values)}};
  }
  OrderedJson calibration = calibration_json(evaluation.calibration);
  calibration["by_field"] = std::move(by_field);
  const Seconds& s = evaluation.seconds;
  OrderedJson out = {{"documents", evaluation.documents.size()},
                     {"failed", evaluation.documents_failed},
                     {"fields", fields_json(evaluation.fields)},
                     {"kinds", std::move(kinds)},
                     {"calibration", std::move(calibration)},
                     {"seconds", {{"mean", s.mean}, {"median", s.median}, {"p95", s.p95}, {"max", s.max}}},
                     {"ignored", evaluation.ignored},
                     {"failures", failures_json(evaluation)}};
  if (!evaluation.costs.empty()) {
    const MeanCost cost = mean_cost(evaluation.costs);
    out["costs"] = {{"processor_seconds", cost.processor_seconds},
                    {"questions", cost.questions},
                    {"cached", cost.cached},
                    {"images", cost.images},
                    {"tokens", cost.tokens}};
  }
  return out;
}

}  // namespace docket::eval

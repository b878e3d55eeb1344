#include "eval/experiment_text.h"

#include <cstdarg>
#include <cstdio>

#include "eval/table.h"

namespace docket::eval {
namespace {

__attribute__((format(printf, 1, 2))) std::string formatted(const char* format, ...) {
  char line[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(line, sizeof line, format, args);
  va_end(args);
  return line;
}

std::string points(double share) { return formatted("%+.1f", 100 * share); }

double difference_of(int right_a, int right_b, int n) {
  return n == 0 ? 0 : static_cast<double>(right_b - right_a) / n;
}

std::string fields_table(const Experiment& experiment) {
  std::string out = formatted("%-26s %4s %8s %8s %7s %15s %7s %7s %9s %9s  %s\n", "field", "n", "A right", "B right",
                              "B - A", "95 %", "only A", "only B", "p", "p (Holm)", "winner");
  for (const FieldDifference& f : experiment.fields) {
    const std::string range = points(f.difference.low) + " to " + points(f.difference.high);
    out += formatted("%-26.26s %4d %8s %8s %7s %15s %7d %7d %9.3g %9.3g  %s\n", f.field.c_str(), f.n,
                     percent(f.right_a, f.n).c_str(), percent(f.right_b, f.n).c_str(),
                     points(difference_of(f.right_a, f.right_b, f.n)).c_str(), range.c_str(), f.only_a, f.only_b, f.p,
                     f.p_holm, to_string(f.winner).data());
  }
  return out;
}

std::string costs_table(const Experiment& experiment) {
  std::string out = formatted("\n%-26s %10s %10s   %s\n", "a document takes (mean)", "A", "B", "B - A, 95 %");
  for (const CostDifference& cost : experiment.costs) {
    out += formatted("%-26s %10.2f %10.2f   %+.2f to %+.2f\n", cost.name.c_str(), cost.a, cost.b, cost.difference.low,
                     cost.difference.high);
  }
  return out;
}

std::string changes_table(const Experiment& experiment) {
  std::string out =
      formatted("\nChanged documents: %zu of %zu\n", experiment.changed.size(), experiment.a.documents.size());
  for (const Change& change : experiment.changed) {
    const DocumentResult& a = experiment.a.documents[change.document];
    const DocumentResult& b = experiment.b.documents[change.document];
    for (const std::size_t f : change.fields) {
      const FieldResult &of_a = a.fields[f], &of_b = b.fields[f];
      out += a.file + ": " + of_a.field + ": truth \"" + of_a.expected + "\", A \"" + of_a.given + "\" (" +
             to_string(of_a.outcome) + "), B \"" + of_b.given + "\" (" + to_string(of_b.outcome) + ")\n";
    }
  }
  return out;
}

OrderedJson interval_json(const Interval& interval) { return {interval.low, interval.high}; }

OrderedJson text_or_null(const std::string& text) { return text.empty() ? OrderedJson() : OrderedJson(text); }

OrderedJson fields_json(const Experiment& experiment) {
  OrderedJson out = OrderedJson::array();
  for (const FieldDifference& f : experiment.fields) {
    out.push_back({{"field", f.field},
                   {"n", f.n},
                   {"right", {f.right_a, f.right_b}},
                   {"wrong", {f.wrong_a, f.wrong_b}},
                   {"right_alone", {f.only_a, f.only_b}},
                   {"difference", difference_of(f.right_a, f.right_b, f.n)},
                   {"bootstrap95", interval_json(f.difference)},
                   {"mcnemar_p", f.p},
                   {"holm_p", f.p_holm},
                   {"winner", to_string(f.winner)}});
  }
  return out;
}

OrderedJson overall_json(const Overall& overall) {
  return {{"n", overall.n},
          {"right", {overall.right_a, overall.right_b}},
          {"wrong", {overall.wrong_a, overall.wrong_b}},
          {"documents_better", {overall.better_a, overall.better_b}},
          {"difference", difference_of(overall.right_a, overall.right_b, overall.n)},
          {"bootstrap95", interval_json(overall.difference)},
          {"sign_test_p", overall.p},
          {"winner", to_string(overall.winner)}};
}

OrderedJson costs_json(const Experiment& experiment) {
  OrderedJson out = OrderedJson::object();
  for (const CostDifference& cost : experiment.costs) {
    out[cost.name] = {{"mean", {cost.a, cost.b}}, {"bootstrap95", interval_json(cost.difference)}};
  }
  return out;
}

OrderedJson changes_json(const Experiment& experiment) {
  OrderedJson out = OrderedJson::array();
  for (const Change& change : experiment.changed) {
    const DocumentResult& a = experiment.a.documents[change.document];
    const DocumentResult& b = experiment.b.documents[change.document];
    OrderedJson fields = OrderedJson::array();
    for (const std::size_t f : change.fields) {
      const FieldResult &of_a = a.fields[f], &of_b = b.fields[f];
      fields.push_back({{"field", of_a.field},
                        {"truth", text_or_null(of_a.expected)},
                        {"given", {text_or_null(of_a.given), text_or_null(of_b.given)}},
                        {"outcome", {to_string(of_a.outcome), to_string(of_b.outcome)}}});
    }
    out.push_back({{"file", a.file}, {"gained", change.gained}, {"lost", change.lost}, {"fields", std::move(fields)}});
  }
  return out;
}

}  // namespace

std::string verdict_of(const Experiment& experiment) {
  const Overall& o = experiment.overall;
  const std::string figures = formatted(
      "A has %s of %d labelled fields right, B %s: %s points (95 %% %s to %s); A is better on %d documents, B "
      "on %d (p %.3g).",
      percent(o.right_a, o.n).c_str(), o.n, percent(o.right_b, o.n).c_str(),
      points(difference_of(o.right_a, o.right_b, o.n)).c_str(), points(o.difference.low).c_str(),
      points(o.difference.high).c_str(), o.better_a, o.better_b, o.p);
  if (o.winner == Winner::kNeither) return "No difference that chance would not give. " + figures;
  return std::string(o.winner == Winner::kA ? "A is better. " : "B is better. ") + figures;
}

std::string to_table(const Experiment& experiment) {
  return "A: " + experiment.name_a + "\nB: " + experiment.name_b + "\n" + verdict_of(experiment) + "\n\n" +
         fields_table(experiment) + costs_table(experiment) + changes_table(experiment);
}

OrderedJson to_json(const Experiment& experiment) {
  return {{"a", experiment.name_a},
          {"b", experiment.name_b},
          {"documents", experiment.a.documents.size()},
          {"failed", {experiment.a.documents_failed, experiment.b.documents_failed}},
          {"seed", experiment.seed},
          {"resamples", experiment.resamples},
          {"overall", overall_json(experiment.overall)},
          {"fields", fields_json(experiment)},
          {"costs", costs_json(experiment)},
          {"ignored", experiment.a.ignored},
          {"changed", changes_json(experiment)}};
}

}  // namespace docket::eval

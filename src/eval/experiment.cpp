#include "eval/experiment.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace docket::eval {
namespace {

bool is_right(Outcome outcome) { return outcome != Outcome::kNotLabelled && !is_failure(outcome); }
bool is_wrong(Outcome outcome) { return outcome == Outcome::kWrong || outcome == Outcome::kInvented; }

Evaluation judged(const std::vector<TruthDocument>& truth, const Run& run) {
  CHECK(run.predictions.size() == truth.size() && run.costs.size() == truth.size());
  std::vector<double> seconds;
  for (const RunCost& cost : run.costs) seconds.push_back(cost.seconds);
  return evaluate(truth, run.predictions, seconds);
}

// One field of one document on both sides.
struct Pair {
  const FieldResult& a;
  const FieldResult& b;

  bool labelled() const { return a.outcome != Outcome::kNotLabelled; }
  bool only_a() const { return is_right(a.outcome) && !is_right(b.outcome); }
  bool only_b() const { return is_right(b.outcome) && !is_right(a.outcome); }
  // What is not judged (a derived field without truth) changes nothing.
  bool changed() const {
    return a.outcome != b.outcome || (a.given != b.given && labelled() && a.outcome != Outcome::kBothAbsent);
  }
};

Pair pair_of(const Experiment& experiment, std::size_t document, std::size_t field) {
  return {experiment.a.documents[document].fields[field], experiment.b.documents[document].fields[field]};
}

FieldDifference compare_field(const Experiment& experiment, std::size_t field, Ratio& ratio) {
  FieldDifference out;
  out.field = experiment.a.fields[field].field;
  for (std::size_t d = 0; d < experiment.a.documents.size(); ++d) {
    const Pair pair = pair_of(experiment, d, field);
    out.n += pair.labelled();
    out.right_a += is_right(pair.a.outcome);
    out.right_b += is_right(pair.b.outcome);
    out.wrong_a += is_wrong(pair.a.outcome);
    out.wrong_b += is_wrong(pair.b.outcome);
    out.only_a += pair.only_a();
    out.only_b += pair.only_b();
    ratio.numerators.push_back(static_cast<int>(pair.only_b()) - static_cast<int>(pair.only_a()));
    ratio.denominators.push_back(pair.labelled());
  }
  out.p = mcnemar_exact(out.only_a, out.only_b);
  return out;
}

void compare_fields(Experiment& experiment) {
  std::vector<Ratio> ratios(experiment.a.fields.size());
  std::vector<std::size_t> tested;
  std::vector<double> p;
  for (std::size_t f = 0; f < ratios.size(); ++f) {
    experiment.fields.push_back(compare_field(experiment, f, ratios[f]));
    const FieldDifference& field = experiment.fields.back();
    // Where no document tells the sides apart the test can give nothing but 1, so that it is none of those that could
    // be wrong (R. E. Tarone, Biometrics 46, 1990).
    if (field.only_a + field.only_b == 0) continue;
    tested.push_back(f);
    p.push_back(field.p);
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) experiment.fields[tested[i]].p_holm = adjusted[i];
  const std::vector<Interval> intervals = bootstrap(ratios, experiment.resamples, experiment.seed);
  for (std::size_t f = 0; f < ratios.size(); ++f) {
    FieldDifference& field = experiment.fields[f];
    field.difference = intervals[f];
    if (field.p_holm >= Experiment::kLevel) continue;
    field.winner = field.only_b > field.only_a ? Winner::kB : Winner::kA;
  }
}

// Fields of one document are not independent of each other, so that documents are counted and drawn, not fields.
void compare_documents(Experiment& experiment) {
  Overall& out = experiment.overall;
  Ratio ratio;
  for (std::size_t d = 0; d < experiment.a.documents.size(); ++d) {
    int labelled = 0, gained = 0, lost = 0;
    Change change{d, {}, 0, 0};
    for (std::size_t f = 0; f < experiment.fields.size(); ++f) {
      const Pair pair = pair_of(experiment, d, f);
      labelled += pair.labelled();
      gained += pair.only_b();
      lost += pair.only_a();
      if (pair.changed()) change.fields.push_back(f);
    }
    change.gained = gained;
    change.lost = lost;
    out.better_a += lost > gained;
    out.better_b += gained > lost;
    ratio.numerators.push_back(gained - lost);
    ratio.denominators.push_back(labelled);
    if (!change.fields.empty()) experiment.changed.push_back(std::move(change));
  }
  for (const FieldDifference& field : experiment.fields) {
    out.n += field.n;
    out.right_a += field.right_a;
    out.right_b += field.right_b;
    out.wrong_a += field.wrong_a;
    out.wrong_b += field.wrong_b;
  }
  out.p = mcnemar_exact(out.better_a, out.better_b);
  out.difference = bootstrap({&ratio, 1}, experiment.resamples, experiment.seed).front();
  if (out.p >= Experiment::kLevel) return;
  if (out.difference.low > 0 && out.better_b > out.better_a) out.winner = Winner::kB;
  if (out.difference.high < 0 && out.better_a > out.better_b) out.winner = Winner::kA;
}

using CostOf = double (*)(const RunCost&);
constexpr std::array<std::pair<const char*, CostOf>, 6> kCosts = {
    {{"seconds", [](const RunCost& c) { return c.seconds; }},
     {"processor_seconds", [](const RunCost& c) { return c.processor_seconds; }},
     {"tokens", [](const RunCost& c) { return static_cast<double>(c.tokens); }},
     {"questions", [](const RunCost& c) { return static_cast<double>(c.questions); }},
     {"cached", [](const RunCost& c) { return static_cast<double>(c.cached); }},
     {"images", [](const RunCost& c) { return static_cast<double>(c.images); }}}};

void compare_costs(Experiment& experiment, const Run& a, const Run& b) {
  std::vector<Ratio> ratios;
  for (const auto& [name, cost] : kCosts) {
    std::vector<double> of_a, of_b;
    Ratio& ratio = ratios.emplace_back();
    for (std::size_t d = 0; d < a.costs.size(); ++d) {
      of_a.push_back(cost(a.costs[d]));
      of_b.push_back(cost(b.costs[d]));
      ratio.numerators.push_back(of_b.back() - of_a.back());
      ratio.denominators.push_back(1);
    }
    experiment.costs.push_back({name, mean(of_a), mean(of_b), {}});
  }
  const std::vector<Interval> intervals = bootstrap(ratios, experiment.resamples, experiment.seed);
  for (std::size_t i = 0; i < intervals.size(); ++i) experiment.costs[i].difference = intervals[i];
}

}  // namespace

std::string_view to_string(Winner winner) {
  if (winner == Winner::kNeither) return "no difference";
  return winner == Winner::kA ? "a" : "b";
}

Experiment compare_runs(const std::vector<TruthDocument>& truth, const Run& a, const Run& b, int resamples,
                        std::uint64_t seed) {
  CHECK(!truth.empty());
  Experiment out;
  out.name_a = a.name;
  out.name_b = b.name;
  out.a = judged(truth, a);
  out.b = judged(truth, b);
  out.resamples = resamples;
  out.seed = seed;
  compare_fields(out);
  compare_documents(out);
  compare_costs(out, a, b);
  return out;
}

}  // namespace docket::eval

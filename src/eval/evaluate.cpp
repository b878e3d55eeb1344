#include "eval/evaluate.h"

#include <algorithm>
#include <set>

#include "core/base/check.h"
#include "eval/compare.h"
#include "fields/fields.h"

namespace docket::eval {
namespace {

// Where a field stands in the tables: the schema's order, then docket's other names.
int place(const std::string& record_field) {
  const auto id = fields::field_id(record_field);
  return id ? static_cast<int>(*id) : static_cast<int>(fields::FieldId::kCount);
}

struct RuledField {
  std::string name;
  FieldRule rule;
};

// Every field that the truth labels anywhere, in schema order; the names docket does not know go to `ignored`.
std::vector<RuledField> fields_of(const std::vector<TruthDocument>& truth, std::vector<std::string>& ignored) {
  std::set<std::string> names, unknown;
  for (const TruthDocument& document : truth) {
    for (const auto& [name, value] : document.values) names.insert(name);
    if (document.partial) names.insert(document.absent.begin(), document.absent.end());
    unknown.insert(document.not_scalar.begin(), document.not_scalar.end());
  }
  std::vector<RuledField> out;
  for (const std::string& name : names) {
    if (const auto rule = field_rule(name)) {
      out.push_back({name, *rule});
    } else {
      unknown.insert(name);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const RuledField& a, const RuledField& b) {
    return place(a.rule.record_field) < place(b.rule.record_field);
  });
  ignored.assign(unknown.begin(), unknown.end());
  return out;
}

GivenField given_of(const Prediction& prediction, const std::string& record_field) {
  if (record_field == "line_items") {
    GivenField out;
    if (prediction.error.empty()) out.value = std::to_string(prediction.line_items);
    return out;
  }
  const auto found = prediction.fields.find(record_field);
  return found == prediction.fields.end() ? GivenField() : found->second;
}

FieldResult judge(const RuledField& field, const TruthDocument& truth, const Prediction& prediction) {
  FieldResult out{field.name, field.rule.record_field, Outcome::kBothAbsent, "", "", {}};
  out.detail = given_of(prediction, field.rule.record_field);
  out.given = out.detail.value.value_or("");
  if (!truth.labels(field.name)) {
    out.outcome = Outcome::kNotLabelled;
    return out;
  }
  const auto expected = truth.values.find(field.name);
  if (expected == truth.values.end()) {
    const bool invents = out.detail.value && !field.rule.derived && !field.rule.only_if_given;
    if (invents) out.outcome = Outcome::kInvented;
    return out;
  }
  out.expected = expected->second;
  // A record has no `false`: a flag that it leaves out says so, if the document was read at all.
  if (field.rule.comparison == Comparison::kFlag && out.expected == "false" && prediction.error.empty() &&
      out.given.empty()) {
    out.outcome = Outcome::kExact;
    return out;
  }
  if (!out.detail.value) {
    out.outcome = field.rule.only_if_given ? Outcome::kBothAbsent : Outcome::kMissing;
    return out;
  }
  const Match match = compare(field.rule.comparison, out.expected, out.given);
  out.outcome = match.exact ? Outcome::kExact : match.normalised ? Outcome::kNormalised : Outcome::kWrong;
  return out;
}

void count(FieldScore& score, Outcome outcome) {
  if (outcome == Outcome::kNotLabelled) return;
  const bool has_truth = outcome != Outcome::kInvented && outcome != Outcome::kBothAbsent;
  score.n += has_truth;
  score.without_truth += !has_truth;
  score.exact += outcome == Outcome::kExact;
  score.normalised += outcome == Outcome::kExact || outcome == Outcome::kNormalised;
  score.wrong += outcome == Outcome::kWrong;
  score.missing += outcome == Outcome::kMissing;
  score.invented += outcome == Outcome::kInvented;
}

// `pick` chooses the documents that count.
template <typename Pick>
std::vector<FieldScore> score(const std::vector<RuledField>& fields, const std::vector<DocumentResult>& documents,
                              Pick pick) {
  std::vector<FieldScore> out;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    FieldScore& one = out.emplace_back();
    one.field = fields[f].name;
    for (const DocumentResult& document : documents) {
      if (pick(document)) count(one, document.fields[f].outcome);
    }
    one.interval = wilson_interval(one.normalised, one.n);
  }
  return out;
}

void calibrate_all(Evaluation& evaluation) {
  std::vector<Scored> all;
  auto& by_field = evaluation.scored_by_field;
  for (const DocumentResult& document : evaluation.documents) {
    for (const FieldResult& field : document.fields) {
      const bool right = field.outcome == Outcome::kExact || field.outcome == Outcome::kNormalised;
      if ((!right && field.outcome != Outcome::kWrong) || !field.detail.value) continue;
      if (field.record_field == "line_items") continue;  // a count carries no confidence
      all.push_back({field.detail.confidence, right});
      by_field[field.field].push_back(all.back());
    }
  }
  evaluation.calibration = calibrate(all);
  for (const auto& [name, scored] : by_field) evaluation.calibration_by_field[name] = calibrate(scored);
}

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kExact:
      return "exact";
    case Outcome::kNormalised:
      return "normalised";
    case Outcome::kWrong:
      return "wrong";
    case Outcome::kMissing:
      return "missing";
    case Outcome::kInvented:
      return "invented";
    case Outcome::kBothAbsent:
      return "both_absent";
    case Outcome::kNotLabelled:
      return "not_labelled";
  }
  return "unknown";
}

Evaluation evaluate(const std::vector<TruthDocument>& truth, const std::vector<Prediction>& predictions,
                    const std::vector<double>& seconds) {
  CHECK(truth.size() == predictions.size() && truth.size() == seconds.size());
  Evaluation out;
  const std::vector<RuledField> fields = fields_of(truth, out.ignored);
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    DocumentResult document{truth[i].file, truth[i].path, truth[i].kind, predictions[i].error, seconds[i], {},
                            predictions[i]};
    for (const RuledField& field : fields) document.fields.push_back(judge(field, truth[i], predictions[i]));
    out.documents_failed += !document.error.empty();
    if (!truth[i].kind.empty()) kinds.insert(truth[i].kind);
    out.documents.push_back(std::move(document));
  }
  out.fields = score(fields, out.documents, [](const DocumentResult&) { return true; });
  for (const std::string& kind : kinds) {
    out.by_kind[kind] = score(fields, out.documents, [&](const DocumentResult& d) { return d.kind == kind; });
  }
  calibrate_all(out);
  out.seconds = {mean(seconds), quantile(seconds, 0.5), quantile(seconds, 0.95), quantile(seconds, 1)};
  return out;
}

}  // namespace docket::eval

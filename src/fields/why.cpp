#include "fields/why.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fields/choose.h"

namespace docket::fields {
namespace {

constexpr double kLeastSums = 0.05;    // of log-odds, to be worth a line
constexpr double kSettlingSums = 1.0;  // from which the sums decide between two values
constexpr std::size_t kMostOfOne = 2;  // values of one reader

constexpr std::array kDeciding = {FieldId::kTotalAmount, FieldId::kGstAmount, FieldId::kSupplierAbn,
                                  FieldId::kInvoiceDate};

bool by_model(const Evidence& evidence) { return evidence.reader == Reader::kVlm; }

bool fails_checksum(const Candidate& candidate) {
  return std::find(candidate.flags.begin(), candidate.flags.end(), "bad_checksum") != candidate.flags.end();
}

// A candidate of one reader with the probability that this reader alone gives it.
struct Own {
  const Candidate* candidate = nullptr;
  double probability = 0;
};

// The values that one kind of reader gave, best first.
std::vector<Own> own_values(const std::vector<Candidate>& found, bool model) {
  std::vector<Own> out;
  for (const Candidate& candidate : found) {
    if (by_model(candidate.evidence) != model) continue;
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const Own& own) { return own.candidate->value == candidate.value; });
    if (same == out.end()) {
      out.push_back({&candidate, 0});
    } else if (candidate.score > same->candidate->score) {
      same->candidate = &candidate;
    }
  }
  double sum = 1;  // "none of them"
  for (Own& own : out) sum += own.probability = std::exp(std::min(own.candidate->score, 50.0));
  for (Own& own : out) own.probability /= sum;
  std::stable_sort(out.begin(), out.end(), [](const Own& a, const Own& b) { return a.probability > b.probability; });
  return out;
}

Reading reading_of(FieldId id, const Own& own) {
  return {own.candidate->value, own.candidate->evidence,
          calibrated(id, own.probability, own.candidate->evidence.word_confidence)};
}

// What the sums of the paper add to `value` beside `other`; both are values of a field of the joint choice, or `other`
// is empty for "not there".
double sums_for(FieldId id, const Candidates& candidates, const Posterior& posterior, const std::string& value,
                const std::string& other) {
  const auto joint = posterior.probability.find(id);
  if (joint == posterior.probability.end()) return 0;
  const auto probability = [&](const std::string& text) {
    const auto found = joint->second.find(text);
    return found == joint->second.end() ? 0.0 : found->second;
  };
  double value_score = 0, other_score = 0, absent = 1;
  for (const Candidate& candidate : candidates.merged(id)) {
    if (candidate.value == value) value_score = candidate.score;
    if (candidate.value == other) other_score = candidate.score;
  }
  for (const auto& [text, share] : joint->second) absent -= share;
  const double a = probability(value), b = other.empty() ? absent : probability(other);
  if (a <= 0 || b <= 0) return 0;  // not among those that the joint choice looked at
  return std::log(a / b) - (value_score - other_score);
}

class Account {
 public:
  Account(FieldId id, const Field& field, const Candidates& candidates, const Posterior& posterior)
      : id_(id), field_(field), candidates_(candidates), posterior_(posterior), best_(field.candidates.front()) {
    if (field.candidates.size() > 1) rival_ = &field.candidates[1];
  }

  Why run() {
    why_.needed = threshold_of(id_);
    words_ = own_values(candidates_.found(id_), false);
    model_ = own_values(candidates_.found(id_), true);
    list_readings();
    list_reasons();
    if (rival_ != nullptr) why_.rival = rival_->value;
    const double best = std::clamp(best_.probability, 1e-6, 1 - 1e-6);
    const double other = rival_ != nullptr ? std::clamp(rival_->probability, 1e-6, 1 - 1e-6) : 1 - best;
    why_.margin = std::log(best / other);
    why_.by = settled();
    if (field_.absent_reason == "foreign_tax") return std::move(why_);  // neither score nor rival is why
    list_changes();
    find_contest();
    return std::move(why_);
  }

 private:
  void list_readings() {
    const bool model_first = by_model(best_.evidence);
    for (const bool model : {model_first, !model_first}) {
      const std::vector<Own>& values = model ? model_ : words_;
      for (std::size_t i = 0; i < std::min(values.size(), kMostOfOne); ++i) {
        why_.readings.push_back(reading_of(id_, values[i]));
      }
    }
    // A single reading of the page may have seen what all words together hide.
    const bool listed = std::any_of(why_.readings.begin(), why_.readings.end(), [&](const Reading& reading) {
      return reading.value == best_.value && by_model(reading.evidence) == by_model(best_.evidence);
    });
    if (!listed) why_.readings.insert(why_.readings.begin(), reading_of(id_, {&best_, best_.probability}));
  }

  double sums() const {
    return sums_for(id_, candidates_, posterior_, best_.value, rival_ != nullptr ? rival_->value : std::string());
  }

  void list_reasons() {
    for (const Reason& reason : best_.reasons) {
      // What every candidate of the field starts with says nothing about this one.
      if (!reason.feature.ends_with(".bias")) why_.reasons.push_back({std::string(reason.feature), reason.amount});
    }
    if (const double added = sums(); std::abs(added) >= kLeastSums) why_.reasons.push_back({"sums", added});
    std::stable_sort(why_.reasons.begin(), why_.reasons.end(), [](const Why::Weight& a, const Why::Weight& b) {
      return std::abs(a.amount) > std::abs(b.amount);
    });
    if (why_.reasons.size() > Why::kMostReasons) why_.reasons.resize(Why::kMostReasons);
  }

  SettledBy settled() const {
    if (!field_.chosen) return SettledBy::kNobody;
    if (words_.empty() || model_.empty()) return SettledBy::kOneReader;
    // Where both gave it the evidence is the place on the paper.
    if (model_.front().candidate->value == best_.value && !by_model(best_.evidence)) return SettledBy::kAgreement;
    const bool number = id_ == FieldId::kSupplierAbn || id_ == FieldId::kBuyerAbn || id_ == FieldId::kSupplierAcn;
    if (number && (rival_ == nullptr || fails_checksum(*rival_))) return SettledBy::kChecksum;
    return sums() >= kSettlingSums ? SettledBy::kArithmetic : SettledBy::kScore;
  }

  // What would stand there if the best value had `amount` less.
  void list_changes() {
    const double none = std::max(0.0, 1 - best_.probability - (rival_ != nullptr ? rival_->probability : 0));
    for (const Why::Weight& reason : why_.reasons) {
      if (why_.changes.size() >= Why::kMostChanges) return;
      const double best = best_.probability * std::exp(-reason.amount);
      const double rival = rival_ != nullptr ? rival_->probability : 0;
      const double all = best + rival + none;
      if (all <= 0) continue;
      const Candidate& first = rival > best && rival_ != nullptr ? *rival_ : best_;
      const double sure = calibrated(id_, std::max(best, rival) / all, first.evidence.word_confidence);
      const std::optional<std::string> then =
          sure >= why_.needed ? std::optional(first.value) : std::optional<std::string>();
      const std::optional<std::string> now =
          field_.chosen ? std::optional(field_.chosen->value) : std::optional<std::string>();
      if (then != now) why_.changes.push_back({reason.feature, then});
    }
  }

  void find_contest() {
    const bool decides = std::find(kDeciding.begin(), kDeciding.end(), id_) != kDeciding.end();
    if (!decides || words_.empty() || model_.empty()) return;
    const Candidate& seen = *words_.front().candidate;
    const Candidate& said = *model_.front().candidate;
    if (seen.value == said.value) return;
    const Reading words = reading_of(id_, words_.front()), model = reading_of(id_, model_.front());
    // Each would be given if there were no other reader.
    if (words.confidence < why_.needed || model.confidence < why_.needed) return;
    if (fails_checksum(seen) != fails_checksum(said)) return;
    if (std::abs(sums_for(id_, candidates_, posterior_, seen.value, said.value)) >= kSettlingSums) return;
    why_.contested.emplace(words, model);
  }

  FieldId id_;
  const Field& field_;
  const Candidates& candidates_;
  const Posterior& posterior_;
  const Candidate& best_;
  const Candidate* rival_ = nullptr;
  std::vector<Own> words_, model_;
  Why why_;
};

}  // namespace

Why why(FieldId id, const Field& field, const Candidates& candidates, const Posterior& posterior) {
  if (field.candidates.empty()) return {};
  return Account(id, field, candidates, posterior).run();
}

}  // namespace docket::fields

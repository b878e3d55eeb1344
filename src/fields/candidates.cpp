#include "fields/candidates.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "core/base/check.h"

namespace docket::fields {
namespace {

const std::unordered_map<std::string_view, double>& weights() {
  static const std::unordered_map<std::string_view, double> table = {
#define WEIGHT(name, value) {name, value},
#include "fields/weights.inc"
#undef WEIGHT
  };
  return table;
}

// Ties are broken by place, so that the order of the words does not matter.
bool better(const Candidate& a, const Candidate& b) {
  return std::make_tuple(-a.score, a.evidence.page, a.evidence.box.y0, a.evidence.box.x0, std::string_view(a.value)) <
         std::make_tuple(-b.score, b.evidence.page, b.evidence.box.y0, b.evidence.box.x0, std::string_view(b.value));
}

bool read_by(const Candidate& candidate, Reader reader) {
  return std::find(candidate.read_by.begin(), candidate.read_by.end(), reader) != candidate.read_by.end();
}

void agree(Candidate& best, const Candidate& other) {
  best.printed = best.printed || other.printed;
  if (!read_by(best, other.evidence.reader)) best.read_by.push_back(other.evidence.reader);
  if (other.evidence.reader != best.evidence.reader) {
    // That the value stands there is agreed; which field it is, both may have wrong for the same reason.
    const double gain = std::min(other.score, weight("agreement.most"));
    if (gain > 0) {
      best.score += gain;
      best.reasons.push_back({"other_reader_agrees", gain});
    }
    // What was read at a place of the paper is better evidence than what a model says of the whole.
    if (best.evidence.reader == Reader::kVlm) best.evidence = other.evidence;
    return;
  }
  const bool noted = std::any_of(best.reasons.begin(), best.reasons.end(),
                                 [](const Reason& reason) { return reason.feature == "seen_again"; });
  if (!noted) weigh(best, "seen_again");
}

}  // namespace

double weight(std::string_view feature) {
  const auto found = weights().find(feature);
  CHECK(found != weights().end(), "no weight is named %.*s", static_cast<int>(feature.size()), feature.data());
  return found->second;
}

void weigh(Candidate& candidate, std::string_view feature, double times) {
  if (times == 0) return;
  const auto found = weights().find(feature);
  CHECK(found != weights().end(), "no weight is named %.*s", static_cast<int>(feature.size()), feature.data());
  candidate.score += found->second * times;
  candidate.reasons.push_back({found->first, found->second * times});
}

void Candidates::add(FieldId field, Candidate candidate) { found_[field].push_back(std::move(candidate)); }

const std::vector<Candidate>& Candidates::found(FieldId field) const {
  static const std::vector<Candidate> none;
  const auto found = found_.find(field);
  return found == found_.end() ? none : found->second;
}

std::vector<Candidate> Candidates::merged(FieldId field) const {
  const auto found = found_.find(field);
  if (found == found_.end()) return {};
  std::vector<Candidate> all = found->second, out;
  std::sort(all.begin(), all.end(), better);
  for (Candidate& candidate : all) {
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const Candidate& kept) { return kept.value == candidate.value; });
    if (same == out.end()) {
      candidate.read_by = {candidate.evidence.reader};
      out.push_back(std::move(candidate));
    } else {
      agree(*same, candidate);
    }
  }
  std::stable_sort(out.begin(), out.end(), better);
  return out;
}

}  // namespace docket::fields

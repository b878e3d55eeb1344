// Candidates gathered by the finders, whichever reader they come from, before one of them is chosen for a field.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "fields/fields.h"

namespace docket::fields {

// Adds weight(feature) x times to the candidate's score and notes the reason. `feature` must be a name of weights.inc.
void weigh(Candidate& candidate, std::string_view feature, double times = 1);

// The weight of a feature; CHECKs that weights.inc names it.
double weight(std::string_view feature);

class Candidates {
 public:
  void add(FieldId field, Candidate candidate);

  // All of a field in the order they were added, one for each time a reader saw it.
  const std::vector<Candidate>& found(FieldId field) const;

  // Best first, one for each value: the same value seen again by the same reader adds "seen_again" once, by another
  // reader its own score where that is positive, at most "agreement.most"; the evidence is then
  // the place on the paper. `read_by` says who gave it. Empty when nothing was found.
  std::vector<Candidate> merged(FieldId field) const;

 private:
  std::map<FieldId, std::vector<Candidate>> found_;
};

}  // namespace docket::fields

// From candidates to one Field: the calibrated confidence and the threshold below which the answer is NOT_FOUND.
#pragma once

#include <map>
#include <string>

#include "fields/candidates.h"

namespace docket::fields {

// A value and the probability that one look at the document gives it.
struct Belief {
  Candidate candidate;
  double probability = 0;
};

// What one look believes about a field, without the calibration: best first. Sums to at most 1.
std::vector<Belief> believe(const Candidates& candidates, FieldId field);

// The same where the probability of each value comes from the joint choice (arithmetic.h).
std::vector<Belief> believe(const Candidates& candidates, FieldId field,
                            const std::map<std::string, double>& probability);

// The best value by the mean of the probabilities that the looks at one document give it (one look: its own), if the
// calibrated confidence reaches the field's threshold. Supplier names that differ in case and marks alone count as one,
// and go through settle_spelling (spelling.h). `looks` is not empty.
Field vote(FieldId field, const std::vector<std::vector<Belief>>& looks);

// Calibrated probability that the choice is right and its words are read right:
// logistic(offset + slope * logit(p) + reading * (word_confidence - 0.9)), constants by field in calibration.inc.
double calibrated(FieldId field, double probability, double word_confidence);

// The calibrated confidence from which a value is given.
double threshold_of(FieldId field);

}  // namespace docket::fields

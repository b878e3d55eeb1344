// From candidates to one Field: the calibrated confidence and the threshold below which the answer is NOT_FOUND.
#pragma once

#include <map>
#include <string>

#include "fields/candidates.h"

namespace docket::fields {

// The best of the candidates when its calibrated confidence reaches the field's threshold.
Field choose(const Candidates& candidates, FieldId field);

// The same where the probability of each value comes from the joint choice (arithmetic.h).
Field choose(const Candidates& candidates, FieldId field, const std::map<std::string, double>& probability);

// Calibrated probability that the choice is right and its words are read right:
// logistic(offset + slope * logit(p) + reading * (word_confidence - 0.9)), constants by field in calibration.inc.
double calibrated(FieldId field, double probability, double word_confidence);

}  // namespace docket::fields

// The joint choice of the money fields: every plausible assignment of total, subtotal, GST, rounding, charges,
// discount, tender and change is scored by its members' own log-odds plus what the sums say, and each field takes the
// value that holds most of the probability. No field is decided before another.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fields/candidates.h"
#include "fields/fields.h"
#include "rules/money.h"

namespace docket::fields {

struct ArithmeticInput {
  std::vector<rules::Cents> items;  // amounts of the item rows, in order
  std::vector<int> tax_percents;    // rates printed on the document; 10 is always tried when `australian`
  bool australian = true;
};

struct Posterior {
  // By field and value ("12.34"): probability, 0..1. What is missing to 1 is the probability that the field is absent.
  std::map<FieldId, std::map<std::string, double>> probability;
  // The values of the single best assignment; absent fields are left out.
  std::map<FieldId, std::string> best;
};

// Cost: at most about 10 totals x 1,000 assignments.
Posterior weigh_arithmetic(const Candidates& candidates, const ArithmeticInput& input);

}  // namespace docket::fields

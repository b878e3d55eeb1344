// Whose amounts may support a total.
#include "fields/arithmetic.h"

#include <gtest/gtest.h>

namespace docket::fields {
namespace {

Candidate amount(const std::string& value, Reader reader, bool printed = false) {
  Candidate candidate;
  candidate.value = value;
  candidate.evidence.reader = reader;
  candidate.score = 1;
  candidate.printed = printed;
  return candidate;
}

double belief(const Candidates& candidates, const std::string& total) {
  const Posterior posterior = weigh_arithmetic(candidates, {{}, {10}, true});
  return posterior.probability.at(FieldId::kTotalAmount).at(total);
}

// Two totals that are equally likely without anything else; whoever `by` is says the first.
Candidates two_totals(Reader by) {
  Candidates candidates;
  candidates.add(FieldId::kTotalAmount, amount("110.00", by));
  candidates.add(FieldId::kTotalAmount, amount("109.00", Reader::kOcr));
  return candidates;
}

TEST(Witnesses, AModelsOwnPartsAreNoWitnessesForItsTotal) {
  Candidates candidates = two_totals(Reader::kVlm);
  const double before = belief(candidates, "110.00");
  candidates.add(FieldId::kGstAmount, amount("10.00", Reader::kVlm));
  EXPECT_NEAR(belief(candidates, "110.00"), before, 1e-9);
  candidates.add(FieldId::kSubtotal, amount("100.00", Reader::kVlm));
  EXPECT_NEAR(belief(candidates, "110.00"), before, 1e-9);
}

TEST(Witnesses, TheSameAmountAsSubtotalIsNoneEvenWhenPrinted) {
  Candidates candidates = two_totals(Reader::kVlm);
  const double before = belief(candidates, "110.00");
  candidates.add(FieldId::kSubtotal, amount("110.00", Reader::kVlm, true));
  EXPECT_NEAR(belief(candidates, "110.00"), before, 1e-9);
}

TEST(Witnesses, PartsOfAnotherReaderAre) {
  for (const bool swapped : {false, true}) {
    SCOPED_TRACE(swapped);
    Candidates candidates = two_totals(swapped ? Reader::kOcr : Reader::kVlm);
    const double before = belief(candidates, "110.00");
    candidates.add(FieldId::kGstAmount, amount("10.00", swapped ? Reader::kVlm : Reader::kOcr));
    EXPECT_GT(belief(candidates, "110.00"), before + 0.05);
  }
}

TEST(Witnesses, PartsThatThePaperShowsAre) {
  Candidates candidates = two_totals(Reader::kVlm);
  const double before = belief(candidates, "110.00");
  candidates.add(FieldId::kGstAmount, amount("10.00", Reader::kVlm, true));
  EXPECT_GT(belief(candidates, "110.00"), before + 0.05);
}

}  // namespace
}  // namespace docket::fields

#include <algorithm>

#include "record/requirements.h"
#include "record/steps.h"
#include "record/typed.h"
#include "rules/document_type.h"

namespace docket::record {
namespace {

std::optional<rules::Band> band_of(const Record& record) {
  const auto total = cents_of(record, "total_amount");
  if (!total) return std::nullopt;
  return rules::band_of(*total, cents_of(record, "taxable_total"));
}

VerdictResult result_of(const Verdict& verdict, std::optional<rules::Band> band) {
  if (!verdict.failed.empty()) return VerdictResult::kFails;
  if (!verdict.review.empty()) return VerdictResult::kReview;
  return band == rules::Band::kA ? VerdictResult::kNotRequired : VerdictResult::kMeets;
}

// GST that may be claimed: the document is enough for its band, the ABN is valid and the buyer is registered. Whether
// the purchase was for the business is policy that no document shows.
std::optional<rules::Cents> creditable_gst(const Record& record, const Context& context) {
  const auto result = record.verdict.result;
  const bool enough = result == VerdictResult::kMeets || result == VerdictResult::kNotRequired;
  if (!enough || !context.registered_for_gst || !present(record, "supplier_abn")) return std::nullopt;
  if (const auto printed = cents_of(record, "gst_amount")) return printed;
  const auto taxable = cents_of(record, "taxable_total");
  if (!taxable) return std::nullopt;
  return rules::gst_inclusive(*taxable);
}

}  // namespace

void judge(Record& record, const Context& context) {
  const auto band = band_of(record);
  Verdict verdict;
  if (band) verdict.band = to_string(*band);
  verdict.checks = required_checks(record, context, band);
  for (const auto& check : verdict.checks) {
    if (check.result == CheckResult::kFail) verdict.failed.push_back(check.id);
    if (check.result == CheckResult::kReview) verdict.review.push_back(check.id);
  }
  // A number that contradicts the rest of the paper, or that another reader reads differently, is for a person, even
  // where every particular is there.
  const bool contradicted = std::any_of(record.findings.begin(), record.findings.end(), [](const Finding& finding) {
    return finding.severity == Severity::kError || finding.id == kReadersDisagree;
  });
  if (contradicted) verdict.review.emplace_back("findings");
  verdict.result = result_of(verdict, band);
  if (record.document_type == "rcti") {
    verdict.to_confirm = {"both parties are registered for GST",
                          "a written agreement covers this supply, or its terms are in the document",
                          "it was issued within 28 days", "copies are kept for 5 years"};
  }
  record.verdict = std::move(verdict);
  record.verdict.creditable_gst_cents = creditable_gst(record, context);
}

}  // namespace docket::record

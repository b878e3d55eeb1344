#include "rules/gst.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace docket::rules {
namespace {

constexpr Cents kMostBandA = 8'250;
constexpr Cents kLeastBandC = 100'000;

Cents with_sign_of(Cents amount, Cents magnitude) { return amount < 0 ? -magnitude : magnitude; }

}  // namespace

Cents gst_inclusive(Cents inclusive) { return with_sign_of(inclusive, (std::abs(inclusive) + 5) / 11); }

Cents gst_exclusive(Cents exclusive) { return with_sign_of(exclusive, (std::abs(exclusive) + 5) / 10); }

Cents gst_total_invoice_rule(std::span<const Cents> taxable) {
  return gst_inclusive(std::accumulate(taxable.begin(), taxable.end(), Cents{0}));
}

Cents gst_taxable_supply_rule(std::span<const Cents> taxable) {
  return std::accumulate(taxable.begin(), taxable.end(), Cents{0},
                         [](Cents sum, Cents line) { return sum + gst_inclusive(line); });
}

Cents gst_allowed_gap(std::optional<int> taxable_lines, Cents cap) {
  const Cents allow = taxable_lines ? std::max<Cents>(1, 5 * (Cents{*taxable_lines} + 1) / 11) : 2;
  return std::min(allow, cap);
}

std::string_view to_string(GstVerdict verdict) {
  switch (verdict) {
    case GstVerdict::kExact:
      return "exact";
    case GstVerdict::kWithinRounding:
      return "within_rounding";
    case GstVerdict::kAllFree:
      return "all_gst_free";
    case GstVerdict::kMixedSuspected:
      return "mixed_supply_suspected";
    case GstVerdict::kDiffersFromLines:
      return "gst_differs_from_lines";
    case GstVerdict::kZeroUnexplained:
      return "gst_zero_unexplained";
    case GstVerdict::kExceeds:
      return "gst_exceeds_one_eleventh";
  }
  return "";
}

GstResult check_gst(const GstInput& input) {
  const Cents printed = std::abs(input.printed);
  const Cents total = std::abs(input.total);
  GstResult result;
  result.allow = gst_allowed_gap(input.taxable_lines, input.allow_cap);
  result.expected = gst_inclusive(input.taxable ? std::abs(*input.taxable) : total);
  result.gap = std::abs(printed - result.expected);
  result.implied_taxable = printed * 11;
  if (printed == 0) {
    result.verdict = input.all_lines_free   ? GstVerdict::kAllFree
                     : result.expected == 0 ? GstVerdict::kExact
                                            : GstVerdict::kZeroUnexplained;
  } else if (result.gap == 0) {
    result.verdict = GstVerdict::kExact;
  } else if (result.gap <= result.allow) {
    result.verdict = GstVerdict::kWithinRounding;
  } else if (printed > gst_inclusive(total) + result.allow) {
    result.verdict = GstVerdict::kExceeds;
  } else if (input.taxable) {
    result.verdict = GstVerdict::kDiffersFromLines;
  } else {
    result.verdict = GstVerdict::kMixedSuspected;
  }
  return result;
}

std::optional<bool> prices_include_gst(Cents subtotal, Cents gst, Cents total) {
  if (gst == 0) return std::nullopt;
  if (subtotal + gst == total) return false;
  if (subtotal == total) return true;
  return std::nullopt;
}

Cents round_cash(Cents amount) { return with_sign_of(amount, (std::abs(amount) + 2) / 5 * 5); }

std::string_view to_string(Band band) { return band == Band::kA ? "A" : band == Band::kB ? "B" : "C"; }

Band band_of(Cents total, std::optional<Cents> taxable) {
  if (std::abs(total) >= kLeastBandC) return Band::kC;
  return std::abs(taxable.value_or(total)) <= kMostBandA ? Band::kA : Band::kB;
}

}  // namespace docket::rules

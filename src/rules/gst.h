// GST arithmetic in whole cents, and the check of a printed GST amount. Source: GST Act 1999 s 9-90 (rounding).
// Signs are applied last, so a refund follows the same rules on absolute values.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "rules/money.h"

namespace docket::rules {

Cents gst_inclusive(Cents inclusive);  // GST inside a taxable amount: 1/11, nearest cent
Cents gst_exclusive(Cents exclusive);  // GST on top of an exclusive amount: 1/10, half up
inline Cents exclusive_part(Cents inclusive) { return inclusive - gst_inclusive(inclusive); }

// The two lawful methods of s 9-90(2) for several taxable supplies, inclusive amounts.
Cents gst_total_invoice_rule(std::span<const Cents> taxable);   // add, divide by 11, round once
Cents gst_taxable_supply_rule(std::span<const Cents> taxable);  // round each, add

// How far a printed GST may lie from 1/11 of the total through rounding alone: max(1, 5(n+1)/11) cents for n taxable
// lines, 2 when n is unknown, never more than `cap`.
inline constexpr Cents kDefaultAllowCap = 5;
Cents gst_allowed_gap(std::optional<int> taxable_lines, Cents cap = kDefaultAllowCap);

enum class GstVerdict {
  kExact,             // PASS
  kWithinRounding,    // PASS
  kAllFree,           // PASS: printed 0 and every line is GST-free
  kMixedSuspected,    // WARN: less than 1/11 and no line says which are taxable
  kDiffersFromLines,  // WARN: not what the flagged lines give, though not more than 1/11 of the total
  kZeroUnexplained,   // WARN: printed 0, but lines are not all free
  kExceeds,           // FAIL: more than 1/11 of the whole total
};
std::string_view to_string(GstVerdict verdict);  // "exact", ..., "mixed_supply_suspected", "gst_exceeds_one_eleventh"
inline bool gst_passes(GstVerdict verdict) { return verdict <= GstVerdict::kAllFree; }

struct GstInput {
  Cents printed = 0;
  Cents total = 0;               // inclusive
  std::optional<Cents> taxable;  // inclusive sum of lines flagged taxable; nullopt when lines are not flagged
  std::optional<int> taxable_lines;
  bool all_lines_free = false;
  Cents allow_cap = kDefaultAllowCap;
};

struct GstResult {
  GstVerdict verdict = GstVerdict::kExact;
  Cents expected = 0;         // 1/11 of the taxable part, else of the total
  Cents gap = 0;              // |printed - expected|
  Cents allow = 0;            // the gap that rounding explains
  Cents implied_taxable = 0;  // printed x 11: the taxable part when verdict is kMixedSuspected
};
GstResult check_gst(const GstInput& input);

// subtotal + gst == total: exclusive (false); subtotal == total with gst > 0: inclusive (true); else unknown.
std::optional<bool> prices_include_gst(Cents subtotal, Cents gst, Cents total);

// Nearest 5 cents, for cash only: 1, 2 down; 3, 4 up; 6, 7 down; 8, 9 up.
Cents round_cash(Cents amount);

// Record-keeping bands by GST-inclusive amount: A to $82.50, B to $999.99, C from $1,000.
enum class Band { kA, kB, kC };
std::string_view to_string(Band band);  // "A", "B", "C"
// The A/B line looks at the taxable part when it is known, the C line at the whole total.
Band band_of(Cents total, std::optional<Cents> taxable = std::nullopt);

}  // namespace docket::rules

// Numbers that must agree with one another, and the Findings where they do not.
#include <algorithm>
#include <cstdlib>

#include "record/steps.h"
#include "record/typed.h"

namespace docket::record {
namespace {

using rules::Cents;
using rules::format_cents_display;

// Whether `target` is `base` plus some of `parts`, within `slack`. At most a handful of parts.
bool reachable(Cents base, const std::vector<Cents>& parts, Cents target, Cents slack) {
  for (unsigned chosen = 0; chosen < (1U << parts.size()); ++chosen) {
    Cents sum = base;
    for (std::size_t i = 0; i < parts.size(); ++i) sum += (chosen >> i & 1U) != 0 ? parts[i] : 0;
    if (std::abs(sum - target) <= slack) return true;
  }
  return false;
}

std::vector<Cents> present_amounts(const Record& record, std::initializer_list<std::string_view> names) {
  std::vector<Cents> amounts;
  for (const auto name : names) {
    if (const auto amount = cents_of(record, name); amount && *amount != 0) amounts.push_back(*amount);
  }
  return amounts;
}

Cents slack_of(const Record& record) { return present(record, "cash_rounding") ? 2 : 1; }

// sum(lines) + surcharges - discounts (+ tax if exclusive) + rounding == total. A paper may or may not list the
// surcharge or the discount among its lines, and its total may stand before the rounding.
void check_lines(Record& record) {
  const auto total = cents_of(record, "total_amount");
  if (!total || record.line_items.empty()) return;
  Cents sum = 0;
  Cents discounts = 0;
  for (const auto& item : record.line_items) {
    if (!item.amount_cents) return;
    sum += *item.amount_cents;
    discounts += item.discount_cents.value_or(0);
  }
  auto parts = present_amounts(record, {"surcharge_total", "discount_total", "cash_rounding", "tip"});
  if (discounts != 0) parts.push_back(discounts);
  const auto tax = tax_in_sums(record);
  if (tax && text_of(record, "prices_include_gst") != "true") parts.push_back(*tax);
  if (reachable(sum, parts, *total, slack_of(record))) return;
  add_finding(
      record, "totals_identity", Severity::kWarning,
      "The lines add up to " + format_cents_display(sum) + ", the total is " + format_cents_display(*total) + ".",
      field(record, "total_amount"));
}

void check_subtotal(Record& record) {
  const auto subtotal = cents_of(record, "subtotal");
  const auto total = cents_of(record, "total_amount");
  if (!subtotal || !total) return;
  auto parts = present_amounts(record, {"surcharge_total", "discount_total", "cash_rounding", "tip"});
  if (const auto tax = tax_in_sums(record); tax && *tax != 0) parts.push_back(*tax);
  if (reachable(*subtotal, parts, *total, slack_of(record))) return;
  add_finding(record, "subtotal_identity", Severity::kWarning,
              "The subtotal " + format_cents_display(*subtotal) + " does not lead to the total " +
                  format_cents_display(*total) + ".",
              field(record, "subtotal"));
}

// The amount of a CASH OUT line in the text, 0 when there is none.
Cents cash_out(const std::string& text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (!rules::contains_word(line, "cash out") && !rules::contains_word(line, "cashout")) continue;
    const auto space = line.find_last_of(" $");
    if (space == std::string_view::npos) continue;
    if (const auto money = rules::parse_money(line.substr(space + 1)); money.cents) return std::abs(*money.cents);
  }
  return 0;
}

// sum(tenders) - change - cash_out == total + rounding.
void check_tenders(Record& record, const Context& context) {
  const auto total = cents_of(record, "total_amount");
  if (!total || record.payments.empty()) return;
  Cents sum = 0;
  for (const auto& payment : record.payments) {
    if (!payment.amount_cents) return;
    sum += *payment.amount_cents;
  }
  sum -= std::abs(cents_of(record, "change").value_or(0));
  auto parts = present_amounts(record, {"cash_rounding", "tip", "surcharge_total"});
  if (const Cents out = cash_out(context.text); out != 0) parts.push_back(out);
  if (const auto due = cents_of(record, "amount_due"); due && *due != 0) parts.push_back(-*due);  // part payment
  if (reachable(*total, parts, sum, slack_of(record))) return;
  add_finding(record, "tenders_identity", Severity::kWarning,
              "The payments less change come to " + format_cents_display(sum) + ", the total is " +
                  format_cents_display(*total) + ".",
              field(record, "total_amount"));
}

void check_line_arithmetic(Record& record) {
  for (std::size_t i = 0; i < record.line_items.size(); ++i) {
    const auto& item = record.line_items[i];
    if (!item.quantity_e4 || !item.unit_price_e4 || !item.amount_cents) continue;
    const auto product = rules::extended_price(*item.quantity_e4, *item.unit_price_e4);
    if (!product) continue;
    // A refund may carry its minus on the quantity, the price or the amount.
    const Cents price = std::abs(*product);
    const Cents amount = std::abs(*item.amount_cents);
    const Cents discount = std::abs(item.discount_cents.value_or(0));
    if (std::abs(price - amount) <= 1 || std::abs(price - discount - amount) <= 1) continue;
    Finding finding{.id = "line_arithmetic", .severity = Severity::kWarning, .message = {}, .evidence = {}};
    finding.message = "Line " + std::to_string(i + 1) + ": quantity times price is " + format_cents_display(*product) +
                      ", the amount is " + format_cents_display(*item.amount_cents) + ".";
    finding.evidence.page = item.page;
    finding.evidence.box = item.box;
    finding.evidence.raw = item.raw;
    record.findings.push_back(std::move(finding));
  }
}

void check_gst(Record& record, const Context& context) {
  const auto check = gst_check(record, context);
  if (!check || rules::gst_passes(check->verdict)) return;
  const bool exceeds = check->verdict == rules::GstVerdict::kExceeds;
  const Cents printed = *cents_of(record, "gst_amount");
  std::string message = "GST " + format_cents_display(printed);
  switch (check->verdict) {
    case rules::GstVerdict::kExceeds:
      message += " exceeds 1/11 of the total " + format_cents_display(*cents_of(record, "total_amount")) + ".";
      break;
    case rules::GstVerdict::kMixedSuspected:
      message += " is less than 1/11 of the total: about " + format_cents_display(check->implied_taxable) +
                 " of it would be taxable.";
      break;
    case rules::GstVerdict::kDiffersFromLines:
      message += " is not the " + format_cents_display(check->expected) + " that the taxable lines give.";
      break;
    default:
      message += ", but nothing says that every line is GST-free.";
      break;
  }
  add_finding(record, std::string(to_string(check->verdict)), exceeds ? Severity::kError : Severity::kWarning,
              std::move(message), field(record, "gst_amount"));
}

void check_surcharge(Record& record, const Context& context) {
  const auto lines = taxable_lines(record);
  if (!lines || std::abs(lines->surcharge_gst) <= rules::gst_allowed_gap(lines->count, context.gst_allow_cap)) return;
  add_finding(record, "surcharge_gst_assumed", Severity::kWarning,
              "The surcharge is taken to carry " + format_cents_display(lines->surcharge_gst) +
                  " of GST, in proportion to the lines; the document does not say.",
              field(record, "surcharge_total"));
}

void check_cash_rounding(Record& record) {
  const auto rounding = cents_of(record, "cash_rounding");
  if (!rounding || *rounding == 0) return;
  const Value& value = field(record, "cash_rounding");
  if (std::abs(*rounding) > 2) {
    add_finding(record, "cash_rounding_range", Severity::kWarning,
                "Cash rounding is at most 2 cents, " + format_cents_display(*rounding) + " is printed.", value);
  }
  const bool cash = std::any_of(record.payments.begin(), record.payments.end(),
                                [](const Payment& payment) { return payment.method == "cash"; });
  if (!record.payments.empty() && !cash) {
    add_finding(record, "rounding_without_cash", Severity::kWarning, "Rounding applies to cash, and no cash was paid.",
                value);
  }
}

void check_fuel(Record& record) {
  const auto litres = decimal_of(record, "litres");
  const auto price = decimal_of(record, "price_per_litre");
  const auto total = cents_of(record, "total_amount");
  if (!litres || !price) return;
  const auto product = rules::extended_price(*litres, *price);
  if (!product) return;
  const auto matches = [&](std::optional<Cents> amount) { return amount && std::abs(*amount - *product) <= 1; };
  const bool line = std::any_of(record.line_items.begin(), record.line_items.end(),
                                [&](const LineItem& item) { return matches(item.amount_cents); });
  if (line || matches(total) || (!total && record.line_items.empty())) return;
  add_finding(record, "fuel_arithmetic", Severity::kWarning,
              "Litres times price is " + format_cents_display(*product) + ", which no line and no total shows.",
              field(record, "litres"));
}

}  // namespace

void check_identities(Record& record, const Context& context) {
  check_lines(record);
  check_subtotal(record);
  check_tenders(record, context);
  check_line_arithmetic(record);
  check_gst(record, context);
  check_surcharge(record, context);
  check_cash_rounding(record);
  check_fuel(record);
}

}  // namespace docket::record

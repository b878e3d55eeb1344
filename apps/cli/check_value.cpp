#include "apps/cli/check_value.h"

#include "rules/abn.h"
#include "rules/date.h"
#include "rules/gst.h"
#include "rules/money.h"

namespace docket::cli {
namespace {

std::string joined(const rules::Flags& flags) {
  std::string out;
  for (const auto& flag : flags) out += (out.empty() ? "" : ", ") + flag;
  return out;
}

std::string reason_for(const rules::Abn& abn) {
  switch (abn.status) {
    case rules::AbnStatus::kValid:
    case rules::AbnStatus::kValidBranch:
    case rules::AbnStatus::kRepairedConfirmed:
      return "ABN " + rules::format_abn(abn.digits) + (abn.branch.empty() ? "" : ", GST branch " + abn.branch) +
             ": checksum valid (its form only; the register was not asked)";
    case rules::AbnStatus::kRepairedLetters:
      return "ABN " + rules::format_abn(abn.digits) +
             ": checksum valid once letters are read as digits; please confirm";
    case rules::AbnStatus::kBadChecksum: {
      std::string reason = "the checksum of " + rules::format_abn(abn.digits) + " fails";
      for (const auto& suggestion : abn.suggestions) {
        reason += "; " + rules::format_abn(suggestion) + " is one look-alike digit away";
      }
      return reason;
    }
    case rules::AbnStatus::kBadLength:
      return "an ABN has 11 digits, or 14 with a GST branch; this has " + std::to_string(abn.digits.size());
    case rules::AbnStatus::kBadLeadingZero:
      return "an ABN never starts with 0";
    case rules::AbnStatus::kNotAbn:
      return "not the digits of an ABN";
  }
  return "";
}

const char* reason_for(rules::GstVerdict verdict) {
  switch (verdict) {
    case rules::GstVerdict::kExact:
      return "exactly 1/11 of the total";
    case rules::GstVerdict::kWithinRounding:
      return "1/11 of the total within rounding";
    case rules::GstVerdict::kMixedSuspected:
      return "less than 1/11: part of the total would be GST-free";
    case rules::GstVerdict::kZeroUnexplained:
      return "no GST: right only when everything is GST-free";
    case rules::GstVerdict::kExceeds:
      return "more than 1/11 of the total";
    default:
      return "";
  }
}

}  // namespace

CheckedValue check_abn_value(const std::string& text) {
  const auto abn = rules::parse_abn(text);
  return {abn.passed(), std::string(to_string(abn.status)), reason_for(abn)};
}

CheckedValue check_money_value(const std::string& text) {
  const auto money = rules::parse_money(text);
  if (!money.cents) return {false, "invalid", joined(money.flags)};
  std::string reason = rules::format_cents(*money.cents);
  if (!money.currency.empty()) reason += " " + money.currency;
  if (!money.flags.empty()) reason += " (" + joined(money.flags) + ")";
  return {true, money.flags.empty() ? "valid" : "repaired", reason};
}

CheckedValue check_gst_value(const std::string& text) {
  const auto colon = text.find(':');
  const auto total = rules::parse_money(text.substr(0, colon));
  if (!total.cents) return {false, "invalid", "the total is no amount: " + joined(total.flags)};
  const auto inside = rules::gst_inclusive(*total.cents);
  if (colon == std::string::npos) {
    return {true, "valid",
            "GST " + rules::format_cents(inside) + " in an inclusive " + rules::format_cents(*total.cents) + ", " +
                rules::format_cents(*total.cents - inside) + " without; band " +
                std::string(to_string(rules::band_of(*total.cents)))};
  }
  const auto printed = rules::parse_money(text.substr(colon + 1));
  if (!printed.cents) return {false, "invalid", "the GST is no amount: " + joined(printed.flags)};
  const auto check =
      rules::check_gst({.printed = *printed.cents, .total = *total.cents, .taxable = {}, .taxable_lines = {}});
  std::string reason = reason_for(check.verdict);
  reason += "; expected " + rules::format_cents(inside);
  if (check.verdict == rules::GstVerdict::kMixedSuspected) {
    reason += ", about " + rules::format_cents(check.implied_taxable) + " taxable";
  }
  return {check.verdict != rules::GstVerdict::kExceeds, std::string(to_string(check.verdict)), reason};
}

CheckedValue check_date_value(const std::string& text, const rules::Date& today) {
  const auto read = rules::parse_date(text, {.today = today});
  if (!read.date) {
    return {false, read.flags.front(), read.flags.front() == "invalid" ? "there is no such day" : "not a date's form"};
  }
  auto flags = read.flags;
  if (rules::is_old(*read.date, today)) flags.emplace_back("old");
  std::string reason =
      to_iso(*read.date) + ", " + rules::financial_year(*read.date) + " " + rules::bas_quarter(*read.date);
  if (!flags.empty()) reason += " (" + joined(flags) + ")";
  return {!rules::has_flag(flags, "future"), rules::has_flag(flags, "future") ? "future" : "valid", reason};
}

}  // namespace docket::cli

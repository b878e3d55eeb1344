// Every row of data/au-tax-vectors.tsv. The rows were computed by an independent Python reference, not by this code.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "rules/abn.h"
#include "rules/acn.h"
#include "rules/address.h"
#include "rules/bank.h"
#include "rules/card.h"
#include "rules/date.h"
#include "rules/gst.h"
#include "rules/money.h"
#include "rules/phone.h"
#include "rules/time_of_day.h"

namespace docket::rules {
namespace {

constexpr Date kToday{2026, 11, 24};

struct Row {
  int line = 0;
  std::string kind, input, expected;
};

std::vector<Row> read_rows() {
  std::ifstream file("tests/rules/data/au-tax-vectors.tsv");
  std::vector<Row> rows;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number == 1) continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    rows.push_back(
        {number, line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return rows;
}

std::string bracketed(const Flags& flags) {
  if (flags.empty()) return "";
  std::string out = " [";
  for (const auto& flag : flags) out += (out.size() > 2 ? "," : "") + flag;
  return out + "]";
}

std::string answer_abn(const std::string& input) {
  const Abn abn = parse_abn(input);
  std::string out(to_string(abn.status));
  if (abn.passed()) out += " | " + format_abn(abn.digits);
  if (!abn.branch.empty()) out += " / " + abn.branch;
  for (const auto& suggestion : abn.suggestions) out += " | suggest " + format_abn(suggestion);
  return out;
}

std::string answer_acn(const std::string& input) {
  const Acn acn = parse_acn(input);
  std::string out(to_string(acn.status));
  if (acn.passed()) out += " | " + format_acn(acn.digits) + " | ABN " + format_abn(*abn_from_acn(acn.digits));
  return out;
}

std::string answer_money(const std::string& input) {
  const Money money = parse_money(input);
  std::string out = money.cents ? format_cents(*money.cents) : "null";
  if (!money.currency.empty()) out += " " + money.currency;
  return out + bracketed(money.flags);
}

std::string answer_date(const std::string& input, bool us_evidence) {
  const ReadDate read = parse_date(input, {.today = kToday, .us_evidence = us_evidence});
  if (!read.date) return "null" + bracketed(read.flags);
  return to_iso(*read.date) + " | " + financial_year(*read.date) + " " + bas_quarter(*read.date) +
         bracketed(read.flags);
}

std::string answer_time(const std::string& input) {
  const auto time = parse_time(input);
  return time.value ? format_time(*time.value) : "null";
}

Cents cents(const std::string& text) { return *read_cents(text); }

std::vector<Cents> amounts_in(const std::string& text) {
  std::vector<Cents> out;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (const auto value = read_cents(word)) out.push_back(*value);
  }
  return out;
}

Cents sum(const std::vector<Cents>& amounts) {
  Cents total = 0;
  for (const Cents amount : amounts) total += amount;
  return total;
}

std::string answer_gst_lines(const std::string& input) {
  const auto taxable = amounts_in(input.substr(0, input.find(';')));
  const auto free = amounts_in(input.substr(input.find(';') + 1));
  return "total " + format_cents(sum(taxable) + sum(free)) + ", GST " + format_cents(gst_total_invoice_rule(taxable));
}

std::string answer_gst_rules(const std::string& input) {
  const auto lines = amounts_in(input);
  return "per-line " + format_cents(gst_taxable_supply_rule(lines)) + ", total-invoice " +
         format_cents(gst_total_invoice_rule(lines)) + ", allowed gap " +
         std::to_string(gst_allowed_gap(static_cast<int>(lines.size()))) + "c";
}

std::string answer_gst_exclusive(const std::string& input) {
  const Cents gst = gst_exclusive(cents(input));
  return "GST " + format_cents(gst) + ", inclusive " + format_cents(cents(input) + gst);
}

std::string answer_postcode(const std::string& input) {
  const auto space = input.find(' ');
  const auto check = check_postcode(input.substr(0, space), input.substr(space + 1));
  return check.ok ? "ok" : "warn expected " + std::string(check.expected);
}

std::string answer_phone(const std::string& input) {
  const Phone phone = parse_phone(input);
  std::string out(to_string(phone.kind));
  return phone.number.empty() ? out : out + " " + phone.number;
}

std::string answer_card(const std::string& input) {
  const Card card = parse_card(input);
  return mask_card(card) + bracketed(card.flags);
}

std::string answer(const Row& row) {
  if (row.kind == "abn") return answer_abn(row.input);
  if (row.kind == "acn") return answer_acn(row.input);
  if (row.kind == "money") return answer_money(row.input);
  if (row.kind == "date") return answer_date(row.input, false);
  if (row.kind == "date_us") return answer_date(row.input, true);
  if (row.kind == "time") return answer_time(row.input);
  if (row.kind == "gst_incl") return format_cents(gst_inclusive(cents(row.input)));
  if (row.kind == "gst_lines") return answer_gst_lines(row.input);
  if (row.kind == "gst_rules") return answer_gst_rules(row.input);
  if (row.kind == "gst_excl") return answer_gst_exclusive(row.input);
  if (row.kind == "cash") return format_cents(round_cash(cents(row.input)));
  if (row.kind == "band") return std::string(to_string(band_of(cents(row.input))));
  if (row.kind == "postcode") return answer_postcode(row.input);
  if (row.kind == "phone") return answer_phone(row.input);
  if (row.kind == "bsb") return parse_bsb(row.input).value_or("null");
  if (row.kind == "pan") return answer_card(row.input);
  return "no such kind";
}

TEST(Vectors, EveryRowHolds) {
  const auto rows = read_rows();
  ASSERT_EQ(rows.size(), 154U);
  for (const auto& row : rows) {
    EXPECT_EQ(answer(row), row.expected) << "line " << row.line << ": " << row.kind << " " << row.input;
  }
}

}  // namespace
}  // namespace docket::rules

// payments: the tender rows of the totals block, with the card's last digits and account type from the lines near them.
// A card slip serves only where no tender row is printed.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/card.h"
#include "rules/money.h"
#include "rules/payment.h"

namespace docket::fields {
namespace {

constexpr std::size_t kCardLines = 4;  // the card number is printed at most this far below its tender row

std::string method_of(const RowAmount& row, const Line& line) {
  std::string label;
  for (char c : row.label) label += c == '-' || c == ':' || c == '*' ? ' ' : c;
  if (const auto method = rules::payment_method(label)) {
    // The schema's "eftpos" and "card" are one way to pay; what the row says decides.
    return std::string(*method);
  }
  if (const auto method = rules::payment_method(line.text)) return std::string(*method);
  return row.kind == RowKind::kCash ? "cash" : row.kind == RowKind::kCard ? "card" : "other";
}

// "xxxxxxxxxxxx7479", "**** 7479", "462263-134": a mask and the last digits.
std::string last4_on(const Line& line) {
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    const std::string& text = line.tokens[i].text;
    const auto masks = std::count_if(text.begin(), text.end(),
                                     [](char c) { return c == 'x' || c == 'X' || c == '*' || c == '#' || c == '.'; });
    if (masks < 3) continue;
    const std::size_t last = count_digits(text) > 0 ? i + 1 : std::min(line.tokens.size(), i + 4);
    std::string card = rules::parse_card(text_of(line, i, last)).last4;
    if (card.size() >= 3) return card;
  }
  return {};
}

Payment payment_of(const Document& document, const RowAmount& row) {
  const Line& line = document.line(row.line);
  Payment payment;
  payment.method = method_of(row, line);
  payment.amount = rules::format_cents(row.kind == RowKind::kCash ? std::abs(row.amount.cents) : row.amount.cents);
  payment.evidence = evidence_of(line, row.amount.first, row.amount.last, row.label);
  if (const auto account = rules::account_type(line.text)) payment.account_type = std::string(*account);
  return payment;
}

bool by_card(const Payment& payment) { return payment.method == "card" || payment.method == "eftpos"; }

// A printed card number belongs to the tender row above it that has none yet.
void add_cards(const Document& document, const std::vector<std::size_t>& lines, std::vector<Payment>& payments) {
  for (std::size_t p = 0; p < payments.size(); ++p) {
    if (!by_card(payments[p])) continue;
    const std::size_t end = std::min(document.line_count(), lines[p] + kCardLines + 12);
    for (std::size_t i = lines[p]; i < end; ++i) {
      if (p + 1 < payments.size() && i >= lines[p + 1]) break;
      const std::string card = last4_on(document.line(i));
      if (card.empty()) continue;
      payments[p].card_last4 = card;
      if (!payments[p].account_type) {
        if (const auto account = rules::account_type(document.line(i).text)) {
          payments[p].account_type = std::string(*account);
        }
      }
      break;
    }
  }
}

}  // namespace

std::vector<Payment> find_payments(const Document& document) {
  std::vector<Payment> payments;
  std::vector<std::size_t> lines;
  for (bool slips : {false, true}) {
    if (!payments.empty()) break;
    for (const RowAmount& row : document.rows.amounts) {
      if (row.in_eftpos != slips || row.in_tax_summary || row.amount.cents == 0) continue;
      const bool among_items = document.rows.blocks[row.line] == Block::kItems;
      if (among_items && document.rows.first_total < document.line_count()) continue;
      const bool slip_amount = slips && (row.kind == RowKind::kAmount || is_total(row.kind)) && payments.empty();
      if (!is_tender(row.kind) && !slip_amount) continue;
      Payment payment = payment_of(document, row);
      if (slip_amount) payment.method = "card";
      if (!lines.empty() && lines.back() == row.line) continue;
      payments.push_back(std::move(payment));
      lines.push_back(row.line);
    }
  }
  for (const Line& line : document.layout.lines) {
    if (rules::says_not_paid(line.text) && line.tokens.size() <= 4) return {};
  }
  add_cards(document, lines, payments);
  return payments;
}

}  // namespace docket::fields

#include "fields/facts.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "fields/amounts.h"
#include "fields/keywords.h"
#include "fields/labels.h"
#include "fields/pieces.h"
#include "fields/text_match.h"
#include "rules/abn.h"

namespace docket::fields {
namespace {

constexpr std::array<std::string_view, 51> kUsStates = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
    "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
    "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"};
constexpr std::array<std::string_view, 8> kAustralianStates = {"NSW", "VIC", "QLD", "SA", "WA", "TAS", "NT", "ACT"};

bool all_digits(std::string_view text) { return !text.empty() && count_digits(text) == static_cast<int>(text.size()); }

// "CA 94043" or "CA 94043-1234" against "NSW 2000".
void look_for_states(const Line& line, Facts& facts) {
  for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
    const std::string state = fold(line.tokens[i].text), code = fold(line.tokens[i + 1].text);
    if (!all_digits(code)) continue;
    const bool us = std::find(kUsStates.begin(), kUsStates.end(), state) != kUsStates.end();
    const bool au = std::find(kAustralianStates.begin(), kAustralianStates.end(), state) != kAustralianStates.end();
    if (us && (code.size() == 5 || code.size() == 9)) facts.us = true;
    if (au && code.size() == 4) facts.australian = true;
  }
}

bool has_valid_abn(const Line& line) {
  for (const LabelHit& hit : find_labels(line)) {
    if (hit.label != Label::kAbn) continue;
    for (std::size_t last = hit.last + 1; last <= line.tokens.size() && last <= hit.last + 4; ++last) {
      if (rules::parse_abn(text_of(line, hit.last, last)).passed()) return true;
    }
  }
  return false;
}

struct CurrencyMark {
  std::string_view text;  // of a folded Token
  std::string_view code;
};
constexpr std::array<CurrencyMark, 9> kCurrencyWords = {{{"AUD", "AUD"},
                                                         {"RM", "MYR"},
                                                         {"MYR", "MYR"},
                                                         {"USD", "USD"},
                                                         {"NZD", "NZD"},
                                                         {"SGD", "SGD"},
                                                         {"EUR", "EUR"},
                                                         {"GBP", "GBP"},
                                                         {"RINGGIT", "MYR"}}};

// Counts votes for a currency; the first place of each is kept as evidence.
struct Votes {
  std::string code;
  int count = 0;
  Evidence evidence;
};

void vote(std::vector<Votes>& votes, std::string_view code, Evidence evidence) {
  for (Votes& known : votes) {
    if (known.code == code) {
      ++known.count;
      return;
    }
  }
  votes.push_back({std::string(code), 1, std::move(evidence)});
}

void look_for_currency(const Line& line, std::vector<Votes>& votes) {
  for (const Amount& amount : find_amounts(line)) {
    if (!amount.currency.empty()) vote(votes, amount.currency, evidence_of(line, amount.first, amount.last));
  }
  for (const Piece& piece : pieces_of(line, 0, line.tokens.size())) {
    for (const CurrencyMark& mark : kCurrencyWords) {
      if (piece.text == mark.text) vote(votes, mark.code, evidence_of(line, piece.token, piece.token + 1));
    }
  }
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    if (line.tokens[i].text.find("\xE2\x82\xAC") != std::string::npos) vote(votes, "EUR", evidence_of(line, i, i + 1));
    if (line.tokens[i].text.find("\xC2\xA3") != std::string::npos) vote(votes, "GBP", evidence_of(line, i, i + 1));
  }
}

// A word that begins or ends with it: "GST", "G.S.T.", "TOTALGST", "GSTID"; "KINGSTON" says nothing about a tax.
bool says_gst(const Line& line) {
  for (const Token& token : line.tokens) {
    if (fold_letters(token.text) == "GST") return true;  // "6.S.T."
  }
  for (const Piece& piece : pieces_of(line, 0, line.tokens.size())) {
    if (piece.text.starts_with("GST") || piece.text.ends_with("GST")) return true;
  }
  return find_phrase(line, "GOODS AND SERVICES TAX").has_value();
}

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// "GST 6%", "GST @6%:", "Tax 8.25 %" (whole percents only: cents cannot tell 8 from 8.25 apart anyway).
void look_for_percents(const Line& line, Facts& facts) {
  const auto hits = find_keywords(line, 0, line.tokens.size());
  if (!has(hits, Keyword::kTax)) return;
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    const std::string& text = line.tokens[i].text;
    const std::size_t sign = text.find('%');
    if (sign == std::string::npos) continue;
    std::string_view before = std::string_view(text).substr(0, sign);
    if (before.empty() && i > 0) before = line.tokens[i - 1].text;
    std::size_t begin = before.size();
    while (begin > 0 && is_digit(before[begin - 1])) --begin;
    const std::string_view digits = before.substr(begin);
    if (digits.empty() || digits.size() > 2 || (begin > 0 && before[begin - 1] == '.')) continue;
    int percent = 0;
    for (char c : digits) percent = percent * 10 + (c - '0');
    if (percent >= 1 && percent <= 27) facts.tax_percents.push_back(percent);
  }
}

}  // namespace

Facts find_facts(const Layout& layout, const Context& context) {
  Facts facts;
  std::vector<Votes> votes;
  bool sales_tax = false, gst = false;
  for (const Line& line : layout.lines) {
    look_for_states(line, facts);
    look_for_currency(line, votes);
    look_for_percents(line, facts);
    if (has_valid_abn(line)) facts.australian = true;
    if (find_phrase(line, "SALES TAX")) sales_tax = true;
    gst = gst || says_gst(line);
  }
  const auto best =
      std::max_element(votes.begin(), votes.end(), [](const Votes& a, const Votes& b) { return a.count < b.count; });
  if (best != votes.end()) {
    facts.currency = best->code;
    facts.currency_evidence = best->evidence;
  }
  if (facts.currency == "AUD") facts.australian = true;
  if (facts.currency == "USD" || sales_tax) facts.us = true;
  if (facts.australian) facts.us = false;
  const bool abroad = facts.us || is_one_of(facts.currency, {"USD", "EUR", "GBP"});
  facts.foreign_tax = abroad && !facts.australian && !gst;
  if (facts.currency.empty()) facts.currency = facts.us ? "USD" : context.default_currency;
  if (facts.australian || facts.currency == "AUD") facts.tax_percents.push_back(10);
  if (facts.currency == "MYR") facts.tax_percents.push_back(6);
  std::sort(facts.tax_percents.begin(), facts.tax_percents.end());
  facts.tax_percents.erase(std::unique(facts.tax_percents.begin(), facts.tax_percents.end()), facts.tax_percents.end());
  return facts;
}

}  // namespace docket::fields

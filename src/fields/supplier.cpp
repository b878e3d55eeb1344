#include "fields/supplier.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fields/labels.h"
#include "fields/name_text.h"
#include "fields/text_match.h"
#include "rules/address.h"

namespace docket::fields {
namespace {

constexpr std::size_t kHeaderLines = 14;  // a name further down is not in the header
constexpr std::size_t kMostJoined = 3;
constexpr std::size_t kLongWord = 5;  // letters: shorter ones are like each other by chance
constexpr float kSureWord = 0.8F;     // confidence that a word needs to correct another

// A cell of the header that could hold a name or a part of one.
struct HeaderLine {
  std::size_t line = 0;
  Cell part;
  std::string raw;
  bool after_trading_as = false;  // what stands behind "trading as"
  bool after_address = false;     // an address stands above it
};

// Marks, scraps of a logo and stamped numbers above the first printed line do not count as lines.
bool is_noise(const Line& line, const Cell& part) {
  const std::string text = text_of(line, part.first, part.last);
  const int letters = count_letters(text);
  return letters < 3 || (confidence_of(line, part.first, part.last) < 0.45 && letters < 8);
}

bool names_state(const Line& line, const Cell& part) {
  for (std::size_t i = std::max(part.first + 1, part.last >= 2 ? part.last - 2 : 0); i < part.last; ++i) {
    const std::string word = fold(line.tokens[i].text);
    if (word == line.tokens[i].text.substr(0, word.size()) && !rules::state_code(word).empty()) return true;
  }
  return false;
}

void add_cell(const Document& document, std::size_t index, const Cell& cell, std::vector<HeaderLine>& header) {
  const Line& line = document.line(index);
  std::vector<std::pair<Cell, bool>> parts = {{cell, false}};
  if (const auto words = trading_as(line, cell)) {
    parts = {{Cell{cell.first, words->first}, false}, {Cell{words->last, cell.last}, true}};
  }
  for (const auto& [range, trading] : parts) {
    const Cell part = name_part(line, range, document.labels[index]);
    if (part.first >= part.last || is_noise(line, part) || document.is_buyer(index, part.first)) continue;
    header.push_back({index, part, text_of(line, part.first, part.last), trading, false});
  }
}

std::vector<HeaderLine> header_lines(const Document& document) {
  std::vector<HeaderLine> header;
  const std::size_t end = std::min(document.line_count(), std::max<std::size_t>(document.rows.first_item, 6));
  bool address = false;
  for (std::size_t i = 0; i < end && header.size() < kHeaderLines; ++i) {
    const Line& line = document.line(i);
    if (line.page != document.line(0).page) break;
    const std::size_t before = header.size();
    for (const Cell& cell : line.cells) add_cell(document, i, cell, header);
    for (std::size_t k = before; k < header.size(); ++k) {
      header[k].after_address = address;
    }
    for (std::size_t k = before; k < header.size(); ++k) {
      address = address || looks_like_address(header[k].raw) || names_state(line, header[k].part);
    }
  }
  return header;
}

// Lines [at, at + count) of the header are one name broken by the paper's width.
bool continues(const std::vector<HeaderLine>& header, std::size_t at, std::size_t count) {
  for (std::size_t i = at + 1; i < at + count; ++i) {
    const std::string& above = header[i - 1].raw;
    const bool open = std::count(above.begin(), above.end(), '(') > std::count(above.begin(), above.end(), ')');
    if (ends_with_company_suffix(above) && !open) return false;
    if (!open && !starts_with_company_suffix(header[i].raw)) return false;
    if (header[i].line > header[i - 1].line + 2 || header[i].line == header[i - 1].line) return false;
    if (header[i].after_trading_as || header[i - 1].after_trading_as) return false;
  }
  return true;
}

// The company's number stands behind the name or on the next line.
bool registration_follows(const Layout& layout, const HeaderLine& last) {
  const Line& line = layout.lines[last.line];
  if (looks_like_registration(text_of(line, last.part.last, line.tokens.size()))) return true;
  return last.line + 1 < layout.lines.size() && looks_like_registration(layout.lines[last.line + 1].text);
}

void weigh_words(const Line& line, const Cell& part, const std::string& text, Candidate& candidate) {
  const int letters = count_letters(text), digits = count_digits(text);
  const bool suffix = ends_with_company_suffix(text);
  if (suffix) weigh(candidate, "name.company_suffix");
  if (has_business_word(text)) weigh(candidate, "name.business_word");
  if (!suffix && (looks_like_address(text) || names_state(line, part))) weigh(candidate, "name.address");
  if (!suffix && looks_like_header_word(line, part)) weigh(candidate, "name.header_word");
  if (digits * 3 > letters) weigh(candidate, "name.digits");
  if (letters < 4) weigh(candidate, "name.short");
  const bool capital = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!capital) weigh(candidate, "name.lower_case");
  if (text.size() > 45) weigh(candidate, "name.long");
  if (text.find('@') != std::string::npos || text.find("www") != std::string::npos) weigh(candidate, "name.contact");
  if (!text.empty() && text.front() == '(' && text.find(')') + 1 >= text.size()) weigh(candidate, "name.bracketed");
}

// One badly read word spoils a name.
double least_confidence(const Layout& layout, const std::vector<HeaderLine>& header, std::size_t at,
                        std::size_t count) {
  double least = 1;
  for (std::size_t i = at; i < at + count; ++i) {
    const Line& line = layout.lines[header[i].line];
    for (std::size_t t = header[i].part.first; t < header[i].part.last; ++t) {
      if (count_letters(line.tokens[t].text) > 0) least = std::min<double>(least, line.tokens[t].confidence);
    }
  }
  return least;
}

Candidate name_candidate(const Document& document, const std::vector<HeaderLine>& header, std::size_t at,
                         std::size_t count) {
  const Layout& layout = document.layout;
  Candidate candidate;
  std::string raw;
  for (std::size_t i = at; i < at + count; ++i) {
    const HeaderLine& part = header[i];
    const Evidence evidence = evidence_of(layout.lines[part.line], part.part.first, part.part.last);
    if (i == at) candidate.evidence = evidence;
    candidate.evidence.box = page::unite(candidate.evidence.box, evidence.box);
    candidate.evidence.word_confidence = std::min(candidate.evidence.word_confidence, evidence.word_confidence);
    raw += (i > at ? " " : "") + part.raw;
  }
  candidate.evidence.raw = raw;
  bool repaired = false;
  candidate.value = name_value(raw, repaired);
  if (repaired) candidate.flags.emplace_back("letters_repaired");
  const HeaderLine& first = header[at];
  const HeaderLine& last = header[at + count - 1];
  const Line& line = layout.lines[first.line];
  weigh(candidate, "name.bias");
  weigh(candidate, "name.rank", static_cast<double>(std::min<std::size_t>(at, 8)));
  if (at == 0) weigh(candidate, "name.first");
  // Australian dockets lead with the name they trade under, whatever company is printed below it.
  if (document.facts.australian) weigh(candidate, at == 0 ? "name.first_australian" : "name.later_australian");
  if (first.after_address) weigh(candidate, "name.after_address");
  if (first.after_trading_as) weigh(candidate, "name.after_trading_as");
  if (count > 1) weigh(candidate, "name.joined");
  if (count == 1 && at > 0 && continues(header, at - 1, 2)) weigh(candidate, "name.tail_of_joined");
  if (count == 1 && at + 1 < header.size() && continues(header, at, 2)) weigh(candidate, "name.head_of_joined");
  weigh_words(line, first.part, raw, candidate);
  if (registration_follows(layout, last)) weigh(candidate, "name.registration_follows");
  if (line.relative_height > 1.3) weigh(candidate, "name.tall");
  weigh(candidate, "name.confidence", confidence_of(line, first.part.first, first.part.last) - 0.85);
  weigh(candidate, "name.least_confidence", least_confidence(layout, header, at, count) - 0.75);
  return candidate;
}

bool one_letter_apart(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  int different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += a[i] != b[i] ? 1 : 0;
  return different == 1;
}

// The word as another company's name in the header spells it, where that differs by a letter: shops set their own name
// in a fancy face, and the company's in plain print. Empty when there is none or another name has the word as it is.
std::string spelt_elsewhere(const Layout& layout, const std::vector<HeaderLine>& header, std::size_t at,
                            const std::string& word) {
  std::string other;
  for (std::size_t k = 0; k < header.size(); ++k) {
    if (k == at || !ends_with_company_suffix(header[k].raw)) continue;
    for (std::size_t t = header[k].part.first; t < header[k].part.last; ++t) {
      const Token& token = layout.lines[header[k].line].tokens[t];
      if (fold(token.text) == word) return {};
      if (token.confidence >= kSureWord && one_letter_apart(fold(token.text), word)) other = fold(token.text);
    }
  }
  return other;
}

// Puts the first word right that another name spells otherwise.
void respell(const Layout& layout, const std::vector<HeaderLine>& header, std::size_t at, Candidate& candidate) {
  const Cell& part = header[at].part;
  for (std::size_t t = part.first; t < part.last; ++t) {
    const std::string& word = layout.lines[header[at].line].tokens[t].text;
    if (word.size() < kLongWord || fold(word) != word) continue;
    const std::size_t place = candidate.value.find(word);
    const std::string other = spelt_elsewhere(layout, header, at, word);
    if (other.empty() || place == std::string::npos) continue;
    candidate.value.replace(place, word.size(), other);
    candidate.flags.emplace_back("letters_repaired");
    return;
  }
}

// What else names the supplier: behind "trading as", or the other of company and shop name right below the first.
void find_trading_name(const Document& document, const std::vector<HeaderLine>& header, Candidates& candidates) {
  for (std::size_t at = 1; at < header.size() && at < 4; ++at) {
    const HeaderLine& part = header[at];
    const bool company = ends_with_company_suffix(part.raw);
    const bool second = at == 1 && document.facts.australian && !part.after_address && count_digits(part.raw) == 0;
    if (!part.after_trading_as && !(company && !part.after_address) && !second) continue;
    if (looks_like_address(part.raw) || looks_like_header_word(document.line(part.line), part.part)) continue;
    Candidate candidate;
    candidate.evidence = evidence_of(document.line(part.line), part.part.first, part.part.last);
    bool repaired = false;
    candidate.value = name_value(part.raw, repaired);
    if (repaired) candidate.flags.emplace_back("letters_repaired");
    weigh(candidate, part.after_trading_as ? "trading.words"
                     : company             ? "trading.company_below"
                                           : "trading.second_line");
    weigh(candidate, "name.confidence",
          confidence_of(document.line(part.line), part.part.first, part.part.last) - 0.85);
    candidates.add(FieldId::kSupplierTradingName, std::move(candidate));
  }
}

}  // namespace

void find_supplier(const Document& document, Candidates& candidates) {
  const std::vector<HeaderLine> header = header_lines(document);
  for (std::size_t at = 0; at < header.size(); ++at) {
    for (std::size_t count = 1; count <= kMostJoined && at + count <= header.size(); ++count) {
      if (count > 1 && !continues(header, at, count)) break;
      Candidate candidate = name_candidate(document, header, at, count);
      respell(document.layout, header, at, candidate);
      candidates.add(FieldId::kSupplierName, std::move(candidate));
    }
  }
  find_trading_name(document, header, candidates);
}

}  // namespace docket::fields

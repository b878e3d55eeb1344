// supplier_phone, supplier_email, supplier_website and supplier_address.
#include <algorithm>
#include <optional>
#include <string_view>

#include "fields/finders.h"
#include "fields/name_text.h"
#include "fields/text_match.h"
#include "rules/address.h"
#include "rules/date.h"
#include "rules/phone.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostParts = 5;

std::string document_state(const Document& document) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    for (const Token& token : document.line(i).tokens) {
      const std::string word = fold(token.text);
      std::string state = rules::state_code(word);
      if (!state.empty() && token.text.substr(0, word.size()) == word) return state;
    }
  }
  return {};
}

void weigh_place(const Document& document, std::size_t line, std::size_t token, Candidate& candidate) {
  if (document.rows.blocks[line] == Block::kHeader) weigh(candidate, "contact.in_header");
  if (document.rows.blocks[line] == Block::kEftpos) weigh(candidate, "contact.in_eftpos");
  if (document.is_buyer(line, token)) weigh(candidate, "contact.buyer");
}

// The value is the number as printed, without its label; a state's area code makes an 8-digit number one.
void find_phones(const Document& document, const std::string& state, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    for (std::size_t first = 0; first < line.tokens.size(); ++first) {
      if (count_digits(line.tokens[first].text) < 2) continue;
      const LabelHit* label = nullptr;
      bool fax = false;
      for (const LabelHit& hit : document.labels[i]) {
        if (hit.last != first && !(hit.last + 1 == first && fold(line.tokens[hit.last].text).empty())) continue;
        fax = hit.label == Label::kFax;
        if (hit.label == Label::kPhone || fax) label = &hit;
      }
      for (std::size_t last = std::min(line.tokens.size(), first + kMostParts); last > first; --last) {
        const std::string text = text_of(line, first, last);
        const rules::Phone phone = rules::parse_phone(text, label != nullptr && !fax ? state : std::string());
        if (phone.kind == rules::PhoneKind::kNotPhone) continue;
        Candidate candidate;
        candidate.value = text;
        while (!candidate.value.empty() &&
               std::string_view(",;:").find(candidate.value.back()) != std::string_view::npos) {
          candidate.value.pop_back();
        }
        candidate.evidence = evidence_of(line, first, last, label ? label_text(document, i, *label) : std::string());
        weigh(candidate, "phone.bias");
        if (label == nullptr && count_digits(text) == 6) weigh(candidate, "phone.short");
        if (label != nullptr) weigh(candidate, fax ? "phone.fax" : "phone.labelled");
        weigh_place(document, i, first, candidate);
        candidates.add(FieldId::kSupplierPhone, std::move(candidate));
        first = last - 1;
        break;
      }
    }
  }
}

bool is_host(std::string_view text) {
  const std::size_t point = text.rfind('.');
  if (point == std::string_view::npos || point + 3 > text.size() || point < 3) return false;
  const std::string top = rules::lower(text.substr(point + 1));
  const bool known = top == "au" || top == "com" || top == "net" || top == "org" || top == "my" || top == "nz" ||
                     top == "co" || top == "uk" || top == "io" || top == "sg";
  return known && std::all_of(text.begin(), text.end(),
                              [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; });
}

std::string host_of(std::string_view text) {
  std::string out = rules::lower(text);
  for (std::string_view scheme : {"https://", "http://"}) {
    if (out.substr(0, scheme.size()) == scheme) out.erase(0, scheme.size());
  }
  if (const std::size_t slash = out.find('/'); slash != std::string::npos) out.resize(slash);
  while (!out.empty() && (out.back() == ',' || out.back() == '.')) out.pop_back();
  return out;
}

void find_addresses_on_the_net(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    for (std::size_t t = 0; t < line.tokens.size(); ++t) {
      std::string text = line.tokens[t].text;
      while (!text.empty() && std::string_view(",;:.()").find(text.back()) != std::string_view::npos) text.pop_back();
      const std::size_t at = text.find('@');
      Candidate candidate;
      candidate.evidence = evidence_of(line, t, t + 1);
      if (at != std::string::npos && at > 0 && is_host(std::string_view(text).substr(at + 1))) {
        candidate.value = rules::lower(text);
        weigh(candidate, "contact.email");
        weigh_place(document, i, t, candidate);
        candidates.add(FieldId::kSupplierEmail, std::move(candidate));
        continue;
      }
      const std::string host = host_of(text);
      if (at != std::string::npos || !is_host(host)) continue;
      const bool marked = host.substr(0, 4) == "www." || text.find("://") != std::string::npos;
      candidate.value = rules::lower(text);
      weigh(candidate, marked ? "contact.website" : "contact.bare_host");
      weigh_place(document, i, t, candidate);
      candidates.add(FieldId::kSupplierWebsite, std::move(candidate));
    }
  }
}

bool has_state(const Line& line) {
  return std::any_of(line.tokens.begin(), line.tokens.end(), [](const Token& token) {
    return fold(token.text).size() >= 2 && !rules::state_code(fold(token.text)).empty() &&
           std::none_of(token.text.begin(), token.text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  });
}

bool has_postcode(const Line& line) {
  for (const Token& token : line.tokens) {
    const std::string digits = fold(token.text);
    if ((digits.size() == 4 || digits.size() == 5) && count_digits(digits) == static_cast<int>(digits.size()))
      return true;
  }
  return false;
}

// The first cell of a line, when it can be a line of the supplier's address.
std::optional<Cell> address_cell(const Document& document, std::size_t index) {
  const Line& line = document.line(index);
  const Cell cell = line.cells.front();
  const std::string text = text_of(line, cell.first, cell.last);
  if (document.is_buyer(index, cell.first)) return std::nullopt;
  if (ends_with_company_suffix(text) || looks_like_registration(text)) return std::nullopt;
  for (const LabelHit& hit : document.labels[index]) {
    if (hit.first == 0 && hit.cost == 0 && hit.label != Label::kStore) return std::nullopt;
  }
  const bool priced = std::any_of(document.rows.amounts.begin(), document.rows.amounts.end(),
                                  [&](const RowAmount& row) { return row.line == index; });
  if (priced || rules::parse_date(text, {document.context.today}).date) return std::nullopt;
  const bool named_place = has_state(line) && count_letters(text) >= 5;
  if (!looks_like_address(text) && !named_place) return std::nullopt;
  return cell;
}

// Lines of the header, one under another, that look like an address.
void find_postal_address(const Document& document, Candidates& candidates) {
  const std::size_t end = std::min(document.line_count(), std::max<std::size_t>(document.rows.first_item, 6));
  int rank = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (!address_cell(document, i)) continue;
    Candidate candidate;
    std::size_t last = i;
    for (; last < end && last < i + 5; ++last) {
      const auto cell = address_cell(document, last);
      if (!cell) break;
      const Evidence evidence = evidence_of(document.line(last), cell->first, cell->last);
      if (last == i) {
        candidate.evidence = evidence;
      } else {
        candidate.evidence.raw += " " + evidence.raw;
        candidate.evidence.box = page::unite(candidate.evidence.box, evidence.box);
      }
    }
    candidate.value = candidate.evidence.raw;
    weigh(candidate, "address.bias");
    weigh(candidate, "address.rank", rank++);
    const Line& ending = document.line(last - 1);
    if (has_state(ending) || has_postcode(ending)) weigh(candidate, "address.state_or_postcode");
    if (document.rows.blocks[i] == Block::kHeader) weigh(candidate, "contact.in_header");
    candidates.add(FieldId::kSupplierAddress, std::move(candidate));
    i = last;
  }
}

}  // namespace

void find_contacts(const Document& document, Candidates& candidates) {
  find_phones(document, document_state(document), candidates);
  find_addresses_on_the_net(document, candidates);
  find_postal_address(document, candidates);
}

}  // namespace docket::fields

#include "fields/name_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fields/labels.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr std::array<std::string_view, 26> kSuffixes = {
    "SDN BHD", "S/B",   "SB",       "BHD",         "PTY LTD",     "PTY LIMITED", "P/L",    "LTD",    "LIMITED",
    "INC",     "LLC",   "CORP",     "CO",          "COMPANY",     "ENTERPRISE",  "GMBH",   "PLC",    "LLP",
    "TRADING", "GROUP", "HOLDINGS", "PARTNERSHIP", "ENTERPRISES", "BERHAD",      "& SONS", "PTE LTD"};

constexpr std::array<std::string_view, 66> kBusinessWords = {
    "RESTORAN",    "RESTAURANT",   "KEDAI",         "MART",          "SHOP",       "STORE",      "STORES",
    "HARDWARE",    "BAKERY",       "CAFE",          "COFFEE",        "PHARMACY",   "MARKET",     "HOTEL",
    "MOTEL",       "PIZZA",        "GRILL",         "BAR",           "KITCHEN",    "SERVICES",   "SERVICE",
    "PLUMBING",    "MOTORS",       "ELECTRICAL",    "BOOKS",         "STATIONERY", "PERNIAGAAN", "SYARIKAT",
    "SUPERMARKET", "SUPERMARKETS", "CONFECTIONERY", "BISTRO",        "STATION",    "PARKING",    "CLINIC",
    "DENTAL",      "SEAFOOD",      "BROTHERS",      "CASH",          "CARRY",      "BURGERS",    "BURGER",
    "SUSHI",       "NOODLE",       "HOUSE",         "PUB",           "TAVERN",     "DINER",      "FOODS",
    "WHOLESALE",   "BUTCHERY",     "NURSERY",       "AUTO",          "TYRES",      "CONSULTING", "SOLUTIONS",
    "ACCOUNTING",  "LEGAL",        "BUILDERS",      "CONSTRUCTIONS", "ROOFING",    "PAINTING",   "CLEANING",
    "LANDSCAPING", "STATIONERS",   "SUPPLIES"};

constexpr std::array<std::string_view, 53> kAddressWords = {
    "LN",      "TCE",       "PL",      "CT",       "CCT",       "CIRCUIT", "CLOSE",
    "PLACE",   "ESPLANADE", "GROVE",   "SQUARE",   "MALL",      "CRES",    "JALAN",
    "JLN",     "LOT",       "TAMAN",   "TMN",      "STREET",    "ST",      "ROAD",
    "RD",      "AVENUE",    "AVE",     "BLVD",     "BOULEVARD", "LANE",    "DRIVE",
    "DR",      "HIGHWAY",   "HWY",     "SUITE",    "LEVEL",     "FLOOR",   "FLR",
    "UNIT",    "SEKSYEN",   "BANDAR",  "SELANGOR", "JOHOR",     "KUALA",   "LUMPUR",
    "PARADE",  "PDE",       "COURT",   "CRESCENT", "PLAZA",     "KAWASAN", "PERINDUSTRIAN",
    "KAMPUNG", "WAY",       "TERRACE", "SDE"};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text + " ") {
    if (c == ' ') {
      if (const std::string folded = fold(word); !folded.empty()) words.push_back(folded);
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

bool near_word(const std::string& word, std::string_view wanted) {
  const double limit = std::min(tolerance(wanted.size()), 1.0);
  return edit_distance(fold_letters(word), wanted, limit) <= limit;
}

// The number of words at the end (or the start) that make up a company suffix; 0 for none.
std::size_t suffix_words(const std::vector<std::string>& words, bool at_start) {
  std::size_t longest = 0;
  for (std::string_view suffix : kSuffixes) {
    const std::vector<std::string> wanted = words_of(std::string(suffix));
    if (wanted.size() > words.size() || wanted.size() <= longest) continue;
    const std::size_t offset = at_start ? 0 : words.size() - wanted.size();
    bool same = true;
    for (std::size_t i = 0; i < wanted.size() && same; ++i) {
      // SDN is three letters, but nothing else stands before BHD.
      const bool sdn = wanted[i] == "SDN" && edit_distance(words[offset + i], "SDN", 1) <= 1;
      same = sdn || near_word(words[offset + i], wanted[i]);
    }
    if (same) longest = wanted.size();
  }
  return longest;
}

bool is_scrap(const Token& token) {
  const int letters = count_letters(token.text), digits = count_digits(token.text);
  if (letters + digits == 0) return token.text != "&";
  const bool mark_of_company = token.text.find('/') != std::string::npos;
  return letters + digits == 1 && token.confidence < 0.6F && !mark_of_company;
}

// "(728515-M)", "273500-U", "(1074617K)": digits with at most one or two letters.
bool is_registration_token(const std::string& text) {
  const int digits = count_digits(text), letters = count_letters(text);
  return digits >= 4 && letters <= 2;
}

}  // namespace

Cell name_part(const Line& line, const Cell& cell, const std::vector<LabelHit>& labels) {
  std::size_t first = cell.first, last = cell.last;
  for (const LabelHit& hit : labels) {
    // "... SERVICE STATION COMPANY NO: 1234": what the label names is not the name's.
    const bool number = hit.label == Label::kCompanyNumber || hit.label == Label::kAbn || hit.label == Label::kAcn ||
                        hit.label == Label::kPhone || hit.label == Label::kInvoiceNumber ||
                        hit.label == Label::kTaxInvoice;
    if (hit.label == Label::kCompanyNumber && hit.cost <= 0.5 && hit.first == cell.first)
      return {cell.first, cell.first};
    if (number && hit.cost <= 0.5 && hit.first >= cell.first + 2 && hit.first < last) last = hit.first;
  }
  while (first < last && is_scrap(line.tokens[first])) ++first;
  for (std::size_t i = first + 1; i < last; ++i) {
    if (is_registration_token(line.tokens[i].text)) {
      last = i;
      break;
    }
  }
  while (last > first && is_scrap(line.tokens[last - 1])) --last;
  return {first, last};
}

std::optional<Cell> trading_as(const Line& line, const Cell& cell) {
  for (std::size_t i = cell.first; i < cell.last; ++i) {
    const std::string word = fold(line.tokens[i].text);
    if (line.tokens[i].text.find('/') != std::string::npos && (word == "TA" || word == "TAS")) return Cell{i, i + 1};
    if (i + 1 < cell.last && word == "TRADING" && fold(line.tokens[i + 1].text) == "AS") return Cell{i, i + 2};
  }
  return std::nullopt;
}

namespace {

// Characters that no name holds, as the letters they stand for.
std::string repair_marks(const std::string& raw, bool& repaired) {
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    const auto next = i + 1 < raw.size() ? static_cast<unsigned char>(raw[i + 1]) : 0;
    if (byte == 0xC2 && (next == 0xA5 || next == 0xA7)) {
      // Yen and section signs; "Y¥" is one letter read twice.
      if (next != 0xA5 || value.empty() || value.back() != 'Y') value += next == 0xA5 ? 'Y' : 'S';
      ++i;
    } else if (byte == 0xE2 && next == 0x80 && i + 2 < raw.size()) {
      value += '\'';  // typographic quotes and dashes
      i += 2;
      continue;
    } else if (byte == '|' || (byte == '!' && i + 1 < raw.size())) {
      value += 'I';
    } else if (byte == '_') {
      value += ' ';
    } else if (byte == '$' && next == '/') {
      value += 'S';
    } else {
      value += raw[i];
      continue;
    }
    repaired = true;
  }
  return value;
}

// A digit between initials ("D.1.Y.") is a letter.
void repair_initials(std::string& value, bool& repaired) {
  for (std::size_t i = 2; i + 2 < value.size(); ++i) {
    if (value[i - 1] != '.' || value[i + 1] != '.' || !is_digit(value[i]) || !is_letter(value[i - 2])) continue;
    const std::string letter = fold_letters(value.substr(i, 1));
    if (!is_letter(letter[0])) continue;
    value[i] = letter[0];
    repaired = true;
  }
}

// SDN BHD, PTY LTD and S/B at the end, misread by a letter or two: nothing else ends a name like that.
void repair_suffix(std::string& value, bool& repaired) {
  const std::size_t last = value.rfind(' ');
  if (last == std::string::npos) return;
  const std::string end = value.substr(last + 1);
  if (end.size() == 3 && end[1] == '/' && end != "S/B" && end != "P/L" &&
      std::string_view("S58").find(end[0]) != std::string_view::npos &&
      std::string_view("B8").find(end[2]) != std::string_view::npos) {
    value.replace(last + 1, 3, "S/B");
    repaired = true;
    return;
  }
  std::size_t before = last == 0 ? std::string::npos : value.rfind(' ', last - 1);
  before = before == std::string::npos ? 0 : before + 1;
  const std::string word = fold(value.substr(before, last - before)), tail = fold(end);
  const auto replace = [&](std::string_view first, std::string_view second) {
    if (word == first && tail == second) return;
    const bool first_close = edit_distance(word, first, 1) <= 1, second_close = edit_distance(tail, second, 2) <= 2;
    const bool exact_one = word == first || tail == second;
    if (!first_close || !second_close || !exact_one) return;
    value.replace(before, value.size() - before, std::string(first) + " " + std::string(second));
    repaired = true;
  };
  replace("SDN", "BHD");
  replace("PTY", "LTD");
}

}  // namespace

std::string name_value(const std::string& raw, bool& repaired) {
  std::string value = repair_marks(raw, repaired);
  while (!value.empty() && std::string_view(",;:-*~'\" ").find(value.back()) != std::string_view::npos)
    value.pop_back();
  repair_initials(value, repaired);
  repair_suffix(value, repaired);
  return value;
}

bool ends_with_company_suffix(const std::string& text) { return suffix_words(words_of(text), false) > 0; }
bool starts_with_company_suffix(const std::string& text) { return suffix_words(words_of(text), true) > 0; }

bool has_business_word(const std::string& text) {
  for (const std::string& word : words_of(text)) {
    for (std::string_view business : kBusinessWords) {
      if (near_word(word, business)) return true;
    }
  }
  return false;
}

bool looks_like_address(const std::string& text) {
  int marks = 0;
  const auto words = words_of(text);
  for (const std::string& word : words) {
    const bool number = count_digits(word) > 0 && count_digits(word) <= 5;
    if (number) ++marks;
    for (std::string_view known : kAddressWords) {
      if (known.size() <= 3 ? word == known : near_word(word, known)) {
        marks += 2;
        break;
      }
    }
  }
  if (!words.empty() && (words[0] == "NO" || words[0] == "LOT")) ++marks;
  if (!text.empty() && text.back() == ',') ++marks;
  return marks >= 2;
}

bool looks_like_registration(const std::string& text) {
  const int digits = count_digits(text), letters = count_letters(text);
  if (digits >= 5 && digits <= 12 && letters <= 3 && digits * 2 > static_cast<int>(text.size())) return true;
  const std::string folded = fold_letters(text);
  for (std::string_view start : {"COREG", "ABN", "ACN", "REGNO", "COMPANYREG", "CONO", "ROC"}) {
    if (folded.substr(0, start.size()) == start && digits >= 4) return true;
  }
  return false;
}

bool looks_like_header_word(const Line& line, const Cell& part) {
  for (std::string_view phrase : {"TAX INVOICE",
                                  "SIMPLIFIED TAX INVOICE",
                                  "INVOICE",
                                  "RECEIPT",
                                  "TAX RECEIPT",
                                  "OFFICIAL RECEIPT",
                                  "CASH BILL",
                                  "CASH SALE",
                                  "WELCOME TO",
                                  "WELCOME",
                                  "THANK YOU",
                                  "THANKS",
                                  "STATEMENT",
                                  "QUOTE",
                                  "CREDIT NOTE",
                                  "PURCHASE ORDER",
                                  "DELIVERY DOCKET",
                                  "CUSTOMER COPY",
                                  "DUPLICATE",
                                  "COPY",
                                  "YOUR",
                                  "PLEASE",
                                  "GOODS SOLD",
                                  "SHOPPING WITH",
                                  "REDEEM",
                                  "OWNED BY",
                                  "OPERATED BY",
                                  "CASHIER",
                                  "THANK",
                                  "TABLE"}) {
    const auto found = find_phrase(line, phrase);
    if (found && found->first >= part.first && found->last <= part.last) return true;
  }
  for (const LabelHit& hit : find_labels(line)) {
    if (hit.cost <= 0.5 && hit.first == part.first && hit.label != Label::kStore && hit.label != Label::kAccountName)
      return true;
  }
  return false;
}

}  // namespace docket::fields

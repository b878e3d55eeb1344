#include "rules/address.h"

#include <algorithm>
#include <array>
#include <vector>

#include "rules/text.h"

namespace docket::rules {
namespace {

struct Range {
  int first, last;
  std::string_view state;
};
// Street ranges, then PO box and large-volume ranges; 6798 and 6799 are Christmas and Cocos islands, written as WA.
constexpr std::array<Range, 20> kRanges = {
    {{2000, 2599, "NSW"}, {2619, 2899, "NSW"}, {2921, 2999, "NSW"}, {2600, 2618, "ACT"}, {2900, 2920, "ACT"},
     {3000, 3999, "VIC"}, {4000, 4999, "QLD"}, {5000, 5799, "SA"},  {6000, 6797, "WA"},  {7000, 7799, "TAS"},
     {800, 899, "NT"},    {1000, 1999, "NSW"}, {200, 299, "ACT"},   {8000, 8999, "VIC"}, {9000, 9999, "QLD"},
     {5800, 5999, "SA"},  {6798, 6799, "WA"},  {6800, 6999, "WA"},  {7800, 7999, "TAS"}, {900, 999, "NT"}}};

constexpr std::array<std::string_view, 8> kCodes = {"NSW", "ACT", "VIC", "QLD", "SA", "WA", "TAS", "NT"};
constexpr std::array<std::string_view, 8> kNames = {"new south wales", "australian capital territory",
                                                    "victoria",        "queensland",
                                                    "south australia", "western australia",
                                                    "tasmania",        "northern territory"};

constexpr std::array<std::string_view, 38> kStreetTypes = {
    "st",    "street", "rd",        "road", "ave",    "avenue",    "av",       "dr",      "drive", "ln",
    "lane",  "hwy",    "highway",   "pde",  "parade", "cres",      "crescent", "ct",      "court", "pl",
    "place", "tce",    "terrace",   "way",  "blvd",   "boulevard", "cct",      "circuit", "cl",    "close",
    "sq",    "square", "esplanade", "esp",  "grove",  "gr",        "mall",     "arcade"};

bool is_postcode(std::string_view word) {
  return word.size() == 4 && std::all_of(word.begin(), word.end(), is_digit) && !state_of_postcode(word).empty();
}

struct Word {
  std::string_view text;  // without the punctuation around it
  std::size_t begin;
  bool comma_after;
};

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, end - at);
    const bool comma = !word.empty() && (word.back() == ',' || word.back() == ';');
    while (!word.empty() && (word.back() == ',' || word.back() == ';' || word.back() == '.')) word.remove_suffix(1);
    if (!word.empty()) words.push_back({word, at, comma});
    if (word.empty() && comma && !words.empty()) words.back().comma_after = true;
    at = end + 1;
  }
  return words;
}

std::string join(const std::vector<Word>& words, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    if (!out.empty()) out += ' ';
    out += words[i].text;
    if (words[i].comma_after && i + 1 < end) out += ',';
  }
  return out;
}

// Where the suburb starts among words [0, end): after the last comma, else after the last street type.
std::size_t suburb_start(const std::vector<Word>& words, std::size_t end) {
  for (std::size_t i = end; i-- > 0;) {
    if (words[i].comma_after && i + 1 < end) return i + 1;
  }
  for (std::size_t i = end; i-- > 0;) {
    const bool street = std::find(kStreetTypes.begin(), kStreetTypes.end(), lower(words[i].text)) != kStreetTypes.end();
    if (street && i > 0) return i + 1;
  }
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Word& word) { return std::any_of(word.text.begin(), word.text.end(), is_digit); })
             ? end
             : 0;
}

}  // namespace

std::string state_code(std::string_view text) {
  std::string name;
  for (const char c : lower(trim(text))) {
    if (c != '.' && c != ',') name.push_back(c);
  }
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (name == lower(kCodes[i]) || name == kNames[i]) return std::string(kCodes[i]);
  }
  return {};
}

std::string_view state_of_postcode(std::string_view postcode) {
  if (postcode.size() != 4 || !std::all_of(postcode.begin(), postcode.end(), is_digit)) return {};
  int number = 0;
  for (const char c : postcode) number = number * 10 + (c - '0');
  for (const auto& range : kRanges) {
    if (number >= range.first && number <= range.last) return range.state;
  }
  return {};
}

PostcodeCheck check_postcode(std::string_view state, std::string_view postcode) {
  const std::string_view expected = state_of_postcode(postcode);
  if (!expected.empty() && expected == state_code(state)) return {};
  return {false, expected};
}

std::optional<Address> parse_address(std::string_view text) {
  // A line break separates as a comma does; plain() would make it a space.
  std::string one_line;
  for (const char c : text) one_line += c == '\n' ? std::string(", ") : std::string(1, c);
  const std::string ascii = plain(one_line);
  const auto words = split_words(ascii);
  Address address;
  std::size_t end = words.size();
  while (end > 0 && lower(words[end - 1].text) == "australia") --end;
  const auto take_postcode = [&] {
    if (!address.postcode.empty() || end == 0 || !is_postcode(words[end - 1].text)) return false;
    address.postcode = words[--end].text;
    return true;
  };
  const auto take_state = [&] {
    for (std::size_t count = 3; count >= 1 && address.state.empty(); --count) {
      if (end < count) continue;
      address.state = state_code(join(words, end - count, end));
      if (!address.state.empty()) end -= count;
    }
    return !address.state.empty();
  };
  take_postcode();
  take_state();
  take_postcode();
  const std::size_t suburb = suburb_start(words, end);
  address.street = join(words, 0, suburb);
  address.suburb = join(words, suburb, end);
  const bool street_like =
      suburb > 0 && suburb < words.size() && std::any_of(address.street.begin(), address.street.end(), is_digit);
  if (address.postcode.empty() && address.state.empty() && !street_like) return std::nullopt;
  return address;
}

std::string format_address(const Address& address) {
  std::string tail = address.suburb;
  for (const std::string* part : {&address.state, &address.postcode}) {
    if (!part->empty()) tail += (tail.empty() ? "" : " ") + *part;
  }
  if (address.street.empty() || tail.empty()) return address.street + tail;
  return address.street + ", " + tail;
}

}  // namespace docket::rules

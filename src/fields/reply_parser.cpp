#include "fields/reply_parser.h"

#include <algorithm>
#include <array>

#include "fields/reply_json.h"
#include "fields/reply_loop.h"
#include "fields/reply_sentences.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr std::size_t kLongestValue = 200;  // bytes of a text value
constexpr std::size_t kMostUnknown = 20;

constexpr std::string_view kDescription = "line_items.description", kAmount = "line_items.amount";

bool of_buyer(std::string_view words) {
  const std::string lower = rules::lower(words);
  return lower.find("customer") != std::string::npos || lower.find("buyer") != std::string::npos ||
         lower.find("client") != std::string::npos || lower.find("bill") != std::string::npos ||
         lower.find("recipient") != std::string::npos;
}

// "Total (incl. GST)" as it stands, else without what is in brackets, unless that changes the meaning; else without a
// verb at its end ("The total is:").
std::optional<std::string_view> key_of(std::string_view label) {
  if (const auto key = key_of_label(label)) return key;
  const std::size_t open = label.find('('), close = label.rfind(')');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    const auto inside = rules::words_of(label.substr(open, close - open));
    const bool matters = std::any_of(inside.begin(), inside.end(), [](const std::string& word) {
      return word == "ex" || word == "excl" || word == "excluding" || word == "net" || word == "before" ||
             word == "rate";
    });
    if (!matters) return key_of_label(std::string(label.substr(0, open)) + std::string(label.substr(close + 1)));
  }
  auto words = label.size() > 80 ? std::vector<std::string>() : label_words(label);
  if (!words.empty() &&
      (words.back() == "is" || words.back() == "was" || words.back() == "are" || words.back() == "number")) {
    words.pop_back();
    return key_of_words(words);
  }
  return std::nullopt;
}

// A line's bullet, numbering, heading or quote mark left out.
std::size_t skip_bullet(std::string_view text, Span line) {
  std::size_t at = line.begin;
  for (;;) {
    const std::size_t before = at;
    while (at < line.end && (rules::is_space(text[at]) || text[at] == '#' || text[at] == '>' || text[at] == '+')) ++at;
    const std::string_view rest = text.substr(at, line.end - at);
    if ((rest.starts_with("- ") || rest.starts_with("* "))) at += 2;
    const std::size_t tag = rest.starts_with("<") ? rest.substr(0, 12).find('>') : std::string_view::npos;
    if (tag != std::string_view::npos && rest.find(' ') > tag) at += tag + 1;
    for (const std::string_view bullet :
         {"\xE2\x80\xA2", "\xE2\x80\x93", "\xE2\x97\x8F", "\xE2\x97\xA6", "\xE2\x96\xAA"}) {
      if (rest.starts_with(bullet)) at += bullet.size();
    }
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 3 && rules::is_digit(rest[digits])) ++digits;
    if (digits > 0 && digits < 3 && rest.size() > digits + 1 && (rest[digits] == '.' || rest[digits] == ')') &&
        rest[digits + 1] == ' ')
      at += digits + 1;
    if (at == before) return std::min(at, line.end);
  }
}

class Parser {
 public:
  Parser(std::string_view reply, const ParseOptions& options) : reply_(reply), rest_(reply), options_(options) {}

  ParsedReply run() {
    read_json();
    read_lines();
    if (out_.values.empty()) read_bare();
    const bool sorry = refuses();
    out_.refused = sorry && out_.values.empty();
    finish();
    return std::move(out_);
  }

 private:
  std::string_view piece(Span span) const { return std::string_view(rest_).substr(span.begin, span.end - span.begin); }

  void add(std::string_view key, Span span, std::string_view label, ReplyForm form, int item = -1,
           bool doubted = false) {
    span = strip_marks(reply_, span);
    if (span.empty() || piece(span) != reply_.substr(span.begin, span.end - span.begin)) return;  // across JSON
    const Span name = strip_marks(label, {0, label.size()});
    const std::string words(label.substr(name.begin, name.end - name.begin));
    out_.values.push_back({key, std::string(piece(span)), span, words, form, item, doubted});
  }
  void add_absent(std::string_view key) {
    if (std::find(out_.absent.begin(), out_.absent.end(), key) == out_.absent.end()) out_.absent.push_back(key);
  }
  void add_unknown(std::string_view label) {
    const auto words = label_words(label);
    if (words.empty() || words.size() > 4 || out_.unknown_keys.size() >= kMostUnknown) return;
    const Span name = strip_marks(label, {0, label.size()});
    out_.unknown_keys.emplace_back(label.substr(name.begin, name.end - name.begin));
  }

  // --- JSON

  std::optional<std::string_view> key_of_path(const std::vector<std::string>& path) {
    constexpr std::array<std::string_view, 5> kHolders = {"value", "text", "amount", "raw", "name"};
    const std::string& last = path.back();
    if (path.size() >= 2) {
      const std::string& parent = path[path.size() - 2];
      const auto parent_key = key_of(parent);
      if (parent_key && parent_key->starts_with(kItemPrefix)) {
        const auto key = key_of(last);
        if (key && key->starts_with(kItemPrefix)) return key;
        const std::string column = rules::lower(last);
        if (column == "name" || column == "item" || column == "text") return kDescription;
        if (column == "total" || column == "subtotal" || column == "value" || column == "cost" ||
            column == "total_price")
          return kAmount;
        return std::nullopt;
      }
      if (const auto both = key_of(parent + " " + last)) return both;
      if (parent_key && std::find(kHolders.begin(), kHolders.end(), rules::lower(last)) != kHolders.end())
        return parent_key;
      if (of_buyer(parent)) return std::nullopt;
    }
    return key_of(last);
  }

  void json_value(std::string_view key, const JsonLeaf& leaf, std::string_view label) {
    if (leaf.null || says_absent(leaf.text)) return add_absent(key);
    const int item = key.starts_with(kItemPrefix) ? std::max(leaf.element, 0) : -1;
    const ValueForm form = value_form(key);
    std::string text = leaf.text;
    // What is not of the field's shape is kept out here already; the shape's own text is the value.
    if (form != ValueForm::kText && form != ValueForm::kDocumentType && form != ValueForm::kYesNo) {
      const auto found = find_value(form, text, 0, true);
      if (!found) return;
      text = text.substr(found->begin, found->end - found->begin);
    }
    if (text.size() > kLongestValue) return;
    out_.values.push_back({key, text, leaf.span, std::string(label), ReplyForm::kJson, item, false});
  }

  void read_json() {
    const JsonParts parts = find_json(reply_);
    const JsonLeaf* named = nullptr;  // "field": "total", before its "value"
    for (const JsonLeaf& leaf : parts.leaves) {
      const std::string last = rules::lower(leaf.path.back());
      if (last == "key" || last == "field" || last == "label" || last == "field_name" || last == "fieldname") {
        named = &leaf;
        continue;
      }
      if (named != nullptr && (last == "value" || last == "text")) {
        if (const auto key = key_of(named->text)) json_value(*key, leaf, named->text);
        named = nullptr;
        continue;
      }
      if (const auto key = key_of_path(leaf.path)) {
        json_value(*key, leaf, leaf.path.back());
      } else {
        add_unknown(leaf.path.back());
      }
    }
    for (const Span& region : parts.regions) {
      for (std::size_t i = region.begin; i < region.end; ++i) rest_[i] = rest_[i] == '\n' ? '\n' : ' ';
    }
  }

  // --- lines

  std::vector<Span> lines() const {
    std::vector<Span> out;
    for (std::size_t begin = 0; begin <= rest_.size();) {
      const std::size_t end = std::min(rest_.find('\n', begin), rest_.size());
      out.push_back({begin, end});
      begin = end + 1;
    }
    return out;
  }

  void read_lines() {
    const std::vector<Span> all = lines();
    for (std::size_t i = 0; i < all.size();) {
      const std::string_view line = rules::trim(piece(all[i]));
      if (line.empty() || line.starts_with("```")) {
        if (line.empty()) items_ = false;
        ++i;
        continue;
      }
      if (is_row(all[i])) {
        std::size_t end = i;
        while (end < all.size() && is_row(all[end])) ++end;
        read_table({all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(end)});
        pending_.reset();
        i = end;
        continue;
      }
      read_line(all[i]);
      ++i;
    }
  }

  // A label's place in a line: from the text to its mark, and where the value begins.
  struct Parting {
    Span label;
    std::size_t value = 0;
  };

  std::optional<Parting> part(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end && i < begin + 90; ++i) {
      if (rest_[i] == ':' &&
          !(i > begin && i + 1 < end && rules::is_digit(rest_[i - 1]) && rules::is_digit(rest_[i + 1]))) {
        return Parting{{begin, i}, i + 1};
      }
      if (std::string_view(rest_).substr(i, 3) == "\xEF\xBC\x9A")
        return Parting{{begin, i}, i + 3};  // full-width colon
    }
    // Other marks only behind a word that is a label.
    const std::string_view line = std::string_view(rest_).substr(begin, end - begin);
    for (const std::string_view mark :
         {" = ", "=", "\t", " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", " -> ", " \xE2\x86\x92 "}) {
      const std::size_t at = line.find(mark);
      if (at == std::string_view::npos || at == 0 || at > 60) continue;
      if (key_of(line.substr(0, at))) return Parting{{begin, begin + at}, begin + at + mark.size()};
    }
    return std::nullopt;
  }

  void read_line(Span line) {
    const std::size_t begin = skip_bullet(rest_, line);
    const bool bullet = begin > line.begin;
    if (begin >= line.end) return;
    const auto parted = part(begin, line.end);
    const std::string_view label = parted ? piece(parted->label) : std::string_view();
    const auto key = parted ? key_in_section(label, bullet) : std::nullopt;
    const bool other_key = key && !key->starts_with(kItemPrefix);
    if (items_ && bullet && !other_key) return read_item({begin, line.end});
    if (key) {
      pending_.reset();
      items_ = false;
      return read_pair(*key, label, {parted->value, line.end});
    }
    // A label alone on its line: the value is the next one.
    const Span bare = strip_marks(rest_, {begin, line.end});
    if (!parted && !bare.empty()) {
      const bool dressed = bullet || bare.begin > begin;
      const auto alone = key_of(piece(bare));
      // Of undressed lines only what has a shape of its own: a transcript says "TAX INVOICE", too.
      if (alone && !pending_ && (dressed || shaped(value_form(*alone)))) {
        pending_ = {*alone, std::string(piece(bare))};
        return;
      }
    }
    if (pending_) {
      const auto [waiting, name] = *pending_;
      pending_.reset();
      if (!parted) return read_pair(waiting, name, {begin, line.end});
    }
    if (!parted) return read_prose({begin, line.end});
    add_unknown(label);
    const bool phrase = label_words(label).size() > 4;
    if (rules::trim(piece({parted->value, line.end})).empty()) section_ = std::string(label);
    read_prose({phrase ? begin : parted->value, line.end});
  }

  // "Name:" below "Supplier:" is the supplier's.
  std::optional<std::string_view> key_in_section(std::string_view label, bool bullet) {
    const auto alone = key_of(label);
    if (section_.empty() || !bullet) {
      if (!bullet) section_.clear();
      return alone;
    }
    if (const auto both = key_of(section_ + " " + std::string(label))) return both;
    if (alone && alone->starts_with("supplier_") && of_buyer(section_)) return std::nullopt;
    return alone;
  }

  // Where the value ends because another known label follows on the same line.
  std::size_t next_label(Span value) const {
    for (std::size_t i = value.begin; i < value.end; ++i) {
      if (rest_[i] != ':' && rest_[i] != '=') continue;
      if (i + 1 < value.end && i > value.begin && rules::is_digit(rest_[i - 1]) && rules::is_digit(rest_[i + 1]))
        continue;
      // The one to four words before the mark, the longest that names a field.
      std::optional<std::size_t> best;
      std::size_t at = i;
      for (int words = 0; words < 4; ++words) {
        while (at > value.begin && (rest_[at - 1] == ' ' || rest_[at - 1] == '*')) --at;
        std::size_t begin = at;
        while (begin > value.begin &&
               (rules::is_alpha(rest_[begin - 1]) || rules::is_digit(rest_[begin - 1]) || rest_[begin - 1] == '_'))
          --begin;
        if (begin == at) break;
        at = begin;
        const auto key = at > value.begin ? key_of(piece({at, i})) : std::nullopt;
        const std::string_view before = rules::trim(piece({value.begin, at}));
        const bool parted = !before.empty() && std::string_view(",;|(").find(before.back()) != std::string_view::npos;
        if (key && (parted || shaped(value_form(*key)))) best = at;
      }
      if (best) return *best;
    }
    return value.end;
  }

  static bool shaped(ValueForm form) {
    return form != ValueForm::kText && form != ValueForm::kDocumentType && form != ValueForm::kYesNo;
  }

  void read_pair(std::string_view key, std::string_view label, Span value) {
    const std::size_t next = next_label(value);
    Span own = strip_marks(rest_, {value.begin, next});
    while (own.end > own.begin + 1 && std::string_view("|(-").find(rest_[own.end - 1]) != std::string_view::npos) {
      own = strip_marks(rest_, {own.begin, own.end - 1});
    }
    const bool list = key.starts_with(kItemPrefix) && piece(own).find('|') != std::string_view::npos;
    if (own.empty()) {
      if (next == value.end) {
        pending_ = {key, std::string(label)};
        section_ = std::string(label);
        items_ = key == kDescription;
      }
    } else if (!list && says_absent(piece(own))) {
      add_absent(key);
    } else if (key.starts_with(kItemPrefix)) {
      read_list(key, label, own);
    } else if (shaped(value_form(key))) {
      read_shaped(key, label, own);
    } else {
      read_text(key, label, own);
    }
    if (next < value.end) {
      if (const auto parted = part(next, value.end)) {
        const std::string_view second = piece(parted->label);
        if (const auto second_key = key_of(second)) read_pair(*second_key, second, {parted->value, value.end});
      }
    }
  }

  void read_shaped(std::string_view key, std::string_view label, Span own) {
    const auto found = find_value(value_form(key), std::string_view(rest_).substr(0, own.end), own.begin, true);
    if (!found) return read_prose(own);
    // "Total: 5 items": a bare number before a word is no amount.
    add(key, *found, label, ReplyForm::kKeyValue, -1, says_doubt(piece({own.begin, found->begin})));
    if (key == "invoice_date") {
      const auto time = find_value(ValueForm::kTime, std::string_view(rest_).substr(0, own.end), found->end, true);
      if (time && time->begin <= found->end + 6) add("invoice_time", *time, label, ReplyForm::kKeyValue);
    }
    if (found->end < own.end) read_prose({found->end, own.end});
  }

  void read_text(std::string_view key, std::string_view label, Span own) {
    // Remarks in brackets behind a value are the model's, not the paper's.
    // What a broken JSON leaves behind a value is not part of it.
    for (const std::string_view mark : {"\",", "\"}", "\":", "{", "}"}) {
      const std::size_t at = piece(own).find(mark);
      if (at != std::string_view::npos) own = strip_marks(rest_, {own.begin, own.begin + at});
    }
    if (own.empty()) return;
    const std::string_view text = piece(own);
    for (std::size_t open = text.find(" ("); open != std::string_view::npos; open = text.find(" (", open + 1)) {
      const std::string remark = rules::lower(text.substr(open + 2));
      constexpr std::array<std::string_view, 16> kRemarks = {
          "as ",   "note",  "from ", "assum",     "based",   "not ",     "likely", "appears",
          "which", "this ", "the ",  "partially", "printed", "inferred", "i ",     "abn"};
      const bool ours = std::any_of(kRemarks.begin(), kRemarks.end(),
                                    [&](std::string_view start) { return remark.starts_with(start); });
      if (!ours) continue;
      read_prose({own.begin + open + 2, own.end});
      own.end = own.begin + open;
      break;
    }
    if (own.end - own.begin > kLongestValue) return read_prose(own);
    // A list of keys is the question again.
    if (const auto comma = piece(own).find(','); comma != std::string_view::npos &&
                                                 key_of(piece(own).substr(0, comma)) &&
                                                 piece(own).find('_') != std::string_view::npos)
      return;
    add(key, own, label, ReplyForm::kKeyValue, -1, says_doubt(piece(own)));
  }

  void read_list(std::string_view key, std::string_view label, Span own) {
    const std::string_view mark = piece(own).find('|') != std::string_view::npos    ? "|"
                                  : piece(own).find("; ") != std::string_view::npos ? "; "
                                                                                    : ", ";
    int item = 0;
    for (std::size_t begin = own.begin; begin <= own.end;) {
      const std::size_t found = piece({begin, own.end}).find(mark);
      const std::size_t end = found == std::string_view::npos ? own.end : begin + found;
      const Span span = strip_marks(rest_, {begin, end});
      if (!span.empty() && !says_absent(piece(span))) add(key, span, label, ReplyForm::kKeyValue, item);
      ++item;
      begin = end + mark.size();
    }
  }

  // "Milk 2L - $3.00" in a list of what was bought.
  void read_item(Span line) {
    const int item = next_item_++;
    std::optional<Span> price;
    for (std::size_t at = line.begin; at < line.end;) {
      const auto found = find_value(ValueForm::kMoney, std::string_view(rest_).substr(0, line.end), at, false);
      if (!found) break;
      price = found;
      at = found->end;
    }
    Span name{line.begin, price ? price->begin : line.end};
    while (!name.empty() && std::string_view(" -:(=@\t").find(rest_[name.end - 1]) != std::string_view::npos)
      --name.end;
    add(kDescription, name, "", ReplyForm::kKeyValue, item);
    if (price) add(kAmount, *price, "", ReplyForm::kKeyValue, item);
  }

  void read_prose(Span span) {
    for (const Said& said : read_sentences(rest_, span)) {
      const std::string_view label = piece(said.label);
      if (said.absent) {
        add_absent(said.key);
      } else {
        add(said.key, said.value, label, ReplyForm::kSentence, -1, said.doubted);
      }
    }
  }

  // --- tables

  bool is_row(Span line) const {
    const std::string_view text = rules::trim(piece(line));
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos) return false;
    return bar == 0 || text.substr(0, bar).find(':') == std::string_view::npos;
  }

  std::vector<Span> cells_of(Span line) const {
    std::size_t begin = line.begin, end = line.end;
    while (begin < end && rules::is_space(rest_[begin])) ++begin;
    while (end > begin && rules::is_space(rest_[end - 1])) --end;
    if (begin < end && rest_[begin] == '|') ++begin;
    if (end > begin && rest_[end - 1] == '|') --end;
    std::vector<Span> out;
    for (std::size_t i = begin; i <= end; ++i) {
      if (i < end && rest_[i] != '|') continue;
      out.push_back(strip_marks(rest_, {begin, i}));
      begin = i + 1;
    }
    return out;
  }

  void read_table(const std::vector<Span>& lines) {
    std::vector<std::vector<Span>> rows;
    for (const Span& line : lines) {
      if (piece(line).find_first_not_of(" |-:=+\t\r") != std::string_view::npos) rows.push_back(cells_of(line));
    }
    if (rows.empty()) return;
    std::vector<std::optional<std::string_view>> head;
    int columns = 0, scalars = 0;
    for (const Span& cell : rows[0]) {
      head.push_back(key_of(piece(cell)));
      if (head.back() &&
          (head.back()->starts_with(kItemPrefix) || *head.back() == "gst_amount" || *head.back() == "total_amount"))
        ++columns;
      if (head.back() && !head.back()->starts_with(kItemPrefix)) ++scalars;
    }
    const bool items = columns >= 2 && std::find(head.begin(), head.end(), std::optional(kDescription)) != head.end();
    if (items) return read_item_table(rows, head);
    const bool across = rows.size() >= 2 && scalars >= 2 && head.size() >= 2 && head[1];
    if (across) return read_across(rows, head);
    for (const auto& row : rows) {
      if (row.size() >= 2) read_cell(row[0], row[1]);
    }
  }

  void read_cell(Span label, Span value) {
    const auto key = key_of(piece(label));
    if (!key) {
      if (!value.empty() && piece(value).find_first_of("0123456789") != std::string_view::npos)
        add_unknown(piece(label));
      return;
    }
    put_cell(*key, label, value);
  }

  void put_cell(std::string_view key, Span label, Span value) {
    if (value.empty() || says_absent(piece(value))) return add_absent(key);
    if (key.starts_with(kItemPrefix)) return read_list(key, piece(label), value);
    Span taken = value;
    if (shaped(value_form(key))) {
      const auto found = find_value(value_form(key), std::string_view(rest_).substr(0, value.end), value.begin, true);
      if (!found) return;
      taken = *found;
    }
    if (taken.end - taken.begin <= kLongestValue)
      add(key, taken, piece(label), ReplyForm::kTable, -1, says_doubt(piece(value)));
  }

  void read_across(const std::vector<std::vector<Span>>& rows,
                   const std::vector<std::optional<std::string_view>>& head) {
    const std::vector<Span>& values = rows[1];
    for (std::size_t i = 0; i < head.size() && i < values.size(); ++i) {
      if (head[i]) put_cell(*head[i], rows[0][i], values[i]);
    }
  }

  void read_item_table(const std::vector<std::vector<Span>>& rows,
                       const std::vector<std::optional<std::string_view>>& head) {
    for (std::size_t r = 1; r < rows.size(); ++r) {
      const std::vector<Span>& row = rows[r];
      const auto name = row.empty() ? std::nullopt : key_of(piece(row[0]));
      if (name && !name->starts_with(kItemPrefix)) {  // "Total | | | 45.60"
        const auto last = std::find_if(row.rbegin(), row.rend() - 1, [](const Span& cell) { return !cell.empty(); });
        if (last != row.rend() - 1) put_cell(*name, row[0], *last);
        continue;
      }
      const int item = next_item_++;
      for (std::size_t i = 0; i < row.size() && i < head.size(); ++i) {
        if (!head[i] || row[i].empty() || says_absent(piece(row[i]))) continue;
        const std::string_view key = *head[i] == "total_amount" ? kAmount : *head[i];
        if (key.starts_with(kItemPrefix)) add(key, row[i], piece(rows[0][i]), ReplyForm::kTable, item);
      }
    }
  }

  // --- the rest

  // A reply to one question that is nothing but the value.
  void read_bare() {
    if (!options_.asked || refuses()) return;
    const std::string_view key = *options_.asked;
    std::size_t begin = 0;
    while (begin < rest_.size() && rules::is_space(rest_[begin])) ++begin;
    const Span line = strip_marks(rest_, {begin, std::min(rest_.find('\n', begin), rest_.size())});
    if (line.empty()) return;
    const std::string_view text = piece(line);
    if (says_absent(text) || says_no(text)) return add_absent(key);
    if (shaped(value_form(key))) {
      const auto found = find_value(value_form(key), rest_, begin, true);
      if (found) add(key, *found, "", ReplyForm::kBare, -1, says_doubt(piece({begin, found->begin})));
      return;
    }
    Span value = line;
    if (rest_[value.end - 1] == '.' && value.end - value.begin > 4) --value.end;
    if (value.end - value.begin <= 120) add(key, value, "", ReplyForm::kBare, -1, says_doubt(text));
  }

  bool refuses() const {
    const std::string lower = rules::lower(reply_.substr(0, 600));
    for (const std::string_view phrase : {"i'm sorry",
                                          "i am sorry",
                                          "i\xE2\x80\x99m sorry",
                                          "i cannot",
                                          "i can't",
                                          "i can\xE2\x80\x99t",
                                          "i am unable",
                                          "i'm unable",
                                          "i\xE2\x80\x99m unable",
                                          "i'm not able",
                                          "i\xE2\x80\x99m not able",
                                          "i am not able",
                                          "as an ai",
                                          "i apologize",
                                          "cannot assist",
                                          "can't assist",
                                          "can't help",
                                          "unable to assist",
                                          "no image",
                                          "i don't have access",
                                          "i don't see",
                                          "i'm not going to",
                                          "unable to provide",
                                          "i won't"}) {
      if (lower.find(phrase) != std::string::npos) return true;
    }
    return false;
  }

  void finish() {
    // Half of a value stands at the end of a reply that was cut off.
    if (options_.cut_off) {
      std::size_t end = reply_.size();
      while (end > 0 &&
             (reply_[end - 1] == ' ' || reply_[end - 1] == '*' || reply_[end - 1] == '"' || reply_[end - 1] == ','))
        --end;
      std::erase_if(out_.values,
                    [&](const ReplyValue& value) { return value.form != ReplyForm::kJson && value.span.end >= end; });
    }
    std::stable_sort(out_.values.begin(), out_.values.end(),
                     [](const ReplyValue& a, const ReplyValue& b) { return a.span.begin < b.span.begin; });
    std::vector<ReplyValue> kept;
    for (ReplyValue& value : out_.values) {
      const bool known = std::any_of(kept.begin(), kept.end(), [&](const ReplyValue& other) {
        return other.key == value.key && other.text == value.text && other.item == value.item;
      });
      if (!known) kept.push_back(std::move(value));
    }
    out_.values = std::move(kept);
    std::erase_if(out_.absent, [&](std::string_view key) {
      return std::any_of(out_.values.begin(), out_.values.end(),
                         [&](const ReplyValue& value) { return value.key == key; });
    });
  }

  std::string_view reply_;
  std::string rest_;  // the reply with JSON blanked out; every byte in its place
  ParseOptions options_;
  ParsedReply out_;
  std::optional<std::pair<std::string_view, std::string>> pending_;  // a label whose value is still to come
  std::string section_;                                              // the heading that bullets stand under
  bool items_ = false;
  int next_item_ = 0;
};

}  // namespace

std::string_view to_string(ReplyForm form) {
  switch (form) {
    case ReplyForm::kJson:
      return "json";
    case ReplyForm::kKeyValue:
      return "key_value";
    case ReplyForm::kTable:
      return "table";
    case ReplyForm::kSentence:
      return "sentence";
    case ReplyForm::kBare:
      return "bare";
  }
  return "bare";
}

ParsedReply parse_reply(std::string_view reply, const ParseOptions& options) {
  ParseOptions own = options;
  if (reply.size() > kMostBytes) {
    reply = reply.substr(0, kMostBytes);
    own.cut_off = true;
  }
  const auto loop = repeats_from(reply);
  if (loop) {
    own.cut_off = *loop >= reply.size() || reply[*loop] != '\n';
    reply = reply.substr(0, *loop);
  }
  ParsedReply out = Parser(reply, own).run();
  out.looped = loop.has_value();
  return out;
}

}  // namespace docket::fields

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "fields/reply_forms.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

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

class Lines {
 public:
  explicit Lines(ReplyDraft& draft) : draft_(draft), rest_(draft.rest()) {}

  void run() {
    const std::vector<Span> all = lines();
    for (std::size_t i = 0; i < all.size();) {
      const std::string_view line = rules::trim(draft_.piece(all[i]));
      if (line.empty() || line.starts_with("```")) {
        if (line.empty()) items_ = false;
        ++i;
        continue;
      }
      if (is_table_row(draft_, all[i])) {
        std::size_t end = i;
        while (end < all.size() && is_table_row(draft_, all[end])) ++end;
        read_table_form(draft_,
                        {all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(end)});
        pending_.reset();
        i = end;
        continue;
      }
      read_line(all[i]);
      ++i;
    }
  }

 private:
  std::vector<Span> lines() const {
    std::vector<Span> out;
    for (std::size_t begin = 0; begin <= rest_.size();) {
      const std::size_t end = std::min(rest_.find('\n', begin), rest_.size());
      out.push_back({begin, end});
      begin = end + 1;
    }
    return out;
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
      if (rest_.substr(i, 3) == "\xEF\xBC\x9A") return Parting{{begin, i}, i + 3};  // full-width colon
    }
    // Other marks only behind a word that is a label.
    const std::string_view line = rest_.substr(begin, end - begin);
    for (const std::string_view mark :
         {" = ", "=", "\t", " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", " -> ", " \xE2\x86\x92 "}) {
      const std::size_t at = line.find(mark);
      if (at == std::string_view::npos || at == 0 || at > 60) continue;
      if (key_of_loose_label(line.substr(0, at))) return Parting{{begin, begin + at}, begin + at + mark.size()};
    }
    return std::nullopt;
  }

  void read_line(Span line) {
    const std::size_t begin = skip_bullet(rest_, line);
    const bool bullet = begin > line.begin;
    if (begin >= line.end) return;
    const auto parted = part(begin, line.end);
    const std::string_view label = parted ? draft_.piece(parted->label) : std::string_view();
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
      const auto alone = key_of_loose_label(draft_.piece(bare));
      // Of undressed lines only what has a shape of its own: a transcript says "TAX INVOICE", too.
      if (alone && !pending_ && (dressed || has_shape(value_form(*alone)))) {
        pending_ = {*alone, std::string(draft_.piece(bare))};
        return;
      }
    }
    if (pending_) {
      const auto [waiting, name] = *pending_;
      pending_.reset();
      if (!parted) return read_pair(waiting, name, {begin, line.end});
    }
    if (!parted) return draft_.add_sentences({begin, line.end});
    draft_.add_unknown(label);
    const bool phrase = label_words(label).size() > 4;
    if (rules::trim(draft_.piece({parted->value, line.end})).empty()) section_ = std::string(label);
    draft_.add_sentences({phrase ? begin : parted->value, line.end});
  }

  // "Name:" below "Supplier:" is the supplier's.
  std::optional<std::string_view> key_in_section(std::string_view label, bool bullet) {
    const auto alone = key_of_loose_label(label);
    if (section_.empty() || !bullet) {
      if (!bullet) section_.clear();
      return alone;
    }
    if (const auto both = key_of_loose_label(section_ + " " + std::string(label))) return both;
    if (alone && alone->starts_with("supplier_") && says_buyer(section_)) return std::nullopt;
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
        const auto key = at > value.begin ? key_of_loose_label(draft_.piece({at, i})) : std::nullopt;
        const std::string_view before = rules::trim(draft_.piece({value.begin, at}));
        const bool parted = !before.empty() && std::string_view(",;|(").find(before.back()) != std::string_view::npos;
        if (key && (parted || has_shape(value_form(*key)))) best = at;
      }
      if (best) return *best;
    }
    return value.end;
  }

  void read_pair(std::string_view key, std::string_view label, Span value) {
    const std::size_t next = next_label(value);
    Span own = strip_marks(rest_, {value.begin, next});
    while (own.end > own.begin + 1 && std::string_view("|(-").find(rest_[own.end - 1]) != std::string_view::npos) {
      own = strip_marks(rest_, {own.begin, own.end - 1});
    }
    const bool list = key.starts_with(kItemPrefix) && draft_.piece(own).find('|') != std::string_view::npos;
    if (own.empty()) {
      if (next == value.end) {
        pending_ = {key, std::string(label)};
        section_ = std::string(label);
        items_ = key == kItemDescription;
      }
    } else if (!list && says_absent(draft_.piece(own))) {
      draft_.add_absent(key);
    } else if (key.starts_with(kItemPrefix)) {
      draft_.add_list(key, label, own);
    } else if (has_shape(value_form(key))) {
      read_shaped(key, label, own);
    } else {
      read_text(key, label, own);
    }
    if (next < value.end) {
      if (const auto parted = part(next, value.end)) {
        const std::string_view second = draft_.piece(parted->label);
        if (const auto second_key = key_of_loose_label(second))
          read_pair(*second_key, second, {parted->value, value.end});
      }
    }
  }

  void read_shaped(std::string_view key, std::string_view label, Span own) {
    const auto found = find_value(value_form(key), rest_.substr(0, own.end), own.begin, true);
    if (!found) return draft_.add_sentences(own);
    draft_.add(key, *found, label, ReplyForm::kKeyValue, -1, says_doubt(draft_.piece({own.begin, found->begin})));
    if (key == "invoice_date") {
      const auto time = find_value(ValueForm::kTime, rest_.substr(0, own.end), found->end, true);
      if (time && time->begin <= found->end + 6) draft_.add("invoice_time", *time, label, ReplyForm::kKeyValue);
    }
    if (found->end < own.end) draft_.add_sentences({found->end, own.end});
  }

  void read_text(std::string_view key, std::string_view label, Span own) {
    // What a broken JSON leaves behind a value is not part of it.
    for (const std::string_view mark : {"\",", "\"}", "\":", "{", "}"}) {
      const std::size_t at = draft_.piece(own).find(mark);
      if (at != std::string_view::npos) own = strip_marks(rest_, {own.begin, own.begin + at});
    }
    if (own.empty()) return;
    const std::string_view text = draft_.piece(own);
    // Remarks in brackets behind a value are the model's, not the paper's.
    for (std::size_t open = text.find(" ("); open != std::string_view::npos; open = text.find(" (", open + 1)) {
      const std::string remark = rules::lower(text.substr(open + 2));
      constexpr std::array<std::string_view, 16> kRemarks = {
          "as ",   "note",  "from ", "assum",     "based",   "not ",     "likely", "appears",
          "which", "this ", "the ",  "partially", "printed", "inferred", "i ",     "abn"};
      const bool ours = std::any_of(kRemarks.begin(), kRemarks.end(),
                                    [&](std::string_view start) { return remark.starts_with(start); });
      if (!ours) continue;
      draft_.add_sentences({own.begin + open + 2, own.end});
      own.end = own.begin + open;
      break;
    }
    if (own.end - own.begin > kLongestValue) return draft_.add_sentences(own);
    // A list of keys is the question again.
    if (const auto comma = draft_.piece(own).find(','); comma != std::string_view::npos &&
                                                        key_of_loose_label(draft_.piece(own).substr(0, comma)) &&
                                                        draft_.piece(own).find('_') != std::string_view::npos)
      return;
    draft_.add(key, own, label, ReplyForm::kKeyValue, -1, says_doubt(draft_.piece(own)));
  }

  // "Milk 2L - $3.00" in a list of what was bought.
  void read_item(Span line) {
    const int item = draft_.take_item();
    std::optional<Span> price;
    for (std::size_t at = line.begin; at < line.end;) {
      const auto found = find_value(ValueForm::kMoney, rest_.substr(0, line.end), at, false);
      if (!found) break;
      price = found;
      at = found->end;
    }
    Span name{line.begin, price ? price->begin : line.end};
    while (!name.empty() && std::string_view(" -:(=@\t").find(rest_[name.end - 1]) != std::string_view::npos)
      --name.end;
    draft_.add(kItemDescription, name, "", ReplyForm::kKeyValue, item);
    if (price) draft_.add(kItemAmount, *price, "", ReplyForm::kKeyValue, item);
  }

  ReplyDraft& draft_;
  std::string_view rest_;
  std::optional<std::pair<std::string_view, std::string>> pending_;  // a label whose value is still to come
  std::string section_;                                              // the heading that bullets stand under
  bool items_ = false;                                               // bullets are what was bought
};

}  // namespace

void read_lines_form(ReplyDraft& draft) { Lines(draft).run(); }

}  // namespace docket::fields

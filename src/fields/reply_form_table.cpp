#include <algorithm>
#include <optional>

#include "fields/reply_forms.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

class Table {
 public:
  explicit Table(ReplyDraft& draft) : draft_(draft), rest_(draft.rest()) {}

  void read(const std::vector<Span>& lines) {
    std::vector<std::vector<Span>> rows;
    for (const Span& line : lines) {
      if (draft_.piece(line).find_first_not_of(" |-:=+\t\r") != std::string_view::npos) rows.push_back(cells_of(line));
    }
    if (rows.empty()) return;
    std::vector<std::optional<std::string_view>> head;
    int columns = 0, scalars = 0;
    for (const Span& cell : rows[0]) {
      head.push_back(key_of_loose_label(draft_.piece(cell)));
      if (head.back() &&
          (head.back()->starts_with(kItemPrefix) || *head.back() == "gst_amount" || *head.back() == "total_amount"))
        ++columns;
      if (head.back() && !head.back()->starts_with(kItemPrefix)) ++scalars;
    }
    const bool items =
        columns >= 2 && std::find(head.begin(), head.end(), std::optional(kItemDescription)) != head.end();
    if (items) return read_item_table(rows, head);
    const bool across = rows.size() >= 2 && scalars >= 2 && head.size() >= 2 && head[1];
    if (across) return read_across(rows, head);
    for (const auto& row : rows) {
      if (row.size() >= 2) read_cell(row[0], row[1]);
    }
  }

 private:
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

  void read_cell(Span label, Span value) {
    const auto key = key_of_loose_label(draft_.piece(label));
    if (!key) {
      if (!value.empty() && draft_.piece(value).find_first_of("0123456789") != std::string_view::npos)
        draft_.add_unknown(draft_.piece(label));
      return;
    }
    put_cell(*key, label, value);
  }

  void put_cell(std::string_view key, Span label, Span value) {
    if (value.empty() || says_absent(draft_.piece(value))) return draft_.add_absent(key);
    if (key.starts_with(kItemPrefix)) return draft_.add_list(key, draft_.piece(label), value);
    Span taken = value;
    if (has_shape(value_form(key))) {
      const auto found = find_value(value_form(key), rest_.substr(0, value.end), value.begin, true);
      if (!found) return;
      taken = *found;
    }
    if (taken.end - taken.begin <= kLongestValue)
      draft_.add(key, taken, draft_.piece(label), ReplyForm::kTable, -1, says_doubt(draft_.piece(value)));
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
      const auto name = row.empty() ? std::nullopt : key_of_loose_label(draft_.piece(row[0]));
      if (name && !name->starts_with(kItemPrefix)) {  // "Total | | | 45.60"
        const auto last = std::find_if(row.rbegin(), row.rend() - 1, [](const Span& cell) { return !cell.empty(); });
        if (last != row.rend() - 1) put_cell(*name, row[0], *last);
        continue;
      }
      const int item = draft_.take_item();
      for (std::size_t i = 0; i < row.size() && i < head.size(); ++i) {
        if (!head[i] || row[i].empty() || says_absent(draft_.piece(row[i]))) continue;
        const std::string_view key = *head[i] == "total_amount" ? kItemAmount : *head[i];
        if (key.starts_with(kItemPrefix)) draft_.add(key, row[i], draft_.piece(rows[0][i]), ReplyForm::kTable, item);
      }
    }
  }

  ReplyDraft& draft_;
  std::string_view rest_;
};

}  // namespace

bool is_table_row(const ReplyDraft& draft, Span line) {
  const std::string_view text = rules::trim(draft.piece(line));
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) return false;
  return bar == 0 || text.substr(0, bar).find(':') == std::string_view::npos;
}

void read_table_form(ReplyDraft& draft, const std::vector<Span>& lines) { Table(draft).read(lines); }

}  // namespace docket::fields

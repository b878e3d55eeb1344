#include "fields/line_items.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/money.h"

namespace docket::fields {
namespace {

// Builds items line by line: a description may stand above its price ("Prawns" / "2 x 3.00  6.00") or its quantity
// below ("Prawns 6.00" / "2 @ 3.00"), and a negative amount is a discount on the item before it.
class Builder {
 public:
  explicit Builder(const Document& document) : document_(document), legend_(read_legend(document)) {
    int negative = 0, positive = 0;
    for (const RowAmount& row : document.rows.amounts) {
      if (row.line >= document.rows.first_total) break;
      (row.amount.cents < 0 ? negative : positive) += 1;
    }
    refund_ = negative > positive;
  }

  void line_without_amounts(std::size_t index) {
    const Line& line = document_.line(index);
    const ItemText text = read_item_text(line, after_pump(index), line.tokens.size());
    if (count_letters(text.description) < 2) {
      if (text.unit_price && !items_.empty()) complete(items_.back(), text);
      if (text.description.empty() && !text.code.empty()) pending_code_ = text.code;
      if (pending_ && text.quantity && !pending_->quantity) pending_->quantity = text.quantity;
      return;
    }
    pending_ = text;
    pending_line_ = index;
  }

  void line_with_amounts(std::size_t index, const std::vector<const RowAmount*>& amounts) {
    const Line& line = document_.line(index);
    const Amount& last = amounts.back()->amount;
    ItemText text = read_item_text(line, 0, text_end(line, amounts));
    if (last.cents < 0 && !refund_ && !items_.empty() && is_discount(line, text)) {
      discount(items_.back(), last.cents);
      return;
    }
    const bool described = count_letters(text.description) >= 2;
    if (!described && text.unit_price && !pending_ && !items_.empty() && amounts.size() == 1 &&
        last.first < product_end(line)) {
      complete(items_.back(), text);  // "2 @ 3.00" below its item: the amount is the unit price itself
      return;
    }
    LineItem item;
    item.description = text.description;
    std::string left_marker = text.marker;
    std::size_t first_line = index;
    if (!described && pending_) {
      item.description = pending_->description;
      left_marker = pending_->marker;
      if (text.code.empty()) text.code = pending_->code;
      if (!text.quantity) text.quantity = pending_->quantity;
      first_line = pending_line_;
    }
    pending_.reset();
    if (count_letters(item.description) < 2) return;
    item.code = text.code.empty() ? pending_code_ : text.code;
    pending_code_.clear();
    item.amount = rules::format_cents(last.cents);
    complete(item, text);
    price_from_columns(item, amounts);
    mark(item, last.marker.empty() ? left_marker : last.marker);
    item.evidence = evidence_of(document_.line(first_line), 0, document_.line(first_line).tokens.size());
    item.evidence.box = page::unite(item.evidence.box, line.box);
    items_.push_back(std::move(item));
  }

  std::vector<LineItem> finish() { return std::move(items_); }

 private:
  // "Pump: 16 DIESEL" names the fuel behind the pump's number.
  std::size_t after_pump(std::size_t index) const {
    const Line& line = document_.line(index);
    for (const LabelHit& hit : document_.labels[index]) {
      if (hit.label != Label::kPump || hit.first != 0) continue;
      std::size_t first = hit.last;
      while (first < line.tokens.size() && count_letters(line.tokens[first].text) == 0) ++first;
      return first;
    }
    return 0;
  }

  // Where the amounts that are prices begin; "2.50" inside "2 x 2.50" belongs to the text.
  static std::size_t text_end(const Line& line, const std::vector<const RowAmount*>& amounts) {
    const std::size_t product = product_end(line);
    for (const RowAmount* row : amounts) {
      if (row->amount.first >= product) return row->amount.first;
    }
    return amounts.back()->amount.first >= product ? amounts.back()->amount.first : line.tokens.size();
  }

  // One past the unit price of a "n x price" on the line; 0 when there is none.
  static std::size_t product_end(const Line& line) {
    for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
      const std::string& text = line.tokens[i].text;
      const bool times = text[0] == '@' || fold(text) == "X";
      if (!times || (i == 0 && text.size() == 1)) continue;
      if (text.size() > 1 && text[0] == '@') return i + 1;
      if (count_digits(line.tokens[i + 1].text) > 0) return i + 2;
    }
    return 0;
  }

  static bool is_discount(const Line& line, const ItemText& text) {
    const auto hits = find_keywords(line, 0, line.tokens.size());
    if (has(hits, Keyword::kDiscount) || has(hits, Keyword::kSaving) || has(hits, Keyword::kVoucher)) return true;
    // A refund's lines are negative themselves.
    return !text.quantity && text.code.empty();
  }

  void discount(LineItem& item, rules::Cents cents) {
    const auto amount = rules::read_cents(*item.amount);
    const auto before = item.discount ? rules::read_cents(*item.discount) : std::optional<rules::Cents>(0);
    if (!amount || *amount < 0) return;
    item.discount = rules::format_cents(*before + cents);
    item.amount = rules::format_cents(*amount + cents);
  }

  static void complete(LineItem& item, const ItemText& text) {
    if (text.quantity && (!item.quantity || text.unit_price)) item.quantity = text.quantity;
    if (text.unit) item.unit = text.unit;
    if (text.unit_price) item.unit_price = text.unit_price;
    if (item.quantity && !item.unit && item.quantity->find('.') != std::string::npos &&
        item.quantity->size() - item.quantity->find('.') == 4) {
      item.unit = "kg";  // three decimals are a weight
    }
  }

  // Of several amounts on a row the last is the line's; the one that times the quantity gives it is the unit price.
  static void price_from_columns(LineItem& item, const std::vector<const RowAmount*>& amounts) {
    if (item.unit_price || amounts.size() < 2) return;
    const rules::Cents total = amounts.back()->amount.cents;
    for (std::size_t i = 0; i + 1 < amounts.size(); ++i) {
      const rules::Cents price = amounts[i]->amount.cents;
      if (!item.quantity) {
        if (price == total) item.unit_price = rules::format_cents(price), item.quantity = "1";
        continue;
      }
      const auto quantity = rules::parse_rate(*item.quantity);
      if (!quantity.value) continue;
      const auto product = rules::extended_price(*quantity.value, price * 100);
      if (product && std::abs(*product - total) <= 1) item.unit_price = rules::format_cents(price);
    }
  }

  void mark(LineItem& item, std::string marker) {
    item.gst_marker = marker;
    if (legend_) {
      if (marker.empty() && item.description.size() > 2) {
        // Some shops mark the left edge.
        const std::size_t space = item.description.find(' ');
        if (space != std::string::npos && item.description.substr(0, space) == legend_->mark) {
          marker = legend_->mark;
          item.description.erase(0, space + 1);
          item.gst_marker = marker;
        }
      }
      item.gst_code = marker == legend_->mark ? legend_->marked : legend_->plain;
    } else if (document_.facts.currency == "MYR" && !marker.empty()) {
      if (marker == "S" || marker == "SR") item.gst_code = "GST";
      if (marker[0] == 'Z') item.gst_code = "FRE";
    }
  }

  const Document& document_;
  std::optional<Legend> legend_;
  std::vector<LineItem> items_;
  std::optional<ItemText> pending_;
  std::size_t pending_line_ = 0;
  std::string pending_code_;
  bool refund_ = false;  // most rows are negative: the minus is no discount
};

// A line above the first price may hold its description; the header's own lines do not.
std::size_t first_line_of_items(const Document& document) {
  std::size_t first = document.rows.first_item;
  if (first == 0 || first >= document.line_count()) return first;
  const ItemText text = read_item_text(document.line(first), 0, document.line(first).tokens.size());
  const Line& above = document.line(first - 1);
  const bool heading = kind_of(document.rows.keywords[first - 1]) != RowKind::kNone;
  const auto& labels = document.labels[first - 1];
  const bool labelled = !labels.empty() && labels.front().label != Label::kPump;
  if (count_letters(text.description) < 2 && !heading && !labelled && above.page == document.line(first).page) {
    --first;
  }
  return first;
}

}  // namespace

std::vector<LineItem> find_line_items(const Document& document) {
  Builder builder(document);
  const Rows& rows = document.rows;
  for (std::size_t i = first_line_of_items(document); i < std::min(rows.first_total, document.line_count()); ++i) {
    if (rows.blocks[i] == Block::kEftpos || rows.blocks[i] == Block::kTaxSummary) continue;
    const bool heading = kind_of(rows.keywords[i]) == RowKind::kHeading;
    std::vector<const RowAmount*> amounts;
    bool other = false;
    for (const RowAmount& row : rows.amounts) {
      if (row.line != i) continue;
      // Goods are called anything ("Gift card", "Free range eggs", "Service"); only totals are no item.
      const bool tax_row =
          row.kind == RowKind::kTax && !rows.keywords[i].empty() && rows.keywords[i].front().first == 0;
      other = other || tax_row || is_total(row.kind) || row.kind == RowKind::kSubtotal ||
              (row.kind == RowKind::kCount && document.line(i).text.find('@') == std::string::npos);
      amounts.push_back(&row);
    }
    if (heading && amounts.empty()) continue;
    if (amounts.empty()) {
      builder.line_without_amounts(i);
    } else if (!other) {
      builder.line_with_amounts(i, amounts);
    }
  }
  return builder.finish();
}

}  // namespace docket::fields

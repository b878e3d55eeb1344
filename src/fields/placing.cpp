#include "fields/placing.h"

#include <algorithm>
#include <cstdlib>

#include "fields/text_match.h"
#include "rules/date.h"
#include "rules/money.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostLines = 3;   // that a text may run over
constexpr std::size_t kDateTokens = 4;  // "Monday 3 March 2025"
constexpr double kAlike = 0.5;          // what edit_distance counts for letters of like shape

struct Place {
  const Line* line = nullptr;
  std::size_t token = 0;
};

// The words of a page in order, and what was found among them so far.
class Search {
 public:
  Search(const Layout& layout, int page, ValueForm form, std::string_view raw)
      : form_(form), needle_(fold(raw)), limit_(limit_of(form, needle_.size())) {
    for (const Line& line : layout.lines) {
      if (page != 0 && line.page != page) continue;
      for (std::size_t i = 0; i < line.tokens.size(); ++i) places_.push_back({&line, i});
    }
  }

  void by_letters() {
    if (needle_.empty()) return;
    for (std::size_t first = 0; first < places_.size(); ++first) {
      std::string letters;
      std::size_t lines = 1;
      for (std::size_t last = first; last < places_.size(); ++last) {
        if (last > first && places_[last].line != places_[last - 1].line) ++lines;
        if (places_[last].line->page != places_[first].line->page) break;
        if (lines > (form_ == ValueForm::kText ? kMostLines : 1)) break;
        letters += fold(token(last).text);
        if (static_cast<double>(letters.size()) > static_cast<double>(needle_.size()) + limit_) break;
        consider(first, last, letters);
      }
    }
  }

  void by_day(std::string_view iso) {
    const auto wanted = rules::read_iso(std::string(iso));
    if (!wanted) return;
    rules::DateContext context;
    context.today = *wanted;
    context.australian_evidence = true;
    for (std::size_t first = 0; first < places_.size(); ++first) {
      std::string text;
      for (std::size_t last = first; last < std::min(places_.size(), first + kDateTokens); ++last) {
        if (places_[last].line != places_[first].line) break;
        text += (text.empty() ? "" : " ") + token(last).text;
        const auto read = rules::parse_date(text, context);
        if (read.date && *read.date == *wanted) return keep(first, last, 0);
      }
    }
  }

  const std::optional<Placed>& best() const { return best_; }

 private:
  static double limit_of(ValueForm form, std::size_t letters) {
    if (form != ValueForm::kText) return letters > 8 ? 2 * kAlike : kAlike;
    return std::max(tolerance(letters), static_cast<double>(letters) / 12);
  }

  const Token& token(std::size_t index) const { return places_[index].line->tokens[places_[index].token]; }

  void consider(std::size_t first, std::size_t last, const std::string& letters) {
    const double bound = best_ ? std::min(limit_, best_->edits) : limit_;
    if (form_ != ValueForm::kText && letters.size() != needle_.size()) return;
    const double edits = edit_distance(needle_, letters, bound);
    if (edits > limit_ || (best_ && edits >= best_->edits)) return;
    if (form_ == ValueForm::kMoney && !is_amount(token(last).text)) return;
    keep(first, last, edits);
  }

  // "4560" is no "45.60".
  static bool is_amount(const std::string& text) { return text.find_first_of(".,") != std::string::npos; }

  void keep(std::size_t first, std::size_t last, double edits) {
    Placed placed{places_[first].line->page, {}, edits};
    for (std::size_t i = first; i <= last; ++i) placed.box = page::unite(placed.box, token(i).box);
    best_ = placed;
  }

  ValueForm form_;
  std::string needle_;
  double limit_;
  std::vector<Place> places_;
  std::optional<Placed> best_;
};

void place(const Layout& layout, ValueForm form, std::string_view value, Evidence& evidence,
           std::vector<std::string>* flags) {
  if (evidence.reader != Reader::kVlm || !evidence.box.empty()) return;
  const auto placed = find_place(layout, evidence.page, form, evidence.raw, value);
  if (!placed) return;
  evidence.page = placed->page;
  evidence.box = placed->box;
  if (flags != nullptr) std::erase(*flags, "ungrounded");
}

}  // namespace

std::optional<Placed> find_place(const Layout& layout, int page, ValueForm form, std::string_view raw,
                                 std::string_view value) {
  if (form == ValueForm::kDocumentType || form == ValueForm::kYesNo) return std::nullopt;
  Search search(layout, page, form, raw);
  search.by_letters();
  if (!search.best() && form == ValueForm::kDate) search.by_day(value);
  return search.best();
}

void place_values(const Layout& layout, Fields& fields) {
  for (auto& [id, field] : fields.scalars) {
    if (!field.chosen) continue;
    place(layout, value_form(to_string(id)), field.chosen->value, field.chosen->evidence, &field.chosen->flags);
    if (!field.candidates.empty() && field.candidates.front().value == field.chosen->value) {
      field.candidates.front() = *field.chosen;
    }
  }
  for (LineItem& item : fields.line_items) place(layout, ValueForm::kText, item.description, item.evidence, nullptr);
}

}  // namespace docket::fields

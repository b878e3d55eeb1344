// From the keywords of a label to what it names. The order of the rules matters: the more telling word goes first.
#include <initializer_list>

#include "fields/rows.h"

namespace docket::fields {
namespace {

class Words {
 public:
  explicit Words(const std::vector<KeywordHit>& hits) : hits_(hits) {}

  bool any(std::initializer_list<Keyword> keywords) const {
    for (Keyword keyword : keywords) {
      if (has(hits_, keyword)) return true;
    }
    return false;
  }
  bool operator()(Keyword keyword) const { return has(hits_, keyword); }
  bool before(Keyword a, Keyword b) const { return at(a) < at(b); }
  int count(std::initializer_list<Keyword> keywords) const {
    int n = 0;
    for (Keyword keyword : keywords) n += has(hits_, keyword) ? 1 : 0;
    return n;
  }

 private:
  std::size_t at(Keyword keyword) const {
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      if (hits_[i].keyword == keyword) return i;
    }
    return hits_.size();
  }
  const std::vector<KeywordHit>& hits_;
};

RowKind total_kind(const Words& words) {
  using K = Keyword;
  if (words(K::kTaxable) || (words(K::kFree) && words(K::kTax))) return RowKind::kTaxable;
  if (words(K::kSub)) return RowKind::kSubtotal;
  if (words.any({K::kQuantity, K::kCount})) return RowKind::kCount;
  if (words(K::kItem) && !words(K::kFor)) return RowKind::kCount;
  if (words.any({K::kSaving, K::kDiscount}) && !words(K::kAfter)) {
    return words(K::kSaving) ? RowKind::kSaving : RowKind::kDiscount;
  }
  if (words(K::kPoints)) return RowKind::kPoints;
  if (words(K::kExclude) && !words(K::kInclude)) return RowKind::kSubtotal;
  if (words(K::kTax) && words(K::kIncludes)) return RowKind::kTax;
  if (words(K::kTax) && !words(K::kInclude) && !words.any({K::kGrand, K::kDue, K::kAfter, K::kAmount})) {
    return RowKind::kTax;
  }
  if (words.any({K::kTender, K::kCash, K::kPaid})) {
    return words(K::kTender) ? RowKind::kTendered : RowKind::kPaid;
  }
  if (words.any({K::kSurcharge, K::kTip})) return words(K::kTip) ? RowKind::kTip : RowKind::kSurcharge;
  if (words.any({K::kGrand, K::kDue})) return RowKind::kGrandTotal;
  return RowKind::kTotal;
}

RowKind tender_kind(const Words& words) {
  using K = Keyword;
  if (words(K::kCash)) return words(K::kOut) ? RowKind::kCashOut : RowKind::kCash;
  if (words.any({K::kCard, K::kVoucher})) return RowKind::kCard;
  if (words(K::kTender)) return RowKind::kTendered;
  return words(K::kPaid) ? RowKind::kPaid : RowKind::kNone;
}

bool is_heading(const Words& words) {
  using K = Keyword;
  const int columns = words.count({K::kQuantity, K::kItem, K::kPrice, K::kDescription, K::kDiscount, K::kAmount});
  return columns >= 2 || (words(K::kTax) && words.any({K::kSummary, K::kCode, K::kRate}));
}

}  // namespace

RowKind kind_of(const std::vector<KeywordHit>& hits) {
  using K = Keyword;
  const Words words(hits);
  if (hits.empty()) return RowKind::kNone;
  if (words(K::kRound)) return words(K::kTotal) ? RowKind::kRoundedTotal : RowKind::kRounding;
  if (words(K::kChange)) return RowKind::kChange;
  if (words(K::kTotal) && !(is_heading(words) && !words.any({K::kQuantity, K::kItem}))) return total_kind(words);
  if (words(K::kTaxable) || (words(K::kFree) && words(K::kTax))) return RowKind::kTaxable;
  if (is_heading(words)) return RowKind::kHeading;
  if (words.any({K::kQuantity, K::kCount})) return RowKind::kCount;
  if (words(K::kPoints)) return RowKind::kPoints;
  if (words(K::kSaving)) return RowKind::kSaving;
  if (words.any({K::kSurcharge, K::kCharge})) return RowKind::kSurcharge;
  if (words(K::kExclude) && words.any({K::kAmount, K::kSales, K::kTax})) return RowKind::kSubtotal;
  if (words(K::kTax)) return words(K::kAmount) && words(K::kInclude) ? RowKind::kTotal : RowKind::kTax;
  if (words(K::kGrand) && words.any({K::kAmount, K::kSales})) return RowKind::kGrandTotal;
  if (words.any({K::kDue, K::kBalance})) return RowKind::kDue;
  if (words(K::kTip)) return RowKind::kTip;
  if (words(K::kDiscount)) return RowKind::kDiscount;
  if (const RowKind tender = tender_kind(words); tender != RowKind::kNone) return tender;
  if (words.any({K::kAmount, K::kPurchase})) return RowKind::kAmount;
  return RowKind::kNone;
}

bool is_total(RowKind kind) {
  return kind == RowKind::kTotal || kind == RowKind::kGrandTotal || kind == RowKind::kRoundedTotal ||
         kind == RowKind::kDue;
}

bool is_tender(RowKind kind) {
  return kind == RowKind::kCash || kind == RowKind::kCard || kind == RowKind::kTendered || kind == RowKind::kPaid;
}

}  // namespace docket::fields

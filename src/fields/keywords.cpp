#include "fields/keywords.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "fields/pieces.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

struct Spelling {
  std::string_view text;  // folded
  Keyword keyword;
};

constexpr std::array kSpellings = {
    Spelling{"TOTAL", Keyword::kTotal},
    Spelling{"TOTALS", Keyword::kTotal},
    Spelling{"TTL", Keyword::kTotal},
    Spelling{"TOT", Keyword::kTotal},
    Spelling{"JUMLAH", Keyword::kTotal},
    Spelling{"SUB", Keyword::kSub},
    Spelling{"GRAND", Keyword::kGrand},
    Spelling{"NETT", Keyword::kGrand},
    Spelling{"NET", Keyword::kGrand},
    Spelling{"FINAL", Keyword::kGrand},
    Spelling{"ROUNDING", Keyword::kRound},
    Spelling{"ROUNDED", Keyword::kRound},
    Spelling{"ROUND", Keyword::kRound},
    Spelling{"ROUNDOFF", Keyword::kRound},
    Spelling{"RND", Keyword::kRound},
    Spelling{"ADJUSTMENT", Keyword::kRound},
    Spelling{"ADJ", Keyword::kRound},
    Spelling{"INCL", Keyword::kInclude},
    Spelling{"INC", Keyword::kInclude},
    Spelling{"INCLUDE", Keyword::kIncludes},
    Spelling{"INCLUDES", Keyword::kIncludes},
    Spelling{"INCLUDED", Keyword::kIncludes},
    Spelling{"INCLUDING", Keyword::kInclude},
    Spelling{"INCLUSIVE", Keyword::kInclude},
    Spelling{"WITH", Keyword::kInclude},
    Spelling{"EXCL", Keyword::kExclude},
    Spelling{"EXC", Keyword::kExclude},
    Spelling{"EX", Keyword::kExclude},
    Spelling{"EXCLUDE", Keyword::kExclude},
    Spelling{"EXCLUDED", Keyword::kExclude},
    Spelling{"EXCLUDING", Keyword::kExclude},
    Spelling{"EXCLUSIVE", Keyword::kExclude},
    Spelling{"BEFORE", Keyword::kExclude},
    Spelling{"GST", Keyword::kTax},
    Spelling{"TAX", Keyword::kTax},
    Spelling{"TAXES", Keyword::kTax},
    Spelling{"TAXI", Keyword::kTax},  // "TAX1", as folded
    Spelling{"TAX2", Keyword::kTax},
    Spelling{"TAXABLE", Keyword::kTaxable},
    Spelling{"FREE", Keyword::kFree},
    Spelling{"SALESTAX", Keyword::kTax},
    Spelling{"VAT", Keyword::kTax},
    Spelling{"SST", Keyword::kTax},
    Spelling{"HST", Keyword::kTax},
    Spelling{"CASH", Keyword::kCash},
    Spelling{"TUNAI", Keyword::kCash},
    Spelling{"VISA", Keyword::kCard},
    Spelling{"MASTERCARD", Keyword::kCard},
    Spelling{"MASTER", Keyword::kCard},
    Spelling{"CARD", Keyword::kCard},
    Spelling{"AMEX", Keyword::kCard},
    Spelling{"EFTPOS", Keyword::kCard},
    Spelling{"EFT", Keyword::kCard},
    Spelling{"DEBIT", Keyword::kCard},
    Spelling{"CREDIT", Keyword::kCard},
    Spelling{"PAYPAL", Keyword::kCard},
    Spelling{"AFTERPAY", Keyword::kCard},
    Spelling{"TENDER", Keyword::kTender},
    Spelling{"TENDERED", Keyword::kTender},
    Spelling{"TEND", Keyword::kTender},
    Spelling{"RECEIVED", Keyword::kTender},
    Spelling{"PAID", Keyword::kPaid},
    Spelling{"PAYMENT", Keyword::kPaid},
    Spelling{"CHANGE", Keyword::kChange},
    Spelling{"BAKI", Keyword::kChange},
    Spelling{"OUT", Keyword::kOut},
    Spelling{"DUE", Keyword::kDue},
    Spelling{"PAYABLE", Keyword::kDue},
    Spelling{"OWING", Keyword::kDue},
    Spelling{"OUTSTANDING", Keyword::kDue},
    Spelling{"BALANCE", Keyword::kBalance},
    Spelling{"AMOUNT", Keyword::kAmount},
    Spelling{"AMT", Keyword::kAmount},
    Spelling{"SALES", Keyword::kSales},
    Spelling{"SALE", Keyword::kSales},
    Spelling{"DISCOUNT", Keyword::kDiscount},
    Spelling{"DISC", Keyword::kDiscount},
    Spelling{"SAVING", Keyword::kSaving},
    Spelling{"SAVINGS", Keyword::kSaving},
    Spelling{"SAVED", Keyword::kSaving},
    Spelling{"PROMO", Keyword::kDiscount},
    Spelling{"MARKDOWN", Keyword::kDiscount},
    Spelling{"SERVICE", Keyword::kService},
    Spelling{"SVC", Keyword::kService},
    Spelling{"SRV", Keyword::kService},
    Spelling{"SERV", Keyword::kService},
    Spelling{"CHARGE", Keyword::kCharge},
    Spelling{"CHG", Keyword::kCharge},
    Spelling{"CHRG", Keyword::kCharge},
    Spelling{"FEE", Keyword::kCharge},
    Spelling{"SURCHARGE", Keyword::kSurcharge},
    Spelling{"HOLIDAY", Keyword::kSurcharge},
    Spelling{"TIP", Keyword::kTip},
    Spelling{"TIPS", Keyword::kTip},
    Spelling{"GRATUITY", Keyword::kTip},
    Spelling{"QTY", Keyword::kQuantity},
    Spelling{"QUANTITY", Keyword::kQuantity},
    Spelling{"ITEM", Keyword::kItem},
    Spelling{"ITEMS", Keyword::kItem},
    Spelling{"PCS", Keyword::kItem},
    Spelling{"COUNT", Keyword::kCount},
    Spelling{"PRICE", Keyword::kPrice},
    Spelling{"UPRICE", Keyword::kPrice},
    Spelling{"DESCRIPTION", Keyword::kDescription},
    Spelling{"DETAILS", Keyword::kDescription},
    Spelling{"HOURS", Keyword::kQuantity},
    Spelling{"SUMMARY", Keyword::kSummary},
    Spelling{"ANALYSIS", Keyword::kSummary},
    Spelling{"CODE", Keyword::kCode},
    Spelling{"RATE", Keyword::kRate},
    Spelling{"POINTS", Keyword::kPoints},
    Spelling{"VOUCHER", Keyword::kVoucher},
    Spelling{"GIFT", Keyword::kVoucher},
    Spelling{"DEPOSIT", Keyword::kDeposit},
    Spelling{"PURCHASE", Keyword::kPurchase},
    Spelling{"REFUND", Keyword::kRefund},
    Spelling{"FOR", Keyword::kFor},
    Spelling{"AFTER", Keyword::kAfter},
};

struct Match {
  Keyword keyword;
  double cost;
};

std::optional<Match> match(std::string_view piece) {
  std::optional<Match> best;
  for (const Spelling& spelling : kSpellings) {
    const double limit = tolerance(spelling.text.size());
    const double cost = edit_distance(piece, spelling.text, limit);
    if (cost <= limit && (!best || cost < best->cost)) best = Match{spelling.keyword, cost};
  }
  return best;
}

// Two words glued into one piece ("SUBTOTAL", "GRANDTOTAL", "TOTALSALES").
bool match_glued(std::string_view piece, std::size_t token, std::vector<KeywordHit>& hits) {
  for (std::size_t cut = 3; cut + 3 <= piece.size(); ++cut) {
    const auto left = match(piece.substr(0, cut)), right = match(piece.substr(cut));
    if (!left || !right || left->cost + right->cost > 1) continue;
    hits.push_back({left->keyword, token, token + 1, left->cost});
    hits.push_back({right->keyword, token, token + 1, right->cost});
    return true;
  }
  return false;
}

}  // namespace

std::vector<KeywordHit> find_keywords(const Line& line, std::size_t first, std::size_t last) {
  std::vector<KeywordHit> hits;
  const std::vector<Piece> pieces = pieces_of(line, first, last);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (count_letters(pieces[i].text) == 0) continue;
    if (const auto found = match(pieces[i].text)) {
      hits.push_back({found->keyword, pieces[i].token, pieces[i].token + 1, found->cost});
    } else if (match_glued(pieces[i].text, pieces[i].token, hits)) {
      continue;
    } else if (i + 1 < pieces.size()) {
      // A word that the reader broke in two ("TO TAL").
      const auto joined = match(pieces[i].text + pieces[i + 1].text);
      if (!joined || joined->cost > 0.5 || pieces[i].text.size() + pieces[i + 1].text.size() < 5) continue;
      hits.push_back({joined->keyword, pieces[i].token, pieces[i + 1].token + 1, joined->cost});
      ++i;
    }
  }
  return hits;
}

bool has(const std::vector<KeywordHit>& hits, Keyword keyword) {
  return std::any_of(hits.begin(), hits.end(), [&](const KeywordHit& hit) { return hit.keyword == keyword; });
}

}  // namespace docket::fields

#include "fields/labels.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fields/pieces.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

struct Spelling {
  std::string_view text;  // folded words joined
  Label label;
};

constexpr std::array kSpellings = {
    Spelling{"INVOICEDATE", Label::kInvoiceDate},
    Spelling{"TAXINVOICEDATE", Label::kInvoiceDate},
    Spelling{"DATEOFISSUE", Label::kInvoiceDate},
    Spelling{"DATEISSUED", Label::kInvoiceDate},
    Spelling{"ISSUEDATE", Label::kInvoiceDate},
    Spelling{"ISSUED", Label::kInvoiceDate},
    Spelling{"INVDATE", Label::kInvoiceDate},
    Spelling{"INVOICEDT", Label::kInvoiceDate},
    Spelling{"RECEIPTDATE", Label::kInvoiceDate},
    Spelling{"BILLDATE", Label::kInvoiceDate},
    Spelling{"DOCDATE", Label::kInvoiceDate},
    Spelling{"DATE", Label::kDate},
    Spelling{"DATED", Label::kDate},
    Spelling{"DATETIME", Label::kDate},
    Spelling{"TARIKH", Label::kDate},
    Spelling{"TRANSACTIONDATE", Label::kDate},
    Spelling{"TRANSDATE", Label::kDate},
    Spelling{"DUEDATE", Label::kDueDate},
    Spelling{"DATEDUE", Label::kDueDate},
    Spelling{"PAYMENTDUE", Label::kDueDate},
    Spelling{"PAYBY", Label::kDueDate},
    Spelling{"DUEON", Label::kDueDate},
    Spelling{"DUEBY", Label::kDueDate},
    Spelling{"DUE", Label::kDueDate},
    Spelling{"SUPPLYDATE", Label::kSupplyDate},
    Spelling{"DATEOFSUPPLY", Label::kSupplyDate},
    Spelling{"DELIVERYDATE", Label::kSupplyDate},
    Spelling{"DATEOFSERVICE", Label::kSupplyDate},
    Spelling{"SERVICEDATE", Label::kSupplyDate},
    Spelling{"EXPIRY", Label::kOtherDate},
    Spelling{"EXPIRYDATE", Label::kOtherDate},
    Spelling{"EXPIRES", Label::kOtherDate},
    Spelling{"EXP", Label::kOtherDate},
    Spelling{"VALIDUNTIL", Label::kOtherDate},
    Spelling{"VALIDTILL", Label::kOtherDate},
    Spelling{"MEMBERSINCE", Label::kOtherDate},
    Spelling{"RETURNBY", Label::kOtherDate},
    Spelling{"RETURNSBY", Label::kOtherDate},
    Spelling{"BESTBEFORE", Label::kOtherDate},
    Spelling{"USEBY", Label::kOtherDate},
    Spelling{"WARRANTY", Label::kOtherDate},
    Spelling{"UNTIL", Label::kOtherDate},
    Spelling{"EFFECTIVE", Label::kOtherDate},
    Spelling{"DATEOFBIRTH", Label::kOtherDate},
    Spelling{"PRINTED", Label::kOtherDate},
    Spelling{"ORDERDATE", Label::kOtherDate},
    Spelling{"TIME", Label::kTime},
    Spelling{"MASA", Label::kTime},
    Spelling{"INVOICENO", Label::kInvoiceNumber},
    Spelling{"INVOICENUMBER", Label::kInvoiceNumber},
    Spelling{"INVOICENUM", Label::kInvoiceNumber},
    Spelling{"INVOICE", Label::kInvoiceNumber},
    Spelling{"INVOICEID", Label::kInvoiceNumber},
    Spelling{"INVNO", Label::kInvoiceNumber},
    Spelling{"INVNUMBER", Label::kInvoiceNumber},
    Spelling{"INV", Label::kInvoiceNumber},
    Spelling{"TAXINVOICENO", Label::kInvoiceNumber},
    Spelling{"TAXINVOICENUMBER", Label::kInvoiceNumber},
    Spelling{"CREDITNOTENO", Label::kInvoiceNumber},
    Spelling{"CREDITNOTENUMBER", Label::kInvoiceNumber},
    Spelling{"ADJUSTMENTNOTENO", Label::kInvoiceNumber},
    Spelling{"QUOTENO", Label::kInvoiceNumber},
    Spelling{"QUOTENUMBER", Label::kInvoiceNumber},
    Spelling{"STATEMENTNO", Label::kInvoiceNumber},
    Spelling{"REF", Label::kReceiptNumber},
    Spelling{"REFNO", Label::kReceiptNumber},
    Spelling{"REFERENCE", Label::kReceiptNumber},
    Spelling{"REFERENCENO", Label::kReceiptNumber},
    Spelling{"TXN", Label::kReceiptNumber},
    Spelling{"ORDER", Label::kReceiptNumber},
    Spelling{"RECEIPTNO", Label::kReceiptNumber},
    Spelling{"RECEIPTNUMBER", Label::kReceiptNumber},
    Spelling{"RECEIPT", Label::kReceiptNumber},
    Spelling{"RCPTNO", Label::kReceiptNumber},
    Spelling{"RCPT", Label::kReceiptNumber},
    Spelling{"BILLNO", Label::kReceiptNumber},
    Spelling{"BILLNUMBER", Label::kReceiptNumber},
    Spelling{"BILL", Label::kReceiptNumber},
    Spelling{"DOCNO", Label::kReceiptNumber},
    Spelling{"DOCUMENTNO", Label::kReceiptNumber},
    Spelling{"DOCUMENTNUMBER", Label::kReceiptNumber},
    Spelling{"SLIP", Label::kReceiptNumber},
    Spelling{"TRANS", Label::kReceiptNumber},
    Spelling{"TRAN", Label::kReceiptNumber},
    Spelling{"TRANSNO", Label::kReceiptNumber},
    Spelling{"TRANSACTION", Label::kReceiptNumber},
    Spelling{"TRANSACTIONNO", Label::kReceiptNumber},
    Spelling{"TICKETNO", Label::kReceiptNumber},
    Spelling{"TICKET", Label::kReceiptNumber},
    Spelling{"DOCKET", Label::kReceiptNumber},
    Spelling{"DOCKETNO", Label::kReceiptNumber},
    Spelling{"ORDERNO", Label::kReceiptNumber},
    Spelling{"ORDERNUMBER", Label::kReceiptNumber},
    Spelling{"CHECK", Label::kReceiptNumber},
    Spelling{"CHK", Label::kReceiptNumber},
    Spelling{"PURCHASEORDER", Label::kPurchaseOrder},
    Spelling{"PURCHASEORDERNO", Label::kPurchaseOrder},
    Spelling{"PURCHASEORDERNUMBER", Label::kPurchaseOrder},
    Spelling{"PONO", Label::kPurchaseOrder},
    Spelling{"PONUMBER", Label::kPurchaseOrder},
    Spelling{"YOURORDER", Label::kPurchaseOrder},
    Spelling{"YOURREF", Label::kPurchaseOrder},
    Spelling{"CUSTOMERPO", Label::kPurchaseOrder},
    Spelling{"ORIGINALINVOICE", Label::kOriginalInvoice},
    Spelling{"ORIGINALINVOICENO", Label::kOriginalInvoice},
    Spelling{"ORIGINALTAXINVOICE", Label::kOriginalInvoice},
    Spelling{"AGAINSTINVOICE", Label::kOriginalInvoice},
    Spelling{"CREDITFORINVOICE", Label::kOriginalInvoice},
    Spelling{"REFUNDFORINVOICE", Label::kOriginalInvoice},
    Spelling{"REFUNDOF", Label::kOriginalInvoice},
    Spelling{"CREDITFOR", Label::kOriginalInvoice},
    Spelling{"ORIGINALRECEIPTNO", Label::kOriginalInvoice},
    Spelling{"ORIGINALSALE", Label::kOriginalInvoice},
    Spelling{"INRELATIONTOINVOICE", Label::kOriginalInvoice},
    Spelling{"REFERSTOINVOICE", Label::kOriginalInvoice},
    Spelling{"RELATESTOINVOICE", Label::kOriginalInvoice},
    Spelling{"ORIGINALRECEIPT", Label::kOriginalInvoice},
    Spelling{"ABN", Label::kAbn},
    Spelling{"ABNNO", Label::kAbn},
    Spelling{"ABNNUMBER", Label::kAbn},
    Spelling{"AUSTRALIANBUSINESSNUMBER", Label::kAbn},
    Spelling{"ACN", Label::kAcn},
    Spelling{"ACNNO", Label::kAcn},
    Spelling{"ARBN", Label::kAcn},
    Spelling{"COREG", Label::kCompanyNumber},
    Spelling{"COREGNO", Label::kCompanyNumber},
    Spelling{"COMPANYREG", Label::kCompanyNumber},
    Spelling{"REGNO", Label::kCompanyNumber},
    Spelling{"COMPANYNO", Label::kCompanyNumber},
    Spelling{"COMPANYREGNO", Label::kCompanyNumber},
    Spelling{"CONO", Label::kCompanyNumber},
    Spelling{"GSTREFNO", Label::kCompanyNumber},
    Spelling{"GSTREGISTRATIONNO", Label::kCompanyNumber},
    Spelling{"GSTID", Label::kCompanyNumber},
    Spelling{"GSTIDNO", Label::kCompanyNumber},
    Spelling{"GSTNO", Label::kCompanyNumber},
    Spelling{"GSTREG", Label::kCompanyNumber},
    Spelling{"GSTREGNO", Label::kCompanyNumber},
    Spelling{"ROCNO", Label::kCompanyNumber},
    Spelling{"TAXREGID", Label::kCompanyNumber},
    Spelling{"TAXID", Label::kCompanyNumber},
    Spelling{"PHONE", Label::kPhone},
    Spelling{"PH", Label::kPhone},
    Spelling{"PHN", Label::kPhone},
    Spelling{"TEL", Label::kPhone},
    Spelling{"TELEPHONE", Label::kPhone},
    Spelling{"TELNO", Label::kPhone},
    Spelling{"MOBILE", Label::kPhone},
    Spelling{"MOB", Label::kPhone},
    Spelling{"CALL", Label::kPhone},
    Spelling{"FAX", Label::kFax},
    Spelling{"EMAIL", Label::kEmail},
    Spelling{"WEB", Label::kWebsite},
    Spelling{"WEBSITE", Label::kWebsite},
    Spelling{"STORE", Label::kStore},
    Spelling{"STORENO", Label::kStore},
    Spelling{"STOREID", Label::kStore},
    Spelling{"BRANCH", Label::kStore},
    Spelling{"SHOP", Label::kStore},
    Spelling{"SITE", Label::kStore},
    Spelling{"REGISTER", Label::kRegister},
    Spelling{"REG", Label::kRegister},
    Spelling{"POS", Label::kRegister},
    Spelling{"POSNO", Label::kRegister},
    Spelling{"TILL", Label::kRegister},
    Spelling{"LANE", Label::kRegister},
    Spelling{"COUNTER", Label::kRegister},
    Spelling{"TERMINAL", Label::kTerminal},
    Spelling{"TERMINALID", Label::kTerminal},
    Spelling{"OPERATOR", Label::kOperator},
    Spelling{"OPR", Label::kOperator},
    Spelling{"CASHIER", Label::kOperator},
    Spelling{"SERVER", Label::kOperator},
    Spelling{"SERVEDBY", Label::kOperator},
    Spelling{"SERVED", Label::kOperator},
    Spelling{"STAFF", Label::kOperator},
    Spelling{"CLERK", Label::kOperator},
    Spelling{"SALESPERSON", Label::kOperator},
    Spelling{"ASSISTANT", Label::kOperator},
    Spelling{"TABLE", Label::kTable},
    Spelling{"TABLENO", Label::kTable},
    Spelling{"TBL", Label::kTable},
    Spelling{"BILLTO", Label::kBillTo},
    Spelling{"BILLEDTO", Label::kBillTo},
    Spelling{"SOLDTO", Label::kBillTo},
    Spelling{"INVOICETO", Label::kBillTo},
    Spelling{"CUSTOMER", Label::kBillTo},
    Spelling{"CLIENT", Label::kBillTo},
    Spelling{"CUSTOMERNAME", Label::kBillTo},
    Spelling{"PREPAREDFOR", Label::kBillTo},
    Spelling{"RECIPIENT", Label::kBillTo},
    Spelling{"TO", Label::kBillTo},
    Spelling{"CUSTOMERCOPY", Label::kTable},
    Spelling{"CUSTOMERID", Label::kMember},
    Spelling{"CUSTOMERNO", Label::kMember},
    Spelling{"CUSTOMERNUMBER", Label::kMember},
    Spelling{"CUSTOMERSERVICE", Label::kPhone},
    Spelling{"SHIPTO", Label::kShipTo},
    Spelling{"DELIVERTO", Label::kShipTo},
    Spelling{"BSB", Label::kBsb},
    Spelling{"BSBNO", Label::kBsb},
    Spelling{"BSBNUMBER", Label::kBsb},
    Spelling{"ACCOUNT", Label::kAccountNumber},
    Spelling{"ACCOUNTNO", Label::kAccountNumber},
    Spelling{"ACCOUNTNUMBER", Label::kAccountNumber},
    Spelling{"ACC", Label::kAccountNumber},
    Spelling{"ACCNO", Label::kAccountNumber},
    Spelling{"ACCT", Label::kAccountNumber},
    Spelling{"ACCTNO", Label::kAccountNumber},
    Spelling{"BANK", Label::kAccountName},
    Spelling{"NAME", Label::kAccountName},
    Spelling{"ACCOUNTNAME", Label::kAccountName},
    Spelling{"ACCNAME", Label::kAccountName},
    Spelling{"ACCTNAME", Label::kAccountName},
    Spelling{"BILLERCODE", Label::kBpayBiller},
    Spelling{"BILLER", Label::kBpayBiller},
    Spelling{"BPAYREF", Label::kBpayReference},
    Spelling{"BPAYREFERENCE", Label::kBpayReference},
    Spelling{"CUSTOMERREFERENCE", Label::kBpayReference},
    Spelling{"TAXINVOICE", Label::kTaxInvoice},
    Spelling{"TERMS", Label::kTerms},
    Spelling{"PAYMENTTERMS", Label::kTerms},
    Spelling{"MEMBER", Label::kMember},
    Spelling{"MEMBERNO", Label::kMember},
    Spelling{"PUMP", Label::kPump},
    Spelling{"PUMPNO", Label::kPump},
};

constexpr std::size_t kMostPieces = 4;

// The spelling nearest to pieces [i, i + n) joined.
std::optional<std::pair<Label, double>> match(std::string_view joined) {
  std::optional<std::pair<Label, double>> best;
  for (const Spelling& spelling : kSpellings) {
    // "ACCOUNTING" is no misread "ACCOUNT NO": a single edit, unless the label is long.
    const double limit = std::min(tolerance(spelling.text.size()), spelling.text.size() < 10 ? 1.0 : 1.5);
    const double cost = edit_distance(joined, spelling.text, limit);
    if (cost <= limit && (!best || cost < best->second)) best = {spelling.label, cost};
  }
  return best;
}

}  // namespace

std::vector<LabelHit> find_labels(const Line& line) {
  std::vector<LabelHit> hits;
  const std::vector<Piece> pieces = pieces_of(line, 0, line.tokens.size());
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t taken = 0;
    std::string joined;
    std::optional<std::pair<Label, double>> best;
    for (std::size_t n = 1; n <= kMostPieces && i + n <= pieces.size(); ++n) {
      joined += pieces[i + n - 1].text;
      const auto found = match(joined);
      // A longer label wins unless it reads worse than what it extends.
      if (found && (!best || found->second <= best->second + 0.5)) best = found, taken = n;
    }
    // "INV-37827" is a number that begins like a label.
    if (best && count_digits(line.tokens[pieces[i + taken - 1].token].text) >= 3) best.reset();
    if (!best) {
      ++i;
      continue;
    }
    hits.push_back({best->first, pieces[i].token, pieces[i + taken - 1].token + 1, best->second});
    i += taken;
  }
  return hits;
}

std::optional<ValuePlace> right_of(const Layout& layout, std::size_t line, const std::vector<LabelHit>& hits,
                                   std::size_t hit) {
  const std::size_t begin = hits[hit].last;
  std::size_t end = layout.lines[line].tokens.size();
  for (const LabelHit& other : hits) {
    if (other.first >= begin) end = std::min(end, other.first);
  }
  std::size_t first = begin;
  while (first < end && fold(layout.lines[line].tokens[first].text).empty()) ++first;
  if (first >= end) return std::nullopt;
  return ValuePlace{line, first, end, false};
}

std::optional<ValuePlace> below(const Layout& layout, std::size_t line, const LabelHit& hit) {
  const Line& label_line = layout.lines[line];
  const page::Box label = box_of(label_line, hit.first, hit.last);
  double distance = 0;
  for (std::size_t next = line + 1; next < layout.lines.size() && next <= line + 2; ++next) {
    const Line& under = layout.lines[next];
    distance += under.gap_above;
    if (under.page != label_line.page || distance > 3.5) break;
    for (const Cell& cell : under.cells) {
      const page::Box box = box_of(under, cell.first, cell.last);
      const double shared = std::min(box.x1, label.x1) - std::max(box.x0, label.x0);
      if (shared > 0.3 * std::min(box.width(), label.width())) return ValuePlace{next, cell.first, cell.last, true};
    }
  }
  return std::nullopt;
}

std::optional<PhraseHit> find_phrase(const Line& line, std::string_view phrase) {
  const std::string wanted = fold_letters(phrase);
  const double limit = tolerance(wanted.size());
  const std::vector<Piece> pieces = pieces_of(line, 0, line.tokens.size());
  std::optional<PhraseHit> best;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string joined;
    for (std::size_t n = i; n < pieces.size() && joined.size() <= wanted.size() + 2; ++n) {
      joined += pieces[n].text;
      const double cost = edit_distance(joined, wanted, limit);
      if (cost <= limit && (!best || cost < best->cost)) best = PhraseHit{pieces[i].token, pieces[n].token + 1, cost};
    }
  }
  return best;
}

}  // namespace docket::fields

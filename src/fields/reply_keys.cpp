#include "fields/reply_keys.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "rules/text.h"

namespace docket::fields {
namespace {

struct Names {
  std::string_view key;
  std::string_view labels;  // as label_words joined by a space, separated by '|'
};

// The schema's own names need no row. The last rows are what other languages print for the five that matter most.
constexpr std::array kNames = {
    Names{"document_type", "type|document|type document|doc type|document kind|kind document|kind|classification"},
    Names{"supplier_name",
          "store|store name|shop|shop name|supplier|merchant|merchant name|vendor|vendor name|seller|seller name|"
          "business|business name|company|company name|retailer|retailer name|name store|name business|"
          "name company|name supplier|name shop|name merchant|name retailer|name seller|name vendor|issuer|issuer name|"
          "biller name|provider|service provider|restaurant|restaurant name|cafe|cafe name|store name supplier "
          "name|trader|establishment|"
          "establishment name|from|name establishment|name restaurant|name cafe"},
    Names{"supplier_trading_name", "trading name|trading as|trades as|t as|name trading"},
    Names{
        "supplier_abn",
        "abn|abn number|abn no|australian business number|australian business number abn|abn australian business "
        "number|supplier abn number|"
        "store abn|business abn|merchant abn|vendor abn|seller abn|company abn|business number|abn supplier|abn store|"
        "abn business|abn seller|abn merchant|abn company|supplier australian business number|tax id|shop abn|"
        "retailer abn|issuer abn"},
    Names{"supplier_gst_branch", "gst branch|branch number|gst branch number"},
    Names{"supplier_acn", "acn|acn number|acn no|australian company number|australian company number acn"},
    Names{
        "supplier_address",
        "address|store address|shop address|business address|merchant address|vendor address|company address|location|"
        "store location|address store|address business|address supplier|seller address|supplier location|"
        "merchant location"},
    Names{"supplier_phone",
          "phone|phone number|telephone|telephone number|tel|ph|contact number|store phone|phone no|contact phone|"
          "store phone number|supplier phone number|business phone|merchant phone|telephone no"},
    Names{"supplier_email", "email|e mail|email address|store email|contact email|business email"},
    Names{"supplier_website", "website|web|web address|web site|url|store website|site"},
    Names{"store_id", "store number|store no|store id|store code|shop number|branch id"},
    Names{"register_id",
          "register|register number|register no|till|till number|terminal|terminal id|terminal number|"
          "pos|lane|terminal no|register id"},
    Names{"operator",
          "cashier|served by|operator name|staff|server|clerk|operator id|cashier name|attendant|"
          "your server|sales person|salesperson"},
    Names{"invoice_number",
          "invoice|invoice no|invoice id|tax invoice|tax invoice number|tax invoice no|receipt|receipt number|receipt "
          "no|receipt id|"
          "number invoice|docket number|docket no|transaction number|transaction no|transaction id|reference number|"
          "ref no|reference no|reference|ref|document number|document no|bill number|bill no|invoice receipt number|"
          "sale number|trans no|inv no|inv|invoice ref|invoice reference|number receipt|credit note number|"
          "credit note no|quote number|quote no|statement number"},
    Names{"purchase_order",
          "po|po number|purchase order number|purchase order no|order number|order no|order|po no|customer order"},
    Names{"invoice_date",
          "date|date issue|issue date|date issued|issued|issued on|dated|receipt date|purchase date|date purchase|"
          "transaction date|date transaction|document date|sale date|date sale|tax invoice date|date invoice|bill "
          "date|billing date|date receipt|purchased on|date printed|invoice dated|docket date|order date|quote date|"
          "statement date|date tax invoice|date document|date docket"},
    Names{"invoice_time",
          "time|time purchase|time transaction|transaction time|purchase time|receipt time|time issue|"
          "time sale|sale time|time issued|time printed|time receipt|time day"},
    Names{"supply_date", "date supply|delivery date|service date|date service|date delivery|delivered on|supplied on"},
    Names{"due_date",
          "due|due by|payment due|payment due date|date due|pay by|due on|payment due by|due date payment|"
          "date payment due"},
    Names{"buyer_name",
          "buyer|customer|customer name|client|client name|bill to|billed to|sold to|invoice to|purchaser|"
          "recipient|recipient name|name customer|name buyer|attention|guest|guest name|invoiced to|buyer recipient"},
    Names{"buyer_abn",
          "customer abn|client abn|recipient abn|purchaser abn|abn customer|abn buyer|abn client|"
          "your abn|abn recipient|customer abn number|buyer abn number"},
    Names{"buyer_address", "customer address|client address|billing address|delivery address|ship to|bill to address"},
    Names{"currency", "currency code|currency used"},
    Names{"subtotal",
          "sub total|subtotal excl gst|subtotal ex gst|subtotal excluding gst|total excl gst|total excluding gst|total "
          "ex gst|net|net total|net amount|total before gst|total before tax|amount excl gst|amount excluding gst|"
          "subtotal amount|sub total amount|price excluding gst|amount before gst|amount ex gst|subtotal before gst|"
          "total exc gst|total exclusive gst|total excl tax|total excluding tax|sub total excl gst|sub total ex "
          "gst|total amount "
          "excluding gst|total amount before gst|total amount excl gst|total amount ex gst"},
    Names{"discount_total",
          "discount|discounts|total discount|discount amount|savings|total savings|you saved|less discount|discounts "
          "total"},
    Names{"surcharge_total",
          "surcharge|surcharge amount|card surcharge|credit card surcharge|total surcharge|public "
          "holiday surcharge|weekend surcharge|surcharges|card fee"},
    Names{"tip", "gratuity|tips|tip amount"},
    Names{"gst_amount",
          "gst|total gst|gst total|gst included|gst component|tax|tax amount|total tax|goods and services tax|gst "
          "tax|gst inc|gst incl|includes gst|including gst|included gst|gst included total|gst charged|gst paid|gst "
          "value|goods and services tax gst|gst goods and services tax|gst payable|sales tax|gst amount included|"
          "incl gst|inc gst|amount gst|plus gst|gst portion|tax gst|total includes gst|gst included amount|total gst "
          "amount|"
          "gst content|gst tax amount|gst incl total|total gst included"},
    Names{"total_amount",
          "total|grand total|total due|amount total|total inc gst|total incl gst|total including gst|total inclusive "
          "gst|total amount due|total amount payable|total payable|total price|total amount incl gst|total amount inc "
          "gst|total amount including gst|total paid|total amount paid|total cost|final total|invoice total|receipt "
          "total|order total|amount payable|total incl|total including tax|total inc|sale total|bill total|overall "
          "total|total value|total sale|total charge|total charged|total amount charged|total bill|"
          "total inclusive|total amount owing|total owing|amount including gst|amount incl gst|amount inc gst|final "
          "amount|total invoice|total purchase|"
          "total amount receipt|total amount purchase|total amount invoice|total credit|credit total|total refund|"
          "refund total|refund amount|quote total|total quote"},
    Names{"cash_rounding", "rounding|rounding amount|rounded"},
    Names{"amount_paid",
          "paid|amount tendered|tendered|cash tendered|tender|cash paid|payment amount|amount received|"
          "payment received|cash received"},
    Names{"amount_due",
          "balance due|balance|outstanding|amount outstanding|balance owing|amount owing|amount left|"
          "outstanding balance|closing balance"},
    Names{"change", "change given|change due|cash change|change amount|change returned"},
    Names{"bank_bsb", "bsb|bsb number|bsb no"},
    Names{"bank_account", "account number|account no|bank account number|acc no|account|acct no"},
    Names{"bank_account_name", "account name|name account"},
    Names{"bpay_biller", "bpay biller code|biller code|biller|bpay biller number"},
    Names{"bpay_ref", "bpay reference|bpay reference number|bpay crn|crn"},
    Names{"original_invoice_number",
          "original invoice|original invoice no|credited invoice|invoice credited|original "
          "receipt|original receipt number|relates invoice|against invoice"},
    Names{"fuel_grade", "fuel|fuel type|grade|type fuel|fuel grade type"},
    Names{"litres", "volume|liters|quantity litres|litres volume|total litres|fuel quantity|number litres|fuel volume"},
    Names{"price_per_litre",
          "price litre|price per liter|unit price per litre|per litre|litre price|rate per litre|"
          "price per l|fuel price"},
    Names{"payment_method",
          "payment|payment type|method payment|payment mode|paid by|paid with|tender type|payment "
          "methods|paid via|payment by|paid using|mode payment|type payment|card type"},
    Names{"card_last4",
          "card|card number|last four digits|card ending|card last four|last four digits card|card no|"
          "last digits card|card ending in|last 4 digits|card last 4|last 4 digits card"},
    Names{"line_items.description",
          "items|item|description|descriptions|item description|product|products|line items|items purchased|items "
          "bought|purchased items|item name|article|item descriptions|service|services|goods|product name|lines"},
    Names{"line_items.quantity", "qty|quantity|quantities|item quantity|item quantities|units|count"},
    Names{"line_items.unit_price",
          "unit price|price|prices|rate|price each|unit cost|item price|item prices|price per unit|each|unit prices|"
          "price per item"},
    Names{"line_items.amount",
          "amount|amounts|line total|item total|line amount|line totals|item amount|total price "
          "item|extended price|line item total|item amounts"},
    Names{"supplier_name", "tienda|comercio|magasin|commerce|geschaft|handler|negozio|proveedor|fournisseur"},
    Names{"invoice_date", "fecha|datum|data|fecha factura|rechnungsdatum"},
    Names{"invoice_time", "hora|heure|uhrzeit|ora"},
    Names{"total_amount",
          "importe total|montant total|gesamtbetrag|gesamtsumme|totale|summe|total pagar|monto total|"
          "total ttc|jumlah|totaal|total geral"},
    Names{"gst_amount", "iva|tva|mwst|impuesto|mehrwertsteuer|impuesto gst"},
    Names{"subtotal", "zwischensumme|sous total|subtotale"},
    Names{"invoice_number", "rechnungsnummer|numero factura|numero facture|factura|facture"},
};

constexpr std::array<std::string_view, 4> kItemColumns = {"line_items.description", "line_items.quantity",
                                                          "line_items.unit_price", "line_items.amount"};

const std::unordered_map<std::string, std::string_view>& table() {
  static const auto built = [] {
    std::unordered_map<std::string, std::string_view> out;
    const auto put = [&](const std::vector<std::string>& words, std::string_view key) {
      std::string joined;
      for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
      out.emplace(joined, key);
    };
    for (int i = 0; i < static_cast<int>(FieldId::kCount); ++i) {
      const std::string_view name = to_string(static_cast<FieldId>(i));
      put(label_words(name), name);
    }
    for (const std::string_view name : {std::string_view("payment_method"), std::string_view("card_last4")}) {
      put(label_words(name), name);
    }
    for (const std::string_view name : kItemColumns) put(label_words(name), name);
    for (const Names& row : kNames) {
      std::string_view rest = row.labels;
      while (!rest.empty()) {
        const std::size_t bar = std::min(rest.find('|'), rest.size());
        put(label_words(rest.substr(0, bar)), row.key);
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
    }
    return out;
  }();
  return built;
}

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool small(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

ValueForm value_form(std::string_view key) {
  if (key == "line_items.quantity") return ValueForm::kCount;
  if (key == "line_items.unit_price" || key == "line_items.amount") return ValueForm::kMoney;
  const auto field = field_id(key);
  if (!field) return ValueForm::kText;
  switch (*field) {
    case FieldId::kSubtotal:
    case FieldId::kDiscountTotal:
    case FieldId::kSurchargeTotal:
    case FieldId::kTip:
    case FieldId::kGstAmount:
    case FieldId::kTotalAmount:
    case FieldId::kCashRounding:
    case FieldId::kAmountPaid:
    case FieldId::kAmountDue:
    case FieldId::kChange:
      return ValueForm::kMoney;
    case FieldId::kLitres:
    case FieldId::kPricePerLitre:
      return ValueForm::kRate;
    case FieldId::kSupplierAbn:
    case FieldId::kBuyerAbn:
      return ValueForm::kAbn;
    case FieldId::kInvoiceDate:
    case FieldId::kSupplyDate:
    case FieldId::kDueDate:
      return ValueForm::kDate;
    case FieldId::kInvoiceTime:
      return ValueForm::kTime;
    case FieldId::kDocumentType:
      return ValueForm::kDocumentType;
    case FieldId::kTaxInvoiceWording:
    case FieldId::kGstStatement:
      return ValueForm::kYesNo;
    default:
      return ValueForm::kText;
  }
}

bool has_shape(ValueForm form) {
  return form != ValueForm::kText && form != ValueForm::kDocumentType && form != ValueForm::kYesNo;
}

bool is_filler(std::string_view word) {
  constexpr std::array<std::string_view, 10> kFillers = {"the", "a", "an", "of",      "aud",
                                                         "au",  "s", "10", "percent", "this"};
  return std::find(kFillers.begin(), kFillers.end(), word) != kFillers.end();
}

std::vector<std::string> label_words(std::string_view label) {
  std::string parted;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool hump = i > 0 && upper(label[i]) && small(label[i - 1]);
    if (hump) parted += ' ';
    parted += label[i];
  }
  std::vector<std::string> words = rules::words_of(parted);
  std::vector<std::string> kept;
  for (std::string& word : words) {
    if (!is_filler(word)) kept.push_back(std::move(word));
  }
  return kept;
}

std::optional<std::string_view> key_of_words(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > kMostLabelWords) return std::nullopt;
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  const auto found = table().find(joined);
  if (found == table().end()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> key_of_label(std::string_view label) {
  if (label.size() > 80) return std::nullopt;
  return key_of_words(label_words(label));
}

std::optional<std::string_view> key_of_loose_label(std::string_view label) {
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

bool says_buyer(std::string_view words) {
  const std::string lower = rules::lower(words);
  return lower.find("customer") != std::string::npos || lower.find("buyer") != std::string::npos ||
         lower.find("client") != std::string::npos || lower.find("bill") != std::string::npos ||
         lower.find("recipient") != std::string::npos;
}

}  // namespace docket::fields

#include <algorithm>
#include <cmath>
#include <pugixml.hpp>
#include <sstream>

#include "core/base/utf8.h"
#include "store/export.h"

namespace docket::store {
namespace {

using pugi::xml_node;
using rules::Cents;

constexpr const char* kCommon = "urn:oasis:names:specification:ubl:schema:xsd:Common";
constexpr const char* kAbnScheme = "0151";  // the Australian Business Number in Peppol's list of identifiers
constexpr std::int64_t kOne = 10'000;       // in ten-thousandths

struct Category {
  const char* code;  // of ours
  const char* id;    // UNCL5305
  const char* percent;
  const char* reason;  // why there is no GST, where the form asks for it
};
constexpr Category kCategories[] = {{"GST", "S", "10", ""},
                                    {"FRE", "Z", "0", ""},
                                    {"INP", "E", "0", "Input taxed"},
                                    {"EXP", "G", "0", "Export"},
                                    {"NTR", "O", "", "Outside the scope of GST"}};

const Category* category_of(const std::string& code) {
  const auto* found =
      std::find_if(std::begin(kCategories), std::end(kCategories), [&](const Category& c) { return c.code == code; });
  return found == std::end(kCategories) ? nullptr : found;
}

xml_node add(xml_node parent, const char* name) { return parent.append_child(name); }
xml_node add(xml_node parent, const char* name, const std::string& text) {
  xml_node node = parent.append_child(name);
  node.text().set(repair_utf8(text).c_str());
  return node;
}

class Writer {
 public:
  Writer(const Purchase& purchase, const Buyer& buyer) : purchase_(purchase), buyer_(buyer) {}
  std::string text();

 private:
  Cents sign() const { return purchase_.credit ? -1 : 1; }  // a credit note's amounts are positive
  Cents net(const PurchaseLine& line) const { return sign() * (line.amount_cents - line.gst_cents); }
  void amount(xml_node parent, const char* name, Cents cents) const {
    add(parent, name, rules::format_cents(cents)).append_attribute("currencyID") = purchase_.currency.c_str();
  }
  void header(xml_node root) const;
  static void party(xml_node role, const std::string& name, const std::string& abn);
  static void category(xml_node parent, const char* name, const Category& category, bool with_reason);
  void taxes(xml_node root) const;
  void totals(xml_node root) const;
  void line(xml_node root, const PurchaseLine& line, int number) const;

  const Purchase& purchase_;
  const Buyer& buyer_;
};

void Writer::header(xml_node root) const {
  add(root, "cbc:CustomizationID", "urn:peppol:pint:billing-1@aunz-1");
  add(root, "cbc:ProfileID", "urn:peppol:bis:billing");
  add(root, "cbc:ID", purchase_.number);
  add(root, "cbc:IssueDate", to_iso(purchase_.date));
  if (!purchase_.credit) add(root, "cbc:DueDate", to_iso(purchase_.due_date));
  add(root, purchase_.credit ? "cbc:CreditNoteTypeCode" : "cbc:InvoiceTypeCode", purchase_.credit ? "381" : "380");
  add(root, "cbc:DocumentCurrencyCode", purchase_.currency);
  add(root, "cbc:BuyerReference", purchase_.reference);
}

void Writer::party(xml_node role, const std::string& name, const std::string& abn) {
  xml_node party = add(role, "cac:Party");
  add(party, "cbc:EndpointID", abn).append_attribute("schemeID") = kAbnScheme;
  add(add(party, "cac:PartyName"), "cbc:Name", name);
  add(add(add(party, "cac:PostalAddress"), "cac:Country"), "cbc:IdentificationCode", "AU");
  xml_node tax = add(party, "cac:PartyTaxScheme");
  add(tax, "cbc:CompanyID", abn);
  add(add(tax, "cac:TaxScheme"), "cbc:ID", "GST");
  xml_node legal = add(party, "cac:PartyLegalEntity");
  add(legal, "cbc:RegistrationName", name);
  add(legal, "cbc:CompanyID", abn).append_attribute("schemeID") = kAbnScheme;
}

void Writer::category(xml_node parent, const char* name, const Category& category, bool with_reason) {
  xml_node node = add(parent, name);
  add(node, "cbc:ID", category.id);
  if (*category.percent != '\0') add(node, "cbc:Percent", category.percent);
  if (with_reason && *category.reason != '\0') add(node, "cbc:TaxExemptionReason", category.reason);
  add(add(node, "cac:TaxScheme"), "cbc:ID", "GST");
}

void Writer::taxes(xml_node root) const {
  xml_node total = add(root, "cac:TaxTotal");
  amount(total, "cbc:TaxAmount", sign() * purchase_.gst_cents);
  for (const Category& one : kCategories) {
    Cents taxable = 0, tax = 0;
    bool used = false;
    for (const PurchaseLine& line : purchase_.lines) {
      if (line.gst_code != one.code || line.cash_rounding) continue;
      used = true;
      taxable += net(line);
      tax += sign() * line.gst_cents;
    }
    if (!used) continue;
    xml_node part = add(total, "cac:TaxSubtotal");
    amount(part, "cbc:TaxableAmount", taxable);
    amount(part, "cbc:TaxAmount", tax);
    category(part, "cac:TaxCategory", one, true);
  }
}

// Cash rounding has a place of its own in this form and is no line.
void Writer::totals(xml_node root) const {
  Cents net_sum = 0, rounding = 0;
  for (const PurchaseLine& line : purchase_.lines) (line.cash_rounding ? rounding : net_sum) += net(line);
  xml_node totals = add(root, "cac:LegalMonetaryTotal");
  amount(totals, "cbc:LineExtensionAmount", net_sum);
  amount(totals, "cbc:TaxExclusiveAmount", net_sum);
  amount(totals, "cbc:TaxInclusiveAmount", net_sum + sign() * purchase_.gst_cents);
  if (rounding != 0) amount(totals, "cbc:PayableRoundingAmount", rounding);
  amount(totals, "cbc:PayableAmount", sign() * purchase_.total_cents);
}

void Writer::line(xml_node root, const PurchaseLine& line, int number) const {
  const Category* const tax = category_of(line.gst_code);
  const Cents amount_net = net(line);
  // A price is never negative; what is taken off has a negative quantity.
  std::int64_t quantity = std::abs(line.quantity_e4);
  std::int64_t price = quantity == 0
                           ? 0
                           : std::llround(100.0 * static_cast<double>(kOne) *
                                          static_cast<double>(std::abs(amount_net)) / static_cast<double>(quantity));
  if (rules::extended_price(quantity, price) != std::abs(amount_net)) {
    quantity = kOne;
    price = std::abs(amount_net) * 100;
  }
  if (amount_net < 0) quantity = -quantity;
  xml_node node = add(root, purchase_.credit ? "cac:CreditNoteLine" : "cac:InvoiceLine");
  add(node, "cbc:ID", std::to_string(number));
  add(node, purchase_.credit ? "cbc:CreditedQuantity" : "cbc:InvoicedQuantity", rules::format_rate(quantity))
      .append_attribute("unitCode") = "C62";
  amount(node, "cbc:LineExtensionAmount", amount_net);
  xml_node item = add(node, "cac:Item");
  add(item, "cbc:Name", line.description);
  category(item, "cac:ClassifiedTaxCategory", *tax, false);
  add(add(node, "cac:Price"), "cbc:PriceAmount", rules::format_rate(price)).append_attribute("currencyID") =
      purchase_.currency.c_str();
}

std::string Writer::text() {
  pugi::xml_document document;
  xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  xml_node root = document.append_child(purchase_.credit ? "CreditNote" : "Invoice");
  const std::string schema = "urn:oasis:names:specification:ubl:schema:xsd:";
  root.append_attribute("xmlns") = (schema + root.name() + "-2").c_str();
  root.append_attribute("xmlns:cac") = (std::string(kCommon) + "AggregateComponents-2").c_str();
  root.append_attribute("xmlns:cbc") = (std::string(kCommon) + "BasicComponents-2").c_str();
  header(root);
  party(add(root, "cac:AccountingSupplierParty"), purchase_.supplier, purchase_.supplier_abn);
  party(add(root, "cac:AccountingCustomerParty"), buyer_.name, buyer_.abn);
  taxes(root);
  totals(root);
  int number = 0;
  for (const PurchaseLine& one : purchase_.lines) {
    if (!one.cash_rounding) line(root, one, ++number);
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace

Result<std::string> ubl_text(const Purchase& purchase, const Buyer& buyer) {
  const auto lacks = [&](const char* what) {
    return make_error(ErrorCode::kInvalidArgument, std::string("lacks ") + what + ", which an e-invoice must have",
                      purchase.file);
  };
  if (purchase.supplier_abn.empty()) return lacks("the supplier's ABN");
  if (purchase.number.empty()) return lacks("an invoice number");
  for (const PurchaseLine& line : purchase.lines) {
    if (category_of(line.gst_code) == nullptr) return lacks("the GST treatment of a line");
  }
  return Writer(purchase, buyer).text();
}

}  // namespace docket::store

#include <array>

#include "core/base/check.h"
#include "fields/fields.h"

namespace docket::fields {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(FieldId::kCount)> kNames = {
    "document_type",
    "tax_invoice_wording",
    "supplier_name",
    "supplier_trading_name",
    "supplier_abn",
    "supplier_gst_branch",
    "supplier_acn",
    "supplier_address",
    "supplier_phone",
    "supplier_email",
    "supplier_website",
    "store_id",
    "register_id",
    "operator",
    "invoice_number",
    "purchase_order",
    "invoice_date",
    "invoice_time",
    "supply_date",
    "due_date",
    "buyer_name",
    "buyer_abn",
    "buyer_address",
    "currency",
    "subtotal",
    "discount_total",
    "surcharge_total",
    "tip",
    "gst_amount",
    "gst_statement",
    "total_amount",
    "cash_rounding",
    "amount_paid",
    "amount_due",
    "change",
    "bank_bsb",
    "bank_account",
    "bank_account_name",
    "bpay_biller",
    "bpay_ref",
    "original_invoice_number",
    "fuel_grade",
    "litres",
    "price_per_litre",
};

}  // namespace

std::string_view to_string(FieldId id) {
  const auto index = static_cast<std::size_t>(id);
  CHECK(index < kNames.size(), "field %zu", index);
  return kNames[index];
}

std::optional<FieldId> field_id(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<FieldId>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Reader reader) {
  switch (reader) {
    case Reader::kNone:
      return "none";
    case Reader::kOcr:
      return "ocr";
    case Reader::kTextLayer:
      return "text_layer";
    case Reader::kVlm:
      return "vlm";
  }
  return "none";
}

namespace {

constexpr std::array<std::string_view, 6> kSettledBy = {"nobody",   "one_reader", "agreement",
                                                        "checksum", "arithmetic", "score"};

}  // namespace

std::string_view to_string(SettledBy by) { return kSettledBy.at(static_cast<std::size_t>(by)); }

std::optional<SettledBy> settled_by(std::string_view name) {
  for (std::size_t i = 0; i < kSettledBy.size(); ++i) {
    if (kSettledBy[i] == name) return static_cast<SettledBy>(i);
  }
  return std::nullopt;
}

}  // namespace docket::fields

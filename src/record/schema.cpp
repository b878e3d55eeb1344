#include "record/schema.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace docket::record {
namespace {

using enum fields::FieldId;
using enum Kind;

constexpr std::array kSchema = {
    FieldSpec{"document_type", kEnum, kDocumentType},
    FieldSpec{"tax_invoice_wording", kBool, kTaxInvoiceWording},
    FieldSpec{"supplier_name", kText, kSupplierName},
    FieldSpec{"supplier_trading_name", kText, kSupplierTradingName},
    FieldSpec{"supplier_abn", kDigits, kSupplierAbn},
    FieldSpec{"supplier_gst_branch", kDigits, kSupplierGstBranch},
    FieldSpec{"supplier_acn", kDigits, kSupplierAcn},
    FieldSpec{"supplier_address", kAddress, kSupplierAddress},
    FieldSpec{"supplier_phone", kPhone, kSupplierPhone},
    FieldSpec{"supplier_email", kText, kSupplierEmail},
    FieldSpec{"supplier_website", kText, kSupplierWebsite},
    FieldSpec{"store_id", kText, kStoreId},
    FieldSpec{"register_id", kText, kRegisterId},
    FieldSpec{"operator", kText, kOperator},
    FieldSpec{"invoice_number", kText, kInvoiceNumber},
    FieldSpec{"purchase_order", kText, kPurchaseOrder},
    FieldSpec{"invoice_date", kDate, kInvoiceDate},
    FieldSpec{"invoice_time", kTime, kInvoiceTime},
    FieldSpec{"supply_date", kDate, kSupplyDate},
    FieldSpec{"due_date", kDate, kDueDate},
    FieldSpec{"buyer_name", kText, kBuyerName},
    FieldSpec{"buyer_abn", kDigits, kBuyerAbn},
    FieldSpec{"buyer_address", kAddress, kBuyerAddress},
    FieldSpec{"currency", kEnum, kCurrency},
    FieldSpec{"subtotal", kCents, kSubtotal},
    FieldSpec{"discount_total", kCents, kDiscountTotal},
    FieldSpec{"surcharge_total", kCents, kSurchargeTotal},
    FieldSpec{"tip", kCents, kTip},
    FieldSpec{"gst_amount", kCents, kGstAmount},
    FieldSpec{"gst_statement", kBool, kGstStatement},
    FieldSpec{"prices_include_gst", kBool, std::nullopt},
    FieldSpec{"taxable_total", kCents, std::nullopt},
    FieldSpec{"gst_free_total", kCents, std::nullopt},
    FieldSpec{"total_amount", kCents, kTotalAmount},
    FieldSpec{"cash_rounding", kCents, kCashRounding},
    FieldSpec{"amount_paid", kCents, kAmountPaid},
    FieldSpec{"amount_due", kCents, kAmountDue},
    FieldSpec{"change", kCents, kChange},
    FieldSpec{"bank_bsb", kText, kBankBsb},
    FieldSpec{"bank_account", kText, kBankAccount},
    FieldSpec{"bank_account_name", kText, kBankAccountName},
    FieldSpec{"bpay_biller", kText, kBpayBiller},
    FieldSpec{"bpay_ref", kText, kBpayRef},
    FieldSpec{"original_invoice_number", kText, kOriginalInvoiceNumber},
    FieldSpec{"fuel_grade", kText, kFuelGrade},
    FieldSpec{"litres", kDecimal, kLitres},
    FieldSpec{"price_per_litre", kDecimal, kPricePerLitre},
    FieldSpec{"financial_year", kText, std::nullopt},
    FieldSpec{"bas_quarter", kText, std::nullopt},
    FieldSpec{"expense_category", kEnum, std::nullopt},
    FieldSpec{"duplicate_key", kText, std::nullopt},
};

}  // namespace

std::span<const FieldSpec> schema() { return kSchema; }

const FieldSpec& field_spec(std::string_view name) {
  const auto* const hit =
      std::find_if(kSchema.begin(), kSchema.end(), [&](const FieldSpec& spec) { return spec.name == name; });
  CHECK(hit != kSchema.end(), "%.*s is not a field of the record", static_cast<int>(name.size()), name.data());
  return *hit;
}

}  // namespace docket::record

// The requirements TI-1 to TI-10, EV-1, WH-1 and AN-1, each with its wording, and the verdict over them.
// Source: GST Act s 29-70 and s 54-50, GSTR 2013/1; the table with ids is docs/formats/record.md.
#include "record/requirements.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "record/steps.h"
#include "record/typed.h"
#include "rules/abn.h"
#include "rules/date.h"
#include "rules/document_type.h"

namespace docket::record {
namespace {

using rules::DocumentType;
using rules::format_cents_display;

Check make_check(std::string id, CheckResult result, std::string message) {
  return {std::move(id), result, std::move(message), {}, 0};
}

Check make_check(std::string id, CheckResult result, std::string message, const Value& about) {
  return {std::move(id), result, std::move(message), evidence_of(about), about.confidence};
}

// The box is in the check's evidence, which is mapped to the viewer's picture together with all other boxes.
std::string place_of(const Value& value) { return value.page == 0 ? "" : " on page " + std::to_string(value.page); }

// Flags that say "somebody should look": a repaired or conflicting reading. An ambiguous date is one only where nothing
// says that the paper is Australian.
bool is_doubtful(const Record& record, const Value& value) {
  static constexpr std::array<std::string_view, 6> kDoubtful = {
      "letters_repaired", "repaired_letters", "european", "repaired_confirmed", "weekday_conflict", "dot_thousands"};
  const bool repaired = std::any_of(value.flags.begin(), value.flags.end(), [](const std::string& flag) {
    return std::find(kDoubtful.begin(), kDoubtful.end(), flag) != kDoubtful.end();
  });
  return repaired || (rules::has_flag(value.flags, "ambiguous") && !present(record, "supplier_abn"));
}

class Judge {
 public:
  Judge(const Record& record, const Context& context, std::optional<rules::Band> band)
      : record_(record),
        context_(context),
        band_(band),
        type_(rules::document_type(record.document_type).value_or(DocumentType::kOther)) {}

  Check tax_invoice_words() const;
  Check supplier() const;
  Check supplier_abn() const;
  Check date_issued() const;
  Check what_was_sold() const;
  Check gst_shown() const;
  Check extent_taxable() const;
  Check buyer() const;
  Check rcti() const;
  Check branch() const;
  Check evidence() const;
  Check withholding() const;
  Check adjustment_note() const;

 private:
  const Value& value(std::string_view name) const { return field(record_, name); }
  // PASS, or REVIEW when the value is doubtful or unsure.
  Check sure(std::string id, std::string message, const Value& about) const {
    const bool unsure = about.confidence < context_.review_below || is_doubtful(record_, about);
    return make_check(std::move(id), unsure ? CheckResult::kReview : CheckResult::kPass, std::move(message), about);
  }

  const Record& record_;
  const Context& context_;
  std::optional<rules::Band> band_;
  DocumentType type_;
};

Check Judge::tax_invoice_words() const {
  const std::string id = "TI-1";
  if (rules::is_credit(type_)) {
    return make_check(id, CheckResult::kNotApplicable, "A credit or adjustment note is judged by AN-1");
  }
  if (rules::never_tax_invoice(type_)) {
    return make_check(id, CheckResult::kFail, "This is a " + record_.document_type + ", not a tax invoice",
                      value("document_type"));
  }
  const Value& words = value("tax_invoice_wording");
  if (words.value == "true") {
    return make_check(id, CheckResult::kPass, "Words 'Tax invoice' found" + place_of(words), words);
  }
  if (type_ == DocumentType::kTaxInvoice || type_ == DocumentType::kRcti) {
    return sure(id, "Words 'Tax invoice' found" + place_of(value("document_type")), value("document_type"));
  }
  if (type_ == DocumentType::kInvoice && present(record_, "supplier_abn") && present(record_, "gst_amount")) {
    return make_check(id, CheckResult::kReview,
                      "An invoice with ABN and GST, but no statement that this is a tax invoice",
                      value("document_type"));
  }
  return make_check(id, CheckResult::kFail, "No statement that this is a tax invoice; ask the supplier");
}

Check Judge::supplier() const {
  for (const std::string_view name : {"supplier_name", "supplier_trading_name"}) {
    if (present(record_, name)) return sure("TI-2", "Supplier: " + text_of(record_, name), value(name));
  }
  return make_check("TI-2", CheckResult::kFail, "Supplier not identified", value("supplier_name"));
}

Check Judge::supplier_abn() const {
  const Value& abn = value("supplier_abn");
  if (abn.value) return sure("TI-3", "ABN " + rules::format_abn(*abn.value) + ", checksum valid", abn);
  if (abn.absent_reason == "bad_checksum") {
    return make_check("TI-3", CheckResult::kFail, "ABN " + abn.raw + " fails checksum, likely misread or mistyped",
                      abn);
  }
  return make_check("TI-3", CheckResult::kFail, "ABN missing", abn);
}

Check Judge::date_issued() const {
  const Value& issued = value("invoice_date");
  const auto date = date_of(record_, "invoice_date");
  if (!date) return make_check("TI-4", CheckResult::kFail, "No readable date", issued);
  if (rules::is_future(*date, context_.today)) {
    return make_check("TI-4", CheckResult::kFail, "Date " + to_iso(*date) + " is in the future", issued);
  }
  return sure("TI-4", "Issued " + to_iso(*date), issued);
}

Check Judge::what_was_sold() const {
  if (type_ == DocumentType::kEftposSlip) {
    return make_check("TI-5", CheckResult::kFail, "No description: a card slip only");
  }
  const auto described = std::count_if(record_.line_items.begin(), record_.line_items.end(), [](const LineItem& item) {
    return !item.description.empty() && item.amount_cents;
  });
  if (described > 0) {
    return make_check("TI-5", CheckResult::kPass,
                      std::to_string(described) + (described == 1 ? " line described" : " lines described"));
  }
  const bool named = std::any_of(record_.line_items.begin(), record_.line_items.end(),
                                 [](const LineItem& item) { return !item.description.empty(); });
  if ((named || present(record_, "fuel_grade")) && present(record_, "total_amount")) {
    return make_check("TI-5", CheckResult::kPass, "One description and the total");
  }
  return make_check("TI-5", CheckResult::kFail, "No description");
}

Check Judge::gst_shown() const {
  const auto check = gst_check(record_, context_);
  const Value& gst = value("gst_amount");
  if (!check) {
    const bool free_lines = std::any_of(record_.line_items.begin(), record_.line_items.end(),
                                        [](const LineItem& item) { return item.gst_code == "FRE"; });
    if (flag_of(record_, "gst_statement") && !free_lines) {
      return sure("TI-6", "Statement that the total includes GST", value("gst_statement"));
    }
    if (present(record_, "gst_amount")) {
      return make_check("TI-6", CheckResult::kReview, "GST shown, but no total to hold it against", gst);
    }
    return make_check("TI-6", CheckResult::kFail, "No GST shown", gst);
  }
  const std::string amount = "GST " + format_cents_display(*cents_of(record_, "gst_amount"));
  if (check->verdict == rules::GstVerdict::kExceeds) {
    return make_check("TI-6", CheckResult::kFail, amount + " exceeds 1/11 of total", gst);
  }
  if (check->verdict == rules::GstVerdict::kAllFree) return sure("TI-6", amount + ", all lines GST-free", gst);
  if (check->verdict == rules::GstVerdict::kZeroUnexplained) {
    return make_check("TI-6", CheckResult::kReview, amount + ", but not every line is marked GST-free", gst);
  }
  const auto taxable = cents_of(record_, "taxable_total");
  if (rules::gst_passes(check->verdict) && taxable) {
    return sure("TI-6", amount + " = 1/11 of taxable " + format_cents_display(*taxable), gst);
  }
  return sure("TI-6", amount + " shown", gst);
}

Check Judge::extent_taxable() const {
  const auto taxable = cents_of(record_, "taxable_total");
  const auto free = cents_of(record_, "gst_free_total");
  if (taxable && free) {
    if (*free == 0) return sure("TI-7", "Fully taxable", value("taxable_total"));
    return sure("TI-7",
                "Mixed: taxable " + format_cents_display(*taxable) + ", GST-free " + format_cents_display(*free),
                value("taxable_total"));
  }
  const auto lines = taxable_lines(record_);
  if (lines) {
    return make_check("TI-7", CheckResult::kReview,
                      "Lines are marked, but do not add up to the total: taxable " +
                          format_cents_display(lines->taxable) + ", GST-free " + format_cents_display(lines->free));
  }
  const bool some = std::any_of(record_.line_items.begin(), record_.line_items.end(), [](const LineItem& item) {
    return item.gst_code != "UNK" || !item.gst_marker.empty();
  });
  return make_check("TI-7", some ? CheckResult::kReview : CheckResult::kFail, "Cannot tell which lines are taxable");
}

Check Judge::buyer() const {
  if (present(record_, "buyer_name")) {
    return sure("TI-8", "Buyer: " + text_of(record_, "buyer_name"), value("buyer_name"));
  }
  if (present(record_, "buyer_abn")) {
    return sure("TI-8", "Buyer: " + rules::format_abn(text_of(record_, "buyer_abn")), value("buyer_abn"));
  }
  if (present(record_, "buyer_address")) {
    return sure("TI-8", "Buyer: " + text_of(record_, "buyer_address"), value("buyer_address"));
  }
  const bool large = band_ == rules::Band::kC;
  return make_check("TI-8", CheckResult::kFail,
                    type_ == DocumentType::kRcti ? "No recipient shown"
                    : large                      ? "Total is $1,000 or more and no buyer shown"
                                                 : "No buyer shown");
}

Check Judge::rcti() const {
  if (type_ != DocumentType::kRcti)
    return make_check("TI-9", CheckResult::kNotApplicable, "Not a recipient created tax invoice");
  if (context_.text.empty()) {
    return make_check("TI-9", CheckResult::kReview, "Check for the words that the supplier pays the GST",
                      value("document_type"));
  }
  constexpr std::array<std::string_view, 5> kPayable = {
      "gst payable by the supplier", "gst is payable by the supplier", "gst payable by supplier",
      "gst shown is payable by the supplier", "gst shown is payable by you"};
  const bool payable = std::any_of(kPayable.begin(), kPayable.end(),
                                   [&](std::string_view words) { return rules::contains_word(context_.text, words); });
  return payable ? make_check("TI-9", CheckResult::kPass, "RCTI, and the supplier pays the GST", value("document_type"))
                 : make_check("TI-9", CheckResult::kFail, "No statement that the GST is payable by the supplier",
                              value("document_type"));
}

Check Judge::branch() const {
  const Value& number = value("supplier_gst_branch");
  if (!number.value) return make_check("TI-10", CheckResult::kNotApplicable, "No GST branch known");
  return sure("TI-10", "GST branch " + *number.value, number);
}

Check Judge::evidence() const {
  std::string missing;
  bool review = false;
  const auto add = [&](const Check& check, const char* what) {
    if (check.result == CheckResult::kFail) missing += (missing.empty() ? "" : ", ") + std::string(what);
    review = review || check.result == CheckResult::kReview;
  };
  add(supplier(), "supplier");
  add(what_was_sold(), "what was bought");
  add(date_issued(), "date");
  const Value& total = value("total_amount");
  if (!total.value) add(make_check("", CheckResult::kFail, ""), "amount");
  if (total.value) review = review || total.confidence < context_.review_below || is_doubtful(record_, total);
  if (!missing.empty())
    return make_check("EV-1", CheckResult::kFail, "Evidence of the expense lacks: " + missing, total);
  return make_check("EV-1", review ? CheckResult::kReview : CheckResult::kPass,
                    "Supplier, amount, what was bought and date are shown", total);
}

Check Judge::withholding() const {
  const Value& abn = value("supplier_abn");
  if (abn.value) return make_check("WH-1", CheckResult::kPass, "An ABN is quoted", abn);
  const std::string message =
      "No ABN quoted: payer may have to withhold (47% from 1 July 2017) unless an exception applies";
  if (abn.absent_reason == "bad_checksum") {
    return make_check("WH-1", CheckResult::kReview, "The ABN quoted fails its checksum; if none is valid: " + message,
                      abn);
  }
  return make_check("WH-1", CheckResult::kFail, message, abn);
}

Check Judge::adjustment_note() const {
  if (!rules::is_credit(type_))
    return make_check("AN-1", CheckResult::kNotApplicable, "Not a credit or adjustment note");
  std::string missing;
  const auto need = [&](bool there, const char* what) {
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(what);
  };
  need(type_ != DocumentType::kRefund, "the words adjustment note or credit note");
  need(present(record_, "original_invoice_number"), "the original invoice");
  need(present(record_, "supplier_abn"), "the supplier's ABN");
  need(present(record_, "gst_amount"), "the change in GST");
  const auto total = cents_of(record_, "total_amount");
  if (total && rules::band_of(*total) == rules::Band::kC) need(buyer().result != CheckResult::kFail, "the buyer");
  if (missing.empty())
    return make_check("AN-1", CheckResult::kPass, "Adjustment note complete", value("document_type"));
  return make_check("AN-1", CheckResult::kFail, "Adjustment note lacks: " + missing, value("document_type"));
}

}  // namespace

std::vector<Check> required_checks(const Record& record, const Context& context, std::optional<rules::Band> band) {
  const Judge judge(record, context, band);
  std::vector<Check> checks = {judge.tax_invoice_words(),
                               judge.supplier(),
                               judge.supplier_abn(),
                               judge.date_issued(),
                               judge.what_was_sold(),
                               judge.gst_shown(),
                               judge.extent_taxable(),
                               judge.buyer(),
                               judge.rcti(),
                               judge.branch(),
                               judge.evidence(),
                               judge.withholding(),
                               judge.adjustment_note()};
  const bool rcti = record.document_type == "rcti";
  const auto type = rules::document_type(record.document_type);
  const bool credit = type && rules::is_credit(*type);
  const bool paid_to_supplier = !type || (*type != DocumentType::kPayslip && *type != DocumentType::kBankStatement);
  for (auto& check : checks) {
    const bool always = check.id == "TI-2" || check.id == "TI-4" || check.id == "TI-5" || check.id == "EV-1";
    const bool buyer = check.id == "TI-8";
    bool applies = always || band != rules::Band::kA;
    if (buyer) applies = band == rules::Band::kC || rcti;
    if (check.id == "TI-9") applies = rcti;
    if (check.id == "WH-1") applies = applies && !credit && paid_to_supplier;
    if (!applies && check.result != CheckResult::kNotApplicable) {
      check.result = CheckResult::kNotApplicable;
      check.message += " (not required here)";
    }
  }
  return checks;
}

}  // namespace docket::record

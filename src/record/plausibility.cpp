// Things that do not fit together, though each alone is well-formed.
#include <algorithm>
#include <array>

#include "record/steps.h"
#include "record/typed.h"
#include "rules/acn.h"
#include "rules/address.h"
#include "rules/date.h"
#include "rules/document_type.h"
#include "rules/payment.h"

namespace docket::record {
namespace {

void check_abn(Record& record, const Context& context) {
  const Value& value = field(record, "supplier_abn");
  const std::string abn = text_of(record, "supplier_abn");
  if (value.absent_reason == "bad_checksum") {
    std::string message = "The supplier's ABN fails its checksum: likely misread or mistyped.";
    for (const auto& flag : value.flags) {
      if (flag.starts_with("suggest_")) message += " One look-alike digit away: " + flag.substr(8) + ".";
    }
    add_finding(record, "abn_bad_checksum", Severity::kWarning, std::move(message), value);
  }
  if (abn.empty()) return;
  const std::string acn = text_of(record, "supplier_acn");
  if (!acn.empty() && !rules::acn_matches_abn(acn, abn)) {
    add_finding(record, "acn_abn_consistent", Severity::kWarning,
                "The printed ACN is not the last nine digits of the printed ABN.", field(record, "supplier_acn"));
  }
  const auto& own = context.own_abns;
  if (record.document_type != "rcti" && std::find(own.begin(), own.end(), abn) != own.end()) {
    add_finding(record, "supplier_is_buyer", Severity::kError, "The supplier's ABN is the reader's own business.",
                value);
  }
}

void check_dates(Record& record, const Context& context) {
  const auto issued = date_of(record, "invoice_date");
  const auto due = date_of(record, "due_date");
  const auto supplied = date_of(record, "supply_date");
  if (issued) {
    const Value& value = field(record, "invoice_date");
    if (rules::is_future(*issued, context.today)) {
      add_finding(record, "future_date", Severity::kError,
                  "The date issued, " + to_iso(*issued) + ", is in the future.", value);
    }
    // Credits lapse 4 years after they could first be claimed.
    if (*issued < rules::add_years(context.today, -4)) {
      add_finding(record, "older_than_four_years", Severity::kWarning,
                  "The document is more than 4 years old: a GST credit may have lapsed.", value);
    }
    if (rules::has_flag(value.flags, "weekday_conflict")) {
      add_finding(record, "weekday_conflict", Severity::kWarning,
                  "The printed weekday does not fall on " + to_iso(*issued) + ".", value);
    }
  }
  if (issued && due && *due < *issued) {
    add_finding(record, "due_before_issued", Severity::kWarning, "The due date is before the date issued.",
                field(record, "due_date"));
  }
  if (supplied && rules::is_future(*supplied, context.today)) {
    add_finding(record, "future_supply", Severity::kWarning, "The date of supply is in the future.",
                field(record, "supply_date"));
  }
}

void check_postcode(Record& record, std::string_view name) {
  const Value& value = field(record, name);
  std::string state;
  std::string postcode;
  for (const auto& [part, text] : value.parts) {
    if (part == "state") state = text;
    if (part == "postcode") postcode = text;
  }
  if (state.empty() || postcode.empty()) return;
  const auto check = rules::check_postcode(state, postcode);
  if (check.ok) return;
  add_finding(record, "postcode_state", Severity::kWarning,
              "Postcode " + postcode + " is not in " + state +
                  (check.expected.empty() ? "." : "; " + std::string(check.expected) + " was expected."),
              value);
}

void check_total(Record& record) {
  const auto total = cents_of(record, "total_amount");
  const auto type = rules::document_type(record.document_type);
  if (!total || !type) return;
  if (*total <= 0 && !rules::is_credit(*type)) {
    add_finding(record, "total_not_positive", Severity::kWarning,
                "The total is " + rules::format_cents_display(*total) + ", yet nothing says that this is a refund.",
                field(record, "total_amount"));
  }
}

bool any_line(const std::string& text, bool (*says)(std::string_view)) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (says(std::string_view(text).substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

void check_words(Record& record, const Context& context) {
  if (record.document_type == "payslip" || rules::says_payslip(context.text)) {
    add_finding(record, "payslip", Severity::kWarning,
                "This is a payslip: personal data, no GST, and not a tax invoice.");
  } else if (!present(record, "supplier_abn") && rules::contains_word(context.text, "payg withholding")) {
    add_finding(record, "payg_withheld", Severity::kInfo, "PAYG withholding is printed and no ABN is quoted.");
  }
  if (any_line(context.text, rules::says_not_paid)) {
    add_finding(record, "payment_not_completed", Severity::kWarning,
                "The words declined, cancelled or void are printed: check that the amount was paid.");
  }
}

struct Note {
  std::string_view id;
  Severity severity;
  std::string_view message;
};
constexpr std::array<Note, 13> kNotes = {{
    {"no_text", Severity::kError, "No text was found on the page."},
    {"truncated_image", Severity::kWarning, "The picture is cut short: what is missing could not be read."},
    {"low_contrast", Severity::kWarning, "The print is faint."},
    {"blurred", Severity::kWarning, "The picture is blurred."},
    {"text_layer_disagrees", Severity::kWarning, "The PDF's own text is not what its picture shows."},
    {"ocr_time_limit", Severity::kWarning, "Reading stopped at its time limit; the rest of the page was not read."},
    {"several_abns", Severity::kInfo, "More than one ABN is printed."},
    {"us_evidence", Severity::kInfo, "The document looks American: ambiguous dates are month first."},
    {"turned_90", Severity::kInfo, "The page was turned by 90 degrees."},
    {"turned_180", Severity::kInfo, "The page was turned by 180 degrees."},
    {"turned_270", Severity::kInfo, "The page was turned by 270 degrees."},
    {"total_from_tenders", Severity::kInfo, "The total was recovered from the payments."},
    {"reader_fallback", Severity::kWarning, "The preferred reader failed, and another read the document."},
}};

void add_note(Record& record, const std::string& id) {
  const auto known =
      std::any_of(record.findings.begin(), record.findings.end(), [&](const auto& f) { return f.id == id; });
  if (known) return;
  const auto* const note = std::find_if(kNotes.begin(), kNotes.end(), [&](const Note& n) { return n.id == id; });
  if (note != kNotes.end()) return add_finding(record, id, note->severity, std::string(note->message));
  std::string message = id;
  std::replace(message.begin(), message.end(), '_', ' ');
  add_finding(record, id, Severity::kInfo, "Noted while reading: " + message + ".");
}

}  // namespace

void add_finding(Record& record, std::string id, Severity severity, std::string message) {
  record.findings.push_back({std::move(id), severity, std::move(message), {}});
}

void add_finding(Record& record, std::string id, Severity severity, std::string message, const Value& about) {
  record.findings.push_back({std::move(id), severity, std::move(message), evidence_of(about)});
}

void check_plausibility(Record& record, const Context& context) {
  check_abn(record, context);
  check_dates(record, context);
  check_postcode(record, "supplier_address");
  check_postcode(record, "buyer_address");
  check_total(record);
  check_words(record, context);
  for (const Event& event : context.events) {
    const bool matters = event.id == "reader_fallback" || event.id == "ocr_unavailable" || event.id == "model_failed";
    add_finding(record, event.id, matters ? Severity::kWarning : Severity::kInfo, event.message);
  }
  for (const auto& note : context.notes) add_note(record, note);
}

}  // namespace docket::record

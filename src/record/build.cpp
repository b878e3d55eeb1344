#include "record/build.h"

#include "record/redact.h"
#include "record/steps.h"
#include "rules/sensitive.h"

namespace docket::record {
namespace {

constexpr std::size_t kMostQuotedBytes = 160;

// Whole characters only.
std::string shortened(std::string text) {
  if (text.size() <= kMostQuotedBytes) return text;
  std::size_t end = kMostQuotedBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

}  // namespace

Record build_record(const fields::Fields& fields, const Context& context) {
  Record record;
  record.file = context.file;
  record.sha256 = context.sha256;
  record.pages = context.pages;
  record.page_numbers = context.page_numbers;
  record.receipt = context.receipt;
  record.receipts = context.receipts;
  record.perceptual_hash = context.perceptual_hash;

  Context all = context;
  all.notes.insert(all.notes.end(), fields.notes.begin(), fields.notes.end());
  set_values(record, fields, all);
  set_items(record, fields);
  derive(record, all);
  check_identities(record, all);
  check_readers(record);
  check_plausibility(record, all);
  judge(record, all);
  if (context.redact) {
    redact(record);
    // What stands on the page but in none of the fields is not stored, yet worth knowing.
    for (const auto& kind : rules::redact(context.text).kinds) {
      const std::string id = "sensitive_" + kind;
      add_finding(record, id, Severity::kInfo, "The document shows sensitive data (" + kind + "); it is not stored.");
    }
  }
  // Only now: half of a number would not be known for what it is.
  for (auto& [name, value] : record.fields) change_texts(value.why, shortened);
  if (context.mask_customer) mask_customer(record);
  return record;
}

}  // namespace docket::record

// Where two readers gave different values and nothing on the paper says who is right.
#include <array>

#include "record/steps.h"
#include "record/typed.h"
#include "rules/abn.h"

namespace docket::record {
namespace {

struct Deciding {
  std::string_view field, name;
};
constexpr std::array kDeciding = {Deciding{"total_amount", "the total"}, Deciding{"gst_amount", "the GST"},
                                  Deciding{"supplier_abn", "the supplier's ABN"}, Deciding{"invoice_date", "the date"}};

std::string shown(std::string_view field, const std::string& value) {
  if (const auto cents = rules::read_cents(value)) return rules::format_cents_display(*cents);
  return field == "supplier_abn" ? rules::format_abn(value) : value;
}

std::string_view name_of(fields::Reader reader) {
  if (reader == fields::Reader::kVlm) return "the model";
  return reader == fields::Reader::kTextLayer ? "the PDF's text" : "OCR";
}

}  // namespace

void check_readers(Record& record) {
  for (const Deciding& deciding : kDeciding) {
    const Value& value = field(record, deciding.field);
    if (!value.why.contested) continue;
    const auto& [words, model] = *value.why.contested;
    std::string message = "The readers differ on " + std::string(deciding.name) + ": ";
    message += std::string(name_of(words.evidence.reader)) + " read " + shown(deciding.field, words.value) + ", ";
    message += std::string(name_of(model.evidence.reader)) + " " + shown(deciding.field, model.value);
    message += deciding.field == "invoice_date"   ? "."
               : deciding.field == "supplier_abn" ? "; the checksum does not tell them apart."
                                                  : "; no sum on the paper tells them apart.";
    record.findings.push_back({std::string(kReadersDisagree), Severity::kWarning, std::move(message), words.evidence});
  }
}

}  // namespace docket::record

#include "fields/reply_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "rules/abn.h"
#include "rules/date.h"
#include "rules/document_type.h"
#include "rules/money.h"
#include "rules/text.h"
#include "rules/time_of_day.h"

namespace docket::fields {
namespace {

// Asked for in this order; all of them are among what the small model was trained on.
constexpr std::array kAsked = {FieldId::kDocumentType,  FieldId::kSupplierName, FieldId::kSupplierAbn,
                               FieldId::kInvoiceNumber, FieldId::kInvoiceDate,  FieldId::kInvoiceTime,
                               FieldId::kDueDate,       FieldId::kBuyerName,    FieldId::kBuyerAbn,
                               FieldId::kSubtotal,      FieldId::kGstAmount,    FieldId::kTotalAmount};

struct Line {
  FieldId field;
  std::string_view key, value;
};

std::optional<FieldId> field_of(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, FieldId>, 5> kShort = {{{"store", FieldId::kSupplierName},
                                                                           {"abn", FieldId::kSupplierAbn},
                                                                           {"date", FieldId::kInvoiceDate},
                                                                           {"total", FieldId::kTotalAmount},
                                                                           {"gst", FieldId::kGstAmount}}};
  const std::string name = rules::lower(key);
  for (const auto& [known, field] : kShort) {
    if (name == known) return field;
  }
  return field_id(name);
}

// "KEY: VALUE" with a value; nullopt for anything else.
std::optional<Line> parse_line(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view key = rules::trim(text.substr(0, colon)), value = rules::trim(text.substr(colon + 1));
  if (value.empty() || value == "NOT_FOUND" || value == "NONE") return std::nullopt;
  const auto field = field_of(key);
  if (!field) return std::nullopt;
  return Line{*field, key, value};
}

enum class Form { kText, kMoney, kRate, kAbn, kDate, kTime, kDocumentType };

Form form_of(FieldId field) {
  switch (field) {
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
      return Form::kMoney;
    case FieldId::kLitres:
    case FieldId::kPricePerLitre:
      return Form::kRate;
    case FieldId::kSupplierAbn:
    case FieldId::kBuyerAbn:
      return Form::kAbn;
    case FieldId::kInvoiceDate:
    case FieldId::kSupplyDate:
    case FieldId::kDueDate:
      return Form::kDate;
    case FieldId::kInvoiceTime:
      return Form::kTime;
    case FieldId::kDocumentType:
      return Form::kDocumentType;
    default:
      return Form::kText;
  }
}

// A number whose checksum fails stays a candidate, so that a person sees what was read.
void set_abn(std::string_view text, Candidate& candidate) {
  const rules::Abn abn = rules::parse_abn(text);
  if (abn.status == rules::AbnStatus::kNotAbn) return;
  candidate.value = abn.digits;
  weigh(candidate, abn.passed() ? "vlm.abn_passes" : "vlm.abn_fails");
  if (!abn.passed()) candidate.flags.emplace_back("bad_checksum");
  if (abn.letters_repaired) candidate.flags.emplace_back("letters_repaired");
}

// Fills the normalized value; it stays empty when the text cannot be what the field holds.
void set_value(Form form, std::string_view text, const rules::DateContext& dates, Candidate& candidate) {
  switch (form) {
    case Form::kText:
      candidate.value = text;
      return;
    case Form::kMoney: {
      const rules::Money money = rules::parse_money(text);
      if (money.cents) candidate.value = rules::format_cents(*money.cents);
      candidate.flags = money.flags;
      return;
    }
    case Form::kRate: {
      const auto rate = rules::parse_rate(text);
      if (rate.value) candidate.value = rules::format_rate(*rate.value);
      candidate.flags = rate.flags;
      return;
    }
    case Form::kAbn:
      return set_abn(text, candidate);
    case Form::kDate: {
      const rules::ReadDate read = rules::parse_date(text, dates);
      if (read.date) candidate.value = rules::to_iso(*read.date);
      candidate.flags = read.flags;
      return;
    }
    case Form::kTime: {
      const auto time = rules::parse_time(text);
      if (time.value) candidate.value = rules::format_time(*time.value);
      candidate.flags = time.flags;
      return;
    }
    case Form::kDocumentType: {
      auto type = rules::document_type(rules::lower(text));
      if (!type) type = rules::document_type_by_words(text);
      if (type) candidate.value = rules::to_string(*type);
      return;
    }
  }
}

double log_odds(double probability) {
  const double p = std::clamp(probability, 0.01, 0.99);
  return std::log(p / (1 - p));
}

}  // namespace

std::string fields_question() {
  std::string out = "Extract the fields of this receipt as KEY: VALUE lines with these keys: ";
  for (const FieldId field : kAsked) {
    for (const char c : to_string(field)) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    out += field == kAsked.back() ? ". " : ", ";
  }
  return out + "Use NOT_FOUND for anything that is not printed.";
}

void find_in_reply(const std::vector<ReplyLine>& reply, const Context& context, Candidates& candidates) {
  rules::DateContext dates;
  dates.today = context.today;
  for (const ReplyLine& line : reply) {
    const auto read = parse_line(line.text);
    if (read && form_of(read->field) == Form::kAbn && rules::parse_abn(read->value).passed())
      dates.australian_evidence = true;
  }
  for (const ReplyLine& line : reply) {
    const auto read = parse_line(line.text);
    if (!read) continue;
    Candidate candidate;
    candidate.evidence = {Reader::kVlm,          line.page, {}, std::string(read->value), line.confidence,
                          std::string(read->key)};
    weigh(candidate, "vlm.log_odds", log_odds(line.confidence));
    set_value(form_of(read->field), read->value, dates, candidate);
    const bool own = read->field == FieldId::kSupplierAbn && std::find(context.own_abns.begin(), context.own_abns.end(),
                                                                       candidate.value) != context.own_abns.end();
    if (!candidate.value.empty() && !own) candidates.add(read->field, std::move(candidate));
  }
}

}  // namespace docket::fields

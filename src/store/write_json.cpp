#include "record/schema.h"
#include "record/typed.h"
#include "rules/money.h"
#include "store/json.h"
#include "store/json_parts.h"

namespace docket::store {
namespace {

using record::FieldSpec;
using record::Kind;
using record::Record;

OrderedJson text_list(const std::vector<std::string>& texts) {
  OrderedJson out = OrderedJson::array();
  for (const auto& text : texts) out.push_back(repair_utf8(text));
  return out;
}

OrderedJson cents_or_null(const std::optional<std::int64_t>& cents) {
  return cents ? OrderedJson(rules::format_cents(*cents)) : OrderedJson();
}

OrderedJson decimal_or_null(const std::optional<std::int64_t>& e4) {
  return e4 ? OrderedJson(rules::format_rate(*e4)) : OrderedJson();
}

template <typename T, typename Convert>
OrderedJson list_json(const std::vector<T>& items, Convert convert) {
  OrderedJson out = OrderedJson::array();
  for (const auto& item : items) out.push_back(convert(item));
  return out;
}

OrderedJson reading_json(const fields::Reading& reading) {
  OrderedJson out;
  out["reader"] = reader_or_null(reading.evidence.reader);
  out["source"] = text_or_null(reading.evidence.source);
  out["value"] = repair_utf8(reading.value);
  out["raw"] = text_or_null(reading.evidence.raw);
  out["label"] = text_or_null(reading.evidence.label);
  out["confidence"] = confidence_out(reading.confidence);
  out["page"] = page_or_null(reading.evidence.page);
  out["box"] = box_or_null(reading.evidence.box);
  return out;
}

OrderedJson optional_text(const std::optional<std::string>& text) {
  return text ? OrderedJson(repair_utf8(*text)) : OrderedJson();
}

OrderedJson why_json(const fields::Why& why) {
  OrderedJson out;
  out["settled_by"] = std::string(to_string(why.by));
  out["readings"] = list_json(why.readings, reading_json);
  out["reasons"] = list_json(why.reasons, [](const fields::Why::Weight& reason) {
    return OrderedJson{{"feature", reason.feature}, {"amount", rounded(reason.amount, 100)}};
  });
  out["rival"] = optional_text(why.rival);
  out["margin"] = rounded(why.margin, 100);
  out["needed"] = confidence_out(why.needed);
  out["changes"] = list_json(why.changes, [](const fields::Why::Change& change) {
    return OrderedJson{{"without", change.without}, {"then", optional_text(change.then)}};
  });
  return out;
}

OrderedJson value_json(const record::Value& value, Kind kind) {
  OrderedJson out;
  if (!value.value) {
    out["value"] = nullptr;
  } else if (kind == Kind::kBool) {
    out["value"] = *value.value == "true";
  } else {
    out["value"] = repair_utf8(*value.value);
  }
  out["raw"] = text_or_null(value.raw);
  out["confidence"] = confidence_out(value.confidence);
  out["page"] = page_or_null(value.page);
  out["box"] = box_or_null(value.box);
  out["reader"] = reader_or_null(value.reader);
  out["flags"] = text_list(value.flags);
  if (!value.value) out["absent_reason"] = text_or_null(value.absent_reason);
  if (kind == Kind::kAddress && !value.parts.empty()) {
    for (const auto& [name, part] : value.parts) out["parts"][name] = repair_utf8(part);
  }
  if (!value.why.readings.empty()) out["why"] = why_json(value.why);
  return out;
}

OrderedJson item_json(const record::LineItem& item) {
  OrderedJson out;
  out["description"] = repair_utf8(item.description);
  out["code"] = text_or_null(item.code);
  out["quantity"] = decimal_or_null(item.quantity_e4);
  out["unit"] = text_or_null(item.unit);
  out["unit_price"] = decimal_or_null(item.unit_price_e4);
  out["discount"] = cents_or_null(item.discount_cents);
  out["amount"] = cents_or_null(item.amount_cents);
  out["gst_code"] = item.gst_code;
  out["gst_amount"] = cents_or_null(item.gst_amount_cents);
  out["gst_marker"] = text_or_null(item.gst_marker);
  out["raw"] = text_or_null(item.raw);
  out["page"] = page_or_null(item.page);
  out["box"] = box_or_null(item.box);
  return out;
}

OrderedJson payment_json(const record::Payment& payment) {
  OrderedJson out;
  out["method"] = payment.method;
  out["amount"] = cents_or_null(payment.amount_cents);
  out["card_last4"] = text_or_null(payment.card_last4);
  out["account_type"] = text_or_null(payment.account_type);
  out["page"] = page_or_null(payment.page);
  out["box"] = box_or_null(payment.box);
  return out;
}

OrderedJson evidence_json(const fields::Evidence& evidence) {
  if (evidence.reader == fields::Reader::kNone && evidence.page == 0 && evidence.raw.empty()) return {};
  OrderedJson out;
  out["text"] = text_or_null(evidence.raw);
  out["label"] = text_or_null(evidence.label);
  out["page"] = page_or_null(evidence.page);
  out["box"] = box_or_null(evidence.box);
  out["reader"] = reader_or_null(evidence.reader);
  return out;
}

OrderedJson finding_json(const record::Finding& finding) {
  OrderedJson out;
  out["id"] = finding.id;
  out["severity"] = std::string(to_string(finding.severity));
  out["message"] = repair_utf8(finding.message);
  out["evidence"] = evidence_json(finding.evidence);
  return out;
}

OrderedJson check_json(const record::Check& check) {
  OrderedJson out;
  out["id"] = check.id;
  out["result"] = std::string(to_string(check.result));
  out["message"] = repair_utf8(check.message);
  out["evidence"] = evidence_json(check.evidence);
  out["confidence"] = confidence_out(check.confidence);
  return out;
}

OrderedJson verdict_json(const record::Verdict& verdict) {
  OrderedJson out;
  out["result"] = std::string(to_string(verdict.result));
  out["band"] = text_or_null(verdict.band);
  out["failed"] = text_list(verdict.failed);
  out["review"] = text_list(verdict.review);
  out["to_confirm"] = text_list(verdict.to_confirm);
  out["creditable_gst"] = cents_or_null(verdict.creditable_gst_cents);
  out["checks"] = list_json(verdict.checks, check_json);
  return out;
}

}  // namespace

OrderedJson to_json(const Record& record, const JsonOptions& options) {
  OrderedJson out;
  out["file"] = repair_utf8(record.file);
  out["sha256"] = record.sha256;
  out["pages"] = record.pages;
  out["page_numbers"] = record.page_numbers;
  out["receipt"] = record.receipt;
  out["receipts"] = record.receipts;
  out["perceptual_hash"] = text_or_null(record.perceptual_hash);
  out["document_type"] = record.document_type;
  for (const FieldSpec& spec : record::schema()) {
    out["fields"][std::string(spec.name)] = value_json(record::field(record, spec.name), spec.kind);
  }
  out["line_items"] = list_json(record.line_items, item_json);
  out["payments"] = list_json(record.payments, payment_json);
  out["findings"] = list_json(record.findings, finding_json);
  out["verdict"] = verdict_json(record.verdict);
  if (options.timings && !record.timing_ms.empty()) {
    for (const auto& [stage, ms] : record.timing_ms) out["timing_ms"][stage] = rounded(ms, 10);
  }
  return out;
}

std::string to_json_text(const Record& record, const JsonOptions& options) {
  return to_json(record, options).dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string to_json_line(const Record& record, const JsonOptions& options) {
  return json_line(to_json(record, options));
}

std::string error_line(const std::string& file, const std::string& sha256, const Error& error) {
  OrderedJson out;
  out["file"] = repair_utf8(file);
  out["sha256"] = text_or_null(sha256);
  out["error"]["code"] = to_string(error.code);
  out["error"]["message"] = repair_utf8(error.message);
  out["error"]["where"] = text_or_null(error.where);
  return json_line(out);
}

}  // namespace docket::store

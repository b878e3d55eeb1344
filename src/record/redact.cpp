#include "record/redact.h"

#include <algorithm>
#include <set>

#include "record/schema.h"
#include "record/steps.h"
#include "record/typed.h"
#include "rules/sensitive.h"

namespace docket::record {
namespace {

using Kinds = std::set<std::string>;

void redact_text(std::string& text, Kinds& kinds) {
  if (text.empty()) return;
  auto redacted = rules::redact(text);
  kinds.insert(redacted.kinds.begin(), redacted.kinds.end());
  text = std::move(redacted.text);
}

std::string message_of(const std::string& kind) {
  if (kind == "card") return "A card number was redacted; at most its last four digits are kept.";
  if (kind == "tfn") return "A tax file number was redacted.";
  if (kind == "medicare") return "A Medicare number was redacted.";
  if (kind == "licence") return "A licence number was redacted.";
  if (kind == "expiry") return "A card's expiry date was dropped.";
  if (kind == "auth_code") return "A payment's authorisation code was dropped.";
  if (kind == "cryptogram") return "A payment's cryptogram was dropped.";
  return "A loyalty number was cut to its last four digits.";
}

void mask_value(Value& value, std::string (*mask)(std::string_view)) {
  if (value.value) value.value = mask(*value.value);
  value.raw = mask(value.raw);
  change_texts(value.why, mask);
  value.parts.clear();
  if (value.value && std::find(value.flags.begin(), value.flags.end(), "masked") == value.flags.end()) {
    value.flags.emplace_back("masked");
  }
}

}  // namespace

void redact(Record& record) {
  Kinds kinds;
  for (const auto& spec : schema()) {
    Value& value = field(record, spec.name);
    redact_text(value.raw, kinds);
    const bool free_text = spec.kind == Kind::kText || spec.kind == Kind::kAddress;
    if (free_text && value.value) redact_text(*value.value, kinds);
    for (auto& part : value.parts) redact_text(part.second, kinds);
    change_texts(value.why, [&](std::string text) {
      redact_text(text, kinds);
      return text;
    });
  }
  for (auto& item : record.line_items) {
    redact_text(item.description, kinds);
    redact_text(item.code, kinds);
    redact_text(item.raw, kinds);
  }
  for (auto& finding : record.findings) {
    redact_text(finding.message, kinds);
    redact_text(finding.evidence.raw, kinds);
  }
  for (auto& check : record.verdict.checks) {
    redact_text(check.message, kinds);
    redact_text(check.evidence.raw, kinds);
  }
  for (const auto& kind : kinds) {
    const std::string id = kind + "_redacted";
    const bool known =
        std::any_of(record.findings.begin(), record.findings.end(), [&](const Finding& f) { return f.id == id; });
    if (!known) record.findings.push_back({id, Severity::kInfo, message_of(kind), {}});
  }
}

void mask_customer(Record& record) {
  const std::string name = text_of(record, "buyer_name");
  const std::string address = text_of(record, "buyer_address");
  mask_value(field(record, "buyer_name"), rules::mask_name);
  mask_value(field(record, "buyer_address"), rules::mask_name);
  // The check on the buyer quotes both.
  for (auto& check : record.verdict.checks) {
    for (const std::string& secret : {name, address}) {
      const auto at = secret.empty() ? std::string::npos : check.message.find(secret);
      if (at != std::string::npos) check.message.replace(at, secret.size(), rules::mask_name(secret));
    }
    if (check.id == "TI-8") check.evidence.raw = rules::mask_name(check.evidence.raw);
  }
}

}  // namespace docket::record

// Every scalar field once through the rules: what reaches the record is well-formed, whatever the reader gave.
#include <algorithm>
#include <array>

#include "core/base/check.h"
#include "record/schema.h"
#include "record/steps.h"
#include "record/typed.h"
#include "rules/abn.h"
#include "rules/acn.h"
#include "rules/address.h"
#include "rules/bank.h"
#include "rules/date.h"
#include "rules/document_type.h"
#include "rules/phone.h"
#include "rules/time_of_day.h"

namespace docket::record {
namespace {

constexpr std::size_t kMostNumberChars = 40;  // spec: invoice_number
constexpr std::size_t kMostNameChars = 120;   // spec: supplier_name

void add_flags(Value& value, const std::vector<std::string>& flags) {
  for (const auto& flag : flags) {
    if (!rules::has_flag(value.flags, flag)) value.flags.push_back(flag);
  }
}

void drop(Value& value, std::string reason) {
  value.value.reset();
  value.absent_reason = std::move(reason);
}

Value from_field(const fields::Field& field) {
  Value value;
  value.confidence = std::clamp(field.confidence, 0.0, 1.0);
  value.absent_reason = field.absent_reason;
  value.why = field.why;
  const fields::Candidate* shown = nullptr;
  if (field.chosen) {
    shown = &*field.chosen;
    value.value = field.chosen->value;
    value.absent_reason.clear();
  } else {
    if (!field.candidates.empty()) shown = &field.candidates.front();
    if (value.absent_reason.empty()) value.absent_reason = "not_seen";
  }
  if (shown != nullptr) {
    value.raw = shown->evidence.raw;
    value.page = shown->evidence.page;
    value.box = shown->evidence.box;
    value.reader = shown->evidence.reader;
    value.flags = shown->flags;
  }
  return value;
}

void check_cents(Value& value) {
  if (rules::read_cents(*value.value)) return;
  const auto money = rules::parse_money(*value.value);
  add_flags(value, money.flags);
  if (!money.cents) return drop(value, "not_money");
  value.value = rules::format_cents(*money.cents);
}

void check_decimal(Value& value) {
  const auto rate = rules::parse_rate(*value.value);
  if (!rate.value) return drop(value, rate.flags.empty() ? "not_a_number" : rate.flags.front());
  value.value = rules::format_rate(*rate.value);
}

void check_date(Value& value, const rules::Date& today) {
  auto date = rules::read_iso(*value.value);
  if (!date) {
    const auto read = rules::parse_date(*value.value, {.today = today});
    add_flags(value, read.flags);
    if (!read.date) return drop(value, "invalid");
    date = read.date;
    value.value = rules::to_iso(*date);
  }
  if (rules::is_future(*date, today)) add_flags(value, {"future"});
  if (rules::is_old(*date, today)) add_flags(value, {"old"});
}

void check_time(Value& value) {
  const auto time = rules::parse_time(*value.value);
  if (!time.value) return drop(value, "invalid");
  value.value = rules::format_time(*time.value);
}

void check_bool(Value& value) {
  if (*value.value == "true" || *value.value == "false") return;
  drop(value, "invalid");
}

void check_phone(Value& value, const std::string& state) {
  const auto phone = rules::parse_phone(*value.value, state);
  if (phone.kind == rules::PhoneKind::kNotPhone) return drop(value, "not_phone");
  value.value = phone.number;
}

void set_parts(Value& value) {
  const auto address = rules::parse_address(*value.value);
  if (!address) return;
  const std::pair<std::string, std::string> parts[] = {{"street", address->street},
                                                       {"suburb", address->suburb},
                                                       {"state", address->state},
                                                       {"postcode", address->postcode}};
  for (const auto& part : parts) {
    if (!part.second.empty()) value.parts.push_back(part);
  }
}

// Suggestions from the page itself: an ABN that another reader saw, the printed ACN, the approved list.
rules::AbnEvidence abn_evidence(const fields::Fields& fields, const Context& context, const std::string& supplier) {
  rules::AbnEvidence evidence;
  const auto all = [&](fields::FieldId id) -> const std::vector<fields::Candidate>* {
    const auto found = fields.scalars.find(id);
    return found == fields.scalars.end() ? nullptr : &found->second.candidates;
  };
  if (const auto* acns = all(fields::FieldId::kSupplierAcn)) {
    for (const auto& candidate : *acns) {
      const auto acn = rules::parse_acn(candidate.value);
      if (acn.status == rules::AcnStatus::kValid) evidence.printed_acn = acn.digits;
    }
  }
  if (const auto* abns = all(fields::FieldId::kSupplierAbn); abns != nullptr && !abns->empty()) {
    for (const auto& candidate : *abns) {
      if (candidate.evidence.reader == abns->front().evidence.reader) continue;
      const auto other = rules::parse_abn(candidate.value);
      if (other.passed()) evidence.second_reading = other.digits;
    }
  }
  for (const auto& approved : context.approved_suppliers) {
    if (!supplier.empty() && rules::lower(approved.name) == rules::lower(supplier)) {
      evidence.approved_suppliers.push_back(approved.abn);
    }
  }
  return evidence;
}

void set_abn(Value& value, const rules::Abn& abn) {
  if (abn.passed()) {
    value.value = abn.digits;
    value.absent_reason.clear();
    if (abn.repaired()) add_flags(value, {std::string(to_string(abn.status))});
    return;
  }
  drop(value, std::string(to_string(abn.status)));
  for (const auto& suggestion : abn.suggestions) add_flags(value, {"suggest_" + suggestion});
}

void check_supplier_abn(Record& record, const fields::Fields& fields, const Context& context) {
  Value& value = field(record, "supplier_abn");
  // A candidate that was seen and rejected only because it fails its checksum is worth saying so.
  const bool seen_failing = !value.value && !value.raw.empty();
  if (!value.value && !seen_failing) return;
  auto abn = rules::parse_abn(value.value ? *value.value : value.raw);
  if (seen_failing && abn.status != rules::AbnStatus::kBadChecksum) return;
  abn = rules::promote_abn(abn, abn_evidence(fields, context, text_of(record, "supplier_name")));
  set_abn(value, abn);
  Value& branch = field(record, "supplier_gst_branch");
  if (value.value && !abn.branch.empty() && !branch.value) {
    branch = value;
    branch.value = abn.branch;
    branch.why = {};
  }
}

void check_branch(Record& record) {
  Value& branch = field(record, "supplier_gst_branch");
  if (!branch.value) return;
  if (branch.value->size() != 3 || rules::digits_only(*branch.value) != *branch.value) return drop(branch, "invalid");
  if (!present(record, "supplier_abn")) drop(branch, "no_abn");
}

void check_buyer_abn(Record& record) {
  Value& value = field(record, "buyer_abn");
  if (!value.value) return;
  set_abn(value, rules::parse_abn(*value.value));
  if (value.value && value.value == field(record, "supplier_abn").value) drop(value, "same_as_supplier");
}

void check_acn(Value& value) {
  if (!value.value) return;
  const auto acn = rules::parse_acn(*value.value);
  if (!acn.passed()) return drop(value, std::string(to_string(acn.status)));
  value.value = acn.digits;
  if (acn.status == rules::AcnStatus::kRepairedLetters) add_flags(value, {"repaired_letters"});
  if (acn.arbn) add_flags(value, {"arbn"});
}

// "TAX INVOICE" or "Receipt no" is no supplier; a name in another script has no such words at all.
bool is_label(const std::string& name) {
  constexpr std::array<std::string_view, 19> kLabels = {
      "tax",  "invoice", "receipt", "statement", "abn",  "acn",  "total", "subtotal", "date", "quote",
      "copy", "no",      "number",  "customer",  "cash", "sale", "order", "gst",      "page"};
  const auto words = rules::words_of(name);
  return !words.empty() && std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(kLabels.begin(), kLabels.end(), word) != kLabels.end();
  });
}

void check_name(Value& value) {
  if (!value.value) return;
  const std::string name(rules::trim(*value.value));
  if (name.size() < 2 || name.size() > kMostNameChars) return drop(value, "invalid");
  if (is_label(name)) return drop(value, "label_word");
  value.value = name;
}

void check_invoice_number(Value& value, const rules::Date& today) {
  if (!value.value) return;
  const std::string number(rules::trim(*value.value));
  if (number.empty() || number.size() > kMostNumberChars) return drop(value, "invalid");
  if (rules::parse_abn(number).passed()) return drop(value, "looks_like_abn");
  // Eight digits and a plausible day are still an id more often than not; anything with separators is a date.
  const bool plain_digits = rules::digits_only(number) == number;
  if (!plain_digits && rules::parse_date(number, {.today = today}).date) return drop(value, "looks_like_date");
  const auto kind = rules::parse_phone(number).kind;
  if (!plain_digits && kind != rules::PhoneKind::kNotPhone) return drop(value, "looks_like_phone");
  value.value = number;
}

void check_email(Value& value) {
  if (!value.value) return;
  const std::string& email = *value.value;
  const auto at = email.find('@');
  const bool shaped = at != std::string::npos && at > 0 && email.find('@', at + 1) == std::string::npos &&
                      email.find('.', at) != std::string::npos && email.back() != '.' && email[at + 1] != '.' &&
                      email.find(' ') == std::string::npos && email.size() <= 254;
  if (!shaped) return drop(value, "invalid");
  value.value = rules::lower(email);
}

void check_website(Value& value) {
  if (!value.value) return;
  std::string host = rules::lower(rules::trim(*value.value));
  for (const std::string_view prefix : {"https://", "http://"}) {
    if (host.starts_with(prefix)) host.erase(0, prefix.size());
  }
  host = host.substr(0, host.find_first_of("/?#"));
  const bool shaped = host.find('.') != std::string::npos && host.front() != '.' && host.back() != '.' &&
                      std::all_of(host.begin(), host.end(), [](char c) {
                        return rules::is_alpha(c) || rules::is_digit(c) || c == '.' || c == '-';
                      });
  if (!shaped) return drop(value, "invalid");
  value.value = host;
}

void check_currency(Value& value) {
  if (!value.value) {
    value.value = "AUD";
    value.absent_reason.clear();
    add_flags(value, {"assumed"});
    return;
  }
  const std::string& code = *value.value;
  const bool shaped =
      code.size() == 3 && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!shaped) drop(value, "invalid");
}

void check_document_type(Record& record) {
  Value& value = field(record, "document_type");
  if (value.value && !rules::document_type(*value.value)) drop(value, "invalid");
  record.document_type = value.value.value_or("other");
}

void check_bank(Record& record, const Context& context) {
  Value& bsb = field(record, "bank_bsb");
  if (bsb.value) {
    const auto parsed = rules::parse_bsb(*bsb.value);
    if (parsed) {
      bsb.value = parsed;
    } else {
      drop(bsb, "invalid");
    }
  }
  Value& account = field(record, "bank_account");
  if (!account.value) return;
  const auto parsed = rules::parse_account(*account.value);
  if (!parsed) return drop(account, "invalid");
  account.value = context.redact ? rules::mask_account(*parsed) : *parsed;
  if (context.redact) {
    change_texts(account.why, rules::mask_account);
    account.raw = *account.value;
    add_flags(account, {"masked"});
  }
}

void check_by_kind(Record& record, const FieldSpec& spec, const Context& context) {
  Value& value = field(record, spec.name);
  if (!value.value) return;
  switch (spec.kind) {
    case Kind::kCents:
      return check_cents(value);
    case Kind::kDecimal:
      return check_decimal(value);
    case Kind::kDate:
      return check_date(value, context.today);
    case Kind::kTime:
      return check_time(value);
    case Kind::kBool:
      return check_bool(value);
    case Kind::kAddress:
      return set_parts(value);
    default:
      return;
  }
}

}  // namespace

void set_values(Record& record, const fields::Fields& fields, const Context& context) {
  for (const auto& spec : schema()) {
    Value value;
    value.absent_reason = "not_derived";
    if (spec.id) {
      const auto found = fields.scalars.find(*spec.id);
      value = from_field(found == fields.scalars.end() ? fields::Field{} : found->second);
    }
    record.fields.insert_or_assign(std::string(spec.name), std::move(value));
  }
  for (const auto& spec : schema()) check_by_kind(record, spec, context);
  check_document_type(record);
  check_name(field(record, "supplier_name"));
  check_name(field(record, "supplier_trading_name"));
  check_supplier_abn(record, fields, context);
  check_branch(record);
  check_buyer_abn(record);
  check_acn(field(record, "supplier_acn"));
  check_invoice_number(field(record, "invoice_number"), context.today);
  check_email(field(record, "supplier_email"));
  check_website(field(record, "supplier_website"));
  check_currency(field(record, "currency"));
  check_bank(record, context);
  Value& phone = field(record, "supplier_phone");
  std::string state;
  for (const auto& [name, part] : field(record, "supplier_address").parts) {
    if (name == "state") state = part;
  }
  if (phone.value) check_phone(phone, state);
}

}  // namespace docket::record

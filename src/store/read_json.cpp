// Reading records back. Every key is required to be there in its type, so that a line that was tampered with or written
// by another program is an Error and not half a record.
#include <array>

#include "record/schema.h"
#include "rules/money.h"
#include "store/json.h"

namespace docket::store {
namespace {

using record::Record;

// Walks one object; the first thing that is wrong is kept, and every later read gives a default.
class Reader {
 public:
  Reader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) fail("", "an object");
  }

  const std::optional<Error>& error() const { return error_; }
  void adopt(const Reader& child) {
    if (!error_) error_ = child.error_;
  }
  std::string path(const char* key) const { return where_ + "." + key; }

  const Json& at(const char* key) {
    static const Json kNull;
    if (error_) return kNull;
    const auto found = object_.find(key);
    if (found != object_.end()) return *found;
    fail(key, "there");
    return kNull;
  }
  bool has(const char* key) const { return !error_ && object_.contains(key); }

  std::string text(const char* key) {
    const Json& value = at(key);
    if (value.is_string()) return value.get<std::string>();
    if (!error_) fail(key, "a text");
    return {};
  }
  std::string text_or_empty(const char* key) {
    const Json& value = at(key);
    if (value.is_null()) return {};
    return text(key);
  }
  // A whole number that an int holds, 0 for null.
  int number(const char* key) {
    const Json& value = at(key);
    if (value.is_null()) return 0;
    if (value.is_number_integer()) {
      const auto wide =
          value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX ? INT64_MAX : value.get<std::int64_t>();
      if (wide >= 0 && wide <= INT32_MAX) return static_cast<int>(wide);
    }
    if (!error_) fail(key, "a whole number from 0");
    return 0;
  }
  double real(const char* key) {
    const Json& value = at(key);
    if (value.is_number()) return value.get<double>();
    if (!error_) fail(key, "a number");
    return 0;
  }
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> out;
    for (const Json& item : array(key)) {
      if (!item.is_string()) {
        fail(key, "a list of texts");
        return {};
      }
      out.push_back(item.get<std::string>());
    }
    return out;
  }
  const Json& array(const char* key) {
    static const Json kEmpty = Json::array();
    const Json& value = at(key);
    if (value.is_array()) return value;
    if (!error_) fail(key, "a list");
    return kEmpty;
  }
  page::Box box(const char* key) {
    const Json& value = at(key);
    if (value.is_null() || error_) return {};
    std::array<float, 4> sides{};
    bool good = value.is_array() && value.size() == sides.size();
    for (std::size_t i = 0; good && i < sides.size(); ++i) {
      good = value[i].is_number();
      if (good) sides[i] = static_cast<float>(value[i].get<double>());
    }
    if (!good) fail(key, "four numbers");
    return {sides[0], sides[1], sides[2], sides[3]};
  }
  std::optional<std::int64_t> cents(const char* key) {
    const std::string text = text_or_empty(key);
    if (text.empty()) return std::nullopt;
    const auto cents = rules::read_cents(text);
    if (!cents) fail(key, "an amount like \"12.34\"");
    return cents;
  }
  std::optional<std::int64_t> decimal(const char* key) {
    const std::string text = text_or_empty(key);
    if (text.empty()) return std::nullopt;
    const auto rate = rules::parse_rate(text).value;
    if (!rate) fail(key, "a decimal number");
    return rate;
  }
  fields::Reader reader(const char* key) {
    const std::string name = text_or_empty(key);
    if (name.empty()) return fields::Reader::kNone;
    for (const auto reader : {fields::Reader::kOcr, fields::Reader::kTextLayer, fields::Reader::kVlm}) {
      if (name == fields::to_string(reader)) return reader;
    }
    fail(key, "a reader's name");
    return fields::Reader::kNone;
  }
  template <typename T>
  T one_of(const char* key, std::optional<T> (*by_name)(std::string_view), T fallback) {
    const auto value = by_name(text(key));
    if (!value && !error_) fail(key, "one of the known words");
    return value.value_or(fallback);
  }
  void fail(const char* key, const char* expected) {
    if (error_) return;
    error_ = Error{ErrorCode::kMalformed, std::string("expected \"") + key + "\" to be " + expected, where_};
  }

 private:
  const Json& object_;
  std::string where_;
  std::optional<Error> error_;
};

fields::Evidence read_evidence(Reader& parent, const char* key) {
  const Json& json = parent.at(key);
  if (json.is_null()) return {};
  Reader in(json, parent.path(key));
  fields::Evidence evidence{.reader = in.reader("reader"),
                            .page = in.number("page"),
                            .box = in.box("box"),
                            .raw = in.text_or_empty("text"),
                            .label = in.text_or_empty("label")};
  parent.adopt(in);
  return evidence;
}

template <typename T>
std::vector<T> read_list(Reader& parent, const char* key, T (*read)(Reader&)) {
  std::vector<T> out;
  std::size_t index = 0;
  for (const Json& item : parent.array(key)) {
    Reader in(item, parent.path(key) + "[" + std::to_string(index++) + "]");
    out.push_back(read(in));
    parent.adopt(in);
  }
  return out;
}

fields::Reading read_reading(Reader& in) {
  fields::Reading reading;
  reading.evidence.reader = in.reader("reader");
  reading.evidence.source = in.text_or_empty("source");
  reading.value = in.text("value");
  reading.evidence.raw = in.text_or_empty("raw");
  reading.evidence.label = in.text_or_empty("label");
  reading.confidence = in.real("confidence");
  reading.evidence.page = in.number("page");
  reading.evidence.box = in.box("box");
  return reading;
}

fields::Why::Weight read_reason(Reader& in) { return {in.text("feature"), in.real("amount")}; }

fields::Why::Change read_change(Reader& in) {
  fields::Why::Change change{in.text("without"), {}};
  if (!in.at("then").is_null()) change.then = in.text("then");
  return change;
}

fields::Why read_why(Reader& parent) {
  Reader in(parent.at("why"), parent.path("why"));
  fields::Why why;
  why.by = in.one_of("settled_by", fields::settled_by, fields::SettledBy::kNobody);
  why.readings = read_list(in, "readings", read_reading);
  why.reasons = read_list(in, "reasons", read_reason);
  if (!in.at("rival").is_null()) why.rival = in.text("rival");
  why.margin = in.real("margin");
  why.needed = in.real("needed");
  why.changes = read_list(in, "changes", read_change);
  parent.adopt(in);
  return why;
}

record::Value read_value(Reader& parent, const record::FieldSpec& spec) {
  const std::string key(spec.name);
  Reader in(parent.at(key.c_str()), parent.path(key.c_str()));
  record::Value value;
  const Json& printed = in.at("value");
  if (printed.is_boolean() && spec.kind == record::Kind::kBool) {
    value.value = printed.get<bool>() ? "true" : "false";
  } else if (printed.is_string() && spec.kind != record::Kind::kBool) {
    value.value = printed.get<std::string>();
  } else if (!printed.is_null()) {
    in.fail("value", "of its field's type");
  }
  value.raw = in.text_or_empty("raw");
  value.confidence = in.real("confidence");
  value.page = in.number("page");
  value.box = in.box("box");
  value.reader = in.reader("reader");
  value.flags = in.texts("flags");
  if (!value.value) value.absent_reason = in.text_or_empty("absent_reason");
  if (in.has("parts")) {
    const Json& parts = in.at("parts");
    Reader names(parts, in.path("parts"));
    for (const char* name : {"street", "suburb", "state", "postcode"}) {
      if (names.has(name)) value.parts.emplace_back(name, names.text(name));
    }
    in.adopt(names);
  }
  if (in.has("why")) value.why = read_why(in);
  parent.adopt(in);
  return value;
}

record::LineItem read_item(Reader& in) {
  record::LineItem item;
  item.description = in.text("description");
  item.code = in.text_or_empty("code");
  item.quantity_e4 = in.decimal("quantity");
  item.unit = in.text_or_empty("unit");
  item.unit_price_e4 = in.decimal("unit_price");
  item.discount_cents = in.cents("discount");
  item.amount_cents = in.cents("amount");
  item.gst_code = in.text("gst_code");
  item.gst_amount_cents = in.cents("gst_amount");
  item.gst_marker = in.text_or_empty("gst_marker");
  item.raw = in.text_or_empty("raw");
  item.page = in.number("page");
  item.box = in.box("box");
  return item;
}

record::Payment read_payment(Reader& in) {
  record::Payment payment;
  payment.method = in.text("method");
  payment.amount_cents = in.cents("amount");
  payment.card_last4 = in.text_or_empty("card_last4");
  payment.account_type = in.text_or_empty("account_type");
  payment.page = in.number("page");
  payment.box = in.box("box");
  return payment;
}

record::Finding read_finding(Reader& in) {
  record::Finding finding;
  finding.id = in.text("id");
  finding.severity = in.one_of("severity", record::severity, record::Severity::kInfo);
  finding.message = in.text("message");
  finding.evidence = read_evidence(in, "evidence");
  return finding;
}

record::Check read_check(Reader& in) {
  record::Check check;
  check.id = in.text("id");
  check.result = in.one_of("result", record::check_result, record::CheckResult::kNotApplicable);
  check.message = in.text("message");
  check.evidence = read_evidence(in, "evidence");
  check.confidence = in.real("confidence");
  return check;
}

record::Verdict read_verdict(Reader& parent) {
  Reader in(parent.at("verdict"), parent.path("verdict"));
  record::Verdict verdict;
  verdict.result = in.one_of("result", record::verdict_result, record::VerdictResult::kReview);
  verdict.band = in.text_or_empty("band");
  verdict.failed = in.texts("failed");
  verdict.review = in.texts("review");
  verdict.to_confirm = in.texts("to_confirm");
  verdict.creditable_gst_cents = in.cents("creditable_gst");
  verdict.checks = read_list(in, "checks", read_check);
  parent.adopt(in);
  return verdict;
}

void read_pages(Reader& in, Record& record) {
  for (const Json& page : in.array("page_numbers")) {
    if (!page.is_number_integer() || page.get<std::int64_t>() < 1 || page.get<std::int64_t>() > INT32_MAX) {
      return in.fail("page_numbers", "a list of pages from 1");
    }
    record.page_numbers.push_back(page.get<int>());
  }
}

void read_timings(Reader& in, Record& record) {
  if (!in.has("timing_ms")) return;
  const Json& timings = in.at("timing_ms");
  if (!timings.is_object()) return in.fail("timing_ms", "an object");
  for (const auto& [stage, ms] : timings.items()) {
    if (!ms.is_number()) return in.fail("timing_ms", "an object of numbers");
    record.timing_ms[stage] = ms.get<double>();
  }
}

}  // namespace

Result<Record> read_record(const Json& json, const std::string& where) {
  Reader in(json, where);
  Record record;
  record.file = in.text("file");
  record.sha256 = in.text("sha256");
  record.pages = in.number("pages");
  read_pages(in, record);
  record.receipt = in.number("receipt");
  record.receipts = in.number("receipts");
  record.perceptual_hash = in.text_or_empty("perceptual_hash");
  record.document_type = in.text("document_type");
  const Json& all = in.at("fields");
  if (!in.error()) {
    Reader values(all, in.path("fields"));
    for (const auto& spec : record::schema()) {
      record.fields.insert_or_assign(std::string(spec.name), read_value(values, spec));
    }
    in.adopt(values);
  }
  record.line_items = read_list(in, "line_items", read_item);
  record.payments = read_list(in, "payments", read_payment);
  record.findings = read_list(in, "findings", read_finding);
  record.verdict = read_verdict(in);
  read_timings(in, record);
  if (in.error()) return Unexpected{*in.error()};
  return record;
}

Result<Record> read_record_line(std::string_view line, const std::string& where) {
  DOCKET_TRY(const Json json, parse_json(line, where));
  return read_record(json, where);
}

}  // namespace docket::store

#include "store/key_value.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/base/utf8.h"
#include "record/schema.h"
#include "record/typed.h"
#include "rules/money.h"
#include "rules/text.h"

namespace docket::store {
namespace {

constexpr std::string_view kNotFound = "NOT_FOUND";

struct ShortName {
  std::string_view schema, shown;
};
constexpr std::array<ShortName, 16> kShortNames = {{{"supplier_name", "STORE"},
                                                    {"supplier_abn", "ABN"},
                                                    {"supplier_address", "ADDRESS"},
                                                    {"supplier_phone", "PHONE"},
                                                    {"invoice_date", "DATE"},
                                                    {"invoice_time", "TIME"},
                                                    {"gst_amount", "GST"},
                                                    {"total_amount", "TOTAL"},
                                                    {"line_items_description", "ITEMS"},
                                                    {"line_items_quantity", "QUANTITIES"},
                                                    {"line_items_unit_price", "PRICES"},
                                                    {"line_items_amount", "AMOUNTS"},
                                                    {"payments_method", "PAYMENT_METHOD"},
                                                    {"payments_amount", "PAYMENT_AMOUNT"},
                                                    {"compliance_verdict", "VERDICT"},
                                                    {"compliance_band", "BAND"}}};

std::string shown_key(std::string_view name, KeyNames names) {
  const auto* const hit =
      std::find_if(kShortNames.begin(), kShortNames.end(), [&](const ShortName& s) { return s.schema == name; });
  if (names == KeyNames::kShort && hit != kShortNames.end()) return std::string(hit->shown);
  std::string key(name);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return key;
}

std::string one_line(const std::string& text) {
  std::string out = repair_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return std::string(rules::trim(out));
}

class Lines {
 public:
  explicit Lines(KeyNames names) : names_(names) {}

  void add(std::string_view name, const std::string& value) {
    const std::string text = one_line(value);
    out_ += shown_key(name, names_) + ": " + (text.empty() ? std::string(kNotFound) : text) + "\n";
  }

  // One entry an element, so that the lists of one table keep the same length.
  template <typename T>
  void add_list(std::string_view name, const std::vector<T>& elements,
                const std::function<std::string(const T&)>& text) {
    std::string joined;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      std::string entry = one_line(text(elements[i]));
      std::replace(entry.begin(), entry.end(), '|', '/');
      if (i > 0) joined += " | ";
      joined += entry.empty() ? std::string(kNotFound) : entry;
    }
    add(name, joined);
  }

  std::string take() { return std::move(out_); }

 private:
  KeyNames names_;
  std::string out_;
};

std::string cents_text(const std::optional<std::int64_t>& cents) { return cents ? rules::format_cents(*cents) : ""; }
std::string decimal_text(const std::optional<std::int64_t>& e4) { return e4 ? rules::format_rate(*e4) : ""; }

void add_items(Lines& lines, const std::vector<record::LineItem>& items) {
  using Item = record::LineItem;
  lines.add_list<Item>("line_items_description", items, [](const Item& i) { return i.description; });
  lines.add_list<Item>("line_items_code", items, [](const Item& i) { return i.code; });
  lines.add_list<Item>("line_items_quantity", items, [](const Item& i) { return decimal_text(i.quantity_e4); });
  lines.add_list<Item>("line_items_unit", items, [](const Item& i) { return i.unit; });
  lines.add_list<Item>("line_items_unit_price", items, [](const Item& i) { return decimal_text(i.unit_price_e4); });
  lines.add_list<Item>("line_items_discount", items, [](const Item& i) { return cents_text(i.discount_cents); });
  lines.add_list<Item>("line_items_amount", items, [](const Item& i) { return cents_text(i.amount_cents); });
  lines.add_list<Item>("line_items_gst_code", items, [](const Item& i) { return i.gst_code; });
  lines.add_list<Item>("line_items_gst_amount", items, [](const Item& i) { return cents_text(i.gst_amount_cents); });
}

void add_payments(Lines& lines, const std::vector<record::Payment>& payments) {
  using Payment = record::Payment;
  lines.add_list<Payment>("payments_method", payments, [](const Payment& p) { return p.method; });
  lines.add_list<Payment>("payments_amount", payments, [](const Payment& p) { return cents_text(p.amount_cents); });
  lines.add_list<Payment>("payments_card_last4", payments, [](const Payment& p) { return p.card_last4; });
  lines.add_list<Payment>("payments_account_type", payments, [](const Payment& p) { return p.account_type; });
}

void add_compliance(Lines& lines, const record::Verdict& verdict) {
  lines.add("compliance_band", verdict.band);
  std::string result(to_string(verdict.result));
  for (std::size_t i = 0; i < verdict.failed.size(); ++i) result += (i == 0 ? " " : ", ") + verdict.failed[i];
  lines.add("compliance_verdict", result);
  lines.add_list<record::Check>("compliance_checks", verdict.checks, [](const record::Check& check) {
    return check.id + " " + std::string(to_string(check.result));
  });
}

}  // namespace

std::string to_key_value(const record::Record& record, KeyNames names) {
  Lines lines(names);
  for (const auto& spec : record::schema()) {
    if (spec.name == "duplicate_key") add_compliance(lines, record.verdict);
    lines.add(spec.name, record::text_of(record, spec.name));
    if (spec.name == "currency") add_items(lines, record.line_items);
    if (spec.name == "change") add_payments(lines, record.payments);
  }
  return lines.take();
}

}  // namespace docket::store

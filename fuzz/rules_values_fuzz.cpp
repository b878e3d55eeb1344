// The parsers of single values: any text gives a value or flags that say why not, and a value reads back as written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "rules/abn.h"
#include "rules/acn.h"
#include "rules/address.h"
#include "rules/bank.h"
#include "rules/card.h"
#include "rules/date.h"
#include "rules/document_type.h"
#include "rules/money.h"
#include "rules/payment.h"
#include "rules/phone.h"
#include "rules/sensitive.h"
#include "rules/time_of_day.h"

namespace {

using namespace docket::rules;

constexpr Date kToday{2026, 11, 24};

void numbers(std::string_view text) {
  const auto abn = parse_abn(text);
  CHECK(!abn.passed() || abn_passes(abn.digits));
  for (const auto& suggestion : abn.suggestions) CHECK(abn_passes(suggestion));
  const auto acn = parse_acn(text);
  CHECK(!acn.passed() || (acn_passes(acn.digits) && abn_passes(*abn_from_acn(acn.digits))));
}

void amounts(std::string_view text) {
  const auto money = parse_money(text);
  CHECK(money.cents || !money.flags.empty());
  if (money.cents) {
    CHECK(*money.cents <= kMostCents && *money.cents >= -kMostCents);
    CHECK(parse_money(format_cents(*money.cents)).cents == money.cents);
    CHECK(read_cents(format_cents(*money.cents)) == money.cents);
  }
  const auto rate = parse_rate(text);
  CHECK(rate.value || !rate.flags.empty());
  if (rate.value) CHECK(parse_rate(format_rate(*rate.value)).value == rate.value);
}

void dates(std::string_view text) {
  const auto read = parse_date(text, {.today = kToday});
  CHECK(read.date || !read.flags.empty());
  if (read.date) {
    CHECK(is_valid(*read.date));
    CHECK(parse_date(to_iso(*read.date), {.today = kToday}).date == read.date || read.date->year < 1000);
  }
  std::size_t end = 0;
  for (const auto& found : find_dates(text, {.today = kToday, .us_evidence = true})) {
    CHECK(found.begin >= end && found.end > found.begin && found.end <= text.size());
    end = found.end;
  }
  const auto time = parse_time(text);
  if (time.value) CHECK(parse_time(format_time(*time.value)).value == time.value);
  due_date_from_terms(text, kToday);
}

void places(std::string_view text) {
  const auto phone = parse_phone(text, "NSW");
  if (phone.kind != PhoneKind::kNotPhone) CHECK(parse_phone(phone.number).number == phone.number);
  if (const auto address = parse_address(text)) format_address(*address);
  if (const auto bsb = parse_bsb(text)) CHECK(parse_bsb(*bsb) == bsb);
  parse_account(text);
  payment_method(text);
  document_type_by_words(text);
}

void secrets(std::string_view text) {
  const auto once = redact(text);
  CHECK(redact(once.text).text == once.text);
  int cards = 0;
  redact_cards(once.text, &cards);
  CHECK(cards == 0);
  CHECK(parse_card(text).last4.size() <= 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  numbers(text);
  amounts(text);
  dates(text);
  places(text);
  secrets(text);
  return 0;
}

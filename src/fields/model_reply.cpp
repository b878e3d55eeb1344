#include "fields/model_reply.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "fields/grounding.h"
#include "fields/reply_parser.h"
#include "rules/abn.h"
#include "rules/date.h"
#include "rules/document_type.h"
#include "rules/money.h"
#include "rules/payment.h"
#include "rules/text.h"
#include "rules/time_of_day.h"

namespace docket::fields {
namespace {

// Likelier than that no model is, whatever it says of itself.
constexpr double kLeast = 0.01, kMost = 0.99;

double log_odds(double probability) {
  const double p = std::clamp(probability, kLeast, kMost);
  return std::log(p / (1 - p));
}

// The product over the tokens that give the value's bytes.
double probability_of(const ModelReply& reply, Span span) {
  if (reply.tokens.empty()) return reply.confidence;
  double sum = 0;
  std::size_t begin = 0;
  for (const ReplyToken& token : reply.tokens) {
    if (begin < span.end && token.end > span.begin) sum += double{token.logprob};
    begin = token.end;
  }
  return std::exp(sum);
}

ParsedReply parse(const ModelReply& reply) {
  ParseOptions options;
  options.cut_off = reply.cut_off;
  if (reply.asked) options.asked = to_string(*reply.asked);
  return parse_reply(reply.text, options);
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

// The schema fixes the sign of these; a model gives them as printed.
std::string money_value(FieldId field, rules::Cents cents) {
  if (field == FieldId::kDiscountTotal) cents = -std::abs(cents);
  if (field == FieldId::kAmountPaid || field == FieldId::kChange) cents = std::abs(cents);
  return rules::format_cents(cents);
}

// Fills the normalized value; it stays empty when the text cannot be what the field holds.
void set_value(FieldId field, std::string_view text, const rules::DateContext& dates, Candidate& candidate) {
  switch (value_form(to_string(field))) {
    case ValueForm::kText:
    case ValueForm::kCount:
      candidate.value = text;
      return;
    case ValueForm::kMoney: {
      const rules::Money money = rules::parse_money(text);
      if (money.cents) candidate.value = money_value(field, *money.cents);
      candidate.flags = money.flags;
      return;
    }
    case ValueForm::kRate: {
      const auto rate = rules::parse_rate(text);
      if (rate.value) candidate.value = rules::format_rate(*rate.value);
      candidate.flags = rate.flags;
      return;
    }
    case ValueForm::kAbn:
      return set_abn(text, candidate);
    case ValueForm::kDate: {
      const rules::ReadDate read = rules::parse_date(text, dates);
      if (read.date) candidate.value = rules::to_iso(*read.date);
      candidate.flags = read.flags;
      return;
    }
    case ValueForm::kTime: {
      const auto time = rules::parse_time(text);
      if (time.value) candidate.value = rules::format_time(*time.value);
      candidate.flags = time.flags;
      return;
    }
    case ValueForm::kDocumentType: {
      auto type = rules::document_type(rules::lower(text));
      if (!type) type = rules::document_type_by_words(text);
      if (type) candidate.value = rules::to_string(*type);
      return;
    }
    case ValueForm::kYesNo: {
      const std::string word = rules::lower(text);
      if (word == "yes" || word == "true") candidate.value = "true";
      return;
    }
  }
}

bool is_own(const Context& context, FieldId field, const std::string& value) {
  return field == FieldId::kSupplierAbn &&
         std::find(context.own_abns.begin(), context.own_abns.end(), value) != context.own_abns.end();
}

// What a value loses beside another reader: above all where that one's words do not show it. Kinds of document are not
// printed as such.
void weigh_grounding(const SeenWords& seen, FieldId field, std::string_view text, Candidate& candidate) {
  const ValueForm form = value_form(to_string(field));
  if (!seen.enough() || form == ValueForm::kDocumentType || form == ValueForm::kYesNo) return;
  const auto cents = form == ValueForm::kMoney ? rules::read_cents(candidate.value) : std::nullopt;
  const double distance = cents ? seen.amount_distance(*cents) : seen.text_distance(text);
  weigh(candidate, "vlm.unseen", distance);
  candidate.printed = cents && distance == 0;
  if (cents) weigh(candidate, "vlm.amount");  // the paper shows many amounts, and a model takes one for another
  if (distance >= 0.5) candidate.flags.emplace_back("ungrounded");
}

void add(const ModelReply& reply, const ReplyValue& value, const SeenWords& seen, const Context& context,
         const rules::DateContext& dates, Candidates& candidates) {
  const auto field = field_id(value.key);
  if (!field) return;
  Candidate candidate;
  const double probability = probability_of(reply, value.span);
  candidate.evidence = {Reader::kVlm, reply.page,  {}, value.text, std::min(1.0, probability),
                        value.label,  reply.source};
  // A model is surer of itself than it is right; when it doubts, it has reason to.
  const double odds = log_odds(probability);
  weigh(candidate, odds > 0 ? "vlm.sure" : "vlm.unsure", odds);
  if (value.doubted) {
    weigh(candidate, "vlm.doubted");
    candidate.flags.emplace_back("doubted");
  }
  set_value(*field, value.text, dates, candidate);
  if (candidate.value.empty() || is_own(context, *field, candidate.value)) return;
  weigh_grounding(seen, *field, value.text, candidate);
  candidates.add(*field, std::move(candidate));
}

std::optional<std::string> decimal(std::string_view text) {
  const rules::Money money = rules::parse_money(text);
  if (money.cents) return rules::format_cents(*money.cents);
  return std::nullopt;
}

// Column of the lines sold, without the prefix.
void set_column(std::string_view column, const std::string& text, LineItem& item) {
  if (column == "description") item.description = text;
  if (column == "quantity") {
    const auto rate = rules::parse_rate(text);
    if (rate.value) item.quantity = rules::format_rate(*rate.value);
  }
  if (column == "unit_price") item.unit_price = decimal(text);
  if (column == "amount") item.amount = decimal(text);
}

}  // namespace

void find_in_replies(const std::vector<ModelReply>& replies, const std::vector<ocr::Words>& pages,
                     const Context& context, Candidates& candidates) {
  const SeenWords seen(pages);
  std::vector<ParsedReply> parsed;
  parsed.reserve(replies.size());
  for (const ModelReply& reply : replies) parsed.push_back(parse(reply));
  rules::DateContext dates;
  dates.today = context.today;
  for (const ParsedReply& reply : parsed) {
    for (const ReplyValue& value : reply.values) {
      if (value_form(value.key) == ValueForm::kAbn && rules::parse_abn(value.text).passed()) {
        dates.australian_evidence = true;
      }
    }
  }
  for (std::size_t i = 0; i < replies.size(); ++i) {
    for (const ReplyValue& value : parsed[i].values) add(replies[i], value, seen, context, dates, candidates);
  }
}

std::vector<LineItem> items_in_replies(const std::vector<ModelReply>& replies) {
  std::vector<LineItem> best;
  for (const ModelReply& reply : replies) {
    std::map<int, LineItem> lines;
    for (const ReplyValue& value : parse(reply).values) {
      if (!value.key.starts_with(kItemPrefix) || value.item < 0) continue;
      LineItem& item = lines[value.item];
      set_column(value.key.substr(kItemPrefix.size()), value.text, item);
      item.evidence = {Reader::kVlm, reply.page,  {}, item.description, probability_of(reply, value.span),
                       "",           reply.source};
    }
    std::vector<LineItem> named;
    for (auto& [index, item] : lines) {
      if (!item.description.empty()) named.push_back(std::move(item));
    }
    if (named.size() > best.size()) best = std::move(named);
  }
  return best;
}

std::vector<Payment> payments_in_replies(const std::vector<ModelReply>& replies) {
  std::vector<Payment> out;
  for (const ModelReply& reply : replies) {
    for (const ReplyValue& value : parse(reply).values) {
      if (value.key != "payment_method") continue;
      std::string_view rest = value.text;
      while (!rest.empty()) {
        const std::size_t bar = std::min(rest.find('|'), rest.size());
        const std::string_view part = rules::trim(rest.substr(0, bar));
        rest.remove_prefix(std::min(bar + 1, rest.size()));
        const auto method = rules::payment_method(part);
        const bool known =
            method && std::any_of(out.begin(), out.end(), [&](const Payment& p) { return p.method == *method; });
        if (!method || known) continue;
        Payment& payment = out.emplace_back();
        payment.method = *method;
        payment.evidence = {Reader::kVlm, reply.page,  {}, std::string(part), probability_of(reply, value.span),
                            value.label,  reply.source};
      }
    }
  }
  return out;
}

}  // namespace docket::fields

#include "fields/reply_phrases.h"

#include <array>
#include <optional>

#include "rules/text.h"

namespace docket::fields {
namespace {

// Everyday words that name a field in a list but not in a sentence.
bool too_common(std::string_view word) {
  return any_of(word, {"from",
                       "type",
                       "kind",
                       "classification",
                       "document",
                       "receipt",
                       "invoice",
                       "order",
                       "reference",
                       "ref",
                       "bill",
                       "items",
                       "item",
                       "lines",
                       "service",
                       "services",
                       "product",
                       "products",
                       "goods",
                       "description",
                       "price",
                       "prices",
                       "rate",
                       "each",
                       "count",
                       "units",
                       "quantity",
                       "card",
                       "account",
                       "payment",
                       "balance",
                       "issued",
                       "amount",
                       "location",
                       "biller",
                       "fuel",
                       "grade",
                       "volume",
                       "change",
                       "paid",
                       "server",
                       "staff",
                       "terminal",
                       "pos",
                       "lane",
                       "provider",
                       "po",
                       "data",
                       "rounded",
                       "tender",
                       "issuer",
                       "net",
                       "recipient",
                       "guest",
                       "till",
                       "register",
                       "statement_number",
                       "summe"});
}

// Whether between two words of one label stands nothing that parts them.
bool joined(std::string_view text, const Word& a, const Word& b) {
  for (std::size_t i = a.span.end; i < b.span.begin; ++i) {
    if (std::string_view(" -_/'(),&*`\"\xE2\x80\x99").find(text[i]) == std::string_view::npos) return false;
  }
  return b.span.begin - a.span.end <= 4;
}

constexpr std::array<std::string_view, 14> kBeforeSupplier = {
    "issued by",    "sold by",        "supplied by", "receipt from", "invoice from", "docket from",  "purchase from",
    "purchased at", "purchased from", "bought at",   "bought from",  "purchase at",  "store called", "made at"};
constexpr std::array<std::string_view, 6> kBeforePayment = {"paid by",  "paid with", "paid using",
                                                            "paid via", "made by",   "made using"};

std::optional<Phrase> phrase_at(std::string_view text, const std::vector<Word>& words, std::size_t first) {
  std::vector<std::string> kept;
  std::string said;
  std::optional<Phrase> best;
  for (std::size_t i = first; i < words.size() && kept.size() < kMostLabelWords; ++i) {
    if (i > first && !joined(text, words[i - 1], words[i])) break;
    said += (said.empty() ? "" : " ") + words[i].text;
    if (std::find(kBeforeSupplier.begin(), kBeforeSupplier.end(), said) != kBeforeSupplier.end()) {
      best = Phrase{first, i, "supplier_name", true};
    }
    if (std::find(kBeforePayment.begin(), kBeforePayment.end(), said) != kBeforePayment.end()) {
      best = Phrase{first, i, "payment_method", true};
    }
    if (is_filler(words[i].text)) {
      if (i == first) return best;
      continue;
    }
    kept.push_back(words[i].text);
    if (said == "tax invoice") best.reset();
    if ((kept.size() == 1 && too_common(kept[0])) || said == "tax invoice") continue;
    if (best && best->direct && best->last == i) continue;
    if (const auto key = key_of_words(kept); key && !key->starts_with(kItemPrefix))
      best = Phrase{first, i, *key, false};
  }
  return best;
}

}  // namespace

std::vector<Span> sentences_of(std::string_view text, Span within) {
  std::vector<Span> out;
  std::size_t begin = within.begin;
  for (std::size_t i = within.begin; i < within.end; ++i) {
    const char c = text[i];
    bool ends = c == '\n';
    if ((c == '.' || c == '!' || c == '?') && (i + 1 >= within.end || rules::is_space(text[i + 1]))) {
      std::size_t word = i;
      while (word > begin && rules::is_alpha(text[word - 1])) --word;
      const std::string last = rules::lower(text.substr(word, i - word));
      std::size_t next = i + 1;
      while (next < within.end && rules::is_space(text[next])) ++next;
      const bool small = next < within.end && text[next] >= 'a' && text[next] <= 'z';
      ends = !any_of(last, {"pty", "st", "rd", "no", "incl", "inc", "excl", "approx", "mr", "mrs", "ms", "dr", "co",
                            "bros", "ave", "a", "p"}) &&
             !small;
    }
    if (!ends) continue;
    out.push_back({begin, i});
    begin = i + 1;
  }
  if (begin < within.end) out.push_back({begin, within.end});
  return out;
}

std::vector<Word> words_in(std::string_view text, Span span) {
  std::vector<Word> out;
  for (std::size_t i = span.begin; i < span.end;) {
    if (!rules::is_alpha(text[i]) && !rules::is_digit(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < span.end && (rules::is_alpha(text[end]) || rules::is_digit(text[end]))) ++end;
    out.push_back({{i, end}, rules::lower(text.substr(i, end - i))});
    i = end;
  }
  return out;
}

std::vector<Phrase> phrases_in(std::string_view text, const std::vector<Word>& words) {
  std::vector<Phrase> out;
  for (std::size_t i = 0; i < words.size();) {
    const auto phrase = phrase_at(text, words, i);
    if (phrase) out.push_back(*phrase);
    i = phrase ? phrase->last + 1 : i + 1;
  }
  return out;
}

}  // namespace docket::fields

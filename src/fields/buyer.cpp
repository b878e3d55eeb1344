// buyer_name and buyer_address: what stands under or behind "bill to", "sold to", "customer".
#include <algorithm>
#include <string>

#include "fields/finders.h"
#include "fields/name_text.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

bool is_name(const Document& document, const ValuePlace& place) {
  const std::string text = text_of(document.line(place.line), place.first, place.last);
  if (count_letters(text) < 3 || count_digits(text) > count_letters(text)) return false;
  for (const LabelHit& hit : document.labels[place.line]) {
    if (hit.label == Label::kAbn && hit.first >= place.first && hit.first < place.last) return false;
  }
  return !looks_like_address(text) || ends_with_company_suffix(text);
}

}  // namespace

void find_buyer(const Document& document, Candidates& candidates) {
  std::string address;
  page::Box box;
  Evidence first_line;
  bool named = false;
  for (const ValuePlace& place : document.buyer) {
    const Line& line = document.line(place.line);
    const std::string text = text_of(line, place.first, place.last);
    if (!named && is_name(document, place)) {
      Candidate candidate;
      candidate.evidence = evidence_of(line, place.first, place.last);
      bool repaired = false;
      candidate.value = name_value(text, repaired);
      weigh(candidate, place.below ? "buyer.name_below" : "buyer.name_beside");
      weigh(candidate, "name.confidence", confidence_of(line, place.first, place.last) - 0.85);
      candidates.add(FieldId::kBuyerName, std::move(candidate));
      named = true;
      continue;
    }
    const bool labelled =
        std::any_of(document.labels[place.line].begin(), document.labels[place.line].end(), [&](const LabelHit& hit) {
          return hit.first >= place.first && hit.first < place.last &&
                 (hit.label == Label::kAbn || hit.label == Label::kPhone || hit.label == Label::kEmail);
        });
    if (!named || labelled || text.find('@') != std::string::npos) continue;
    if (address.empty()) first_line = evidence_of(line, place.first, place.last);
    address += (address.empty() ? "" : " ") + text;
    box = page::unite(box, box_of(line, place.first, place.last));
  }
  if (address.empty() || !looks_like_address(address)) return;
  Candidate candidate;
  candidate.value = address;
  candidate.evidence = first_line;
  candidate.evidence.raw = address;
  candidate.evidence.box = box;
  weigh(candidate, "buyer.address");
  candidates.add(FieldId::kBuyerAddress, std::move(candidate));
}

}  // namespace docket::fields

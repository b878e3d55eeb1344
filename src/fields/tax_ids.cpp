// supplier_abn, supplier_gst_branch, supplier_acn and buyer_abn.
#include <algorithm>
#include <optional>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/abn.h"
#include "rules/acn.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostParts = 6;  // "5 1 8 2 4 ..." is never printed wider apart than this

struct SeenAbn {
  std::size_t line, first, last;
  rules::Abn abn;
  bool labelled = false;
  std::string label;
};

// Digits, and letters that OCR makes of digits ("OOO"), with separators.
bool could_be_number(const std::string& text) {
  int digits = 0;
  for (char c : text) {
    if (!is_digit(c) && !is_letter(c)) continue;
    if (!rules::digit_for(c)) return false;
    ++digits;
  }
  return digits > 0;
}

// The window of Tokens from `first` that reads best as an ABN: one that passes, else the longest of the right length.
std::optional<SeenAbn> abn_at(const Line& line, std::size_t index, std::size_t first) {
  std::optional<SeenAbn> best;
  for (std::size_t last = first + 1; last <= line.tokens.size() && last <= first + kMostParts; ++last) {
    if (!could_be_number(line.tokens[last - 1].text) && last > first + 1) break;
    const rules::Abn abn = rules::parse_abn(text_of(line, first, last));
    if (abn.passed()) {
      best = SeenAbn{index, first, last, abn, false, {}};
      // A branch number may follow.
      continue;
    }
    if (abn.status == rules::AbnStatus::kBadChecksum && !best) best = SeenAbn{index, first, last, abn, false, {}};
  }
  return best;
}

std::vector<SeenAbn> find_abns(const Document& document) {
  std::vector<SeenAbn> seen;
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    std::size_t taken = 0;
    for (const LabelHit& hit : document.labels[i]) {
      if (hit.label != Label::kAbn) continue;
      // The label may be glued to the number ("ABN73004700485").
      for (std::size_t first : {hit.last, hit.last - 1}) {
        if (first >= line.tokens.size() || first < taken) continue;
        auto found = abn_at(line, i, first);
        if (!found) continue;
        found->labelled = true;
        found->label = label_text(document, i, hit);
        taken = found->last;
        seen.push_back(std::move(*found));
        break;
      }
      // Or the number stands on the next line.
      if (hit.last >= line.tokens.size() && i + 1 < document.line_count()) {
        if (auto found = abn_at(document.line(i + 1), i + 1, 0)) {
          found->labelled = true;
          found->label = label_text(document, i, hit);
          seen.push_back(std::move(*found));
        }
      }
    }
    for (std::size_t t = taken; t < line.tokens.size(); ++t) {
      if (!could_be_number(line.tokens[t].text)) continue;
      const bool known = std::any_of(seen.begin(), seen.end(), [&](const SeenAbn& abn) {
        return abn.line == i && t >= abn.first && t < abn.last;
      });
      auto found = known ? std::nullopt : abn_at(line, i, t);
      // Without a label only a number that is clean and passes: one random number in 89 does.
      if (!found || found->abn.status > rules::AbnStatus::kValidBranch) continue;
      t = found->last - 1;
      seen.push_back(std::move(*found));
    }
  }
  return seen;
}

std::optional<std::string> printed_acn(const Document& document, Candidates& candidates) {
  std::optional<std::string> acn;
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    for (const LabelHit& hit : document.labels[i]) {
      if (hit.label != Label::kAcn) continue;
      for (std::size_t last = std::min(line.tokens.size(), hit.last + 4); last > hit.last; --last) {
        const rules::Acn read = rules::parse_acn(text_of(line, hit.last, last));
        if (!read.passed()) continue;
        Candidate candidate;
        candidate.value = read.digits;
        candidate.evidence = evidence_of(line, hit.last, last, label_text(document, i, hit));
        if (read.status == rules::AcnStatus::kRepairedLetters) candidate.flags.emplace_back("letters_repaired");
        weigh(candidate, "acn.labelled");
        if (document.is_buyer(i, hit.first)) weigh(candidate, "abn.buyer");
        candidates.add(FieldId::kSupplierAcn, std::move(candidate));
        if (!acn) acn = read.digits;
        break;
      }
    }
  }
  return acn;
}

bool is_own(const Context& context, const std::string& abn) {
  return std::find(context.own_abns.begin(), context.own_abns.end(), abn) != context.own_abns.end();
}

Candidate abn_candidate(const Document& document, const SeenAbn& seen) {
  const Line& line = document.line(seen.line);
  Candidate candidate;
  candidate.value = seen.abn.digits.substr(0, 11);
  candidate.evidence = evidence_of(line, seen.first, seen.last, seen.label);
  candidate.flags.emplace_back(rules::to_string(seen.abn.status));
  weigh(candidate, "abn.bias");
  if (seen.labelled) weigh(candidate, "abn.labelled");
  if (seen.abn.repaired()) weigh(candidate, "abn.repaired");
  if (!seen.abn.passed()) weigh(candidate, "abn.bad_checksum");
  if (document.rows.blocks[seen.line] == Block::kEftpos) weigh(candidate, "abn.in_eftpos");
  if (document.rows.blocks[seen.line] == Block::kHeader) weigh(candidate, "abn.in_header");
  return candidate;
}

}  // namespace

void find_tax_ids(const Document& document, Candidates& candidates) {
  const auto acn = printed_acn(document, candidates);
  for (SeenAbn& seen : find_abns(document)) {
    if (!seen.abn.passed() && acn) {
      rules::AbnEvidence evidence;
      evidence.printed_acn = *acn;
      seen.abn = rules::promote_abn(seen.abn, evidence);
    }
    const bool buyer = document.is_buyer(seen.line, seen.first);
    const bool own = is_own(document.context, seen.abn.digits);
    Candidate supplier = abn_candidate(document, seen);
    Candidate purchaser = supplier;
    weigh(supplier, "abn.buyer", buyer || own ? 1 : 0);
    if (!own) candidates.add(FieldId::kSupplierAbn, supplier);
    weigh(purchaser, buyer || own ? "abn.is_buyers" : "abn.not_buyers");
    candidates.add(FieldId::kBuyerAbn, std::move(purchaser));
    if (!seen.abn.branch.empty() && !buyer) {
      supplier.value = seen.abn.branch;
      candidates.add(FieldId::kSupplierGstBranch, std::move(supplier));
    }
  }
}

}  // namespace docket::fields

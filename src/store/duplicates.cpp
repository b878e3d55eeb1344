#include "store/duplicates.h"

#include <algorithm>
#include <set>

#include "core/base/utf8.h"
#include "record/perceptual_hash.h"
#include "record/typed.h"

namespace docket::store {
namespace {

constexpr char kBetween = '\x1f';

struct Key {
  std::string reason, text;
  std::string joined() const { return reason + kBetween + text; }
};

// Every key under which two records count as possible duplicates.
std::vector<Key> keys_of(const record::Record& record) {
  using record::text_of;
  std::vector<Key> keys;
  if (!record.sha256.empty()) keys.push_back({"same_file", record.sha256});
  const std::string number = letters_and_digits(text_of(record, "invoice_number"));
  const std::string total = text_of(record, "total_amount");
  const std::string date = text_of(record, "invoice_date");
  const std::string abn = text_of(record, "supplier_abn");
  const std::string name = letters_and_digits(text_of(record, "supplier_name"));
  if (!abn.empty() && !number.empty()) keys.push_back({"same_abn_and_number", abn + kBetween + number});
  const auto three = [&](const char* which, std::initializer_list<const std::string*> parts) {
    std::string text = which;
    for (const auto* part : parts) {
      if (part->empty()) return;
      text += kBetween + *part;
    }
    keys.push_back({"three_of_four_equal", text});
  };
  three("ntd", {&number, &total, &date});
  // The supplier counts as equal by ABN or by name.
  for (const auto& [kind, supplier] : {std::pair{"a", &abn}, std::pair{"s", &name}}) {
    three((std::string(kind) + "nt").c_str(), {supplier, &number, &total});
    three((std::string(kind) + "nd").c_str(), {supplier, &number, &date});
    three((std::string(kind) + "td").c_str(), {supplier, &total, &date});
  }
  return keys;
}

std::string sentence(const DuplicateMatch& match) {
  std::string why;
  for (const auto& reason : match.reasons) {
    std::string words = reason;
    std::replace(words.begin(), words.end(), '_', ' ');
    why += (why.empty() ? "" : ", ") + words;
  }
  return "May be the same purchase as " + match.id + ": " + why + ".";
}

}  // namespace

std::string document_id(const record::Record& record) {
  return record.receipts > 1 ? record.file + "#" + std::to_string(record.receipt + 1) : record.file;
}

std::vector<DuplicateMatch> DuplicateIndex::find(const record::Record& record) const {
  std::map<std::size_t, std::set<std::string>> hits;
  for (const auto& key : keys_of(record)) {
    const auto found = by_key_.find(key.joined());
    if (found == by_key_.end()) continue;
    for (const std::size_t at : found->second) hits[at].insert(key.reason);
  }
  if (!record.perceptual_hash.empty()) {
    for (std::size_t at = 0; at < seen_.size(); ++at) {
      if (record::hash_distance(seen_[at].perceptual_hash, record.perceptual_hash) > kSamePictureBits) continue;
      hits[at].insert("same_picture");
    }
  }
  std::vector<DuplicateMatch> matches;
  for (const auto& [at, reasons] : hits) {
    const Seen& seen = seen_[at];
    if (seen.file == record.file && seen.sha256 == record.sha256) continue;
    matches.push_back({seen.id, {reasons.begin(), reasons.end()}});
    if (matches.size() == kMostMatches) break;
  }
  return matches;
}

void DuplicateIndex::add(const record::Record& record) {
  for (const auto& key : keys_of(record)) by_key_[key.joined()].push_back(seen_.size());
  seen_.push_back({document_id(record), record.file, record.sha256, record.perceptual_hash});
}

void mark_duplicates(DuplicateIndex& index, record::Record& record) {
  for (const auto& match : index.find(record)) {
    record.findings.push_back({kPossibleDuplicate, record::Severity::kWarning, sentence(match), {}});
  }
  index.add(record);
}

}  // namespace docket::store

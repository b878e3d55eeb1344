// Finding documents that are the same purchase, across a batch. Nothing is ever dropped: a person decides.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "record/record.h"

namespace docket::store {

// How one document is named in another's finding: the file, with "#2" for the second receipt of several.
std::string document_id(const record::Record& record);

struct DuplicateMatch {
  std::string id;                    // of the earlier document
  std::vector<std::string> reasons;  // "same_file", "same_picture", "same_abn_and_number", "three_of_four_equal"
};

// Records seen so far. Not thread-safe: results depend on the order, so one place adds them in the order of the input.
class DuplicateIndex {
 public:
  // Earlier documents that `record` may be a duplicate of, earliest first, at most kMostMatches: same content; pictures
  // that look the same; same ABN and invoice number; three of {ABN or name, number, total, date} equal. Other receipts
  // of the same file are not duplicates.
  std::vector<DuplicateMatch> find(const record::Record& record) const;
  void add(const record::Record& record);

  static constexpr std::size_t kMostMatches = 5;
  // Bits of 256 that may differ between two pictures that look the same (docs/decisions/0003 has the measurement).
  static constexpr int kSamePictureBits = 6;

 private:
  struct Seen {
    std::string id, file, sha256, perceptual_hash;
  };
  std::vector<Seen> seen_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_key_;  // "reason\0key" -> places in seen_
};

inline constexpr const char* kPossibleDuplicate = "possible_duplicate";
// find, then a warning kPossibleDuplicate for each match, then add.
void mark_duplicates(DuplicateIndex& index, record::Record& record);

}  // namespace docket::store

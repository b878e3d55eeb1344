// Results of a batch that many threads read, written in the order of the input whatever order they finish in, so that
// an interrupted and resumed run gives the same bytes as an uninterrupted one.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "record/record.h"
#include "store/duplicates.h"
#include "store/journal.h"
#include "store/json.h"

namespace docket::store {

class BatchWriter {
 public:
  struct Options {
    bool resume = false;
    bool timings = false;       // timings differ between runs: with them, two runs' files differ, too
    bool retry_failed = false;  // resume, and read again what failed
  };

  // With retry_failed, where something in the file had failed, the results go to a file of their own beside it,
  // "NAME.retry", and `finish` puts that in its place: until then the earlier results stand as they were, and after a
  // crash the same options go on. Errors: those of Journal::open.
  static Result<std::unique_ptr<BatchWriter>> open(const std::filesystem::path& path, const Options& options);

  // The documents of the whole run, before the first of them is skipped or submitted: earlier results of others are
  // kept, ahead of theirs. Errors: kIo, kMalformed.
  Status begin(std::span<const std::string> files);

  // Whether an earlier run did this document, or did it well where failures are read again: then `index` counts as
  // written, and nothing else may be submitted for it. Thread-safe.
  Result<bool> skip_if_done(std::size_t index, const std::string& file, const std::string& sha256);

  // One document's records (one a receipt) or its error, by its place in the input from 0. Thread-safe; each place
  // exactly once (CHECK). Records wait until all earlier places are written; duplicates of earlier documents are marked
  // then. Errors: kIo, which also every later call returns: results are never written with a gap.
  Status submit(std::size_t index, std::vector<record::Record> records);
  Status submit_error(std::size_t index, const std::string& file, const std::string& sha256, const Error& error);

  // After the last document. Errors: kIo.
  Status finish();

  int documents() const;     // in the file now, earlier runs' included
  std::size_t held() const;  // finished, waiting for an earlier place
  std::int64_t cut_bytes() const { return journal_.cut_bytes(); }

 private:
  struct Item {
    bool done = false;
    std::vector<record::Record> records;
    std::string line;                            // of an error
    std::optional<Journal::Document> kept = {};  // of the earlier results
  };

  BatchWriter(Journal journal, Options options, DuplicateIndex duplicates)
      : journal_(std::move(journal)), options_(options), duplicates_(std::move(duplicates)) {}
  Status put(std::size_t index, Item item);
  Status write(Item& item);
  Result<Item> again(const Journal::Document& kept) const;

  mutable std::mutex mutex_;
  Journal journal_;
  std::optional<Journal> earlier_;  // the results that journal_ will stand in for
  std::filesystem::path path_;      // that were asked for
  Options options_;
  DuplicateIndex duplicates_;
  std::map<std::size_t, Item> held_;
  std::size_t next_ = 0;
  Status broken_;
};

}  // namespace docket::store

// Results of a batch that many threads read, written in the order of the input whatever order they finish in, so that
// an interrupted and resumed run gives the same bytes as an uninterrupted one.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
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
    bool timings = false;  // timings differ between runs: with them, two runs' files differ, too
  };

  // Errors: those of Journal::open.
  static Result<std::unique_ptr<BatchWriter>> open(const std::filesystem::path& path, const Options& options);

  // Whether an earlier run did this document: then `index` counts as written, and nothing else may be submitted for it.
  // Thread-safe.
  Result<bool> skip_if_done(std::size_t index, const std::string& file, const std::string& sha256);

  // One document's records (one a receipt) or its error, by its place in the input from 0. Thread-safe; each place
  // exactly once (CHECK). Records wait until all earlier places are written; duplicates of earlier documents are marked
  // then. Errors: kIo, which also every later call returns: results are never written with a gap.
  Status submit(std::size_t index, std::vector<record::Record> records);
  Status submit_error(std::size_t index, const std::string& file, const std::string& sha256, const Error& error);

  int documents() const;     // in the file now, earlier runs' included
  std::size_t held() const;  // finished, waiting for an earlier place
  std::int64_t cut_bytes() const { return journal_.cut_bytes(); }

 private:
  struct Item {
    bool done = false;
    std::vector<record::Record> records;
    std::string line;  // of an error
  };

  BatchWriter(Journal journal, Options options, DuplicateIndex duplicates)
      : journal_(std::move(journal)), options_(options), duplicates_(std::move(duplicates)) {}
  Status put(std::size_t index, Item item);
  Status write(Item& item);

  mutable std::mutex mutex_;
  Journal journal_;
  Options options_;
  DuplicateIndex duplicates_;
  std::map<std::size_t, Item> held_;
  std::size_t next_ = 0;
  Status broken_;
};

}  // namespace docket::store

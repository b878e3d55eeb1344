// extract: the whole pipe: the bytes of a file in, validated records out. START HERE: extract.cpp reads top down.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "extract/options.h"
#include "extract/reader.h"
#include "record/record.h"

namespace docket::extract {

// Holds the readers, which are costly to make, for any number of documents. Not to be shared between threads.
class Extractor {
 public:
  // Errors: kUnavailable (make_readers).
  static Result<Extractor> create(const Options& options);

  // One record a document: all pages of a file are one document, but several receipts on one page are one each.
  // Never empty: a file that shows nothing gives a record with nothing found and a finding that says so.
  // `file` stands in the records and errors. Errors: those of read_pages; those of the reader when no page could be
  // read.
  // `reason`, where given, is why a better reader does not read it: a finding of the records.
  Result<std::vector<record::Record>> extract(std::span<const std::uint8_t> bytes, const std::string& file,
                                              const std::string& reason = {});

  // The same, reading the file first. Errors: those of read_file as well.
  Result<std::vector<record::Record>> extract_file(const std::string& file);

  // What asking the model has cost so far; nothing where there is none.
  Usage model_usage() const { return readers_.talker ? readers_.talker->usage() : Usage{}; }

 private:
  Result<Readings> read_paper_or_words(std::span<const page::Page> pages, const fields::Context& context);
  Extractor(Options options, Readers readers) : options_(std::move(options)), readers_(std::move(readers)) {}

  Options options_;
  Readers readers_;
};

}  // namespace docket::extract

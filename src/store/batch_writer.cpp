#include "store/batch_writer.h"

#include <set>

#include "core/base/check.h"
#include "core/base/utf8.h"

namespace docket::store {

Result<std::unique_ptr<BatchWriter>> BatchWriter::open(const std::filesystem::path& path, const Options& options) {
  DuplicateIndex duplicates;
  const auto remember = [&](const Json& line, int number) -> Status {
    if (line.contains("error")) return {};
    DOCKET_TRY(const auto record, read_record(line, path.string() + ":" + std::to_string(number)));
    duplicates.add(record);
    return {};
  };
  const bool resume = options.resume || options.retry_failed;
  std::filesystem::path target = path;
  std::optional<Journal> earlier;
  if (options.retry_failed) {
    target += ".retry";
    DOCKET_TRY(earlier, Journal::open(path, Journal::Mode::kResume));
    if (!earlier->has_failures() && !std::filesystem::exists(target)) {
      earlier.reset();
      target = path;
    }
  }
  DOCKET_TRY(auto journal, Journal::open(target, resume ? Journal::Mode::kResume : Journal::Mode::kCreate, remember));
  std::unique_ptr<BatchWriter> writer(new BatchWriter(std::move(journal), options, std::move(duplicates)));
  writer->earlier_ = std::move(earlier);
  writer->path_ = path;
  return writer;
}

Status BatchWriter::begin(std::span<const std::string> files) {
  if (!earlier_) return {};
  const std::lock_guard lock(mutex_);
  std::set<std::string> mine;
  for (const std::string& file : files) mine.insert(repair_utf8(file));
  for (const Journal::Document& document : earlier_->left()) {
    if (mine.count(document.file) > 0 || journal_.take_done(document.file, document.sha256)) continue;
    DOCKET_TRY(Item item, again(document));
    DOCKET_TRY_VOID(write(item));
  }
  return {};
}

Status BatchWriter::finish() {
  const std::lock_guard lock(mutex_);
  CHECK(held_.empty(), "%zu documents wait for an earlier one", held_.size());
  if (!earlier_) return {};
  DOCKET_TRY_VOID(journal_.rename(path_));
  earlier_.reset();
  return {};
}

Result<bool> BatchWriter::skip_if_done(std::size_t index, const std::string& file, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  Item item{.done = true, .records = {}, .line = {}};
  const bool written = journal_.take_done(file, sha256);
  if (earlier_) {
    const auto known = earlier_->take(file, sha256);
    if (!written && (!known || known->failed)) return false;
    if (!written) item = Item{.done = false, .records = {}, .line = {}, .kept = known};
  } else if (!written) {
    return false;
  }
  DOCKET_TRY_VOID(put(index, std::move(item)));
  return true;
}

Status BatchWriter::submit(std::size_t index, std::vector<record::Record> records) {
  CHECK(!records.empty(), "a document without records, at place %zu", index);
  const std::lock_guard lock(mutex_);
  return put(index, Item{.done = false, .records = std::move(records), .line = {}});
}

Status BatchWriter::submit_error(std::size_t index, const std::string& file, const std::string& sha256,
                                 const Error& error) {
  const std::lock_guard lock(mutex_);
  return put(index, Item{.done = false, .records = {}, .line = error_line(file, sha256, error)});
}

int BatchWriter::documents() const {
  const std::lock_guard lock(mutex_);
  return journal_.documents();
}

std::size_t BatchWriter::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

Status BatchWriter::put(std::size_t index, Item item) {
  CHECK(index >= next_ && held_.find(index) == held_.end(), "place %zu twice", index);
  held_.emplace(index, std::move(item));
  for (auto first = held_.begin(); broken_ && first != held_.end() && first->first == next_; first = held_.begin()) {
    broken_ = write(first->second);
    if (!broken_) break;
    held_.erase(first);
    ++next_;
  }
  return broken_;
}

// Of a document that is kept, as it was submitted: what it is a duplicate of is found anew, since what failed before it
// may have been read now.
Result<BatchWriter::Item> BatchWriter::again(const Journal::Document& kept) const {
  Item item;
  DOCKET_TRY(const std::vector<std::string> lines, earlier_->read(kept));
  for (const std::string& line : lines) {
    if (kept.failed) {
      item.line = line;
      continue;
    }
    DOCKET_TRY(const Json json, parse_json(line, path_.string()));
    DOCKET_TRY(record::Record record, read_record(json, path_.string()));
    std::erase_if(record.findings, [](const record::Finding& finding) { return finding.id == kPossibleDuplicate; });
    item.records.push_back(std::move(record));
  }
  return item;
}

Status BatchWriter::write(Item& item) {
  if (item.done) return {};
  if (item.kept) {
    DOCKET_TRY(item, again(*item.kept));
  }
  std::vector<std::string> lines;
  for (auto& record : item.records) {
    mark_duplicates(duplicates_, record);
    lines.push_back(to_json_line(record, {.timings = options_.timings}));
  }
  if (!item.line.empty()) lines.push_back(std::move(item.line));
  return journal_.append(lines);
}

}  // namespace docket::store

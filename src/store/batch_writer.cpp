#include "store/batch_writer.h"

#include "core/base/check.h"

namespace docket::store {

Result<std::unique_ptr<BatchWriter>> BatchWriter::open(const std::filesystem::path& path, const Options& options) {
  DuplicateIndex duplicates;
  const auto remember = [&](const Json& line, int number) -> Status {
    if (line.contains("error")) return {};
    DOCKET_TRY(const auto record, read_record(line, path.string() + ":" + std::to_string(number)));
    duplicates.add(record);
    return {};
  };
  DOCKET_TRY(auto journal,
             Journal::open(path, options.resume ? Journal::Mode::kResume : Journal::Mode::kCreate, remember));
  return std::unique_ptr<BatchWriter>(new BatchWriter(std::move(journal), options, std::move(duplicates)));
}

Result<bool> BatchWriter::skip_if_done(std::size_t index, const std::string& file, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  if (!journal_.take_done(file, sha256)) return false;
  DOCKET_TRY_VOID(put(index, Item{.done = true, .records = {}, .line = {}}));
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

Status BatchWriter::write(Item& item) {
  if (item.done) return {};
  std::vector<std::string> lines;
  for (auto& record : item.records) {
    mark_duplicates(duplicates_, record);
    lines.push_back(to_json_line(record, {.timings = options_.timings}));
  }
  if (!item.line.empty()) lines.push_back(std::move(item.line));
  return journal_.append(lines);
}

}  // namespace docket::store

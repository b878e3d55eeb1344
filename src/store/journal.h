// The file a batch writes: JSON lines, only ever appended to, good after a crash at any moment.
//
// A document is one or more lines (one a receipt) that reach the file in one write followed by fsync, so a crash can
// tear at most the last document. Opening to resume finds a torn end and cuts it off; what is left is a whole number of
// documents, each known by its file name and the hash of its content.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace docket::store {

class Journal {
 public:
  enum class Mode {
    kCreate,  // the file must not be there, or be empty
    kResume,  // goes on behind what is there; creates the file when it is not
  };
  // Called for each line that stays, in order, with its number from 1.
  using OnLine = std::function<Status(const Json& line, int number)>;

  // Errors: kIo; kInvalidArgument when the file holds something (kCreate) or another process is writing it;
  // kMalformed when a line before the last document is no record of ours. The first error of `on_line` is passed on.
  static Result<Journal> open(const std::filesystem::path& path, Mode mode, const OnLine& on_line = {});

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&& other) noexcept;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // A document in the file.
  struct Document {
    std::string file, sha256;
    std::int64_t begin = 0, end = 0;  // bytes of its lines
    bool failed = false;              // its line says why it could not be read
  };

  // The document of an earlier run with this name and content, if there is one. A document that stands in the file once
  // is found once: this takes it out of `left`.
  std::optional<Document> take(const std::string& file, const std::string& sha256);
  bool take_done(const std::string& file, const std::string& sha256) { return take(file, sha256).has_value(); }

  // The documents of earlier runs that nobody took, in the order of the file.
  std::vector<Document> left() const;
  bool has_failures() const;  // among those

  // The lines of a document, without line breaks. Errors: kIo; kMalformed when the file has changed.
  Result<std::vector<std::string>> read(const Document& document) const;

  // Gives the file another name, in whose place it then stands whatever stood there. Errors: kIo.
  Status rename(const std::filesystem::path& path);

  // All lines of one document, without line breaks. When it returns success they are on the disk; on an error the file
  // is as it was before. Errors: kIo.
  Status append(std::span<const std::string> lines);

  int documents() const { return documents_; }           // in the file
  std::int64_t cut_bytes() const { return cut_bytes_; }  // torn bytes that opening cut off

 private:
  Journal(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  Status load(const OnLine& on_line);

  int fd_ = -1;
  std::filesystem::path path_;
  std::int64_t size_bytes_ = 0;
  std::int64_t cut_bytes_ = 0;
  int documents_ = 0;
  std::map<std::pair<std::string, std::string>, std::deque<Document>> done_;  // (file, sha256), in the file's order
};

}  // namespace docket::store

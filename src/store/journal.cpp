#include "store/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/utf8.h"

namespace docket::store {
namespace {

// One record line of a document with many items is some hundred KB; beyond this it is no journal of ours.
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

Unexpected os_error(const char* what, const std::filesystem::path& path) {
  return make_error(ErrorCode::kIo, std::string("cannot ") + what + ": " + std::strerror(errno), path.string());
}

// So that the new file's name itself survives a power cut.
void sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

struct LineKey {
  std::string file, sha256;
  int receipt = 0, receipts = 1;
  bool failed = false;
};

Result<LineKey> key_of(const Json& line, const std::string& where) {
  LineKey key;
  DOCKET_TRY(key.file, json_text(line, "file", where));
  const auto hash = line.find("sha256");
  if (hash != line.end() && hash->is_string()) key.sha256 = hash->get<std::string>();
  key.failed = line.contains("error");
  if (key.failed) return key;
  DOCKET_TRY(const auto receipt, json_integer(line, "receipt", where));
  DOCKET_TRY(const auto receipts, json_integer(line, "receipts", where));
  if (receipts < 1 || receipts > INT32_MAX || receipt < 0 || receipt >= receipts) {
    return make_error(ErrorCode::kMalformed, "expected receipt to be less than receipts", where);
  }
  key.receipt = static_cast<int>(receipt);
  key.receipts = static_cast<int>(receipts);
  return key;
}

// Reads a file line by line from its start, knowing where each begins.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  struct Line {
    std::string text;
    std::int64_t begin = 0, end = 0;  // bytes; end is behind the line break
    bool complete = false;            // it has one
  };

  // False at the end of the file. Errors: kIo, kMalformed for a line beyond all measure.
  Result<bool> next(Line& line, const std::filesystem::path& path) {
    line = {.text = {}, .begin = at_, .end = at_};
    for (;;) {
      const auto found = buffer_.find('\n');
      if (found != std::string::npos) {
        line.text = buffer_.substr(0, found);
        buffer_.erase(0, found + 1);
        line.complete = true;
        at_ += static_cast<std::int64_t>(found) + 1;
        line.end = at_;
        return true;
      }
      if (buffer_.size() > kLongestLine) return make_error(ErrorCode::kMalformed, "a line longer than 64 MiB", path);
      std::array<char, 1 << 16> chunk{};
      const ssize_t got = ::pread(fd_, chunk.data(), chunk.size(), read_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return os_error("read", path);
      if (got == 0) break;
      read_ += got;
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    }
    if (buffer_.empty()) return false;
    line.text = std::exchange(buffer_, {});
    at_ += static_cast<std::int64_t>(line.text.size());
    line.end = at_;
    return true;
  }

 private:
  int fd_;
  std::string buffer_;
  std::int64_t at_ = 0;    // of the next line
  std::int64_t read_ = 0;  // from the file
};

}  // namespace

Journal::Journal(Journal&& other) noexcept { *this = std::move(other); }

Journal& Journal::operator=(Journal&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  path_ = std::move(other.path_);
  size_bytes_ = other.size_bytes_;
  cut_bytes_ = other.cut_bytes_;
  documents_ = other.documents_;
  done_ = std::move(other.done_);
  return *this;
}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Journal> Journal::open(const std::filesystem::path& path, Mode mode, const OnLine& on_line) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return os_error("open", path);
  Journal journal(fd, path);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return make_error(ErrorCode::kInvalidArgument, "another run is writing this file", path.string());
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0) return os_error("read", path);
  if (!S_ISREG(info.st_mode)) return make_error(ErrorCode::kInvalidArgument, "expected a regular file", path.string());
  if (mode == Mode::kCreate && info.st_size > 0) {
    return make_error(ErrorCode::kInvalidArgument, "already holds results: resume, or name another file",
                      path.string());
  }
  DOCKET_TRY_VOID(journal.load(on_line));
  sync_folder(path);
  return journal;
}

// Keeps whole documents; cuts off what a crash tore.
Status Journal::load(const OnLine& on_line) {
  LineReader reader(fd_);
  LineReader::Line line;
  std::vector<Json> group;  // lines of the document being read
  int number = 0;
  std::int64_t file_end = 0;
  for (;;) {
    DOCKET_TRY(const bool more, reader.next(line, path_));
    if (!more) break;
    file_end = line.end;
    if (!line.complete) break;
    ++number;
    const std::string where = path_.string() + ":" + std::to_string(number);
    auto json = parse_json(line.text, where);
    auto key = json ? key_of(*json, where) : Result<LineKey>(json.failure());
    const bool in_sequence = key && key->receipt == static_cast<int>(group.size());
    if (!in_sequence) {
      // Garbage at the very end is a torn write (a block that never reached the disk reads as zeros); elsewhere it is
      // not our file, and cutting would destroy somebody's data.
      LineReader::Line following;
      DOCKET_TRY(const bool goes_on, reader.next(following, path_));
      if (!goes_on) break;
      return key ? make_error(ErrorCode::kMalformed, "a receipt out of order", where) : key.failure();
    }
    group.push_back(*std::move(json));
    if (static_cast<int>(group.size()) < key->receipts) continue;
    const int first = number - static_cast<int>(group.size()) + 1;
    for (std::size_t i = 0; i < group.size() && on_line; ++i) {
      DOCKET_TRY_VOID(on_line(group[i], first + static_cast<int>(i)));
    }
    group.clear();
    done_[{key->file, key->sha256}].push_back({key->file, key->sha256, size_bytes_, line.end, key->failed});
    size_bytes_ = line.end;
    ++documents_;
  }
  cut_bytes_ = file_end - size_bytes_;
  if (cut_bytes_ > 0 && (::ftruncate(fd_, size_bytes_) != 0 || ::fsync(fd_) != 0)) return os_error("cut", path_);
  return {};
}

std::optional<Journal::Document> Journal::take(const std::string& file, const std::string& sha256) {
  const auto found = done_.find({repair_utf8(file), sha256});
  if (found == done_.end() || found->second.empty()) return std::nullopt;
  Document first = std::move(found->second.front());
  found->second.pop_front();
  return first;
}

std::vector<Journal::Document> Journal::left() const {
  std::vector<Document> out;
  for (const auto& [key, documents] : done_) out.insert(out.end(), documents.begin(), documents.end());
  std::sort(out.begin(), out.end(), [](const Document& a, const Document& b) { return a.begin < b.begin; });
  return out;
}

bool Journal::has_failures() const {
  return std::any_of(done_.begin(), done_.end(), [](const auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(), [](const Document& d) { return d.failed; });
  });
}

Result<std::vector<std::string>> Journal::read(const Document& document) const {
  std::string bytes(static_cast<std::size_t>(document.end - document.begin), '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t got =
        ::pread(fd_, bytes.data() + have, bytes.size() - have, document.begin + static_cast<std::int64_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read", path_);
    if (got == 0) return make_error(ErrorCode::kMalformed, "has become shorter while it was read", path_.string());
    have += static_cast<std::size_t>(got);
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    lines.push_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Status Journal::rename(const std::filesystem::path& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return os_error("rename", path_);
  path_ = path;
  sync_folder(path_);
  return {};
}

Status Journal::append(std::span<const std::string> lines) {
  std::string bytes;
  for (const auto& line : lines) {
    CHECK(line.find('\n') == std::string::npos, "a journal line with a line break");
    bytes += line;
    bytes += '\n';
  }
  std::size_t put = 0;
  while (put < bytes.size()) {
    const ssize_t wrote =
        ::pwrite(fd_, bytes.data() + put, bytes.size() - put, size_bytes_ + static_cast<std::int64_t>(put));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      const auto failure = os_error("write", path_);
      // A full disk must not leave half a document.
      if (::ftruncate(fd_, size_bytes_) != 0) return os_error("write, nor undo the write", path_);
      return failure;
    }
    put += static_cast<std::size_t>(wrote);
  }
  if (::fdatasync(fd_) != 0) return os_error("sync", path_);
  size_bytes_ += static_cast<std::int64_t>(bytes.size());
  ++documents_;
  return {};
}

}  // namespace docket::store

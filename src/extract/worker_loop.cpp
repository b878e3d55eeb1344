#include "extract/worker_loop.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include "core/base/file.h"
#include "extract/extract.h"
#include "extract/guard.h"

namespace docket::extract {
namespace {

constexpr std::size_t kMaxRequestBytes = 1 << 20;

class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}
  // nullopt at the end of input.
  Result<std::optional<std::string>> next() {
    std::array<char, 4096> chunk{};
    for (;;) {
      if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return std::optional(std::move(line));
      }
      if (buffer_.size() > kMaxRequestBytes) return make_error(ErrorCode::kIo, "a request has no end");
      const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return make_error(ErrorCode::kIo, std::string("cannot read requests: ") + std::strerror(errno));
      if (got == 0) return std::optional<std::string>();
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
  std::string buffer_;
};

Status write_line(int fd, std::string line) {
  line += '\n';
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t put = ::write(fd, line.data() + sent, line.size() - sent);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return make_error(ErrorCode::kIo, std::string("cannot write a reply: ") + std::strerror(errno));
    sent += static_cast<std::size_t>(put);
  }
  return {};
}

Result<std::vector<record::Record>> read_document(Extractor& extractor, const Request& request, std::size_t max_bytes,
                                                  std::string& sha256) {
  DOCKET_TRY(const Bytes bytes, read_file(request.file, max_bytes));
  sha256 = sha256_hex(bytes);
  return extractor.extract(bytes, request.file, request.reason);
}

// Processor time of this process and of those that it waited for.
double processor_seconds() {
  double out = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    struct rusage used {};
    if (::getrusage(who, &used) != 0) continue;
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      out += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
  }
  return out;
}

WorkerReply answer(Result<Extractor>& extractor, const Options& options, const std::string& line) {
  WorkerReply reply;
  if (!extractor) {
    reply.records = extractor.failure();
    reply.fatal = true;
    return reply;
  }
  const auto request = read_request(line);
  if (!request) {
    reply.records = request.failure();
    return reply;
  }
  const auto start = std::chrono::steady_clock::now();
  const double processor_start = processor_seconds();
  const Usage model_before = extractor->model_usage();
  reply.records = guarded(request->file,
                          [&] { return read_document(*extractor, *request, options.limits.max_bytes, reply.sha256); });
  reply.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  reply.processor_seconds = processor_seconds() - processor_start;
  reply.model = extractor->model_usage() - model_before;
  return reply;
}

}  // namespace

Status run_worker(const Options& options, int in, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a parent that is killed leaves nobody behind at work
  auto extractor = Extractor::create(options);
  LineReader requests(in);
  for (;;) {
    DOCKET_TRY(const auto request, requests.next());
    if (!request) return {};
    DOCKET_TRY_VOID(write_line(out, reply_line(answer(extractor, options, *request))));
  }
}

}  // namespace docket::extract

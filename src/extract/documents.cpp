#include "extract/documents.h"

#include <optional>

#include "core/base/file.h"
#include "extract/worker_reply.h"

namespace docket::extract {
namespace {

constexpr std::size_t kMaxHashedBytes = std::size_t{4} << 30;

// A worker that died told no hash.
std::string hash_of(const std::string& file) {
  const auto bytes = read_file(file, kMaxHashedBytes);
  return bytes ? sha256_hex(*bytes) : std::string();
}

Error naming(Error error, const std::string& file) {
  if (!error.where.starts_with(file)) error.where = error.where.empty() ? file : file + ": " + error.where;
  return error;
}

WorkerReply reply_of(const Answer& answer) {
  WorkerReply reply;
  if (!answer.reply) {
    reply.records = answer.reply.failure();
    reply.seconds = answer.seconds;
    return reply;
  }
  auto read = read_reply(*answer.reply);
  if (read) return *std::move(read);
  reply.records = read.failure();
  reply.seconds = answer.seconds;
  return reply;
}

}  // namespace

Status read_documents(const std::vector<std::string>& files, const PoolOptions& options, Delivery delivery,
                      std::atomic<bool>& stop, const std::function<void(DocumentResult)>& deliver) {
  std::vector<std::string> requests;
  requests.reserve(files.size());
  for (const std::string& file : files) requests.push_back(request_line(file));

  std::optional<Error> fatal;
  run_pool(requests, options, delivery, stop, [&](const Answer& answer) {
    if (fatal) return;
    WorkerReply reply = reply_of(answer);
    if (reply.fatal) {
      fatal = reply.records.error();
      stop = true;
      return;
    }
    const std::string& file = files[answer.index];
    if (!reply.records) reply.records = Unexpected{naming(reply.records.error(), file)};
    if (!answer.reply) reply.sha256 = hash_of(file);
    deliver({answer.index, std::move(reply.sha256), std::move(reply.records), reply.seconds});
  });
  if (fatal) return Unexpected{*std::move(fatal)};
  return {};
}

}  // namespace docket::extract

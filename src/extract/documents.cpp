#include "extract/documents.h"

#include <filesystem>
#include <optional>

#include "core/base/file.h"
#include "extract/worker_reply.h"

namespace docket::extract {
namespace {

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

std::string content_hash(const std::string& file, std::size_t max_bytes) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return {};  // a pipe would wait for its writer
  const auto bytes = read_file(file, max_bytes);
  return bytes ? sha256_hex(*bytes) : std::string();
}

Status read_documents(const std::vector<std::string>& files, const PoolOptions& options, Delivery delivery,
                      std::atomic<bool>& stop, const std::function<void(DocumentResult)>& deliver) {
  std::vector<std::string> requests;
  requests.reserve(files.size());
  for (const std::string& file : files) requests.push_back(request_line(file));

  PoolOptions pool = options;
  pool.fallback_request = [](const std::string& request, const Error& why) {
    const auto read = read_request(request);
    return request_line(read ? read->file : std::string(),
                        "The model's process failed (" + why.text() + "); it was read again without a model.");
  };
  std::optional<Error> fatal;
  run_pool(requests, pool, delivery, stop, [&](const Answer& answer) {
    if (fatal) return;
    WorkerReply reply = reply_of(answer);
    if (reply.fatal) {
      fatal = reply.records.error();
      stop = true;
      return;
    }
    const std::string& file = files[answer.index];
    if (!reply.records) reply.records = Unexpected{naming(reply.records.error(), file)};
    if (!answer.reply) reply.sha256 = content_hash(file, options.max_file_bytes);  // a worker that died told none
    deliver({answer.index, std::move(reply.sha256), std::move(reply.records), reply.seconds, reply.processor_seconds,
             reply.model});
  });
  if (fatal) return Unexpected{*std::move(fatal)};
  return {};
}

}  // namespace docket::extract

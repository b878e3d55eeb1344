#include "extract/worker_reply.h"

#include <optional>

#include "core/base/json.h"
#include "store/json.h"

namespace docket::extract {
namespace {

constexpr const char* kWhere = "the reading process";

std::optional<ErrorCode> error_code(const std::string& name) {
  for (const ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kMalformed,
                               ErrorCode::kUnsupported, ErrorCode::kLimitExceeded, ErrorCode::kOutOfMemory,
                               ErrorCode::kIo, ErrorCode::kUnavailable, ErrorCode::kInternal}) {
    if (name == to_string(code)) return code;
  }
  return std::nullopt;
}

Json usage_json(const Usage& usage) {
  return {{"questions", usage.questions},
          {"cached", usage.cached},
          {"images", usage.images},
          {"tokens", usage.tokens},
          {"seconds", usage.seconds}};
}

Result<Usage> read_usage(const Json& reply) {
  const auto found = reply.find("model");
  if (found == reply.end()) return make_error(ErrorCode::kMalformed, "expected \"model\"", kWhere);
  Usage out;
  DOCKET_TRY(const std::int64_t questions, json_integer(*found, "questions", kWhere));
  DOCKET_TRY(const std::int64_t cached, json_integer(*found, "cached", kWhere));
  DOCKET_TRY(const std::int64_t images, json_integer(*found, "images", kWhere));
  DOCKET_TRY(out.tokens, json_integer(*found, "tokens", kWhere));
  DOCKET_TRY(out.seconds, json_number(*found, "seconds", kWhere));
  out.questions = static_cast<int>(questions);
  out.cached = static_cast<int>(cached);
  out.images = static_cast<int>(images);
  return out;
}

Result<Error> read_error(const Json& json) {
  DOCKET_TRY(const std::string name, json_text(json, "code", kWhere));
  const auto code = error_code(name);
  if (!code) return make_error(ErrorCode::kMalformed, "unknown error code " + name, kWhere);
  Error error{*code, "", ""};
  DOCKET_TRY(error.message, json_text(json, "message", kWhere));
  DOCKET_TRY(error.where, json_text(json, "where", kWhere));
  return error;
}

}  // namespace

std::string request_line(const std::string& file, const std::string& reason) {
  return json_line(Json{{"file", file}, {"reason", reason}});
}

Result<Request> read_request(std::string_view line) {
  DOCKET_TRY(const Json json, parse_json(line, "request"));
  Request request;
  DOCKET_TRY(request.file, json_text(json, "file", "request"));
  DOCKET_TRY(request.reason, json_text(json, "reason", "request"));
  return request;
}

std::string reply_line(const WorkerReply& reply) {
  OrderedJson out = {{"sha256", reply.sha256},
                     {"seconds", reply.seconds},
                     {"processor_seconds", reply.processor_seconds},
                     {"model", usage_json(reply.model)},
                     {"fatal", reply.fatal}};
  if (reply.records) {
    OrderedJson records = OrderedJson::array();
    for (const record::Record& record : *reply.records) records.push_back(store::to_json(record));
    out["records"] = std::move(records);
  } else {
    const Error& error = reply.records.error();
    out["error"] = {{"code", to_string(error.code)}, {"message", error.message}, {"where", error.where}};
  }
  return json_line(out);
}

Result<WorkerReply> read_reply(std::string_view line) {
  DOCKET_TRY(const Json json, parse_json(line, kWhere));
  WorkerReply reply;
  DOCKET_TRY(reply.sha256, json_text(json, "sha256", kWhere));
  DOCKET_TRY(reply.seconds, json_number(json, "seconds", kWhere));
  DOCKET_TRY(reply.processor_seconds, json_number(json, "processor_seconds", kWhere));
  DOCKET_TRY(reply.model, read_usage(json));
  reply.fatal = json.value("fatal", false);
  if (const auto error = json.find("error"); error != json.end()) {
    DOCKET_TRY(Error read, read_error(*error));
    reply.records = Unexpected{std::move(read)};
    return reply;
  }
  const auto records = json.find("records");
  if (records == json.end() || !records->is_array()) {
    return make_error(ErrorCode::kMalformed, "expected \"records\" or \"error\"", kWhere);
  }
  for (const Json& json_record : *records) {
    DOCKET_TRY(record::Record record, store::read_record(json_record, kWhere));
    reply.records->push_back(std::move(record));
  }
  return reply;
}

}  // namespace docket::extract

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
  OrderedJson out = {{"sha256", reply.sha256}, {"seconds", reply.seconds}, {"fatal", reply.fatal}};
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

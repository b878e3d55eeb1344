// docket explain: why each field of a document has its value, in plain language.
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "core/base/file.h"
#include "record/schema.h"
#include "store/explain.h"
#include "store/json.h"

namespace docket::cli {
namespace {

struct ExplainFlags {
  std::string file, field, pages;
};

constexpr std::size_t kMostRecordBytes = std::size_t{64} << 20;

Status check_field(const std::string& name) {
  const auto all = record::schema();
  const bool known =
      std::any_of(all.begin(), all.end(), [&](const record::FieldSpec& spec) { return spec.name == name; });
  if (name.empty() || known) return {};
  return make_error(ErrorCode::kInvalidArgument, "no field has this name; docs/formats/record.md lists them",
                    "--field " + name);
}

bool is_record_file(const std::string& file) { return file.ends_with(".json") || file.ends_with(".jsonl"); }

// What `extract --format json` or `jsonl` or `batch` wrote: one record, a list of them, or one a line.
Result<std::vector<record::Record>> saved_records(const std::string& file) {
  DOCKET_TRY(const std::string text, read_text_file(file, kMostRecordBytes));
  std::vector<record::Record> out;
  if (file.ends_with(".json")) {
    DOCKET_TRY(const Json json, parse_json(text, file));
    const Json list = json.is_array() ? json : Json::array({json});
    for (const Json& one : list) {
      DOCKET_TRY(record::Record record, store::read_record(one, file));
      out.push_back(std::move(record));
    }
    return out;
  }
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string where = file + " line " + std::to_string(++number);
    if (end > begin) {
      DOCKET_TRY(record::Record record, store::read_record_line(text.substr(begin, end - begin), where));
      out.push_back(std::move(record));
    }
    begin = end + 1;
  }
  return out;
}

Result<std::vector<record::Record>> read_now(const ExplainFlags& flags, const Settings& settings) {
  DOCKET_TRY(const extract::PoolOptions pool, pool_options(settings, flags.pages, 1));
  std::vector<record::Record> records;
  std::optional<Error> failed;
  const Status status = extract::read_documents({flags.file}, pool, extract::Delivery::kInOrder, stop_on_interrupt(),
                                                [&](const extract::DocumentResult& result) {
                                                  if (result.records) {
                                                    records = *result.records;
                                                  } else {
                                                    failed = result.records.error();
                                                  }
                                                });
  if (!status) return status.failure();
  if (failed) return Unexpected{*failed};
  return records;
}

int run_explain(const ExplainFlags& flags, const Settings& settings) {
  if (const Status known = check_field(flags.field); !known) return fail(known.error(), kUsage);
  const auto records = is_record_file(flags.file) ? saved_records(flags.file) : read_now(flags, settings);
  if (!records) return fail(records.error(), kSomeFailed);
  bool first = true;
  for (const record::Record& record : *records) {
    const auto field = flags.field.empty() ? std::nullopt : std::optional<std::string_view>(flags.field);
    std::printf("%s%s", first ? "" : "\n", store::explain(record, field).c_str());
    first = false;
  }
  return records->empty() ? kInterrupted : kOk;
}

}  // namespace

void add_explain_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "explain", "Say why each field of a document has its value",
                                  "docket explain receipt.jpg --field total_amount");
  const auto flags = std::make_shared<ExplainFlags>();
  command->add_option("FILE", flags->file, "a document, or records that docket wrote (.json, .jsonl)")->required();
  command->add_option("--field", flags->field, "only this field [all]");
  command->add_option("--pages", flags->pages, "pages to read, e.g. 1-3 or 1,4 [all]");
  add_setting(*command, program, "--reader", "DOCKET_READER");
  add_setting(*command, program, "--model", "DOCKET_MODEL");
  add_setting(*command, program, "--quant", "DOCKET_QUANT");
  add_setting(*command, program, "--time-limit", "DOCKET_TIME_LIMIT");
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_explain(*flags, settings); }; });
}

}  // namespace docket::cli

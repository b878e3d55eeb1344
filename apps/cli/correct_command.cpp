// docket correct: what a document really says, added to a truth set.
#include <cstdio>
#include <filesystem>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "core/base/file.h"
#include "eval/correction.h"

namespace docket::cli {
namespace {

struct CorrectFlags {
  std::string file, truth;
  std::vector<std::string> assignments;
};

std::filesystem::path truth_file(const CorrectFlags& flags) {
  if (!flags.truth.empty()) return flags.truth;
  return std::filesystem::path(flags.file).parent_path() / "truth.jsonl";
}

void print(const std::string& truth, const eval::Corrected& corrected, const eval::Correction& correction) {
  std::printf("%s: %s, version %d%s\n", truth.c_str(), corrected.file.c_str(), corrected.version,
              corrected.written ? "" : ": says so already, nothing was added");
  if (!corrected.written) return;
  for (const auto& [field, value] : correction) {
    const auto earlier = corrected.earlier.find(field);
    const std::string was = earlier == corrected.earlier.end() ? "" : "   (was " + earlier->second + ")";
    std::printf("  %s = %s%s\n", field.c_str(), value.value_or("NOT_FOUND").c_str(), was.c_str());
  }
}

int run_correct(const CorrectFlags& flags, const Settings& settings) {
  const auto options = document_options(settings, "");
  if (!options) return fail(options.error(), kUsage);
  const auto correction = eval::parse_correction(flags.assignments, options->today);
  if (!correction) return fail(correction.error(), kUsage);
  const auto bytes = read_file(flags.file, options->limits.max_bytes);
  if (!bytes) return fail(bytes.error(), kUsage);
  const std::filesystem::path truth = truth_file(flags);
  const auto corrected = eval::append_correction(truth, flags.file, sha256_hex(*bytes), *correction, options->today);
  if (!corrected) return fail(corrected.error(), kSomeFailed);
  print(truth.string(), *corrected, *correction);
  return kOk;
}

}  // namespace

void add_correct_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "correct", "Say what a document really holds: adds to a truth set",
                                  "docket correct receipt.jpg total_amount=45.60 due_date=\n"
                                  "  docket eval --truth truth.jsonl");
  const auto flags = std::make_shared<CorrectFlags>();
  command->add_option("FILE", flags->file, "the document")->required();
  command
      ->add_option("FIELD=VALUE", flags->assignments,
                   "a field of the record (docs/formats/record.md) and its value; no value: it is not on the page")
      ->required();
  command->add_option("--truth", flags->truth, "truth set to append to [truth.jsonl beside FILE]")->type_name("FILE");
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_correct(*flags, settings); }; });
}

}  // namespace docket::cli

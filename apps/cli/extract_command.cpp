// docket extract: the records of some files, on standard output.
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "apps/cli/record_printer.h"
#include "extract/file_list.h"

namespace docket::cli {
namespace {

struct ExtractFlags {
  std::vector<std::string> files;
  std::string pages;
};

// False when standard output is gone, e.g. its reader has seen enough.
bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

int run_extract(const ExtractFlags& flags, const Settings& settings) {
  const auto pool = pool_options(settings, flags.pages, flags.files.size());
  if (!pool) return fail(pool.error(), kUsage);
  const Format format = format_of(settings.text("DOCKET_FORMAT"));
  std::atomic<bool>& stop = stop_on_interrupt();
  RecordPrinter printer(format, flags.files.size());
  std::size_t done = 0;
  bool all_read = true, output_works = print(printer.begin());
  const auto deliver = [&](const extract::DocumentResult& result) {
    ++done;
    const std::string& file = flags.files[result.index];
    if (result.records) {
      output_works = output_works && print(printer.document(*result.records));
    } else {
      all_read = false;
      fail(result.records.error(), kSomeFailed);
      output_works = output_works && print(printer.failure(file, result.sha256, result.records.error()));
    }
    if (!output_works) stop = true;
  };
  const Status status = extract::read_documents(flags.files, *pool, extract::Delivery::kInOrder, stop, deliver);
  if (!status) return fail(status.error(), kSomeFailed);
  if (!print(printer.end()) || !output_works) return kSomeFailed;
  if (done < flags.files.size()) return kInterrupted;
  return all_read ? kOk : kSomeFailed;
}

}  // namespace

void add_extract_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "extract", "Read files and print a record for each document",
                                  "docket extract --format json receipt.jpg invoice.pdf");
  const auto flags = std::make_shared<ExtractFlags>();
  add_setting(*command, program, "--reader", "DOCKET_READER");
  add_setting(*command, program, "--model", "DOCKET_MODEL");
  add_setting(*command, program, "--adapter", "DOCKET_ADAPTER");
  add_setting(*command, program, "--quant", "DOCKET_QUANT");
  add_setting(*command, program, "--format", "DOCKET_FORMAT");
  add_setting(*command, program, "--jobs", "DOCKET_JOBS");
  add_setting(*command, program, "--time-limit", "DOCKET_TIME_LIMIT");
  command->add_option("--pages", flags->pages, "pages to read of each file, e.g. 1-3 or 1,4 [all]");
  command->add_option("FILE", flags->files, "images (JPEG, PNG, WebP, TIFF, HEIC) and PDFs")->required();
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_extract(*flags, settings); }; });
}

}  // namespace docket::cli

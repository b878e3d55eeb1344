// docket batch: a folder of documents into one file of JSON lines, in the order of the input, good after any crash.
#include <cstdio>
#include <iterator>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "apps/cli/progress.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "extract/file_list.h"
#include "store/batch_writer.h"

namespace docket::cli {
namespace {

struct BatchFlags {
  std::vector<std::string> inputs;
  std::string out = "results.jsonl";
  bool resume = false, retry_failed = false, timings = false;
};

constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;

Result<std::vector<std::string>> files_of(const BatchFlags& flags) {
  if (std::find(flags.inputs.begin(), flags.inputs.end(), "-") == flags.inputs.end()) {
    return extract::list_files(flags.inputs);
  }
  DOCKET_TRY(const std::string list, read_text_file("/dev/stdin", kMaxListBytes));
  return extract::list_files(flags.inputs, &list);
}

// The places of the documents that no earlier run has done.
Result<std::vector<std::size_t>> places_to_do(const BatchFlags& flags, const std::vector<std::string>& files,
                                              std::size_t max_bytes, store::BatchWriter& writer) {
  DOCKET_TRY_VOID(writer.begin(files));
  std::vector<std::size_t> todo;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (flags.resume || flags.retry_failed) {
      DOCKET_TRY(const bool done, writer.skip_if_done(i, files[i], extract::content_hash(files[i], max_bytes)));
      if (done) continue;
    }
    todo.push_back(i);
  }
  return todo;
}

class Batch {
 public:
  Batch(const std::vector<std::string>& files, std::vector<std::size_t> todo, store::BatchWriter& writer)
      : files_(files), todo_(std::move(todo)), writer_(writer), progress_(files.size(), files.size() - todo_.size()) {}

  Status run(const extract::PoolOptions& pool, std::atomic<bool>& stop) {
    std::vector<std::string> names;
    for (const std::size_t place : todo_) names.push_back(files_[place]);
    const Status read = extract::read_documents(names, pool, extract::Delivery::kInOrder, stop,
                                                [&](extract::DocumentResult result) { take(std::move(result), stop); });
    progress_.clear();
    return written_ ? read : written_;
  }

  std::size_t done() const { return files_.size() - todo_.size() + taken_; }
  std::size_t failed() const { return failed_; }

 private:
  void take(extract::DocumentResult result, std::atomic<bool>& stop) {
    if (!written_) return;
    const std::size_t place = todo_[result.index];
    if (result.records) {
      written_ = writer_.submit(place, *std::move(result.records));
    } else {
      ++failed_;
      log().info("{}", result.records.error().text());
      written_ = writer_.submit_error(place, files_[place], result.sha256, result.records.error());
    }
    if (!written_) stop = true;
    ++taken_;
    progress_.update(done(), failed_);
  }

  const std::vector<std::string>& files_;
  const std::vector<std::size_t> todo_;
  store::BatchWriter& writer_;
  Progress progress_;
  std::size_t taken_ = 0, failed_ = 0;
  Status written_;
};

int run_batch(const BatchFlags& flags, const Settings& settings) {
  const auto files = files_of(flags);
  if (!files) return fail(files.error(), kUsage);
  const auto pool = pool_options(settings, "", files->size());
  if (!pool) return fail(pool.error(), kUsage);
  auto writer = store::BatchWriter::open(flags.out, {flags.resume, flags.timings, flags.retry_failed});
  if (!writer) return fail(writer.error(), writer.error().code == ErrorCode::kInvalidArgument ? kUsage : kSomeFailed);
  const auto todo = places_to_do(flags, *files, pool->max_file_bytes, **writer);
  if (!todo) return fail(todo.error(), kSomeFailed);

  std::atomic<bool>& stop = stop_on_interrupt();
  Batch batch(*files, *todo, **writer);
  const Status status = batch.run(*pool, stop);
  if (!status) return fail(status.error(), kSomeFailed);
  if (batch.done() < files->size()) {
    std::fprintf(stderr, "docket: stopped after %zu of %zu documents; the same command with %s goes on\n", batch.done(),
                 files->size(), flags.retry_failed ? "--retry-failed" : "--resume");
    return kInterrupted;
  }
  if (const Status finished = (*writer)->finish(); !finished) return fail(finished.error(), kSomeFailed);
  log().info("{} documents in {}, {} done before", files->size(), flags.out, files->size() - todo->size());
  if (batch.failed() == 0) return kOk;
  std::fprintf(stderr, "docket: %zu of %zu documents failed; their lines in %s say why\n", batch.failed(), todo->size(),
               flags.out.c_str());
  return kSomeFailed;
}

}  // namespace

void add_batch_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "batch", "Read many documents into a file of JSON lines",
                                  "docket batch --jobs 2 --out results.jsonl receipts/");
  const auto flags = std::make_shared<BatchFlags>();
  add_setting(*command, program, "--reader", "DOCKET_READER");
  add_setting(*command, program, "--model", "DOCKET_MODEL");
  add_setting(*command, program, "--adapter", "DOCKET_ADAPTER");
  add_setting(*command, program, "--quant", "DOCKET_QUANT");
  add_setting(*command, program, "-j,--jobs", "DOCKET_JOBS");
  add_setting(*command, program, "--time-limit", "DOCKET_TIME_LIMIT");
  command->add_option("--out", flags->out, "file to write [results.jsonl]");
  command->add_flag("--resume", flags->resume, "go on with --out where an earlier run stopped");
  command->add_flag("--retry-failed", flags->retry_failed,
                    "go on with --out, and read again what failed there; its results stand until all are read");
  command->add_flag("--timings", flags->timings, "write timing_ms too; two runs then differ in it");
  command->add_option("INPUT", flags->inputs, "folders, patterns, files, lists (.txt, .lst), or - for a list on stdin")
      ->required();
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_batch(*flags, settings); }; });
}

}  // namespace docket::cli

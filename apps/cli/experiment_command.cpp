// docket experiment: whether one way of reading documents is better than another.
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "apps/cli/labelled_run.h"
#include "apps/cli/variant.h"
#include "apps/cli/version.h"
#include "core/base/file.h"
#include "eval/experiment_report.h"
#include "eval/experiment_text.h"

namespace docket::cli {
namespace {

struct ExperimentFlags {
  std::string a = "default", b, truth, format = "table", report, json;
  std::size_t sample = 0;
  int resamples = 10000;
  std::uint64_t seed = 1;
};

// One side with all that can be wrong with it found before the first document is read.
struct Side {
  std::string name;
  extract::PoolOptions pool;
};

Result<Side> prepare(const Program& program, const std::string& flag, const std::string& text, std::size_t documents) {
  DOCKET_TRY(Variant variant, parse_variant(flag, text));
  DOCKET_TRY(const Settings settings, program.settings_with(variant.flags));
  DOCKET_TRY(extract::PoolOptions pool, labelled_pool(settings, documents));
  return Side{std::move(variant.name), std::move(pool)};
}

Result<std::vector<eval::TruthDocument>> chosen_documents(const ExperimentFlags& flags) {
  DOCKET_TRY(std::vector<eval::TruthDocument> all, read_truth(flags.truth));
  if (flags.sample == 0) return all;
  std::vector<eval::TruthDocument> out;
  for (const std::size_t i : eval::draw_sample(all.size(), flags.sample, flags.seed)) out.push_back(std::move(all[i]));
  return out;
}

Status write_results(const ExperimentFlags& flags, const Settings& settings, const eval::Experiment& experiment) {
  const std::string json = eval::to_json(experiment).dump(2) + "\n";
  std::fputs(flags.format == "json" ? json.c_str() : eval::to_table(experiment).c_str(), stdout);
  if (!flags.json.empty()) DOCKET_TRY_VOID(write_file_atomic(flags.json, json));
  if (flags.report.empty()) return {};
  DOCKET_TRY(const extract::Options options, document_options(settings, ""));
  const std::string subtitle = "docket " + std::string(kVersion) + ", today " + rules::to_iso(options.today);
  return write_file_atomic(flags.report, eval::to_report(experiment, {"docket experiment: " + flags.truth, subtitle},
                                                         picture_source(options)));
}

int run_experiment(const Program& program, const ExperimentFlags& flags, const Settings& settings) {
  const auto truth = chosen_documents(flags);
  if (!truth) return fail(truth.error(), kUsage);
  const auto a = prepare(program, "--a", flags.a, truth->size());
  if (!a) return fail(a.error(), kUsage);
  const auto b = prepare(program, "--b", flags.b, truth->size());
  if (!b) return fail(b.error(), kUsage);
  std::vector<eval::Run> runs;
  for (const Side* side : {&*a, &*b}) {
    auto read = read_labelled(*truth, side->pool);
    if (!read) return fail(read.error(), kSomeFailed);
    if (read->predictions.size() < truth->size()) return kInterrupted;
    runs.push_back({side->name, std::move(read->predictions), std::move(read->costs)});
  }
  const eval::Experiment experiment = eval::compare_runs(*truth, runs[0], runs[1], flags.resamples, flags.seed);
  if (const Status written = write_results(flags, settings, experiment); !written) {
    return fail(written.error(), kSomeFailed);
  }
  return experiment.a.documents_failed + experiment.b.documents_failed == 0 ? kOk : kSomeFailed;
}

}  // namespace

void add_experiment_command(CLI::App& app, Program& program) {
  const char* example = "docket experiment run --a default --b quant=nf4 --truth truth.jsonl --report experiment.html";
  CLI::App* command = add_command(app, "experiment", "Hold two ways of reading documents against each other", example);
  command->require_subcommand(1);
  CLI::App* run = add_command(*command, "run", "Read labelled documents in both ways and say which is better", example);
  const auto flags = std::make_shared<ExperimentFlags>();
  const char* sides =
      "default, built-in (prompts), a folder of prompts, or settings KEY=VALUE,... such as model=DIR, adapter=DIR, "
      "quant=nf4, prompts=DIR, reader=ocr, ask_again=4 (docket doctor lists all)";
  run->add_option("--a", flags->a, std::string("one side: ") + sides + " [default]")->type_name("SIDE");
  run->add_option("--b", flags->b, "the other side, likewise")->type_name("SIDE")->required();
  run->add_option("--truth", flags->truth, "labels, a JSON line a document; files are relative to it")->required();
  run->add_option("--sample", flags->sample, "only so many of the documents, drawn by the seed; 0: all [0]");
  run->add_option("--seed", flags->seed, "of the sample and the bootstrap [1]");
  run->add_option("--resamples", flags->resamples, "draws of the bootstrap [10000]")->check(CLI::Range(100, 1000000));
  run->add_option("--format", flags->format, "table or json [table]")->check(CLI::IsMember({"table", "json"}));
  run->add_option("--json", flags->json, "also write the JSON to this file")->type_name("FILE");
  run->add_option("--report", flags->report, "also write an HTML report with the documents that changed to this file")
      ->type_name("FILE");
  add_setting(*run, program, "--reader", "DOCKET_READER");
  add_setting(*run, program, "--model", "DOCKET_MODEL");
  add_setting(*run, program, "-j,--jobs", "DOCKET_JOBS");
  add_setting(*run, program, "--time-limit", "DOCKET_TIME_LIMIT");
  run->callback([&program, flags] {
    program.run = [&program, flags](const Settings& settings) { return run_experiment(program, *flags, settings); };
  });
}

}  // namespace docket::cli

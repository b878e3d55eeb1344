// How a command of `docket` is made. One command is one file with one function
//
//   void add_extract_command(CLI::App& app, Program& program);
//
// declared at the bottom of this header and listed in commands.cpp. It adds a subcommand with its flags, --help and an
// example, and a callback that leaves the work in `program.run`. main.cpp then reads the settings (flags > environment
// > .env > defaults), sets the log level, runs it and exits with what it returns.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/base/settings.h"

namespace docket::cli {

// Exit statuses, the same for every command.
inline constexpr int kOk = 0;             // all was read
inline constexpr int kSomeFailed = 1;     // a document failed, or something needed is missing
inline constexpr int kUsage = 2;          // a flag, a setting or a value that cannot be
inline constexpr int kInterrupted = 130;  // stopped by the user with work left

struct Program {
  std::vector<FlagValue> flags;   // settings that were given as flags
  std::string env_file = ".env";  // read when it is there; must be there when named with --env-file
  bool env_file_named = false;
  std::string path;                         // of the running program, as it was called
  std::function<int(const Settings&)> run;  // set by the command that was chosen
  // The same settings with more flags, for a command that runs under several. Set by main; errors: Settings::load's.
  std::function<Result<Settings>(const std::vector<FlagValue>& more)> settings_with;
};

// Adds `flag` (e.g. "--jobs" or "-j,--jobs") to `command` as another way to set `key`, with the help and default of
// setting_specs(). CHECK: the key is declared there.
CLI::Option* add_setting(CLI::App& command, Program& program, const std::string& flag, const std::string& key);

// A subcommand whose --help ends with `example`.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& help, const std::string& example);

// Prints "docket: <text of the error>" to stderr and returns `status`.
int fail(const Error& error, int status);

// Adds every command of this build.
void add_commands(CLI::App& app, Program& program);

void add_batch_command(CLI::App& app, Program& program);
void add_ask_command(CLI::App& app, Program& program);
void add_bench_command(CLI::App& app, Program& program);
// Adds `docket bench kernels` to `docket bench`.
void add_bench_kernels_command(CLI::App& bench, Program& program);
void add_check_command(CLI::App& app, Program& program);
void add_correct_command(CLI::App& app, Program& program);
void add_doctor_command(CLI::App& app, Program& program);
void add_forward_command(CLI::App& app, Program& program);
void add_eval_command(CLI::App& app, Program& program);
void add_experiment_command(CLI::App& app, Program& program);
void add_explain_command(CLI::App& app, Program& program);
void add_export_command(CLI::App& app, Program& program);
void add_extract_command(CLI::App& app, Program& program);
void add_model_command(CLI::App& app, Program& program);
void add_prompts_command(CLI::App& app, Program& program);
void add_worker_command(CLI::App& app, Program& program);

}  // namespace docket::cli

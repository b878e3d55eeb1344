#include "apps/cli/command.h"

#include <algorithm>
#include <cstdio>

#include "apps/cli/setting_list.h"

namespace docket::cli {
namespace {

const SettingSpec& spec_of(const std::string& key) {
  const auto& specs = setting_specs();
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const SettingSpec& s) { return s.key == key; });
  CHECK(found != specs.end(), "%s is not in setting_list.cpp", key.c_str());
  return *found;
}

std::string help_of(const SettingSpec& spec) {
  std::string out = spec.help;
  for (std::size_t i = 0; i < spec.choices.size(); ++i) out += (i == 0 ? ": " : ", ") + spec.choices[i];
  return out + " [" + spec.key + (spec.default_value.empty() ? "" : "=" + spec.default_value) + "]";
}

}  // namespace

CLI::Option* add_setting(CLI::App& command, Program& program, const std::string& flag, const std::string& key) {
  const std::string long_name = flag.substr(flag.rfind(',') == std::string::npos ? 0 : flag.rfind(',') + 1);
  const auto keep = [&program, key, long_name](const std::string& value) {
    program.flags.push_back({key, long_name, value});
  };
  return command.add_option_function<std::string>(flag, keep, help_of(spec_of(key)))->type_name("VALUE");
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& help, const std::string& example) {
  CLI::App* command = app.add_subcommand(name, help);
  command->footer("Example:\n  " + example);
  command->fallthrough();  // so that --log-level may stand after the command
  return command;
}

int fail(const Error& error, int status) {
  std::fprintf(stderr, "docket: %s\n", error.text().c_str());
  return status;
}

}  // namespace docket::cli

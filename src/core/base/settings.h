// Settings: flags > environment > .env > defaults, read once, checked once, each knowing where it came from.
//
// A program declares its keys as a list of SettingSpec and loads them; after that it asks a Settings for values and
// never the environment. Every source is held against the same specs, so a wrong value reads the same wherever it
// stands.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/dotenv.h"
#include "core/base/result.h"

namespace docket {

enum class SettingType { kText, kInteger, kNumber, kBoolean, kChoice };

struct SettingSpec {
  std::string key;  // "DOCKET_JOBS"
  SettingType type = SettingType::kText;
  std::string default_value;              // as text, in the form a user would write
  std::string help;                       // one line
  std::vector<std::string> choices = {};  // kChoice: the only values
  double min = -1e18, max = 1e18;         // kInteger, kNumber: inclusive
};

enum class SettingSource { kDefault, kDotEnv, kEnvironment, kFlag };

struct SettingValue {
  std::string text;
  SettingSource source = SettingSource::kDefault;
  std::string origin;  // "default", ".env line 3", "environment", "--jobs"
};

// A flag that was given: which key it sets, under which name and to what.
struct FlagValue {
  std::string key, flag, value;
};

struct SettingSources {
  std::vector<FlagValue> flags;
  std::map<std::string, std::string> environment;  // all of it; only keys that begin with DOCKET_ are looked at
  std::vector<DotEnvEntry> dotenv;                 // likewise
  std::string dotenv_path;                         // for messages
};

class Settings {
 public:
  // Errors, all kInvalidArgument naming the key and its origin: a DOCKET_ key that no spec declares, in .env or the
  // environment; a value of the wrong type, range or choice. In .env the last of equal keys counts. DOCKET_PROGRAM is
  // not a setting: tests use it to find the program, and it is passed over.
  static Result<Settings> load(std::span<const SettingSpec> specs, const SettingSources& sources);

  // CHECK: the key is declared and has the type asked for.
  const std::string& text(std::string_view key) const;  // kText, kChoice
  std::int64_t integer(std::string_view key) const;
  double number(std::string_view key) const;  // kNumber, kInteger
  bool boolean(std::string_view key) const;

  // The value with where it came from. CHECK: the key is declared.
  const SettingValue& value(std::string_view key) const;
  const std::vector<SettingSpec>& specs() const { return specs_; }

 private:
  const SettingSpec& spec(std::string_view key) const;
  std::vector<SettingSpec> specs_;
  std::map<std::string, SettingValue, std::less<>> values_;
};

// The process's environment as a map.
std::map<std::string, std::string> environment_map();

}  // namespace docket

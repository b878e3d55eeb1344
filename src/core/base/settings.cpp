#include "core/base/settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace docket {
namespace {

constexpr std::string_view kPrefix = "DOCKET_";
constexpr std::string_view kProgramUnderTest = "DOCKET_PROGRAM";

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "1" || text == "true" || text == "yes" || text == "on") return true;
  if (text == "0" || text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string bound(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? std::to_string(whole) : std::to_string(value);
}

std::string expected_range(const SettingSpec& spec, const char* kind) {
  constexpr double kOpen = 1e17;
  std::string out = std::string("expected ") + kind;
  if (spec.min > -kOpen) out += " of at least " + bound(spec.min);
  if (spec.max < kOpen) out += std::string(spec.min > -kOpen ? " and" : " of") + " at most " + bound(spec.max);
  return out;
}

// nullopt: fine. Otherwise what was expected.
std::optional<std::string> complaint(const SettingSpec& spec, const std::string& text) {
  const auto in_range = [&](double value) { return value >= spec.min && value <= spec.max; };
  switch (spec.type) {
    case SettingType::kText:
      return std::nullopt;
    case SettingType::kInteger: {
      const auto value = parse_whole<std::int64_t>(text);
      if (value && in_range(static_cast<double>(*value))) return std::nullopt;
      return expected_range(spec, "a whole number");
    }
    case SettingType::kNumber: {
      const auto value = parse_whole<double>(text);
      if (value && in_range(*value)) return std::nullopt;
      return expected_range(spec, "a number");
    }
    case SettingType::kBoolean:
      if (parse_boolean(text)) return std::nullopt;
      return "expected true or false";
    case SettingType::kChoice:
      if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return std::nullopt;
      return "expected one of " + join(spec.choices);
  }
  return std::nullopt;
}

// How many single-character edits turn a into b; to suggest the key that was meant.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string unknown_key_message(std::span<const SettingSpec> specs, const std::string& key) {
  const SettingSpec* nearest = nullptr;
  std::size_t distance = 4;  // beyond three edits a suggestion is noise
  for (const SettingSpec& spec : specs) {
    if (const std::size_t d = edit_distance(key, spec.key); d < distance) nearest = &spec, distance = d;
  }
  return "unknown setting " + key + (nearest ? "; did you mean " + nearest->key + "?" : "; `docket doctor` lists all");
}

}  // namespace

Result<Settings> Settings::load(std::span<const SettingSpec> specs, const SettingSources& sources) {
  Settings out;
  out.specs_.assign(specs.begin(), specs.end());
  for (const SettingSpec& spec : specs) {
    CHECK(!complaint(spec, spec.default_value), "%s has a bad default", spec.key.c_str());
    out.values_[spec.key] = {spec.default_value, SettingSource::kDefault, "default"};
  }
  const auto set = [&](const std::string& key, const std::string& text, SettingSource source,
                       const std::string& origin) -> Status {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const SettingSpec& s) { return s.key == key; });
    if (spec == specs.end()) {
      return make_error(ErrorCode::kInvalidArgument, unknown_key_message(specs, key), origin);
    }
    if (const auto what = complaint(*spec, text)) {
      return make_error(ErrorCode::kInvalidArgument, key + " is \"" + text + "\", " + *what, origin);
    }
    out.values_[key] = {text, source, origin};
    return {};
  };
  for (const DotEnvEntry& entry : sources.dotenv) {
    if (!entry.key.starts_with(kPrefix) || entry.key == kProgramUnderTest) continue;
    const std::string origin = sources.dotenv_path + " line " + std::to_string(entry.line);
    DOCKET_TRY_VOID(set(entry.key, entry.value, SettingSource::kDotEnv, origin));
  }
  for (const auto& [key, text] : sources.environment) {
    if (!key.starts_with(kPrefix) || key == kProgramUnderTest) continue;
    DOCKET_TRY_VOID(set(key, text, SettingSource::kEnvironment, "environment"));
  }
  for (const FlagValue& flag : sources.flags) {
    DOCKET_TRY_VOID(set(flag.key, flag.value, SettingSource::kFlag, flag.flag));
  }
  return out;
}

const SettingSpec& Settings::spec(std::string_view key) const {
  const auto found = std::find_if(specs_.begin(), specs_.end(), [&](const SettingSpec& s) { return s.key == key; });
  CHECK(found != specs_.end(), "%.*s is not a declared setting", static_cast<int>(key.size()), key.data());
  return *found;
}

const SettingValue& Settings::value(std::string_view key) const {
  const auto found = values_.find(key);
  CHECK(found != values_.end(), "%.*s is not a declared setting", static_cast<int>(key.size()), key.data());
  return found->second;
}

const std::string& Settings::text(std::string_view key) const {
  const SettingType type = spec(key).type;
  CHECK(type == SettingType::kText || type == SettingType::kChoice);
  return value(key).text;
}

std::int64_t Settings::integer(std::string_view key) const {
  CHECK(spec(key).type == SettingType::kInteger);
  return *parse_whole<std::int64_t>(value(key).text);
}

double Settings::number(std::string_view key) const {
  const SettingType type = spec(key).type;
  CHECK(type == SettingType::kNumber || type == SettingType::kInteger);
  return *parse_whole<double>(value(key).text);
}

bool Settings::boolean(std::string_view key) const {
  CHECK(spec(key).type == SettingType::kBoolean);
  return *parse_boolean(value(key).text);
}

std::map<std::string, std::string> environment_map() {
  std::map<std::string, std::string> out;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace docket

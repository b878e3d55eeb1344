#include "fields/questions.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/base/check.h"
#include "core/base/file.h"
#include "fields/reply_parser.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr std::array<std::pair<std::string_view, AnswerForm>, 3> kForms = {
    {{"key_value", AnswerForm::kKeyValue}, {"json", AnswerForm::kJson}, {"value", AnswerForm::kValue}}};
constexpr std::array<std::pair<std::string_view, Stage>, 7> kStages = {{{"all", Stage::kAll},
                                                                        {"json", Stage::kJson},
                                                                        {"items", Stage::kItems},
                                                                        {"type", Stage::kType},
                                                                        {"field", Stage::kField},
                                                                        {"repair", Stage::kRepair},
                                                                        {"repair_crop", Stage::kRepairCrop}}};
constexpr std::string_view kKeys = "{keys}";
constexpr int kPointsNeeded = 2;

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = rules::trim(text.substr(0, comma));
    if (!part.empty()) out.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

bool is_field(std::string_view name) {
  return field_id(name) || name == "payment_method" || name == "card_last4" || name.starts_with(kItemPrefix);
}

template <typename T, std::size_t N>
bool set_named(const std::array<std::pair<std::string_view, T>, N>& names, std::string_view name, T& out) {
  for (const auto& [known, value] : names) {
    if (known != name) continue;
    out = value;
    return true;
  }
  return false;
}

// Takes one line of the header; the answer is what is wrong with it, or nothing.
std::string take(std::string_view key, std::string_view value, Question& question) {
  if (key == "id") {
    question.id = value;
  } else if (key == "version") {
    const bool number = !value.empty() && value.size() < 6 && std::all_of(value.begin(), value.end(), rules::is_digit);
    if (!number) return "expected a whole number";
    question.version = std::stoi(std::string(value));
  } else if (key == "stage") {
    if (!set_named(kStages, value, question.stage))
      return "expected all, json, items, type, field, repair or repair_crop";
  } else if (key == "kinds") {
    question.kinds = list_of(value);
  } else if (key == "words") {
    question.words = list_of(value);
  } else if (key == "fields") {
    question.fields = list_of(value);
    for (const std::string& field : question.fields) {
      if (!is_field(field)) return "no field is named " + field;
    }
  } else if (key == "form") {
    if (!set_named(kForms, value, question.form)) return "expected key_value, json or value";
  } else if (key == "family") {
    question.family = value;
  } else {
    return "unknown key";
  }
  return {};
}

bool contains(const std::vector<std::string>& list, std::string_view what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// How well a question suits: the family counts more than the kind; -1: not at all.
int fit(const Question& question, std::string_view kind, std::string_view family) {
  const bool of_family = question.family == family;
  if (!of_family && question.family != "any") return -1;
  const bool of_kind = !kind.empty() && contains(question.kinds, kind);
  if (!of_kind && !contains(question.kinds, "any")) return -1;
  return (of_family ? 2 : 0) + (of_kind ? 1 : 0);
}

constexpr std::array<std::string_view, 1 + 2 * 128> kFiles = {
#include "fields/prompt_files.inc"
};

}  // namespace

std::string_view to_string(AnswerForm form) {
  for (const auto& [name, value] : kForms) {
    if (value == form) return name;
  }
  return "key_value";
}

std::string_view to_string(Stage stage) {
  for (const auto& [name, value] : kStages) {
    if (value == stage) return name;
  }
  return "all";
}

Result<Question> parse_question(std::string_view text, const std::string& where) {
  Question question;
  std::size_t at = 0;
  int line_number = 0;
  std::vector<std::string> seen;
  for (;;) {
    if (at >= text.size()) return make_error(ErrorCode::kMalformed, "expected a line --- behind the header", where);
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = rules::trim(text.substr(at, end - at));
    at = std::min(end + 1, text.size());
    ++line_number;
    if (line == "---") break;
    const std::size_t colon = line.find(':');
    const std::string key(line.substr(0, std::min(colon, line.size())));
    std::string fault = colon == std::string_view::npos ? "expected key: value" : "";
    if (fault.empty() && contains(seen, key)) fault = "given twice";
    if (fault.empty()) fault = take(key, rules::trim(line.substr(colon + 1)), question);
    if (!fault.empty()) {
      std::string problem = "line " + std::to_string(line_number);
      problem.append(", ").append(key).append(": ").append(fault);
      return make_error(ErrorCode::kMalformed, problem, where);
    }
    seen.push_back(key);
  }
  for (const char* key : {"id", "version", "stage", "kinds", "fields", "form", "family"}) {
    if (!contains(seen, key)) return make_error(ErrorCode::kMalformed, std::string("the header lacks ") + key, where);
  }
  question.text = rules::trim(text.substr(at));
  if (question.text.empty()) return make_error(ErrorCode::kMalformed, "the question has no text", where);
  return question;
}

std::string question_text(const Question& question, std::span<const std::string> only) {
  std::string keys;
  const std::span<const std::string> fields = only.empty() ? std::span<const std::string>(question.fields) : only;
  for (const std::string& field : fields) {
    keys += (keys.empty() ? "" : ", ") + (question.form == AnswerForm::kJson ? field : upper(field));
  }
  std::string out = question.text;
  for (std::size_t at = out.find(kKeys); at != std::string::npos; at = out.find(kKeys, at + keys.size())) {
    out.replace(at, kKeys.size(), keys);
  }
  return out;
}

Status QuestionSet::add(Question question, const std::string& where) {
  if (find(question.id) != nullptr) {
    return make_error(ErrorCode::kMalformed, "another question has the id " + question.id, where);
  }
  const auto place =
      std::find_if(questions_.begin(), questions_.end(), [&](const Question& q) { return q.id > question.id; });
  questions_.insert(place, std::move(question));
  return {};
}

const QuestionSet& QuestionSet::built_in() {
  static const QuestionSet set = [] {
    QuestionSet out;
    for (std::size_t i = 0; i + 1 < kFiles.size() && !kFiles[i].empty(); i += 2) {
      auto question = parse_question(kFiles[i + 1], std::string(kFiles[i]));
      CHECK(question.has_value(), "%s", question.error().text().c_str());
      const Status added = out.add(*std::move(question), std::string(kFiles[i]));
      CHECK(added.has_value(), "%s", added.error().text().c_str());
    }
    return out;
  }();
  return set;
}

Result<QuestionSet> QuestionSet::load(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".txt") paths.push_back(it->path());
  }
  if (error) return make_error(ErrorCode::kNotFound, "cannot list the prompts: " + error.message(), folder);
  if (paths.empty()) return make_error(ErrorCode::kNotFound, "holds no *.txt, expected prompts", folder);
  std::sort(paths.begin(), paths.end());
  QuestionSet out;
  for (const auto& path : paths) {
    DOCKET_TRY(const Bytes bytes, read_file(path.string(), std::size_t{1} << 20));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    DOCKET_TRY(Question question, parse_question(text, path.string()));
    DOCKET_TRY_VOID(out.add(std::move(question), path.string()));
  }
  return out;
}

const Question* QuestionSet::find(std::string_view id) const {
  const auto found = std::find_if(questions_.begin(), questions_.end(), [&](const Question& q) { return q.id == id; });
  return found == questions_.end() ? nullptr : &*found;
}

const Question* QuestionSet::choose(Stage stage, std::string_view kind, std::string_view family) const {
  const Question* best = nullptr;
  int most = -1;
  for (const Question& question : questions_) {
    if (question.stage != stage) continue;
    const int points = fit(question, kind, family);
    if (points > most) best = &question, most = points;
  }
  return best;
}

const Question* QuestionSet::choose_field(Stage stage, std::string_view field, std::string_view family) const {
  const Question* best = nullptr;
  int most = -1;
  for (const Question& question : questions_) {
    if (question.stage != stage || !contains(question.fields, field)) continue;
    const int points = fit(question, "", family);
    if (points > most) best = &question, most = points;
  }
  return best;
}

std::string QuestionSet::kind_of(std::string_view text) const {
  std::string best;
  int most = kPointsNeeded - 1;
  for (const Question& question : questions_) {
    if (question.stage != Stage::kAll || question.kinds.empty()) continue;
    int points = 0;
    for (const std::string& word : question.words) {
      const bool strong = word.front() == '!';
      if (rules::contains_word(text, strong ? std::string_view(word).substr(1) : std::string_view(word)))
        points += strong ? 2 : 1;
    }
    if (points > most) best = question.kinds.front(), most = points;
  }
  return best;
}

std::vector<std::string> question_faults(const Question& question) {
  std::vector<std::string> out;
  // Digits and currency signs are what an answer is made of: a model that is shown one repeats it.
  if (question.text.find_first_of("0123456789$%@") != std::string::npos) {
    out.emplace_back("has a digit or a sign that could be repeated as a value");
  }
  const bool named = question.text.find(kKeys) != std::string::npos;
  if (!named && question.fields.size() > 1 && question.form != AnswerForm::kValue &&
      question.family != "fields_token" && question.stage != Stage::kItems) {
    out.emplace_back("asks for several fields without {keys}");
  }
  if (question.form == AnswerForm::kValue && question.fields.size() != 1)
    out.emplace_back("a value is asked of one field");
  for (const ReplyValue& value : parse_reply(question_text(question)).values) {
    out.push_back("reads as an answer itself: " + std::string(value.key) + " = " + value.text);
  }
  return out;
}

namespace {

// The rule that a field's value follows.
std::string_view rule_of(std::string_view key) {
  switch (value_form(key)) {
    case ValueForm::kMoney:
      return "money";
    case ValueForm::kRate:
    case ValueForm::kCount:
      return "rate";
    case ValueForm::kAbn:
      return "abn";
    case ValueForm::kDate:
      return "date";
    case ValueForm::kTime:
      return "time";
    default:
      return "text";
  }
}

}  // namespace

std::string answer_grammar(AnswerForm form, std::span<const std::string> keys) {
  std::string root = "root ::=";
  const bool json = form == AnswerForm::kJson;
  if (json) root += " \"{\"";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string rule(rule_of(keys[i]));
    if (json) {
      root += std::string(" \"") + (i > 0 ? ", " : "") + "\\\"" + keys[i] + "\\\": \" (\"null\" | \"\\\"\" " +
              (rule == "text" ? "quoted" : rule) + " \"\\\"\")";
    } else if (form == AnswerForm::kKeyValue) {
      root += std::string(" \"") + (i > 0 ? "\\n" : "") + upper(keys[i]) + ": \" (\"NOT_FOUND\" | " + rule + ")";
    } else {
      root += std::string(" (\"NOT_FOUND\" | ") + rule + ")";
    }
  }
  if (json) root += " \"}\"";
  // A date is as printed: digits, the names of months and weekdays, and what parts them.
  return root +
         "\n"
         "money ::= \"-\"? [0-9]{1,7} \".\" [0-9]{2}\n"
         "rate ::= [0-9]{1,6} (\".\" [0-9]{1,4})?\n"
         "abn ::= [0-9]{11}\n"
         "date ::= [0-9A-Za-z] [0-9A-Za-z/., -]{4,24}\n"
         "time ::= [0-9]{1,2} [:.] [0-9]{2} ([:.] [0-9]{2})? \" \"? ([AaPp] \".\"? [Mm] \".\"?)?\n"
         "text ::= [^\\n]{1,90}\n"
         "quoted ::= ([^\\n\\\"\\x5C] | \"\\x5C\" [\\\"\\x5C]){1,90}\n";
}

}  // namespace docket::fields

// What a vision-language model is asked: the questions of prompts/, each a text file with a small header, and which of
// them suits a document. The reading of the answers is reply_parser.h: one contract, so both are here.
//
//   id: all.fuel                 unique; the file is prompts/<id>.txt
//   version: 1                   raised with every change of the text
//   stage: all                   what it is asked for, see Stage
//   kinds: fuel                  kinds of document it suits; "any"
//   words: !diesel, litres       of a paper of that kind; "!" counts double, two points are needed
//   fields: supplier_name, ...   what it asks for, schema names
//   form: key_value              of the answer: key_value, json, value
//   family: any                  of models: any, instruct, fields_token
//   ---
//   Extract ... with these keys: {keys}.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::fields {

enum class AnswerForm { kKeyValue, kJson, kValue };
std::string_view to_string(AnswerForm form);  // "key_value", "json", "value"

// What a question is for: the first one about all fields, the same as JSON, the lines sold, the type alone, one field,
// fields that are still in doubt, one field on a crop.
enum class Stage { kAll, kJson, kItems, kType, kField, kRepair, kRepairCrop };
std::string_view to_string(Stage stage);  // "all", "json", "items", "type", "field", "repair", "repair_crop"

struct Question {
  std::string id;
  int version = 1;
  Stage stage = Stage::kAll;
  std::vector<std::string> kinds, words, fields;
  AnswerForm form = AnswerForm::kKeyValue;
  std::string family = "any";
  std::string text;  // with {keys} where the fields are named

  std::string name() const { return id + "@" + std::to_string(version); }
};

// Errors: kMalformed naming the line, for a header that lacks a key, names an unknown one or a field that is none.
Result<Question> parse_question(std::string_view text, const std::string& where);

// The text that is asked, with {keys} filled in: the question's own fields, or `only` where it is not empty.
std::string question_text(const Question& question, std::span<const std::string> only = {});

class QuestionSet {
 public:
  // Those of prompts/ as they were when the program was built.
  static const QuestionSet& built_in();
  // Every *.txt of a folder. Errors: kNotFound, kIo; parse_question's; kMalformed for two of one id.
  static Result<QuestionSet> load(const std::string& folder);

  const std::vector<Question>& all() const { return questions_; }
  const Question* find(std::string_view id) const;
  // The question for a stage: of the family before "any", of the kind before "any"; null when there is none.
  const Question* choose(Stage stage, std::string_view kind, std::string_view family) const;
  // The same for one field (kField, kRepairCrop).
  const Question* choose_field(Stage stage, std::string_view field, std::string_view family) const;
  // The kind of document that a text speaks of by the words of the questions, "" when it is not clear.
  std::string kind_of(std::string_view text) const;

 private:
  Status add(Question question, const std::string& where);
  std::vector<Question> questions_;  // by id
};

// What is wrong with a question as a text, one sentence each: a digit or an amount that a model could repeat as an
// answer, {keys} missing or superfluous. Empty: nothing.
std::vector<std::string> question_faults(const Question& question);

// The grammar (EBNF of reply::Grammar) of answers to a question about `keys`: for key_value one line a key with a value
// of the field's form or NOT_FOUND; for json an object with every key, a string or null each.
std::string answer_grammar(AnswerForm form, std::span<const std::string> keys);

}  // namespace docket::fields

// docket prompts: the questions that a vision-language model is asked.
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "apps/cli/model_setting.h"
#include "extract/conversation.h"
#include "fields/questions.h"
#include "fields/reply_parser.h"

namespace docket::cli {
namespace {

struct PromptsFlags {
  std::vector<std::string> ids;
  std::string image;
};

Result<fields::QuestionSet> questions_of(const Settings& settings) {
  const std::string& folder = settings.text("DOCKET_PROMPTS");
  if (folder.empty()) return fields::QuestionSet::built_in();
  return fields::QuestionSet::load(folder);
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + item;
  return out;
}

Result<std::vector<const fields::Question*>> chosen(const fields::QuestionSet& set,
                                                    const std::vector<std::string>& ids) {
  std::vector<const fields::Question*> out;
  if (ids.empty()) {
    for (const fields::Question& question : set.all()) out.push_back(&question);
    return out;
  }
  for (const std::string& id : ids) {
    const fields::Question* question = set.find(id);
    if (question == nullptr) {
      return make_error(ErrorCode::kNotFound, "no prompt has this id; docket prompts list shows them", id);
    }
    out.push_back(question);
  }
  return out;
}

int list(const Settings& settings) {
  const auto set = questions_of(settings);
  if (!set) return fail(set.error(), kUsage);
  std::printf("%-36s %-12s %-22s %-10s %-13s %s\n", "ID", "STAGE", "KIND", "FORM", "FAMILY", "FIELDS");
  for (const fields::Question& question : set->all()) {
    std::printf("%-36s %-12s %-22s %-10s %-13s %zu\n", question.name().c_str(), to_string(question.stage).data(),
                joined(question.kinds).c_str(), to_string(question.form).data(), question.family.c_str(),
                question.fields.size());
  }
  return kOk;
}

int show(const PromptsFlags& flags, const Settings& settings) {
  const auto set = questions_of(settings);
  if (!set) return fail(set.error(), kUsage);
  const auto questions = chosen(*set, flags.ids);
  if (!questions) return fail(questions.error(), kUsage);
  for (const fields::Question* question : *questions) {
    std::printf("%s\nfields: %s\n\n%s\n\nanswers as constrained:\n%s\n", question->name().c_str(),
                joined(question->fields).c_str(), fields::question_text(*question).c_str(),
                fields::answer_grammar(question->form, question->fields).c_str());
  }
  return kOk;
}

// What a model says to a question, and what is read of it.
void print_answer(const fields::Question& question, const fields::ModelReply& reply) {
  std::printf("\n--- %s\n%s\n", question.name().c_str(), reply.text.c_str());
  fields::ParseOptions options;
  options.cut_off = reply.cut_off;
  if (question.form == fields::AnswerForm::kValue) options.asked = question.fields.front();
  const fields::ParsedReply parsed = fields::parse_reply(reply.text, options);
  for (const fields::ReplyValue& value : parsed.values) {
    std::printf("  %s = %s   [%zu, %zu) %s\n", std::string(value.key).c_str(), value.text.c_str(), value.span.begin,
                value.span.end, to_string(value.form).data());
  }
  if (parsed.refused) std::printf("  refused\n");
  if (parsed.looped) std::printf("  goes round in circles\n");
}

Status ask_all(const std::vector<const fields::Question*>& questions, const std::string& image,
               const Settings& settings) {
  DOCKET_TRY(const auto pages, read_images({image}));
  extract::VlmOptions options;
  options.model = model_folder(settings);
  options.quant = settings.text("DOCKET_QUANT");
  options.device = settings.text("DOCKET_DEVICE");
  DOCKET_TRY(auto conversation, extract::Conversation::open(options));
  for (const fields::Question* question : questions) {
    const bool suits = question->family == "any" || question->family == conversation->family();
    if (!suits) continue;
    DOCKET_TRY(const fields::ModelReply reply, conversation->ask(pages.front(), *question, {}));
    print_answer(*question, reply);
  }
  return {};
}

int test(const PromptsFlags& flags, const Settings& settings) {
  const auto set = questions_of(settings);
  if (!set) return fail(set.error(), kUsage);
  const auto questions = chosen(*set, flags.ids);
  if (!questions) return fail(questions.error(), kUsage);
  int faults = 0;
  for (const fields::Question* question : *questions) {
    for (const std::string& fault : fields::question_faults(*question)) {
      std::printf("%s: %s\n", question->id.c_str(), fault.c_str());
      ++faults;
    }
  }
  std::printf("%zu prompts, %d faults\n", questions->size(), faults);
  if (!flags.image.empty()) {
    const Status asked = ask_all(*questions, flags.image, settings);
    if (!asked) return fail(asked.error(), kSomeFailed);
  }
  return faults == 0 ? kOk : kSomeFailed;
}

}  // namespace

void add_prompts_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "prompts", "The questions that a vision-language model is asked",
                                  "docket prompts test --model models/nano --image receipt.jpg all.general");
  command->require_subcommand(1);
  const auto flags = std::make_shared<PromptsFlags>();
  const auto add = [&](const char* name, const char* help, const char* example,
                       int (*run)(const PromptsFlags&, const Settings&)) {
    CLI::App* sub = add_command(*command, name, help, example);
    add_setting(*sub, program, "--prompts", "DOCKET_PROMPTS");
    sub->callback([&program, flags, run] {
      program.run = [flags, run](const Settings& settings) { return run(*flags, settings); };
    });
    return sub;
  };
  add("list", "One line for each prompt", "docket prompts list",
      [](const PromptsFlags&, const Settings& settings) { return list(settings); });
  CLI::App* shown = add("show", "The text and the grammar of prompts", "docket prompts show all.fuel", show);
  shown->add_option("ID", flags->ids, "prompts [all]");
  CLI::App* tested = add("test", "Check prompts; with --image ask them of a model and show what is read of its replies",
                         "docket prompts test --model models/nano --image receipt.jpg all.general", test);
  tested->add_option("ID", flags->ids, "prompts [all]");
  tested->add_option("--image", flags->image, "picture to ask about")->type_name("FILE");
  add_setting(*tested, program, "--model", "DOCKET_MODEL");
  add_setting(*tested, program, "--quant", "DOCKET_QUANT");
}

}  // namespace docket::cli

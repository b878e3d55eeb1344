// docket ask: one question to the vision-language model, about images or none.
#include <cstdio>
#include <ctime>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "prompt/chat.h"

namespace docket::cli {
namespace {

struct AskFlags {
  EngineFlags engine;
  std::vector<std::string> images, stop;
  std::string system, prompt, date, grammar, schema;
  reply::SamplingOptions sampling;
  int max_new_tokens = 256;
  bool raw = false, json = false, logprobs = false;
};

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%d %b %Y", std::localtime(&now))};
}

// The chat template around the question; with --raw the text as it is, behind the images it does not mention itself.
Result<std::string> prompt_text(const AskFlags& flags) {
  if (flags.raw) {
    std::string text = flags.prompt;
    if (text.find(prompt::kImageText) == std::string::npos) {
      for (std::size_t i = 0; i < flags.images.size(); ++i) text.insert(0, prompt::kImageText);
    }
    return prompt::add_begin_of_text(text);
  }
  std::vector<prompt::Message> messages;
  if (!flags.system.empty()) messages.push_back({"system", flags.system, 0});
  messages.push_back({"user", flags.prompt, static_cast<int>(flags.images.size())});
  return prompt::render_chat(messages, {flags.date.empty() ? today() : flags.date, true});
}

Result<std::shared_ptr<reply::ConstraintTable>> constraint_of(const AskFlags& flags, const reply::Model& model) {
  constexpr std::size_t kMaxGrammarBytes = 1 << 20;
  const bool schema = !flags.schema.empty();
  if (!schema && flags.grammar.empty()) return std::shared_ptr<reply::ConstraintTable>();
  DOCKET_TRY(const auto text, read_text_file(schema ? flags.schema : flags.grammar, kMaxGrammarBytes));
  auto grammar = schema ? reply::Grammar::from_json_schema(text) : reply::Grammar::from_ebnf(text);
  if (!grammar) return grammar.failure();
  return reply::ConstraintTable::make(*grammar, model.token_trie(), model.end_tokens());
}

void print_json(const reply::Engine& engine, const reply::Reply& reply) {
  OrderedJson out = {{"text", reply.text},
                     {"stop_reason", to_string(reply.stop_reason)},
                     {"prompt_tokens", reply.prompt_tokens},
                     {"reply_tokens", reply.tokens.size()},
                     {"forced_tokens", reply.forced_tokens},
                     {"tokens", reply.tokens},
                     {"encode_ms", engine.last_encode_ms()},
                     {"prefill_ms", reply.prefill_ms},
                     {"decode_ms", reply.decode_ms}};
  if (!reply.logprobs.empty()) out["logprobs"] = reply.logprobs;
  std::puts(json_line(out).c_str());
}

Status ask(AskFlags flags) {
  flags.engine.max_images = std::max<std::int64_t>(1, static_cast<std::int64_t>(flags.images.size()));
  DOCKET_TRY(const std::string text, prompt_text(flags));
  DOCKET_TRY(const auto pages, read_images(flags.images));
  DOCKET_TRY(const auto engine, load_engine(flags.engine));
  DOCKET_TRY(const auto prompt, prompt::make_prompt(engine->model().tokenizer(), text, static_cast<int>(pages.size())));
  reply::ReplyOptions options;
  DOCKET_TRY(options.constraint, constraint_of(flags, engine->model()));
  options.max_new_tokens = flags.max_new_tokens;
  options.sampling = flags.sampling;
  options.stop_strings = flags.stop;
  options.adapter = chosen_adapter(flags.engine);
  options.logprobs = flags.logprobs;
  if (!flags.json) {
    options.on_text = [](std::string_view piece) {
      std::fwrite(piece.data(), 1, piece.size(), stdout);
      return std::fflush(stdout) == 0;
    };
  }
  int set = -1;
  if (!pages.empty()) {
    DOCKET_TRY(set, engine->encode_images(pages, nullptr, options.adapter));
  }
  DOCKET_TRY(const auto reply, engine->reply(prompt, set, options));
  if (flags.json) {
    print_json(*engine, reply);
  } else {
    std::puts("");
  }
  return {};
}

}  // namespace

void add_ask_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<AskFlags>();
  CLI::App* command = add_command(app, "ask", "put a question to the model, about images or none",
                                  "docket ask --model DIR --image receipt.jpg \"What is the total?\"");
  add_engine_flags(*command, flags->engine);
  add_adapter_flags(*command, flags->engine);
  command->add_option("--image", flags->images, "image or PDF (its first page); repeat for more")->type_name("FILE");
  command->add_option("--system", flags->system, "system message; only without an image");
  command->add_option("--date", flags->date,
                      "the date that a prompt without an image names, e.g. \"05 Mar 2024\" [today]");
  command->add_flag("--raw", flags->raw, "no chat template: PROMPT is continued as it stands");
  command->add_option("--max-new-tokens", flags->max_new_tokens, "longest reply [256]")->check(CLI::Range(1, 1 << 20));
  command->add_option("--temperature", flags->sampling.temperature, "0: always the likeliest token [0]")
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--top-p", flags->sampling.top_p, "keep the likeliest tokens that hold this share [1]")
      ->check(CLI::Range(1e-9, 1.0));
  command->add_option("--top-k", flags->sampling.top_k, "keep this many tokens; 0: all [0]")
      ->check(CLI::Range(0, 1 << 20));
  command->add_option("--min-p", flags->sampling.min_p, "drop tokens below this share of the likeliest [0]")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--repetition-penalty", flags->sampling.repetition_penalty, "above 1: say less again [1]")
      ->check(CLI::Range(0.01, 100.0));
  command->add_option("--seed", flags->sampling.seed, "of the draws [0]");
  command->add_option("--stop", flags->stop, "end the reply before this text; repeat for more");
  command->add_option("--grammar", flags->grammar, "file with an EBNF that the reply must match")->type_name("FILE");
  command->add_option("--schema", flags->schema, "file with a JSON schema that the reply must be valid by")
      ->type_name("FILE");
  command->add_flag("--logprobs", flags->logprobs, "with --json: each token's log-probability");
  command->add_flag("--json", flags->json, "print one JSON object with the text, tokens and times");
  command->add_option("PROMPT", flags->prompt, "the question")->required();
  command->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      const Status status = ask(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli

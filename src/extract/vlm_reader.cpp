#include "extract/vlm_reader.h"

#include <algorithm>
#include <cmath>

#include "core/base/log.h"
#include "prompt/chat.h"
#include "reply/engine.h"

namespace docket::extract {
namespace {

constexpr int kMaxReplyTokens = 320;  // twelve fields, a long name among them
constexpr std::int64_t kPositions = 1024;

class VlmPages final : public Reader {
 public:
  VlmPages(std::unique_ptr<reply::Engine> engine, prompt::Prompt prompt)
      : engine_(std::move(engine)), prompt_(std::move(prompt)) {}
  fields::Reader kind() const override { return fields::Reader::kVlm; }

  Result<Reading> read(std::span<const page::Page> pages) override {
    Reading out;
    std::optional<Error> last;
    std::size_t failed = 0;
    for (const page::Page& page : pages) {
      const auto lines = ask(page);
      if (lines) {
        out.reply.insert(out.reply.end(), lines->begin(), lines->end());
        continue;
      }
      log().warn("page {}: {}", page.number, lines.error().text());
      out.notes.emplace_back("page_not_read");
      last = lines.error();
      ++failed;
    }
    if (last && failed == pages.size()) return Unexpected{*last};
    return out;
  }

 private:
  Result<std::vector<fields::ReplyLine>> ask(const page::Page& page) {
    DOCKET_TRY(const int images, engine_->encode_images({&page, 1}));
    reply::ReplyOptions options;
    options.max_new_tokens = kMaxReplyTokens;
    options.logprobs = true;
    DOCKET_TRY(const auto reply, engine_->reply(prompt_, images, options));
    return lines_of(reply, page.number);
  }

  // The reply's lines; a line's probability is the product of its tokens'.
  std::vector<fields::ReplyLine> lines_of(const reply::Reply& reply, int page) const {
    std::vector<fields::ReplyLine> out;
    double logprob = 0;
    std::string text;
    const auto end_line = [&] {
      if (!text.empty()) out.push_back({text, std::exp(logprob), page});
      text.clear();
      logprob = 0;
    };
    for (std::size_t i = 0; i < reply.tokens.size(); ++i) {
      logprob += double{reply.logprobs[i]};
      for (const char c : engine_->model().tokenizer().bytes(reply.tokens[i])) {
        if (c == '\n') {
          end_line();
        } else {
          text += c;
        }
      }
    }
    end_line();
    return out;
  }

  std::unique_ptr<reply::Engine> engine_;
  prompt::Prompt prompt_;
};

Result<prompt::Prompt> prompt_for(const prompt::Tokenizer& tokenizer) {
  std::string text = std::string(prompt::kImageText) + std::string(prompt::kBeginText);
  if (tokenizer.find(fields::kFieldsToken)) {
    text += fields::kFieldsToken;
  } else {
    const prompt::Message message{"user", fields::fields_question(), 1};
    DOCKET_TRY(text, prompt::render_chat({&message, 1}));
  }
  return prompt::make_prompt(tokenizer, text, 1);
}

}  // namespace

Result<std::unique_ptr<Reader>> make_vlm_reader(const VlmOptions& options) {
  DOCKET_TRY(const auto policy, load::parse_quant_policy(options.quant));
  DOCKET_TRY(const auto config, weights::read_model_config(options.model));
  reply::EngineLimits limits;
  limits.max_positions = std::min(kPositions, config.text.max_position_embeddings);
  DOCKET_TRY(kernels::KernelOptions kernel_options, kernels::kernel_options_from_environment());
  kernel_options.device = options.device;
  if (options.threads > 0) kernel_options.num_threads = options.threads;
  kernel_options.pin_threads = false;  // workers side by side would be pinned to the same processors
  DOCKET_TRY(auto engine, reply::Engine::load(options.model, policy, limits, kernel_options));
  DOCKET_TRY(auto prompt, prompt_for(engine->model().tokenizer()));
  return std::unique_ptr<Reader>(std::make_unique<VlmPages>(std::move(engine), std::move(prompt)));
}

}  // namespace docket::extract

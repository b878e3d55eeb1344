#include "extract/vlm_reader.h"

#include <algorithm>

#include "core/base/log.h"
#include "prompt/chat.h"
#include "reply/engine.h"

namespace docket::extract {
namespace {

constexpr int kMaxReplyTokens = 320;  // twelve fields, a long name among them
constexpr std::int64_t kPositions = 1024;
constexpr const char* kQuestion =
    "Extract the fields of this receipt as KEY: VALUE lines with these keys: DOCUMENT_TYPE, SUPPLIER_NAME, "
    "SUPPLIER_ABN, "
    "INVOICE_NUMBER, INVOICE_DATE, INVOICE_TIME, DUE_DATE, BUYER_NAME, BUYER_ABN, SUBTOTAL, GST_AMOUNT, TOTAL_AMOUNT. "
    "Use NOT_FOUND for anything that is not printed.";

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
      auto reply = ask(page);
      if (reply) {
        out.replies.push_back(*std::move(reply));
        continue;
      }
      log().warn("page {}: {}", page.number, reply.error().text());
      out.notes.emplace_back("page_not_read");
      last = reply.error();
      ++failed;
    }
    if (last && failed == pages.size()) return Unexpected{*last};
    return out;
  }

 private:
  Result<fields::ModelReply> ask(const page::Page& page) {
    DOCKET_TRY(const int images, engine_->encode_images({&page, 1}));
    reply::ReplyOptions options;
    options.max_new_tokens = kMaxReplyTokens;
    options.logprobs = true;
    DOCKET_TRY(const auto reply, engine_->reply(prompt_, images, options));
    fields::ModelReply out;
    out.page = page.number;
    out.source = "fields";
    out.cut_off = reply.stop_reason == reply::StopReason::kLength;
    for (std::size_t i = 0; i < reply.tokens.size(); ++i) {
      out.text += engine_->model().tokenizer().bytes(reply.tokens[i]);
      out.tokens.push_back({out.text.size(), reply.logprobs[i]});
    }
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
    const prompt::Message message{"user", kQuestion, 1};
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

// LoRA adapters against peft on transformers 4.45.2. Generator: training/golden/adapters.py.
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "page/read.h"
#include "reply/engine.h"
#include "tests/support/golden.h"

namespace docket::reply {
namespace {

using golden::kData;

std::unique_ptr<Engine> load(const std::string& quant = "none", std::int64_t max_batch = 1) {
  EngineLimits limits;
  limits.max_positions = 128;
  limits.max_batch = max_batch;
  limits.max_image_sets = 2;
  limits.chunk_rows = 8;
  kernels::KernelOptions options = *kernels::kernel_options_from_environment();
  options.num_threads = 1;
  options.pin_threads = false;
  const std::vector<AdapterSource> adapters = {{"all", kData + "lora-all"}, {"text", kData + "lora-text"}};
  auto engine = Engine::load(kData + "tiny", *load::parse_quant_policy(quant), limits, options, adapters);
  EXPECT_TRUE(engine.has_value()) << (engine ? "" : engine.error().text());
  return *std::move(engine);
}

page::Page read_picture(const std::string& name) {
  auto bytes = read_file(kData + "pictures/" + name, 1 << 24);
  return page::read_pages(*bytes, name)->pages.at(0);
}

ReplyOptions greedy(const std::string& adapter, int tokens = 40) {
  ReplyOptions options;
  options.max_new_tokens = tokens;
  options.ignore_end_tokens = true;
  options.adapter = adapter;
  return options;
}

int encode(Engine& engine, const std::string& picture, const std::string& adapter) {
  const page::Page page = read_picture(picture);
  const auto set = engine.encode_images({&page, 1}, nullptr, adapter);
  EXPECT_TRUE(set) << set.error().text();
  return *set;
}

prompt::Prompt prompt_of(const Engine& engine, const std::string& text, int images) {
  return *prompt::make_prompt(engine.model().tokenizer(), text, images);
}

void keep_last(void* context, std::int64_t, const language::Logits& logits) {
  const float* row = logits.values.row(logits.values.rows - 1);
  static_cast<std::vector<float>*>(context)->assign(row, row + logits.values.cols);
}

TEST(Adapters, LogitsAndTokensEqualPeft) {
  const auto about = golden::read_json(kData + "lora.golden.json");
  const auto tensors = golden::read_tensors(kData + "lora.golden.safetensors");
  const auto engine = load();  // both adapters at once, chosen for each request
  int compared = 0;
  for (const std::string name : {"all", "text"}) {
    for (const auto& [key, c] : about["cases"]["lora-" + name].items()) {
      SCOPED_TRACE(name + " " + key);
      const bool has_image = c["picture"].is_string();
      const int set = has_image ? encode(*engine, c["picture"], name) : -1;
      const auto prompt = prompt_of(*engine, c["prompt"], has_image ? 1 : 0);
      std::vector<float> last;
      ASSERT_TRUE(engine->forward(prompt, set, keep_last, &last, nullptr, name));
      const auto expected = tensors.at("lora-" + name + "." + key + ".last_logits").floats();
      EXPECT_LE(golden::max_abs(last, expected), 1e-3);
      EXPECT_LE(golden::relative_l2(last, expected), 1e-4);
      const auto reply = engine->reply(prompt, set, greedy(name));
      ASSERT_TRUE(reply) << reply.error().text();
      EXPECT_EQ(reply->tokens, c["greedy"].get<std::vector<TokenId>>());
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6);
}

TEST(Adapters, RowsOfABatchKeepTheirOwn) {
  const auto engine = load("nf4", 3), single = load("nf4");
  const std::string text = "<|image|><|begin_of_text|>Extract the TOTAL:";
  const std::vector<prompt::Prompt> prompts(3, prompt_of(*engine, text, 1));
  const std::vector<ReplyOptions> options = {greedy("text"), greedy(""), greedy("text", 20)};
  const auto replies = engine->reply_batch(prompts, encode(*engine, "photo.jpg", ""), options);
  ASSERT_TRUE(replies) << replies.error().text();
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto alone = single->reply(prompts[0], encode(*single, "photo.jpg", options[i].adapter), options[i]);
    EXPECT_EQ((*replies)[i].tokens, alone->tokens) << i;
  }
  EXPECT_NE((*replies)[0].tokens, (*replies)[1].tokens);
  EXPECT_EQ((*replies)[1].reused_tokens, 0);  // another adapter's keys are no beginning
  EXPECT_GT((*replies)[2].reused_tokens, 0);
}

TEST(Adapters, ImagesBelongToTheAdapterThatChangesThem) {
  const auto engine = load();
  const auto prompt = prompt_of(*engine, "<|image|><|begin_of_text|>Extract the TOTAL:", 1);
  const int plain = encode(*engine, "photo.jpg", "");
  EXPECT_EQ(encode(*engine, "photo.jpg", "text"), plain);  // an adapter of the text alone shares them
  EXPECT_TRUE(engine->reply(prompt, plain, greedy("text", 2)));
  const auto refused = engine->reply(prompt, plain, greedy("all", 2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  const int changed = encode(*engine, "photo.jpg", "all");
  EXPECT_NE(changed, plain);
  EXPECT_TRUE(engine->reply(prompt, changed, greedy("all", 2)));
  EXPECT_FALSE(engine->reply(prompt, changed, greedy("", 2)));
}

TEST(Adapters, UnknownAndDoubledNamesAreErrors) {
  const auto engine = load();
  const auto prompt = prompt_of(*engine, "<|begin_of_text|>Hello", 0);
  const auto reply = engine->reply(prompt, -1, greedy("other", 2));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  EXPECT_NE(reply.error().text().find("all, text"), std::string::npos) << reply.error().text();
  const std::vector<AdapterSource> twice = {{"a", kData + "lora-all"}, {"a", kData + "lora-text"}};
  EXPECT_EQ(Model::open(kData + "tiny", {}, twice).error().code, ErrorCode::kInvalidArgument);
  const std::vector<AdapterSource> odd = {{"a", kData + "lora-all"}};
  EXPECT_EQ(Model::open(kData + "odd", {}, odd).error().code, ErrorCode::kMalformed);  // other shapes
}

}  // namespace
}  // namespace docket::reply

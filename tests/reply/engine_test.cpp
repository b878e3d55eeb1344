// The whole engine against transformers 4.45.2: the tiny models' replies, token for token.
#include "reply/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/base/file.h"
#include "page/read.h"
#include "tests/support/golden.h"

namespace docket::reply {
namespace {

using golden::kData;

page::Page read_picture(const std::string& name) {
  const std::string path = kData + "pictures/" + name + (name == "photo" ? ".jpg" : ".png");
  auto bytes = read_file(path, 1 << 24);
  auto document = page::read_pages(*bytes, path);
  EXPECT_TRUE(document.has_value());
  return document->pages.at(0);
}

std::unique_ptr<Engine> load(const std::string& model, const std::string& quant = "none", std::int64_t max_batch = 1) {
  EngineLimits limits;
  limits.max_positions = 256;
  limits.max_images = 2;
  limits.max_batch = max_batch;
  limits.max_image_sets = 2;
  limits.chunk_rows = 16;  // most prompts go in several chunks
  kernels::KernelOptions options = *kernels::kernel_options_from_environment();
  options.num_threads = 1;
  options.pin_threads = false;
  auto policy = load::parse_quant_policy(quant);
  auto engine = Engine::load(kData + model, *policy, limits, options);
  EXPECT_TRUE(engine.has_value()) << (engine ? "" : engine.error().text());
  return *std::move(engine);
}

ReplyOptions greedy(int tokens) {
  ReplyOptions options;
  options.max_new_tokens = tokens;
  options.ignore_end_tokens = true;
  return options;
}

int encode(Engine& engine, const nlohmann::json& names) {
  std::vector<page::Page> pages;
  for (const std::string name : names) pages.push_back(read_picture(name));
  auto set = engine.encode_images(pages);
  EXPECT_TRUE(set.has_value());
  return *set;
}

prompt::Prompt prompt_of(const Engine& engine, const std::string& text, int images) {
  auto prompt = prompt::make_prompt(engine.model().tokenizer(), text, images);
  EXPECT_TRUE(prompt.has_value());
  return *prompt;
}

class Golden : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, Golden, testing::Values("tiny", "odd"));

TEST_P(Golden, GreedyTokensEqualTheReference) {
  auto engine = load(GetParam());
  const auto about = golden::read_json(kData + GetParam() + std::string(".golden.json"));
  int cases = 0;
  for (const auto& [name, c] : about["cases"].items()) {
    for (std::size_t n = 0; n < c["prompts"].size(); ++n) {
      // The reference goes on behind the padding of a right-padded row, which is no reply to its prompt.
      bool padded_right = false;
      for (const int m : c["attention_mask"][n])
        padded_right = padded_right || (c.value("padding_side", "") == "right" && m == 0);
      if (padded_right) continue;
      SCOPED_TRACE(std::string(GetParam()) + " " + name);
      const bool has_images = !c["images"].empty();
      const int set = has_images ? encode(*engine, c["images"][n]) : -1;
      const auto prompt = prompt_of(*engine, c["prompts"][n], has_images ? static_cast<int>(c["images"][n].size()) : 0);
      auto reply = engine->reply(prompt, set, greedy(about["new_tokens"]));
      ASSERT_TRUE(reply.has_value()) << reply.error().text();
      EXPECT_EQ(reply->tokens, c["greedy"][n].get<std::vector<TokenId>>());
      ++cases;
    }
  }
  EXPECT_GE(cases, 20);
}

struct Rows {
  std::int64_t vocab = 0;
  std::vector<float> values;
};

void keep_rows(void* context, std::int64_t first_row, const language::Logits& logits) {
  Rows& rows = *static_cast<Rows*>(context);
  EXPECT_EQ(static_cast<std::int64_t>(rows.values.size()), first_row * rows.vocab);
  for (std::int64_t r = 0; r < logits.values.rows; ++r) {
    rows.values.insert(rows.values.end(), logits.values.row(r), logits.values.row(r) + rows.vocab);
  }
}

TEST_P(Golden, LogitsOfEveryRowAreWithinAThousandth) {
  auto engine = load(GetParam());
  const std::string base = kData + GetParam() + ".golden";
  const auto about = golden::read_json(base + ".json");
  const auto tensors = golden::read_tensors(base + ".safetensors");
  for (const auto& [name, c] : about["cases"].items()) {
    if (c["prompts"].size() != 1) continue;
    SCOPED_TRACE(std::string(GetParam()) + " " + name);
    const bool has_images = !c["images"].empty();
    const int set = has_images ? encode(*engine, c["images"][0]) : -1;
    const auto prompt = prompt_of(*engine, c["prompts"][0], has_images ? static_cast<int>(c["images"][0].size()) : 0);
    Rows rows{engine->model().config().text.vocab_size, {}};
    ASSERT_TRUE(engine->forward(prompt, set, keep_rows, &rows).has_value());
    const std::string key = name + ".logits";
    const auto expected = tensors.at(key).floats();
    const auto got = golden::thin(rows.values, about["tensors"][key]["stride"]);
    EXPECT_LT(golden::max_abs(got, expected), 1e-3);
    EXPECT_LT(golden::relative_l2(got, expected), 1e-4);
  }
}

// What a bitsandbytes linear of the reference multiplies by is what docket does: quantised while loading, or read from
// a checkpoint that bitsandbytes has quantised.
TEST(Quantized, LogitsEqualTheReferenceWithTheSameWeights) {
  const auto expected = golden::read_tensors(kData + "tiny-quant.golden.safetensors");
  const struct {
    const char *model, *quant, *key;
  } kCases[] = {
      {"tiny", "nf4", "nf4.last_logits"}, {"tiny", "fp4", "fp4.last_logits"}, {"tiny", "int8", "int8.last_logits"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.key);
    auto engine = load(c.model, c.quant);
    const int set = encode(*engine, {"photo"});
    const auto prompt = prompt_of(*engine, "<|image|><|begin_of_text|>Extract the DATE and TOTAL of photo.\nDATE:", 1);
    Rows rows{448, {}};
    ASSERT_TRUE(engine->forward(prompt, set, keep_rows, &rows).has_value());
    const std::vector<float> last(rows.values.end() - 448, rows.values.end());
    // fp4 was made without double quantisation there, and with it here: the scales differ by up to one step of 8 bits.
    const double limit = std::string(c.quant) == "fp4" ? 5e-2 : 1e-3;
    EXPECT_LT(golden::relative_l2(last, expected.at(c.key).floats()), limit);
  }
}

// The nf4 checkpoint as bitsandbytes saved it, doubly quantised.
TEST(Quantized, ACheckpointOfBitsandbytesRunsAsItIs) {
  const std::string folder = testing::TempDir() + "tiny-nf4";
  std::filesystem::copy(kData + "tiny-nf4", folder,
                        std::filesystem::copy_options::overwrite_existing | std::filesystem::copy_options::recursive);
  std::filesystem::copy_file(kData + "tiny/tokenizer.json", folder + "/tokenizer.json",
                             std::filesystem::copy_options::overwrite_existing);
  EngineLimits limits;
  limits.max_positions = 256;
  kernels::KernelOptions options;
  options.num_threads = 1;
  auto engine = Engine::load(folder, {}, limits, options);
  ASSERT_TRUE(engine.has_value()) << engine.error().text();
  const int set = encode(**engine, {"photo"});
  const auto prompt = prompt_of(**engine, "<|image|><|begin_of_text|>Extract the DATE and TOTAL of photo.\nDATE:", 1);
  Rows rows{448, {}};
  ASSERT_TRUE((*engine)->forward(prompt, set, keep_rows, &rows).has_value());
  const std::vector<float> last(rows.values.end() - 448, rows.values.end());
  const auto expected = golden::read_tensors(kData + "tiny-quant.golden.safetensors").at("nf4.last_logits").floats();
  EXPECT_LT(golden::relative_l2(last, expected), 1e-4);
  EXPECT_LT(golden::max_abs(last, expected), 1e-3);
}

TEST(Engine, ABatchEqualsSingleReplies) {
  auto single = load("odd"), batch = load("odd", "none", 3);
  std::vector<prompt::Prompt> prompts;
  for (const char* text : {"<|image|><|begin_of_text|>Read the TOTAL:",
                           "<|image|><|begin_of_text|>Read the whole of it:", "<|image|><|begin_of_text|>GST"}) {
    prompts.push_back(prompt_of(*single, text, 1));
  }
  std::vector<ReplyOptions> options = {greedy(12), greedy(30), greedy(21)};
  options[1].sampling = {0.8, 20, 0.9, 0, 1.1, 5};
  const int one = encode(*single, {"photo"}), many = encode(*batch, {"photo"});
  auto replies = batch->reply_batch(prompts, many, options);
  ASSERT_TRUE(replies.has_value());
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    auto alone = single->reply(prompts[i], one, options[i]);
    EXPECT_EQ(alone->tokens, (*replies)[i].tokens) << i;
    EXPECT_EQ(alone->text, (*replies)[i].text) << i;
  }
  EXPECT_GT((*replies)[1].reused_tokens, 0);
}

TEST(Engine, ACommonBeginningIsNotRunAgain) {
  auto engine = load("tiny");
  const auto first = prompt_of(*engine, "<|image|><|begin_of_text|>Extract the DATE and TOTAL of it.\nDATE:", 1);
  const auto second = prompt_of(*engine, "<|image|><|begin_of_text|>Extract the DATE and TOTAL of it.\nTOTAL: now", 1);
  const int set = encode(*engine, {"wide"});
  EXPECT_EQ(engine->reply(first, set, greedy(5))->reused_tokens, 0);
  const auto warm = engine->reply(second, set, greedy(20));
  EXPECT_GT(warm->reused_tokens, 8);
  EXPECT_EQ(engine->reply(second, encode(*engine, {"wide"}), greedy(20))->reused_tokens,
            static_cast<int>(second.ids.size()) - 1);
  EXPECT_EQ(engine->last_encode_ms(), 0);
  auto cold_engine = load("tiny");
  const auto cold = cold_engine->reply(second, encode(*cold_engine, {"wide"}), greedy(20));
  EXPECT_EQ(cold->reused_tokens, 0);
  EXPECT_EQ(cold->tokens, warm->tokens);
  // Other images: nothing may be taken over, though the ids are the same.
  EXPECT_EQ(engine->reply(second, encode(*engine, {"tall"}), greedy(3))->reused_tokens, 0);
}

TEST(Engine, AReplyUnderAGrammarMatchesItAndForcedTextCostsNoPass) {
  auto engine = load("tiny");
  const auto grammar = Grammar::from_json_schema(
      R"({"type":"object","properties":{"STORE":{"type":"string","maxLength":12},"TOTAL":{"type":"number"}},"required":["STORE","TOTAL"]})");
  ASSERT_TRUE(grammar.has_value());
  auto table = ConstraintTable::make(*grammar, engine->model().token_trie(), engine->model().end_tokens());
  ASSERT_TRUE(table.has_value());
  const auto prompt = prompt_of(*engine, "<|image|><|begin_of_text|>As JSON:", 1);
  const int set = encode(*engine, {"photo"});
  for (const int budget : {60, 40}) {
    ReplyOptions options;
    options.max_new_tokens = budget;
    options.constraint = *table;
    options.logprobs = true;
    auto reply = engine->reply(prompt, set, options);
    ASSERT_TRUE(reply.has_value()) << reply.error().text();
    EXPECT_TRUE(nlohmann::json::accept(reply->text)) << reply->text;
    EXPECT_GT(reply->forced_tokens, 0);
    EXPECT_EQ(reply->logprobs.size(), reply->tokens.size());
    EXPECT_EQ(reply->stop_reason, StopReason::kEndToken);
  }
  ReplyOptions options;
  options.max_new_tokens = grammar->shortest_bytes();
  options.constraint = *table;
  EXPECT_EQ(engine->reply(prompt, set, options).error().code, ErrorCode::kInvalidArgument);
}

TEST(Engine, TextComesInPiecesAndCanBeStopped) {
  auto engine = load("odd");
  const auto prompt = prompt_of(*engine, "<|begin_of_text|>Hello world TOTAL", 0);
  std::string streamed;
  ReplyOptions options = greedy(30);
  options.on_text = [&](std::string_view text) {
    streamed += text;
    return true;
  };
  const auto whole = engine->reply(prompt, -1, options);
  EXPECT_EQ(streamed, whole->text);
  EXPECT_EQ(whole->stop_reason, StopReason::kLength);
  options.on_text = [](std::string_view) { return false; };
  EXPECT_EQ(engine->reply(prompt, -1, options)->stop_reason, StopReason::kCancelled);
  options.on_text = nullptr;
  int tokens = 0;
  options.keep_going = [&] { return ++tokens < 5; };
  const auto five = engine->reply(prompt, -1, options);
  EXPECT_EQ(five->stop_reason, StopReason::kCancelled);
  EXPECT_EQ(five->tokens, std::vector<TokenId>(whole->tokens.begin(), whole->tokens.begin() + 5));
  options.keep_going = nullptr;
  // Three ASCII characters from the middle: the replacement characters in the text are no bytes of the reply.
  const auto ascii = [](char c) { return c > 0; };
  std::size_t at = 3;
  while (at + 3 < whole->text.size() && !std::all_of(&whole->text[at], &whole->text[at] + 3, ascii)) ++at;
  options.stop_strings = {whole->text.substr(at, 3)};
  const auto stopped = engine->reply(prompt, -1, options);
  EXPECT_EQ(stopped->stop_reason, StopReason::kStopString);
  EXPECT_EQ(stopped->text, whole->text.substr(0, whole->text.find(options.stop_strings[0])));
}

TEST(Engine, WhatDoesNotFitIsRefusedWithTheFigures) {
  auto engine = load("tiny");
  const auto prompt = prompt_of(*engine, "<|begin_of_text|>Hello", 0);
  const auto long_reply = engine->reply(prompt, -1, greedy(1000));
  ASSERT_FALSE(long_reply.has_value());
  EXPECT_NE(long_reply.error().message.find("256 positions"), std::string::npos);
  EXPECT_FALSE(engine->reply(prompt_of(*engine, "<|image|>x", 1), -1, greedy(1)).has_value());
  EngineLimits limits;
  limits.max_positions = 256;
  limits.max_bytes = 1000;
  const auto small = Engine::load(kData + "tiny", {}, limits, {});
  ASSERT_FALSE(small.has_value());
  EXPECT_EQ(small.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(small.error().message.find("0.0 MB are there"), std::string::npos) << small.error().text();
  EXPECT_EQ(Engine::load(kData + "nowhere", {}, limits, {}).error().code, ErrorCode::kNotFound);
  limits.max_positions = 1 << 30;
  EXPECT_EQ(Engine::load(kData + "tiny", {}, limits, {}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace docket::reply

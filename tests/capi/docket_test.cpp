#include "capi/docket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "prompt/tokenizer.h"
#include "tests/support/golden.h"

namespace {

int append(const char* text, size_t length, void* context) {
  static_cast<std::string*>(context)->append(text, length);
  return 0;
}

int refuse(const char*, size_t, void*) { return 1; }

TEST(CApi, LoadsEncodesAndGenerates) {
  docket_options options = docket_default_options();
  options.threads = 1;
  options.max_positions = 200;
  docket_engine* engine = docket_load("tests/golden/data/tiny", &options);
  ASSERT_NE(engine, nullptr) << docket_last_error();
  const std::vector<std::uint8_t> rgb(60 * 40 * 3, 200);
  docket_request request = docket_default_request();
  request.image = docket_encode_image(engine, rgb.data(), 60, 40);
  ASSERT_EQ(request.image, 0) << docket_last_error();
  request.prompt = "What is the TOTAL?";
  request.max_new_tokens = 12;
  std::string chat, again;
  EXPECT_GT(docket_generate(engine, &request, append, &chat), 0) << docket_last_error();
  EXPECT_STREQ(docket_last_error(), "");
  EXPECT_GT(docket_generate(engine, &request, append, &again), 0);
  EXPECT_EQ(chat, again);
  request.grammar = "root ::= \"TOTAL: \" [0-9]{2}";
  std::string held;
  EXPECT_GT(docket_generate(engine, &request, append, &held), 0) << docket_last_error();
  EXPECT_EQ(held.substr(0, 7), "TOTAL: ");
  EXPECT_EQ(held.size(), 9u);
  request.grammar = nullptr;
  request.raw = 1;
  EXPECT_GT(docket_generate(engine, &request, refuse, nullptr), 0);
  docket_free(engine);
}

// What peft on transformers says with the adapter (training/golden/adapters.py).
TEST(CApi, RepliesAreMadeWithTheAdapter) {
  const auto about = docket::golden::read_json(docket::golden::kData + "lora.golden.json");
  const auto tokenizer = docket::prompt::Tokenizer::load(docket::golden::kData + "tiny/tokenizer.json");
  ASSERT_TRUE(tokenizer);
  docket_options options = docket_default_options();
  options.threads = 1;
  options.max_positions = 200;
  for (const std::string adapter : {"lora-text", "lora-all"}) {
    const auto& golden = about["cases"][adapter]["text_only"];
    auto ids = golden["greedy"].get<std::vector<docket::prompt::TokenId>>();
    ids.erase(std::find_if(ids.begin(), ids.end(), [&](auto id) { return tokenizer->is_special(id); }), ids.end());
    const std::string expected = tokenizer->detokenize(ids, true);
    const int count = static_cast<int>(ids.size());
    ASSERT_GT(count, 3);
    const std::string folder = docket::golden::kData + adapter;
    options.adapter = folder.c_str();
    docket_engine* engine = docket_load("tests/golden/data/tiny", &options);
    ASSERT_NE(engine, nullptr) << docket_last_error();
    const std::string prompt = golden["prompt"];
    docket_request request = docket_default_request();
    request.prompt = prompt.c_str();
    request.raw = 1;
    request.max_new_tokens = count;
    std::string text;
    EXPECT_EQ(docket_generate(engine, &request, append, &text), count) << docket_last_error();
    EXPECT_EQ(text, expected) << adapter;
    docket_free(engine);
  }
}

TEST(CApi, FailuresSayWhy) {
  EXPECT_EQ(docket_load("tests/golden/data/nowhere", nullptr), nullptr);
  EXPECT_NE(std::string(docket_last_error()).find("nowhere"), std::string::npos) << docket_last_error();
  EXPECT_EQ(docket_load(nullptr, nullptr), nullptr);
  EXPECT_STRNE(docket_last_error(), "");
  docket_options options = docket_default_options();
  options.quant = "int3";
  EXPECT_EQ(docket_load("tests/golden/data/tiny", &options), nullptr);
  EXPECT_NE(std::string(docket_last_error()).find("int3"), std::string::npos);
  EXPECT_EQ(docket_encode_image(nullptr, nullptr, 1, 1), -1);
  options = docket_default_options();
  options.max_positions = 40;
  docket_engine* engine = docket_load("tests/golden/data/tiny", &options);
  ASSERT_NE(engine, nullptr) << docket_last_error();
  docket_request request = docket_default_request();
  EXPECT_EQ(docket_generate(engine, &request, nullptr, nullptr), -1);
  request.prompt = "x";
  EXPECT_EQ(docket_generate(engine, &request, nullptr, nullptr), -1);
  EXPECT_NE(std::string(docket_last_error()).find("40 positions"), std::string::npos) << docket_last_error();
  docket_free(engine);
  docket_free(nullptr);
}

}  // namespace

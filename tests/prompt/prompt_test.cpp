#include "prompt/prompt.h"

#include <gtest/gtest.h>

#include "prompt/chat.h"
#include "tests/support/golden.h"

namespace docket::prompt {
namespace {

using golden::kData;

Tokenizer load(const std::string& model) {
  auto tokenizer = Tokenizer::load(kData + model + "/tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value());
  return *std::move(tokenizer);
}

// Every prompt of the tiny models gives the reference's ids, and its spans the reference's cross-attention mask.
TEST(Prompt, IdsAndImageSpansEqualTheReference) {
  for (const char* model : {"tiny", "odd"}) {
    const Tokenizer tokenizer = load(model);
    const auto about = golden::read_json(kData + model + ".golden.json");
    for (const auto& [name, c] : about["cases"].items()) {
      for (std::size_t n = 0; n < c["prompts"].size(); ++n) {
        SCOPED_TRACE(std::string(model) + " " + name);
        const int images = c["images"].empty() ? 0 : static_cast<int>(c["images"][n].size());
        const auto prompt = make_prompt(tokenizer, c["prompts"][n].get<std::string>(), images);
        ASSERT_TRUE(prompt.has_value());
        std::vector<TokenId> expected;
        std::vector<int> rows;  // of the padded prompt, which are no padding
        for (std::size_t i = 0; i < c["input_ids"][n].size(); ++i) {
          if (c["attention_mask"][n][i] == 0) continue;
          expected.push_back(c["input_ids"][n][i]);
          rows.push_back(static_cast<int>(i));
        }
        EXPECT_EQ(prompt->ids, expected);
        for (std::size_t row = 0; row < rows.size() && images > 0; ++row) {
          for (std::size_t i = 0; i < prompt->images.size(); ++i) {
            const int seen = c["cross_attention_mask"][n][static_cast<std::size_t>(rows[row])][i][0];
            EXPECT_EQ(prompt->images[i].covers(static_cast<int>(row)) ? 1 : 0, seen) << "row " << row << " image " << i;
          }
        }
      }
    }
  }
}

TEST(Prompt, ChatTemplateEqualsTheReferenceRendering) {
  for (const char* model : {"tiny", "odd"}) {
    const auto cases = golden::read_json(kData + model + ".golden.json")["cases"];
    const auto image = render_chat(std::vector<Message>{{"user", "What is the TOTAL?", 1}});
    EXPECT_EQ(*image, cases["chat_image"]["prompts"][0]);
    const auto system =
        render_chat(std::vector<Message>{{"system", "  Answer in one word. ", 0}, {"user", "What is GST?", 0}},
                    {"26 Jul 2024", true});
    EXPECT_EQ(*system, cases["chat_system"]["prompts"][0]);
    const auto plain = render_chat(std::vector<Message>{{"user", "Hello world TOTAL", 0}}, {"01 Jan 2025", true});
    EXPECT_EQ(*plain, cases["chat_plain"]["prompts"][0]);
  }
}

TEST(Prompt, ASystemMessageWithAnImageIsRefused) {
  const auto got = render_chat(std::vector<Message>{{"system", "Be brief", 0}, {"user", "Total?", 1}});
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(render_chat(std::vector<Message>{{"system", " \n", 0}, {"user", "Total?", 1}}).has_value());
}

TEST(Prompt, CountsOfImagesMustAgree) {
  const Tokenizer tokenizer = load("tiny");
  const auto got = make_prompt(tokenizer, "<|image|><|image|>x", 1);
  ASSERT_FALSE(got.has_value());
  EXPECT_NE(got.error().message.find("2 image tokens"), std::string::npos) << got.error().message;
  EXPECT_NE(got.error().message.find("1 images"), std::string::npos) << got.error().message;
  EXPECT_FALSE(make_prompt(tokenizer, "x", 1).has_value());
  EXPECT_TRUE(make_prompt(tokenizer, "x", 0).has_value());
}

TEST(Prompt, SpansOfNeighbouringImages) {
  const std::vector<TokenId> ids = {9, 9, 1, 9, 9, 1, 2, 9, 3};
  const auto spans = image_spans(ids, 9);
  const int end = ImageSpan::kToTheEnd;
  const std::vector<ImageSpan> expected = {{0, 3}, {1, 3}, {3, 7}, {4, 7}, {7, end}};
  EXPECT_EQ(spans, expected);
  EXPECT_TRUE(spans[4].covers(1000));
  EXPECT_FALSE(spans[0].covers(3));
}

TEST(Prompt, BeginOfTextGoesBehindLeadingImages) {
  EXPECT_EQ(add_begin_of_text("<|image|><|image|>x"), "<|image|><|image|><|begin_of_text|>x");
  EXPECT_EQ(add_begin_of_text("x<|image|>"), "<|begin_of_text|>x<|image|>");
  EXPECT_EQ(add_begin_of_text("x<|begin_of_text|>"), "x<|begin_of_text|>");
}

}  // namespace
}  // namespace docket::prompt

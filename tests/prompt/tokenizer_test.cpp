#include "prompt/tokenizer.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/base/file.h"
#include "prompt/byte_level.h"
#include "prompt/chat.h"
#include "prompt/prompt.h"
#include "tests/support/golden.h"

namespace docket::prompt {
namespace {

using golden::kData;
using Ids = std::vector<TokenId>;

Tokenizer load(const std::string& path) {
  auto tokenizer = Tokenizer::load(path);
  EXPECT_TRUE(tokenizer.has_value()) << (tokenizer ? "" : tokenizer.error().text());
  return *std::move(tokenizer);
}

void expect_golden(const Tokenizer& tokenizer, const std::string& name) {
  const auto about = golden::read_json(kData + "tokenizer.golden.json");
  const auto& model = about["models"][name];
  for (std::size_t i = 0; i < about["texts"].size(); ++i) {
    const std::string text = about["texts"][i];
    SCOPED_TRACE(name + " " + text);
    const auto got = tokenizer.encode(text, false);
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(*got, model["ids"][i].get<Ids>());
    EXPECT_EQ(tokenizer.detokenize(*got, false), model["decoded"][i]);
    if (i < model["decoded_without_special"].size()) {
      EXPECT_EQ(tokenizer.detokenize(*got, true), model["decoded_without_special"][i]);
    }
    if (i < model["with_special"].size()) {
      EXPECT_EQ(*tokenizer.encode(text, true), model["with_special"][i].get<Ids>());
    }
  }
}

TEST(Tokenizer, EqualsTheReferenceOnTheTinyModels) {
  expect_golden(load(kData + "tiny/tokenizer.json"), "tiny");
  expect_golden(load(kData + "odd/tokenizer.json"), "odd");
}

TEST(Tokenizer, EqualsTheReferenceOnTheShippedModel) {
  const std::string path = "models/nano/tokenizer.json";
  const auto bytes = read_file(path, 1 << 26);
  if (!bytes) GTEST_SKIP() << bytes.error().text();
  const auto about = golden::read_json(kData + "tokenizer.golden.json");
  if (sha256_hex(*bytes) != about["models"]["nano"]["tokenizer_sha256"]) {
    GTEST_SKIP() << "the goldens were made with another " << path;
  }
  expect_golden(load(path), "nano");
}

// The ids that transformers gives with the published vocabulary of 128,000 tokens. DOCKET_LLAMA3_TOKENIZER names a
// tokenizer.json; training/golden/llama3_tokenizer.py makes one from Meta's tiktoken file.
TEST(Tokenizer, EqualsThePublishedIdsOnTheRealVocabulary) {
  const char* path = std::getenv("DOCKET_LLAMA3_TOKENIZER");
  if (path == nullptr) GTEST_SKIP() << "DOCKET_LLAMA3_TOKENIZER is not set";
  const Tokenizer t = load(path);
  const auto ids = [&](std::string_view text) { return *t.encode(text, false); };
  EXPECT_EQ(ids(add_begin_of_text("<|image|>If I had to write a haiku for this one")),
            (Ids{128256, 128000, 2746, 358, 1047, 311, 3350, 264, 6520, 39342, 369, 420, 832}));
  EXPECT_EQ(ids(add_begin_of_text("If I had to write a haiku")),
            (Ids{128000, 2746, 358, 1047, 311, 3350, 264, 6520, 39342}));
  EXPECT_EQ(ids("Describe this image in two sentences<|image|> Test sentence   <|image|>ok\n"),
            (Ids{75885, 420, 2217, 304, 1403, 23719, 128256, 3475, 11914, 262, 128256, 564, 198}));
  EXPECT_EQ(ids("This is a test sentence."), (Ids{2028, 374, 264, 1296, 11914, 13}));
  EXPECT_EQ(ids("system"), Ids{9125});
  EXPECT_EQ(ids("user"), Ids{882});
  EXPECT_EQ(ids("assistant"), Ids{78191});
  EXPECT_EQ(ids("\n\n"), Ids{271});
  const auto chat = render_chat(std::vector<Message>{{"user", "Hello world!", 0}});
  EXPECT_EQ(ids(*chat),
            (Ids{128000, 128006, 9125,   128007, 271,  38766, 1303, 33025,  2696,   25,    6790,   220, 2366,
                 18,     198,    15724,  2696,   25,   220,   1627, 10263,  220,    2366,  19,     271, 128009,
                 128006, 882,    128007, 271,    9906, 1917,  0,    128009, 128006, 78191, 128007, 271}));
}

TEST(Tokenizer, LongTextsTakeTimeInProportion) {
  const Tokenizer t = load(kData + "tiny/tokenizer.json");
  const auto ids = t.encode(std::string(200'000, 'a'), false);
  ASSERT_TRUE(ids.has_value());
  EXPECT_EQ(t.detokenize(*ids, false).size(), 200'000u);
}

TEST(Tokenizer, InvalidUtf8CountsAsReplacementCharacters) {
  const Tokenizer t = load(kData + "tiny/tokenizer.json");
  EXPECT_EQ(*t.encode("a\xFF"
                      "b",
                      false),
            *t.encode("a\xEF\xBF\xBD"
                      "b",
                      false));
}

TEST(Tokenizer, WrongFilesAreNamedErrors) {
  const struct {
    const char *json, *message;
    ErrorCode code;
  } kCases[] = {
      {"{", "", ErrorCode::kMalformed},
      {"[]", "expected a JSON object", ErrorCode::kMalformed},
      {R"({"model":{"type":"WordPiece"}})", "expected BPE, found WordPiece", ErrorCode::kUnsupported},
      {R"({"normalizer":{"type":"NFC"}})", "normalizer", ErrorCode::kUnsupported},
      {R"({"model":{"vocab":{"a":-1},"merges":[]}})", "model.vocab[\"a\"]", ErrorCode::kMalformed},
      {R"({"model":{"vocab":{"a":99999999999},"merges":[]}})", "model.vocab[\"a\"]", ErrorCode::kMalformed},
      {R"({"model":{"vocab":{"a":1,"b":1},"merges":[]}})", "model.vocab", ErrorCode::kMalformed},
      {R"({"model":{"vocab":{"a":0,"b":1},"merges":["a b"]}})", "model.merges[0]", ErrorCode::kMalformed},
      {R"({"model":{"vocab":{"a":0},"merges":["a"]}})", "model.merges[0]", ErrorCode::kMalformed},
      {R"({"model":{"vocab":{},"merges":[]},"added_tokens":[{"id":0,"content":""}]})", "added_tokens[0]",
       ErrorCode::kMalformed},
      {R"({"model":{"vocab":{},"merges":[]},"added_tokens":[{"id":0,"content":"x","lstrip":true}]})",
       "added_tokens[0].lstrip", ErrorCode::kUnsupported},
      {R"({"model":{"vocab":{},"merges":[]},"pre_tokenizer":{"type":"Whitespace"}})", "Whitespace",
       ErrorCode::kUnsupported},
      {R"({"model":{"vocab":{},"merges":[]},"pre_tokenizer":{"type":"Split","behavior":"Isolated","pattern":{"Regex":"("}}})",
       "regular expression", ErrorCode::kMalformed},
  };
  for (const auto& c : kCases) {
    const auto got = Tokenizer::parse(c.json, "t.json");
    ASSERT_FALSE(got.has_value()) << c.json;
    EXPECT_EQ(got.error().code, c.code) << c.json << ": " << got.error().text();
    EXPECT_NE(got.error().text().find(c.message), std::string::npos) << got.error().text();
    EXPECT_NE(got.error().text().find("t.json"), std::string::npos) << got.error().text();
  }
}

TEST(ByteLevel, EveryByteComesBack) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  EXPECT_EQ(to_bytes(to_alphabet(all)), all);
  EXPECT_EQ(to_alphabet(" \n"), "\u0120\u010A");
  EXPECT_FALSE(to_bytes("\u4E1C").has_value());
}

TEST(ByteLevel, TailsOfCharactersAreHeldBack) {
  EXPECT_EQ(incomplete_tail("abc"), 0u);
  EXPECT_EQ(incomplete_tail("\xE6\x9D"), 2u);
  EXPECT_EQ(incomplete_tail("a\xF0\x9F\xA7"), 3u);
  EXPECT_EQ(incomplete_tail("\xE6\x9D\xB1"), 0u);
  EXPECT_EQ(incomplete_tail("\xFF"), 0u);
  EXPECT_EQ(decode_lossy("\xE6\x9Dx\xFF"), "\uFFFDx\uFFFD");
}

}  // namespace
}  // namespace docket::prompt

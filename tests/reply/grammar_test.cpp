#include "reply/grammar.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "reply/constraint.h"
#include "reply/sampler.h"
#include "tests/support/golden.h"

namespace docket::reply {
namespace {

bool matches(const Grammar& grammar, std::string_view text) {
  Automaton automaton(grammar);
  Automaton::State state = automaton.start();
  for (const char c : text) {
    state = automaton.step(state, static_cast<std::uint8_t>(c));
    if (state == Automaton::kDead) return false;
  }
  return automaton.accepts(state);
}

Grammar ebnf(const std::string& text) {
  auto grammar = Grammar::from_ebnf(text);
  EXPECT_TRUE(grammar.has_value()) << (grammar ? "" : grammar.error().text());
  return *grammar;
}

Grammar schema(const std::string& text) {
  auto grammar = Grammar::from_json_schema(text);
  EXPECT_TRUE(grammar.has_value()) << (grammar ? "" : grammar.error().text());
  return *grammar;
}

TEST(Ebnf, AcceptsExactlyItsLanguage) {
  const Grammar money = ebnf(R"(
    root  ::= "TOTAL: " money ("\n" | " AUD\n")?   # the whole
    money ::= "-"? [0-9]{1,3} "." [0-9]{2} |
              "NONE"
  )");
  for (const char* good : {"TOTAL: 1.00", "TOTAL: -123.45\n", "TOTAL: NONE AUD\n"})
    EXPECT_TRUE(matches(money, good)) << good;
  for (const char* bad : {"", "TOTAL: ", "TOTAL: 1.0", "TOTAL: 1234.00", "TOTAL: 1.00\n\n", "total: 1.00"}) {
    EXPECT_FALSE(matches(money, bad)) << bad;
  }
  EXPECT_EQ(money.shortest_bytes(), 11);
}

TEST(Ebnf, RecursionAndEmptyWays) {
  const Grammar nested = ebnf("root ::= \"(\" root* \")\"");
  EXPECT_TRUE(matches(nested, "(()(()))"));
  EXPECT_FALSE(matches(nested, "(()"));
  EXPECT_FALSE(matches(nested, "())"));
  const Grammar loops = ebnf("root ::= (\"a\"? \"b\"*)* \"c\"");
  EXPECT_TRUE(matches(loops, "c"));
  EXPECT_TRUE(matches(loops, "abbabac"));
}

// Every scalar value is inside [a-b] exactly when it is in the range, at every border of UTF-8's lengths.
TEST(Ebnf, ClassesAreExactOverUtf8) {
  const auto utf8 = [](char32_t c) {
    std::string s;
    if (c < 0x80) {
      s += static_cast<char>(c);
    } else if (c < 0x800) {
      s += static_cast<char>(0xC0 | (c >> 6));
      s += static_cast<char>(0x80 | (c & 63));
    } else if (c < 0x10000) {
      s += static_cast<char>(0xE0 | (c >> 12));
      s += static_cast<char>(0x80 | ((c >> 6) & 63));
      s += static_cast<char>(0x80 | (c & 63));
    } else {
      s += static_cast<char>(0xF0 | (c >> 18));
      s += static_cast<char>(0x80 | ((c >> 12) & 63));
      s += static_cast<char>(0x80 | ((c >> 6) & 63));
      s += static_cast<char>(0x80 | (c & 63));
    }
    return s;
  };
  std::mt19937 random(11);
  const std::vector<char32_t> borders = {1,      0x7E,   0x7F,   0x80,   0x7FF,   0x800,   0xFFF,   0x1000,
                                         0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x3FFFF, 0x40000, 0x10FFFF};
  const auto pick = [&](unsigned spread) {
    const char32_t c = borders[random() % borders.size()] + static_cast<char32_t>(random() % spread);
    return std::min<char32_t>(c, 0x10FFFF);
  };
  for (int run = 0; run < 200; ++run) {
    const char32_t a = pick(3), b = pick(70);
    if ((a >= 0xD800 && a < 0xE000) || (b >= 0xD800 && b < 0xE000) || a == '\n' || b < a) continue;
    const auto special = [](char32_t c) { return c == ']' || c == '\\' || c == '-' || c == '^' || c == '\n'; };
    if (special(a) || special(b)) continue;
    const Grammar in = ebnf("root ::= [" + utf8(a) + "-" + utf8(b) + "]");
    const Grammar out = ebnf("root ::= [^" + utf8(a) + "-" + utf8(b) + "]");
    for (const char32_t base : borders) {
      for (const char32_t c : std::initializer_list<char32_t>{base, base + 1, a, b, a - 1, b + 1}) {
        if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) continue;
        EXPECT_EQ(matches(in, utf8(c)), a <= c && c <= b)
            << static_cast<std::uint32_t>(a) << ' ' << static_cast<std::uint32_t>(b) << ' '
            << static_cast<std::uint32_t>(c);
        EXPECT_EQ(matches(out, utf8(c)), !(a <= c && c <= b))
            << static_cast<std::uint32_t>(a) << ' ' << static_cast<std::uint32_t>(b) << ' '
            << static_cast<std::uint32_t>(c);
      }
    }
    EXPECT_FALSE(matches(out, "\xC3"));
    EXPECT_FALSE(matches(out, "\xED\xA0\x80"));
  }
}

TEST(Ebnf, MistakesAreNamed) {
  const struct {
    const char *text, *message;
  } kCases[] = {
      {"", "no rule \"root\""},
      {"root = \"a\"", "expected ::="},
      {"root ::= \"a", "closing quote"},
      {"root ::= [a", "closing ]"},
      {"root ::= (\"a\"", "expected )"},
      {"root ::= other", "no rule \"other\""},
      {"root ::= root \"a\" | \"b\"", "calls itself"},
      {"root ::= \"a\" root", "can never end"},
      {"root ::= \"a\"{3,2}", "most is below"},
      {"root ::= ((\"a\"{1000}){1000}){1000}", "more than"},
      {"root ::= \"a\"\nroot ::= \"b\"", "given twice"},
      {"root ::= [b-a]", "backwards"},
      {"root ::= \"\\q\"", "unknown escape"},
  };
  for (const auto& c : kCases) {
    const auto got = Grammar::from_ebnf(c.text);
    ASSERT_FALSE(got.has_value()) << c.text;
    EXPECT_NE(got.error().text().find(c.message), std::string::npos) << got.error().text();
  }
}

TEST(JsonSchema, MembersComeInOrderAndOptionalOnesMayBeMissing) {
  const Grammar g = schema(R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},
    "c":{"type":["string","null"],"maxLength":3}},"required":["b"]})");
  for (const char* good :
       {R"({"a":-7,"b":true,"c":"xyz"})", R"({"b":false})", R"({"b":true,"c":null})", R"({"a":0,"b":true})"}) {
    EXPECT_TRUE(matches(g, good)) << good;
  }
  for (const char* bad : {"{}", R"({"a":1})", R"({"b":true,"a":1})", R"({"a":01,"b":true})", R"({"b":true,"c":"wxyz"})",
                          R"({"b":true,})", R"({ "b":true})"}) {
    EXPECT_FALSE(matches(g, bad)) << bad;
  }
}

TEST(JsonSchema, UnknownKeywordsAreNamedWithTheirPlace) {
  const auto got =
      Grammar::from_json_schema(R"({"type":"object","properties":{"x":{"type":"string","pattern":"a+"}}})");
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(got.error().text().find("pattern"), std::string::npos);
  EXPECT_NE(got.error().text().find("#/properties/x"), std::string::npos);
  EXPECT_FALSE(Grammar::from_json_schema("{").has_value());
  EXPECT_FALSE(Grammar::from_json_schema("[]").has_value());
  EXPECT_FALSE(Grammar::from_json_schema(R"({"type":"object","required":["x"]})").has_value());
  EXPECT_FALSE(Grammar::from_json_schema(R"({"$ref":"#/$defs/none"})").has_value());
}

const char* const kSchemas[] = {
    R"({"type":"object","properties":{"store":{"type":["string","null"],"maxLength":30},"abn":{"type":"string","minLength":2},
        "total":{"type":"number"},"items":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
        "cents":{"type":"integer"}},"required":["name","cents"]}},"paid":{"enum":["cash","card",null,3.5]}},
        "required":["store","total","items"],"additionalProperties":false})",
    R"({"type":"array","items":{"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"boolean"},"maxItems":2}]},"minItems":1})",
    R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"name":{"type":"string","maxLength":8},
        "child":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["name","child"]}}})",
    R"({"const":{"a":[1,2,"x\"y"]}})",
    R"({"type":"string"})",
};

struct Vocabulary {
  prompt::Tokenizer tokenizer;
  std::shared_ptr<const TokenTrie> trie;
  std::vector<TokenId> ends;
};

Vocabulary vocabulary(const std::string& model, TokenId size) {
  auto tokenizer = prompt::Tokenizer::load(golden::kData + model + "/tokenizer.json");
  EXPECT_TRUE(tokenizer.has_value());
  Vocabulary v{*std::move(tokenizer), nullptr, {}};
  v.trie = std::make_shared<TokenTrie>(TokenTrie::make(v.tokenizer, size));
  v.ends = {*v.tokenizer.find("<|eot_id|>")};
  return v;
}

// A reply made of random logits under `table`, at most `budget` tokens with the end token. Forced text goes in unasked
// when `use_forced`.
std::string random_reply(const std::shared_ptr<ConstraintTable>& table, const Vocabulary& v, int budget,
                         std::mt19937& random, bool use_forced) {
  Constraint constraint(table);
  SamplingOptions options;
  options.temperature = 1;
  options.seed = random();
  Sampler sampler(options);
  std::normal_distribution<float> normal(0, 3);
  std::string reply;
  std::vector<float> logits(v.trie->vocab_size());
  for (int left = budget; left > 0; --left) {
    if (use_forced) {
      const std::string forced = constraint.forced_text(64);
      for (const char c : forced.substr(0, static_cast<std::size_t>(std::max(0, left - 1)))) {
        constraint.accept({&c, 1});
        reply += c;
        --left;
      }
    }
    for (float& x : logits) x = normal(random);
    const TokenMask& mask = constraint.mask(left);
    EXPECT_GT(mask.count(), 0u);
    const TokenId token = sampler.choose(logits, {}, &mask).token;
    if (token == v.ends[0]) {
      EXPECT_TRUE(constraint.may_end());
      return reply;
    }
    reply += v.tokenizer.bytes(token);
    constraint.accept(v.tokenizer.bytes(token));
  }
  ADD_FAILURE() << "no end in " << budget << " tokens: " << reply;
  return reply;
}

TEST(Constraint, AnyReplyUnderASchemaParsesAndIsValid) {
  const Vocabulary v = vocabulary("tiny", 448);
  std::mt19937 random(2024);
  for (const char* text : kSchemas) {
    const Grammar grammar = schema(text);
    auto table = ConstraintTable::make(grammar, v.trie, v.ends);
    ASSERT_TRUE(table.has_value());
    valijson::Schema parsed;
    const auto document = nlohmann::json::parse(text);
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), parsed);
    for (int run = 0; run < 200; ++run) {
      const int budget = grammar.shortest_bytes() + 1 + static_cast<int>(random() % 120);
      const std::string reply = random_reply(*table, v, budget, random, run % 2 == 1);
      const auto value = nlohmann::json::parse(reply, nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << reply;
      EXPECT_TRUE(valijson::Validator().validate(parsed, valijson::adapters::NlohmannJsonAdapter(value), nullptr))
          << reply;
    }
  }
}

TEST(Constraint, AnyReplyUnderAnEbnfMatchesIt) {
  const Vocabulary v = vocabulary("odd", 509);
  const Grammar grammar = ebnf(R"(
    root ::= "STORE: " line "ABN: " ([0-9]{11} | "NONE") "\n" "TOTAL: " [0-9]{1,6} "." [0-9]{2} "\n"
    line ::= [^\n]{1,20} "\n"
  )");
  auto table = ConstraintTable::make(grammar, v.trie, v.ends);
  ASSERT_TRUE(table.has_value());
  std::mt19937 random(7);
  for (int run = 0; run < 200; ++run) {
    const int budget = grammar.shortest_bytes() + 1 + static_cast<int>(random() % 60);
    EXPECT_TRUE(matches(grammar, random_reply(*table, v, budget, random, run % 2 == 0)));
  }
}

// The mask is what following each token's bytes gives, one by one.
TEST(Constraint, MasksEqualTokenByToken) {
  const Vocabulary v = vocabulary("tiny", 448);
  const Grammar grammar = schema(kSchemas[0]);
  Automaton automaton(grammar);
  std::mt19937 random(3);
  Automaton::State state = automaton.start();
  for (int step = 0; step < 60; ++step) {
    const TokenMask mask = automaton.allowed(state, *v.trie).mask;
    std::vector<Automaton::State> next(448, Automaton::kDead);
    std::vector<TokenId> allowed;
    for (TokenId id = 0; id < 448; ++id) {
      const std::string_view bytes = v.tokenizer.is_special(id) ? "" : v.tokenizer.bytes(id);
      Automaton::State s = bytes.empty() ? Automaton::kDead : state;
      for (std::size_t i = 0; i < bytes.size() && s != Automaton::kDead; ++i) {
        s = automaton.step(s, static_cast<std::uint8_t>(bytes[i]));
      }
      next[static_cast<std::size_t>(id)] = s;
      EXPECT_EQ(mask.test(id), s != Automaton::kDead) << "token " << id << " at step " << step;
      if (s != Automaton::kDead) allowed.push_back(id);
    }
    if (allowed.empty()) break;
    state = next[static_cast<std::size_t>(allowed[random() % allowed.size()])];
  }
}

TEST(Constraint, ForcedTextEndsAtAChoice) {
  const Vocabulary v = vocabulary("tiny", 448);
  auto table = ConstraintTable::make(ebnf("root ::= \"STORE: \" [a-b] \"\\nABN\""), v.trie, v.ends);
  ASSERT_TRUE(table.has_value());
  Constraint constraint(*table);
  EXPECT_EQ(constraint.forced_text(100), "STORE: ");
  EXPECT_EQ(constraint.forced_text(3), "STO");
  constraint.accept("STORE: a");
  EXPECT_EQ(constraint.forced_text(100), "\nABN");
  EXPECT_FALSE(constraint.must_end());
  constraint.accept("\nABN");
  EXPECT_TRUE(constraint.must_end());
  EXPECT_EQ(constraint.mask(1).count(), 1u);
}

}  // namespace
}  // namespace docket::reply

#include "fields/reply_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include "core/base/json.h"
#include "fields/reply_loop.h"

namespace docket::fields {
namespace {

// A block of tests/fields/data/replies_*.txt; the form is written on the first lines of replies_1.txt.
struct Example {
  std::string name, reply;
  ParseOptions options;
  std::multiset<std::string> expected;
};

std::string_view known_key(std::string_view name) {
  const auto key = key_of_label(name);
  return key ? *key : std::string_view();
}

void read_header(const std::string& line, Example& example) {
  example.name = line.substr(5);
  if (const auto open = line.find(" ["); open != std::string::npos) {
    const std::string option = line.substr(open + 2, line.size() - open - 3);
    example.options.cut_off = option == "cut";
    if (option.starts_with("asked=")) example.options.asked = known_key(option.substr(6));
  }
}

std::vector<Example> examples() {
  std::vector<Example> out;
  for (const char* file : {"tests/fields/data/replies_1.txt", "tests/fields/data/replies_2.txt"}) {
    std::ifstream in(file);
    EXPECT_TRUE(in) << file;
    bool open = false, answer = false;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("#### ")) {
        open = true;
        answer = false;
        read_header(line, out.emplace_back());
      } else if (!open) {
        continue;
      } else if (line == "----") {
        answer = true;
      } else if (!answer) {
        out.back().reply += line + "\n";
      } else if (!line.empty()) {
        out.back().expected.insert(line);
      }
    }
  }
  // A reply does not end with a line feed: a model that stops has said its last word.
  for (Example& example : out) {
    if (!example.reply.empty()) example.reply.pop_back();
    if (example.name.starts_with("kv crlf")) {
      std::string crlf;
      for (const char c : example.reply) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
      example.reply = crlf;
    }
  }
  return out;
}

std::multiset<std::string> said(const ParsedReply& parsed) {
  std::multiset<std::string> out;
  for (const ReplyValue& value : parsed.values) {
    const std::string item = value.item >= 0 ? "[" + std::to_string(value.item) + "]" : "";
    out.insert(std::string(value.key) + item + ": " + value.text);
  }
  for (const std::string_view key : parsed.absent) out.insert("absent: " + std::string(key));
  if (parsed.refused) out.insert("refused");
  if (parsed.looped) out.insert("looped");
  return out;
}

std::string joined(const std::multiset<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

TEST(ReplyParser, TheTable) {
  const auto all = examples();
  EXPECT_GE(all.size(), 200U);
  for (const Example& example : all) {
    const ParsedReply parsed = parse_reply(example.reply, example.options);
    std::multiset<std::string> expected, unknown;
    for (const std::string& line : example.expected) (line.starts_with("unknown: ") ? unknown : expected).insert(line);
    EXPECT_EQ(joined(said(parsed)), joined(expected)) << "#### " << example.name << "\n" << example.reply;
    for (const std::string& line : unknown) {
      const auto& keys = parsed.unknown_keys;
      EXPECT_NE(std::find(keys.begin(), keys.end(), line.substr(9)), keys.end()) << example.name << ": " << line;
    }
  }
}

void add_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
  } else {
    out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
            static_cast<char>(0x80 | (code & 0x3F))};
  }
}

// The bytes once JSON's escapes are read: white space is a space, half a \u is nothing, and what else stands behind a
// backslash is itself.
std::string unescaped(const std::string& bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\\' || i + 1 == bytes.size()) {
      out += bytes[i];
      continue;
    }
    const char escape = bytes[++i];
    if (escape == 'u') {
      const std::size_t end = std::min(bytes.find_first_not_of("0123456789abcdefABCDEF", i + 1), bytes.size());
      const std::size_t digits = std::min<std::size_t>(4, end - i - 1);
      if (digits == 4) add_utf8(out, static_cast<unsigned>(std::stoul(bytes.substr(i + 1, 4), nullptr, 16)));
      i += digits;
    } else {
      out += escape == 'n' || escape == 'r' || escape == 't' ? ' ' : escape;
    }
  }
  return out;
}

// Whether a value stands in the bytes of the reply that it names, letter for letter.
bool comes_from(const ReplyValue& value, const std::string& reply) {
  if (value.span.empty() || value.span.end > reply.size()) return false;
  const std::string bytes = reply.substr(value.span.begin, value.span.end - value.span.begin);
  if (bytes.find(value.text) != std::string::npos) return true;
  return value.form == ReplyForm::kJson && unescaped(bytes).find(value.text) != std::string::npos;
}

TEST(ReplyParser, ADamagedReplyNeverGivesAValueThatIsNotInIt) {
  std::mt19937 random(20260630);
  std::bernoulli_distribution lost(0.2);
  std::size_t values = 0;
  for (const Example& example : examples()) {
    for (int round = 0; round < 150; ++round) {
      std::string left;
      for (const char c : example.reply) {
        if (!lost(random)) left += c;
      }
      for (const ReplyValue& value : parse_reply(left, example.options).values) {
        EXPECT_TRUE(comes_from(value, left)) << value.key << " = " << value.text << " in\n" << left;
        ++values;
      }
    }
  }
  EXPECT_GT(values, 10'000U);  // else the test would say nothing
}

TEST(ReplyParser, WhatWasCutOffNeverGivesMoreThanTheWholeOrHalfAValue) {
  for (const Example& example : examples()) {
    if (example.options.cut_off || example.options.asked || example.reply.find('{') != std::string::npos) continue;
    std::set<std::string> whole;
    for (const ReplyValue& value : parse_reply(example.reply).values) whole.insert(value.text);
    for (std::size_t size = 0; size < example.reply.size(); ++size) {
      ParseOptions cut;
      cut.cut_off = true;
      const std::string part = example.reply.substr(0, size);
      for (const ReplyValue& value : parse_reply(part, cut).values) {
        if (value_form(value.key) != ValueForm::kMoney) continue;
        // An amount is read whole or not at all.
        const std::string bytes = example.reply.substr(value.span.begin, value.text.size());
        EXPECT_EQ(bytes, value.text) << example.name;
        const std::size_t next = value.span.begin + value.text.size();
        EXPECT_FALSE(next < example.reply.size() && example.reply[next] >= '0' && example.reply[next] <= '9')
            << example.name << ": " << value.text << " of\n"
            << part;
      }
    }
  }
}

TEST(ReplyParser, DoubtIsNoted) {
  const ParsedReply parsed = parse_reply("The total appears to be $45.60. The GST is $4.15.");
  ASSERT_EQ(parsed.values.size(), 2U);
  EXPECT_TRUE(parsed.values[0].doubted);
  EXPECT_FALSE(parsed.values[1].doubted);
}

TEST(ReplyLoop, ATextThatRepeatsItselfIsCutBehindItsFirstRound) {
  std::string text = "STORE: A\n";
  const std::string round = "TOTAL: 1.00\nGST: 0.09\n";
  for (int i = 0; i < 4; ++i) text += round;
  const auto from = repeats_from(text);
  ASSERT_TRUE(from);
  EXPECT_EQ(text.substr(0, *from), "STORE: A\nTOTAL: 1.00\nGST: 0.09");
  EXPECT_FALSE(repeats_from("TOTAL: 1.00\nGST: 0.09\nTOTAL: 1.00\n"));
  EXPECT_FALSE(repeats_from(""));
}

}  // namespace
}  // namespace docket::fields

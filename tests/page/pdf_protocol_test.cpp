#include "page/pdf_protocol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace docket::page::pdf {
namespace {

Result<Message> decode(std::span<const std::uint8_t> frame) {
  if (frame.size() < kHeaderBytes) return make_error(ErrorCode::kMalformed, "no header");
  auto header = decode_header(frame.first<kHeaderBytes>(), 1 << 20);
  if (!header) return header.failure();
  if (header->body_bytes != frame.size() - kHeaderBytes) return make_error(ErrorCode::kMalformed, "another length");
  return decode_body(header->type, frame.subspan(kHeaderBytes));
}

Rendered some_page() {
  Rendered page;
  page.number = 7;
  page.width = 5;
  page.height = 3;
  page.dpi = 249.5;
  page.words = {{"TOTAL", {0, 0, 2.5F, 1}}, {"$12.50", {3, 1, 5, 2}}, {"Caf\xC3\xA9", {1, 2, 2, 3}}};
  for (int i = 0; i < 5 * 3 * 3; ++i) page.rgb.push_back(static_cast<std::uint8_t>(i * 5));
  return page;
}

TEST(PdfProtocol, EveryMessageComesBackAsItWasSent) {
  const auto opened = decode(encode(Opened{812, "poppler 22.12.0"}));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(std::get<Opened>(*opened).page_count, 812);
  EXPECT_EQ(std::get<Opened>(*opened).library, "poppler 22.12.0");

  const auto render = decode(encode(Render{3, 250.0, 12'000'000'000}));
  ASSERT_TRUE(render.has_value());
  EXPECT_EQ(std::get<Render>(*render).number, 3);
  EXPECT_EQ(std::get<Render>(*render).dpi, 250.0);
  EXPECT_EQ(std::get<Render>(*render).max_pixels, 12'000'000'000);

  const auto refused = decode(encode(Refused{Reason::kEncrypted, "it needs a password"}));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(std::get<Refused>(*refused).reason, Reason::kEncrypted);
  EXPECT_EQ(std::get<Refused>(*refused).message, "it needs a password");

  const Rendered sent = some_page();
  const auto message = decode(encode(sent));
  ASSERT_TRUE(message.has_value());
  const auto& page = std::get<Rendered>(*message);
  EXPECT_EQ(page.number, sent.number);
  EXPECT_EQ(page.width, sent.width);
  EXPECT_EQ(page.height, sent.height);
  EXPECT_EQ(page.dpi, sent.dpi);
  EXPECT_EQ(page.rgb, sent.rgb);
  ASSERT_EQ(page.words.size(), sent.words.size());
  for (std::size_t i = 0; i < sent.words.size(); ++i) {
    EXPECT_EQ(page.words[i].text, sent.words[i].text);
    EXPECT_EQ(page.words[i].box.x0, sent.words[i].box.x0);
    EXPECT_EQ(page.words[i].box.y1, sent.words[i].box.y1);
  }
}

TEST(PdfProtocol, EveryShorterOrLongerBodyIsRefused) {
  for (const Message& message : {Message(Render{1, 250, 1000}), Message(some_page())}) {
    const Bytes frame = encode(message);
    const std::span<const std::uint8_t> body = std::span(frame).subspan(kHeaderBytes);
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_FALSE(decode_body(frame[3], body.first(size)).has_value()) << size;
    }
    Bytes longer(body.begin(), body.end());
    longer.push_back(0);
    EXPECT_FALSE(decode_body(frame[3], longer).has_value());
  }
}

TEST(PdfProtocol, RefusesHeadersThatAreNotOurs) {
  Bytes frame = encode(Opened{1, ""});
  const auto header = [&frame](std::size_t limit) {
    return decode_header(std::span<const std::uint8_t>(frame).first<kHeaderBytes>(), limit).has_value();
  };
  EXPECT_TRUE(header(4));
  EXPECT_FALSE(header(3));
  frame[0] = 'X';
  EXPECT_FALSE(header(4));
  frame[0] = 'D';
  frame[3] = 5;
  EXPECT_FALSE(header(4));
  frame[3] = 0;
  EXPECT_FALSE(header(4));
}

TEST(PdfProtocol, RefusesImpossibleNumbers) {
  EXPECT_FALSE(decode(encode(Render{0, 250, 1000})).has_value());
  EXPECT_FALSE(decode(encode(Render{1, std::numeric_limits<double>::quiet_NaN(), 1000})).has_value());
  EXPECT_FALSE(decode(encode(Render{1, 250, -1})).has_value());
  EXPECT_FALSE(decode(encode(Opened{-1, ""})).has_value());
  Rendered page = some_page();
  page.width = 0;
  EXPECT_FALSE(decode(encode(page)).has_value());
  page = some_page();
  page.height = 4;  // more than its pixels
  EXPECT_FALSE(decode(encode(page)).has_value());
}

TEST(PdfProtocol, WordsAreClippedRepairedOrLeftOut) {
  Rendered page = some_page();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  page.words = {{"over", {-3, -3, 99, 99}}, {"nan", {nan, 0, 1, 1}},   {"infinite", {0, 0, infinity, 1}},
                {"away", {9, 9, 12, 12}},   {"bad\xFF", {0, 0, 1, 1}}, {"", {0, 0, 1, 1}}};
  const auto message = decode(encode(page));
  ASSERT_TRUE(message.has_value());
  const auto& words = std::get<Rendered>(*message).words;
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0].box.x0, 0);
  EXPECT_EQ(words[0].box.x1, 5);
  EXPECT_EQ(words[0].box.y1, 3);
  EXPECT_EQ(words[1].text, "bad\xEF\xBF\xBD");
}

TEST(PdfProtocol, SurvivesDamage) {
  const Bytes frame = encode(some_page());
  std::mt19937 random(20240601);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes body(frame.begin() + kHeaderBytes, frame.end());
    for (int flips = 0; flips < 3; ++flips) body[random() % body.size()] = static_cast<std::uint8_t>(random());
    const auto message = decode_body(frame[3], body);
    if (!message) continue;
    ++accepted;
    const auto& page = std::get<Rendered>(*message);
    ASSERT_EQ(page.rgb.size(), static_cast<std::size_t>(page.width) * static_cast<std::size_t>(page.height) * 3);
    for (const TextSpan& word : page.words) ASSERT_FALSE(word.box.empty());
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 20000);
}

}  // namespace
}  // namespace docket::page::pdf

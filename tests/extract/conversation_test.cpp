// What a Conversation does with replies that have no end, on a tiny model of random weights.
#include "extract/conversation.h"

#include <gtest/gtest.h>

namespace docket::extract {
namespace {

page::Page white_page() {
  page::Page page;
  page.number = 3;
  page.width = page.height = 60;
  page.rgb.assign(std::size_t{60} * 60 * 3, 255);
  return page;
}

class RunawayReply : public ::testing::Test {
 protected:
  void SetUp() override {
    VlmOptions options;
    options.model = "tests/golden/data/tiny";
    options.threads = 1;
    auto opened = Conversation::open(options);
    ASSERT_TRUE(opened) << opened.error().text();
    conversation_ = *std::move(opened);
  }
  fields::ModelReply ask(double seconds, int max_tokens) {
    const fields::QuestionSet& questions = fields::QuestionSet::built_in();
    const fields::Question* question = questions.choose(fields::Stage::kAll, "", conversation_->family());
    AskOptions options;
    options.seconds = seconds;
    options.max_tokens = max_tokens;
    auto reply = conversation_->ask(page_, *question, options);
    EXPECT_TRUE(reply) << reply.error().text();
    return reply ? *std::move(reply) : fields::ModelReply();
  }
  const page::Page page_ = white_page();
  std::unique_ptr<Conversation> conversation_;
};

TEST_F(RunawayReply, EndsAtItsLimitOfTokens) {
  const fields::ModelReply reply = ask(600, 12);
  EXPECT_EQ(reply.stopped, "length");
  EXPECT_TRUE(reply.cut_off);
  EXPECT_EQ(reply.tokens.size(), 12U);
  EXPECT_EQ(reply.page, 3);
}

TEST_F(RunawayReply, EndsWithItsTimeAndIsNotKeptForAnAnswer) {
  const fields::ModelReply reply = ask(0, 12);
  EXPECT_EQ(reply.stopped, "time");
  EXPECT_TRUE(reply.cut_off);
  EXPECT_EQ(reply.tokens.size(), 1U);
  EXPECT_EQ(ask(600, 12).tokens.size(), 12U);
  EXPECT_EQ(conversation_->usage().cached, 0);
  ask(600, 12);
  EXPECT_EQ(conversation_->usage().cached, 1);
}

}  // namespace
}  // namespace docket::extract

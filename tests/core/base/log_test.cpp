#include "core/base/log.h"

#include <gtest/gtest.h>

#include "core/base/threads.h"

namespace docket {
namespace {

TEST(Log, IsQuietByDefaultAndRefusesAnUnknownLevel) {
  EXPECT_FALSE(log().should_log(spdlog::level::info));
  EXPECT_TRUE(log().should_log(spdlog::level::warn));
  EXPECT_FALSE(set_log_level("loud"));
  ASSERT_TRUE(set_log_level("debug"));
  EXPECT_TRUE(log().should_log(spdlog::level::debug));
  ASSERT_TRUE(set_log_level("off"));
  EXPECT_FALSE(log().should_log(spdlog::level::critical));
  ASSERT_TRUE(set_log_level("warning"));
}

TEST(Threads, CountsAtLeastOneProcessor) { EXPECT_GE(usable_processors(), 1); }

}  // namespace
}  // namespace docket

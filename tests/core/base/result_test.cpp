#include "core/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace docket {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return make_error(ErrorCode::kInvalidArgument, "expected an even number", "n");
  return n / 2;
}

Result<int> quarter(int n) {
  DOCKET_TRY(const int h, half(n));
  DOCKET_TRY(const int q, half(h));
  return q;
}

TEST(Result, PassesTheFirstErrorOn) {
  EXPECT_EQ(*quarter(8), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().text(), "n: expected an even number");
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 3);
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorAborts) {
  EXPECT_DEATH((void)half(3).value(), "expected an even number");
}

}  // namespace
}  // namespace docket

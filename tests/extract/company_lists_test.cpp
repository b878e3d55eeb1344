#include "extract/company_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file.h"

namespace docket::extract {
namespace {

using ::testing::HasSubstr;

std::string file_with(const std::string& content) {
  const std::string file = ::testing::TempDir() + "company_lists_test.csv";
  EXPECT_TRUE(write_file_atomic(file, content));
  return file;
}

TEST(CompanyLists, ReadsSuppliersWithTheirAbns) {
  const auto list =
      read_suppliers(file_with("abn,name\r\n51 824 753 556,\"Smith, Jones & Co\"\r\n26008672179, Bunnings\r\n"));
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].abn, "51824753556");
  EXPECT_EQ((*list)[0].name, "Smith, Jones & Co");
  EXPECT_EQ((*list)[1].name, "Bunnings");
}

TEST(CompanyLists, ReadsExpenseRulesInOrder) {
  const auto list = read_expense_rules(file_with("phrase,category\ncoffee,Entertainment\ndiesel,Motor vehicle\n"));
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[1].phrase, "diesel");
  EXPECT_EQ((*list)[1].category, "Motor vehicle");
}

TEST(CompanyLists, NamesFileAndRowOfWhatIsWrong) {
  const std::string file = file_with("name,abn\nBunnings,26008672179\n");
  EXPECT_THAT(read_suppliers(file).error().text(), HasSubstr(file + ": the first row must be \"abn,name\""));
  EXPECT_THAT(read_suppliers(file_with("abn,name\n26008672178,Bunnings\n")).error().text(), HasSubstr("row 2"));
  EXPECT_THAT(read_suppliers(file_with("abn,name\n26008672179\n")).error().text(), HasSubstr("row 2 must have"));
  EXPECT_THAT(read_expense_rules(file_with("phrase,category\n,Fuel\n")).error().text(), HasSubstr("row 2 must have"));
  EXPECT_THAT(read_expense_rules(file_with("")).error().text(), HasSubstr("the first row"));
  EXPECT_FALSE(read_suppliers("/no/such/list.csv"));
}

}  // namespace
}  // namespace docket::extract

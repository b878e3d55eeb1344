// docket export: what a batch wrote becomes what a bookkeeping program imports.
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/apps/program.h"

namespace docket::apps {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;

// A batch of one sample and one file that cannot be read.
class Export : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder(::testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(write_file_atomic(folder_ + "/broken.png", "no picture"));
    run_docket({"batch", "--jobs", "1", "--reader", "ocr", "--out", results(), "samples/tax-invoice-a4.pdf",
                folder_ + "/broken.png"});
  }
  std::string results() const { return folder_ + "/results.jsonl"; }
  std::string folder_;
};

TEST_F(Export, WritesBillsAndCountsWhatHadFailed) {
  const Ran xero = run_docket({"export", "--to", "xero", "--account", "429", "--tax", "GST=GST 10%", results()});
  EXPECT_EQ(xero.status, 1);
  EXPECT_EQ(xero.err, "docket: 1 documents had failed and are left out\n");
  const auto rows = lines_of(xero.out);
  ASSERT_GT(rows.size(), 1U);
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_NE(rows[i].find(",429,GST 10%"), std::string::npos) << rows[i];
  const Ran csv = run_docket({"export", "--to", "csv", results()});
  EXPECT_EQ(lines_of(csv.out).size(), 2U) << csv.out;
}

TEST_F(Export, WritesAnEInvoiceADocument) {
  const std::string out = folder_ + "/ubl";
  const std::vector<std::string> command = {"export", "--to", "ubl", "--buyer", "Us", "--out", out, results()};
  EXPECT_EQ(run_docket(command).status, 2);  // whose ABN?
  EXPECT_EQ(run_docket(command, {{"DOCKET_OWN_ABNS", "51824753556"}}).status, 1);
  const auto hash = read_file("samples/tax-invoice-a4.pdf", kMost);
  ASSERT_TRUE(hash);
  const auto text = read_text_file(out + "/" + sha256_hex(*hash).substr(0, 16) + ".xml", kMost);
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_NE(text->find("<cbc:CompanyID>51824753556</cbc:CompanyID>"), std::string::npos);
}

TEST_F(Export, SaysWhatItCannotRead) {
  EXPECT_EQ(run_docket({"export", "--to", "xero", "no/such.jsonl"}).status, 1);
  EXPECT_EQ(run_docket({"export", "--to", "paper", results()}).status, 2);
  EXPECT_EQ(run_docket({"export", "--to", "xero", "--tax", "VAT=20%", results()}).status, 2);
  const std::string torn = folder_ + "/torn.jsonl";
  ASSERT_TRUE(write_file_atomic(torn, "{\"file\": \"a.jpg\"}\n"));
  const Ran bad = run_docket({"export", "--to", "xero", torn});
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.err.find(torn + ":1"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace docket::apps

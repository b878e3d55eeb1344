#include "apps/cli/variant.h"

#include <gtest/gtest.h>

namespace docket::cli {
namespace {

std::string described(const std::string& text) {
  const auto variant = parse_variant("--a", text);
  if (!variant) return variant.error().text();
  std::string out;
  for (const FlagValue& flag : variant->flags) out += "[" + flag.key + "=" + flag.value + "]";
  return out;
}

TEST(Variant, SettingsAreNamedShortOrInFull) {
  EXPECT_EQ(described("quant=nf4"), "[DOCKET_QUANT=nf4]");
  EXPECT_EQ(described("DOCKET_QUANT=nf4,ask_again=4"), "[DOCKET_QUANT=nf4][DOCKET_ASK_AGAIN=4]");
  EXPECT_EQ(described("model="), "[DOCKET_MODEL=]");
  EXPECT_EQ(described("model=a=b"), "[DOCKET_MODEL=a=b]");
}

TEST(Variant, ACommaMayBelongToAValue) {
  EXPECT_EQ(described("own_abns=51824753556,48105516229,quant=nf4"),
            "[DOCKET_OWN_ABNS=51824753556,48105516229][DOCKET_QUANT=nf4]");
  EXPECT_EQ(described("model=a,b/c=d"), "[DOCKET_MODEL=a,b/c=d]");
}

TEST(Variant, PromptsAreAFolderOrTheBuiltInOnes) {
  EXPECT_EQ(described("default"), "");
  EXPECT_EQ(described("built-in"), "[DOCKET_PROMPTS=]");
  EXPECT_EQ(described("prompts"), "[DOCKET_PROMPTS=prompts]");  // tests run where the repository is
  EXPECT_EQ(described("./prompts"), "[DOCKET_PROMPTS=./prompts]");
  EXPECT_EQ(
      described("promts"),
      "--a: is \"promts\", expected default, built-in, a folder of prompts, or settings like quant=nf4,ask_again=4");
  EXPECT_NE(described("").find("expected default"), std::string::npos);
}

}  // namespace
}  // namespace docket::cli

#include "core/weights/checkpoint.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/base/file.h"

namespace docket::weights {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / (std::string("checkpoint_test_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A file with one U8 [4] tensor of each name.
  void write_shard(const std::string& file, const std::vector<std::string>& names) {
    std::string header = "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
      header += (i == 0 ? "\"" : ",\"") + names[i] + R"(":{"dtype":"U8","shape":[4],"data_offsets":[)" +
                std::to_string(4 * i) + "," + std::to_string(4 * i + 4) + "]}";
    }
    header += "}";
    std::string bytes(8, '\0');
    const std::uint64_t size = header.size();
    std::memcpy(bytes.data(), &size, 8);
    ASSERT_TRUE(write_file_atomic(folder_ / file, bytes + header + std::string(4 * names.size(), 'x')));
  }
  void write_index(const std::string& map) {
    ASSERT_TRUE(write_file_atomic(folder_ / "model.safetensors.index.json", R"({"weight_map":)" + map + "}"));
  }
  std::string open_error() {
    const auto opened = Checkpoint::open(folder_);
    if (opened) return "opened";
    std::string text = opened.error().text();
    const std::string prefix = folder_.string();
    if (text.starts_with(prefix)) text = text.substr(prefix.size());
    return text;
  }

  fs::path folder_;
};

TEST(CanonicalName, BothLayoutsMeet) {  // spec 2.4
  EXPECT_EQ(canonical_name("model.vision_model.class_embedding"), "vision_model.class_embedding");
  EXPECT_EQ(canonical_name("vision_model.class_embedding"), "vision_model.class_embedding");
  EXPECT_EQ(canonical_name("model.multi_modal_projector.bias"), "multi_modal_projector.bias");
  EXPECT_EQ(canonical_name("model.language_model.layers.0.mlp.up_proj.weight"),
            "language_model.model.layers.0.mlp.up_proj.weight");
  EXPECT_EQ(canonical_name("language_model.model.layers.0.mlp.up_proj.weight"),
            "language_model.model.layers.0.mlp.up_proj.weight");
  EXPECT_EQ(canonical_name("lm_head.weight"), "language_model.lm_head.weight");
  EXPECT_EQ(canonical_name("model.norm.weight"), "language_model.model.norm.weight");
  EXPECT_EQ(canonical_name("base_model.model.language_model.model.layers.0.self_attn.q_proj.lora_A.weight"),
            "language_model.model.layers.0.self_attn.q_proj.lora_A.weight");
  EXPECT_EQ(canonical_name("base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight"),
            "language_model.model.layers.0.self_attn.q_proj.lora_A.weight");
  EXPECT_EQ(canonical_name("something.else"), "something.else");
}

TEST_F(CheckpointTest, ReadsOneFile) {
  write_shard("model.safetensors", {"model.vision_model.class_embedding", "lm_head.weight"});
  const auto checkpoint = Checkpoint::open(folder_);
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->tensors().size(), 2U);
  ASSERT_NE(checkpoint->find("vision_model.class_embedding"), nullptr);
  EXPECT_TRUE(checkpoint->require("language_model.lm_head.weight", Shape{4}));
  EXPECT_EQ(checkpoint->require("language_model.lm_head.weight", Shape{2, 2}).error().message,
            "has the shape [4], expected [2, 2]");
  EXPECT_EQ(checkpoint->require("gone", Shape{1}).error().code, ErrorCode::kNotFound);
}

TEST_F(CheckpointTest, ReadsShardsByTheIndex) {
  write_shard("a.safetensors", {"x", "unlisted"});
  write_shard("b.safetensors", {"y"});
  write_index(R"({"x":"a.safetensors","y":"b.safetensors"})");
  const auto checkpoint = Checkpoint::open(folder_);
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->tensors().size(), 2U);
  EXPECT_EQ(checkpoint->find("unlisted"), nullptr);
}

TEST_F(CheckpointTest, RefusesWhatTheIndexGetsWrong) {
  EXPECT_EQ(open_error(), ": holds neither model.safetensors.index.json nor model.safetensors");
  write_shard("a.safetensors", {"x"});
  write_index(R"({"x":"a.safetensors","z":"a.safetensors"})");
  EXPECT_EQ(open_error(), "/a.safetensors: z: the index promises this tensor, the file does not hold it");
  write_index(R"({"x":"../a.safetensors"})");
  EXPECT_EQ(open_error(),
            "/model.safetensors.index.json: weight_map: x: \"../a.safetensors\" is not a plain file name");
  write_index(R"({"x":7})");
  EXPECT_EQ(open_error(), "/model.safetensors.index.json: weight_map: x: is not a file name");
  write_index(R"({"x":"missing.safetensors"})");
  EXPECT_EQ(open_error(), "/missing.safetensors: cannot open: No such file or directory");
}

TEST_F(CheckpointTest, RefusesTwoTensorsOfOneCanonicalName) {
  write_shard("model.safetensors", {"lm_head.weight", "language_model.lm_head.weight"});
  EXPECT_NE(open_error().find("another tensor already has this name"), std::string::npos);
}

}  // namespace
}  // namespace docket::weights

#include "core/load/adapter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convert/safetensors_writer.h"
#include "core/base/file.h"

namespace docket::load {
namespace {

const std::vector<Module> kModules = {{"language_model.model.layers.0.self_attn.q_proj", 8, 4},
                                      {"language_model.model.layers.1.cross_attn.k_proj", 6, 4},
                                      {"vision_model.transformer.layers.0.mlp.fc1", 4, 4},
                                      {"language_model.lm_head", 9, 8}};
const std::string kQ = "base_model.model.language_model.model.layers.0.self_attn.q_proj.";

using Tensors = std::vector<std::pair<std::string, Shape>>;

Result<AdapterFile> open(const Tensors& tensors, const std::string& config = R"({"r": 2, "lora_alpha": 4})",
                         DType dtype = DType::kF32) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder = testing::TempDir() + "adapter_" + test->name();
  std::filesystem::create_directories(folder);
  EXPECT_TRUE(write_file_atomic(folder / "adapter_config.json", config));
  convert::SafetensorsWriter writer;
  for (const auto& [name, shape] : tensors) writer.declare(name, dtype, shape);
  EXPECT_TRUE(writer.begin(folder / "adapter_model.safetensors"));
  for (const auto& [name, shape] : tensors) {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(shape.count()) * size_bytes(dtype));
    EXPECT_TRUE(writer.append(zeros));
  }
  EXPECT_TRUE(writer.finish());
  return AdapterFile::open(folder, kModules);
}

void expect_error(const Result<AdapterFile>& result, ErrorCode code, const std::string& part) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code) << result.error().text();
  EXPECT_NE(result.error().text().find(part), std::string::npos) << result.error().text();
}

TEST(AdapterFile, FindsItsModulesInEitherLayout) {
  const auto adapter =
      open({{kQ + "lora_A.weight", {2, 4}},
            {kQ + "lora_B.weight", {8, 2}},
            {"base_model.model.lm_head.lora_A.default.weight", {2, 8}},
            {"base_model.model.lm_head.lora_B.default.weight", {9, 2}},
            {"base_model.model.model.vision_model.transformer.layers.0.mlp.fc1.lora_A.weight", {2, 4}},
            {"base_model.model.model.vision_model.transformer.layers.0.mlp.fc1.lora_B.weight", {4, 2}}});
  ASSERT_TRUE(adapter) << adapter.error().text();
  EXPECT_EQ(adapter->modules(), (std::vector<int>{0, 2, 3}));
  EXPECT_EQ(adapter->max_rank(), 2);
  Arena plan;
  const kernels::Adapter loaded = adapter->load(plan, kModules.size());
  EXPECT_EQ(loaded.modules[0].scale, 2);
  EXPECT_EQ(loaded.modules[1].a.out_features, 0);
  EXPECT_EQ(loaded.modules[3].b.out_features, 9);
  EXPECT_GT(plan.size_bytes(), 0U);
}

TEST(AdapterFile, NamesWhatBelongsNowhere) {
  const Tensors good = {{kQ + "lora_A.weight", {2, 4}}, {kQ + "lora_B.weight", {8, 2}}};
  const auto with = [&](const std::string& name, const Shape& shape) {
    Tensors all = good;
    all.emplace_back(name, shape);
    return open(all);
  };
  const std::string other = "base_model.model.language_model.model.layers.7.self_attn.q_proj.lora_A.weight";
  expect_error(with(other, {2, 4}), ErrorCode::kMalformed, other);
  expect_error(with(kQ + "weight", {8, 4}), ErrorCode::kMalformed, kQ + "weight");  // modules_to_save
  expect_error(with(kQ + "lora_magnitude_vector.weight", {8}), ErrorCode::kUnsupported, "DoRA");
  expect_error(with(kQ + "lora_B.bias", {8}), ErrorCode::kUnsupported, "bias");
  expect_error(with("base_model.model.language_model.model.embed_tokens.lora_embedding_A", {2, 9}),
               ErrorCode::kUnsupported, "embedding");
  const std::string twice = "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight";
  expect_error(with(twice, {2, 4}), ErrorCode::kMalformed, "the same weight");
}

TEST(AdapterFile, ChecksPairsShapesAndTypes) {
  expect_error(open({{kQ + "lora_A.weight", {2, 4}}}), ErrorCode::kMalformed, "has no lora_B");
  expect_error(open({{kQ + "lora_B.weight", {8, 2}}}), ErrorCode::kMalformed, "has no lora_A");
  expect_error(open({}), ErrorCode::kMalformed, "no tensors");
  expect_error(open({{kQ + "lora_A.weight", {2, 5}}, {kQ + "lora_B.weight", {8, 2}}}), ErrorCode::kMalformed,
               "expected [2, 4]");
  expect_error(open({{kQ + "lora_A.weight", {3, 4}}, {kQ + "lora_B.weight", {8, 3}}}), ErrorCode::kMalformed,
               "expected [2, 4]");  // the configuration says rank 2
  expect_error(open({{kQ + "lora_A.weight", {2, 4}}, {kQ + "lora_B.weight", {8, 2}}}, "{\"r\": 2}", DType::kI8),
               ErrorCode::kUnsupported, "I8");
}

// Cut in many places, the file is an error that names it; a cut inside the data names the tensor that it takes away.
TEST(AdapterFile, ATruncatedFileIsNamed) {
  ASSERT_TRUE(open({{kQ + "lora_A.weight", {2, 4}}, {kQ + "lora_B.weight", {8, 2}}}));
  const std::filesystem::path folder = testing::TempDir() + "adapter_ATruncatedFileIsNamed";
  const std::string file = (folder / "adapter_model.safetensors").string();
  const auto whole = read_file(file, 1 << 20);
  ASSERT_TRUE(whole);
  const std::size_t data_bytes = (2 * 4 + 8 * 2) * sizeof(float);
  for (std::size_t size = 0; size < whole->size(); size += 23) {
    const auto* bytes = reinterpret_cast<const char*>(whole->data());
    ASSERT_TRUE(write_file_atomic(file, std::string_view(bytes, size)));
    const bool in_data = size >= whole->size() - data_bytes;
    expect_error(AdapterFile::open(folder, kModules), ErrorCode::kMalformed, in_data ? file + ": " + kQ : file);
  }
  std::filesystem::remove(file);
  expect_error(AdapterFile::open(folder, kModules), ErrorCode::kNotFound, file);
}

TEST(LoraConfig, RefusesWhatItDoesNotCompute) {
  for (const char* key :
       {R"("use_dora": true)", R"("peft_type": "IA3")", R"("bias": "all")", R"("modules_to_save": ["lm_head"])",
        R"("fan_in_fan_out": true)", R"("init_lora_weights": "pissa")", R"("target_parameters": ["x"])"}) {
    const auto config = parse_lora_config("{" + std::string(key) + "}", "here");
    ASSERT_FALSE(config) << key;
    EXPECT_EQ(config.error().code, ErrorCode::kUnsupported) << config.error().text();
    const std::string name = std::string(key).substr(1, std::string(key).find('"', 1) - 1);
    EXPECT_NE(config.error().text().find(name), std::string::npos) << config.error().text();
  }
  for (const char* wrong : {"", "[]", R"({"r": 0})", R"({"r": 1.5})", R"({"rank_pattern": []})",
                            R"({"rank_pattern": {"a": 0.5}})", R"({"alpha_pattern": {"a": "b"}})"}) {
    const auto config = parse_lora_config(wrong, "here");
    ASSERT_FALSE(config) << wrong;
    EXPECT_EQ(config.error().code, ErrorCode::kMalformed) << config.error().text();
  }
}

TEST(LoraConfig, ThePatternThatMatchesFirstGivesRankAndAlpha) {
  const auto config = parse_lora_config(
      R"({"r": 8, "lora_alpha": 16, "use_rslora": true, "rank_pattern": {"z.q_proj": 2, "q_proj": 4},
          "alpha_pattern": {"layers\\.[01]\\.q_proj": 3}})",
      "here");
  ASSERT_TRUE(config) << config.error().text();
  const struct {
    const char* path;
    std::int64_t r;
    double alpha;
  } kCases[] = {{"model.z.q_proj", 2, 16}, {"model.y.q_proj", 4, 16}, {"q_proj", 4, 16},
                {"xq_proj", 8, 16},        {"q_proj.x", 8, 16},       {"layers.1.q_proj", 4, 3}};
  for (const auto& c : kCases) {
    const auto scale = scale_of(*config, c.path, "here");
    ASSERT_TRUE(scale);
    EXPECT_EQ(scale->r, c.r) << c.path;
    EXPECT_DOUBLE_EQ(scale->scale, c.alpha / std::sqrt(static_cast<double>(c.r))) << c.path;
  }
  LoraConfig broken;
  broken.rank_pattern = {{"(", 2}};
  EXPECT_EQ(scale_of(broken, "q_proj", "here").error().code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace docket::load

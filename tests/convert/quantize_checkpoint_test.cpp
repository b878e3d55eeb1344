#include "convert/quantize_checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "convert/random_checkpoint.h"
#include "core/weights/checkpoint.h"
#include "core/weights/config.h"
#include "core/weights/quantized.h"
#include "tests/support/golden.h"

namespace docket::convert {
namespace {

using golden::kData;

std::string folder(const std::string& name) { return testing::TempDir() + "docket-convert-" + name; }

nlohmann::json state_of(const golden::Tensor& t) { return nlohmann::json::parse(t.bytes.begin(), t.bytes.end()); }

// The tiny model quantised here, tensor by tensor beside what bitsandbytes made of it.
TEST(QuantizeCheckpoint, Nf4EqualsBitsandbytesFile) {
  const std::string out = folder("nf4");
  load::QuantPolicy policy = *load::parse_quant_policy("nf4");
  const Status status = quantize_checkpoint(kData + "tiny", policy, out, {});
  ASSERT_TRUE(status.has_value()) << status.error().text();
  const auto got = golden::read_tensors(out + "/model.safetensors");
  const auto expected = golden::read_tensors(kData + "tiny-nf4/model.safetensors");
  ASSERT_EQ(got.size(), expected.size());
  std::size_t scales = 0, differing = 0;
  for (const auto& [name, want] : expected) {
    SCOPED_TRACE(name);
    ASSERT_EQ(got.count(name), 1u);
    const golden::Tensor& have = got.at(name);
    if (name.find("quant_state") != std::string::npos) {
      const auto a = state_of(have), b = state_of(want);
      for (const char* key : {"quant_type", "blocksize", "shape", "nested_blocksize", "nested_dtype"})
        EXPECT_EQ(a[key], b[key]);
      const double offset = b["nested_offset"];
      EXPECT_NEAR(a["nested_offset"].get<double>(), offset, 4e-7 * offset);
      continue;
    }
    EXPECT_EQ(have.dtype, want.dtype);
    EXPECT_EQ(have.shape, want.shape);
    if (name.ends_with(".absmax") || name.ends_with("nested_absmax")) {
      // Around an offset whose last bits depend on the order of a sum: a scale on the edge may go one step further.
      if (have.dtype != "U8") continue;
      for (std::size_t i = 0; i < want.bytes.size(); ++i) {
        EXPECT_LE(std::abs(int{have.bytes[i]} - int{want.bytes[i]}), 1);
        differing += have.bytes[i] != want.bytes[i];
      }
      scales += want.bytes.size();
      continue;
    }
    EXPECT_EQ(have.bytes, want.bytes);
  }
  EXPECT_LE(differing * 1000, scales) << differing << " of " << scales;
  EXPECT_TRUE(weights::read_model_config(out)->quantization->load_in_4bit);
}

TEST(QuantizeCheckpoint, Int8AndSkipsReadBack) {
  const std::string out = folder("int8");
  load::QuantPolicy policy = *load::parse_quant_policy("int8-skip-vision");
  policy.head = load::QuantKind::kInt8;
  ASSERT_TRUE(quantize_checkpoint(kData + "odd", policy, out, {}).has_value());
  const auto checkpoint = weights::Checkpoint::open(out);
  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().text();
  const auto kind = [&](const std::string& module) { return *weights::stored_kind(*checkpoint, module); };
  EXPECT_EQ(kind("vision_model.transformer.layers.0.mlp.fc1"), weights::StoredKind::kFloating);
  EXPECT_EQ(kind("multi_modal_projector"), weights::StoredKind::kFloating);
  EXPECT_EQ(kind("language_model.model.layers.1.self_attn.q_proj"), weights::StoredKind::kInt8);
  EXPECT_EQ(kind("language_model.lm_head"), weights::StoredKind::kInt8);
  EXPECT_TRUE(weights::read_int8(*checkpoint, "language_model.lm_head", 509, 96).has_value());
}

TEST(QuantizeCheckpoint, WhatCannotBeIsNamed) {
  const load::QuantPolicy policy = *load::parse_quant_policy("nf4");
  const auto twice = quantize_checkpoint(kData + "tiny-nf4", policy, folder("twice"), {});
  ASSERT_FALSE(twice.has_value());
  EXPECT_NE(twice.error().text().find("quantised already"), std::string::npos) << twice.error().text();
  EXPECT_FALSE(quantize_checkpoint(kData + "nowhere", policy, folder("none"), {}).has_value());
  const auto onto = quantize_checkpoint(kData + "tiny", policy, kData + "tiny/.", {});
  ASSERT_FALSE(onto.has_value());
  EXPECT_EQ(onto.error().code, ErrorCode::kInvalidArgument);
}

TEST(RandomCheckpoint, HasEveryTensorOfItsShape) {
  for (const char* quant : {"none", "nf4", "int8"}) {
    SCOPED_TRACE(quant);
    const std::string out = folder(std::string("random-") + quant);
    const std::string config = golden::read_json(kData + "tiny/config.json").dump();
    const Status status = random_checkpoint(config, *load::parse_quant_policy(quant), out, {});
    ASSERT_TRUE(status.has_value()) << status.error().text();
    const auto made = weights::Checkpoint::open(out), real = weights::Checkpoint::open(kData + "tiny");
    ASSERT_TRUE(made.has_value()) << made.error().text();
    for (const auto& [name, tensor] : real->tensors()) {
      ASSERT_NE(made->find(name), nullptr) << name;
      std::string module;
      if (std::string(quant) == "none" || !is_linear_weight(name, module)) {
        EXPECT_EQ(made->find(name)->shape, tensor.shape) << name;
      }
    }
  }
  EXPECT_TRUE(published_config("llama-3.2-11b-vision").has_value());
  EXPECT_FALSE(published_config("llama-9").has_value());
}

}  // namespace
}  // namespace docket::convert

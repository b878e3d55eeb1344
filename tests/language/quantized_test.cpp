// 4-bit and 8-bit models against the reference run with bitsandbytes' dequantised weights in fp32: a checkpoint that
// bitsandbytes quantised, and the plain one quantised while it is loaded. Generator: training/golden/quantized.py.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/model.h"
#include "tests/support/picture.h"

namespace docket {
namespace {

// The last logits of the prompt that quantized.py runs.
std::vector<float> photo_logits(const std::string& folder, const load::QuantPolicy& policy,
                                const std::string& isa = "") {
  language::Limits limits;
  limits.max_positions = 64;
  const auto m = golden::load_model(golden::kData + folder, limits, policy, isa);
  const auto about = golden::read_json(golden::kData + "tiny.golden.json")["cases"]["photo"];
  const auto ids = about["input_ids"][0].get<std::vector<prompt::TokenId>>();
  tiles::Config settings;
  settings.tile_size = static_cast<int>(m->config.vision.image_size);
  const auto tiles = tiles::make_tiles(golden::read_picture("photo"), settings);
  const int count = tiles->num_tiles();
  language::start_images(m->state, 0, m->config.vision, {&count, 1});
  language::add_image(m->decoder(), m->state, 0, 0,
                      vision::encode(m->kernels, m->config, m->vision, m->vision_state, *tiles));
  language::start_sequence(m->state, 0, 0);
  const auto spans = prompt::image_spans(ids, static_cast<prompt::TokenId>(m->config.image_token_index));
  const auto logits = language::prefill(m->decoder(), m->state, 0, ids, spans);
  EXPECT_TRUE(logits);
  return {logits->values.row(0), logits->values.row(0) + logits->values.cols};
}

std::vector<float> expected(const std::string& name) {
  return golden::read_tensors(golden::kData + "tiny-quant.golden.safetensors").at(name + ".last_logits").floats();
}

load::QuantPolicy policy_of(const std::string& name, bool double_quantize) {
  load::QuantPolicy policy = *load::parse_quant_policy(name);
  policy.double_quantize = double_quantize;
  return policy;
}

// Both sides multiply the same fp32 weights: the bound is that of the plain model. The nested offset is a mean that
// bitsandbytes sums in fp32, so scales may differ by a few units in the last place.
constexpr double kTolerance = 1e-3;

TEST(QuantizedModel, ReadsWhatBitsandbytesWrote) {
  EXPECT_LE(golden::max_abs(photo_logits("tiny-nf4", {}), expected("nf4")), kTolerance);
}

TEST(QuantizedModel, QuantizesWhileLoadingAsBitsandbytesDoes) {
  EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("nf4", true)), expected("nf4")), kTolerance);
  EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("fp4", false)), expected("fp4")), kTolerance);
  EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("int8", true)), expected("int8")), kTolerance);
}

// fp16 activations and weights against single precision: the bound of numerics.md.
TEST(QuantizedModel, ADeviceReadsAndQuantizesToo) {
  for (const char* path : {"cuda", "cuda_sm70"}) {
    if (!golden::kernels_named(path)) GTEST_SKIP() << "no CUDA device, or a build without CUDA";
    EXPECT_LE(golden::max_abs(photo_logits("tiny-nf4", {}, path), expected("nf4")), 5e-2) << path;
    EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("nf4", true), path), expected("nf4")), 5e-2) << path;
    EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("fp4", false), path), expected("fp4")), 5e-2) << path;
    EXPECT_LE(golden::max_abs(photo_logits("tiny", policy_of("int8", true), path), expected("int8")), 5e-2) << path;
  }
}

TEST(QuantizedModel, TheFormatsAreNotTheSame) {  // the comparison above can tell them apart
  EXPECT_GT(golden::max_abs(photo_logits("tiny", {}), expected("nf4")), 50 * kTolerance);
  EXPECT_GT(golden::max_abs(expected("fp4"), expected("nf4")), 50 * kTolerance);
  EXPECT_GT(golden::max_abs(photo_logits("tiny", {}), expected("int8")), 5 * kTolerance);
}

TEST(QuantPolicy, SkipsWhatItIsTold) {
  load::QuantPolicy policy = *load::parse_quant_policy("nf4");
  EXPECT_EQ(policy.kind_of("language_model.model.layers.0.mlp.up_proj"), load::QuantKind::kNf4);
  EXPECT_EQ(policy.kind_of("language_model.lm_head"), load::QuantKind::kNone);
  EXPECT_EQ(policy.kind_of("vision_model.patch_embedding"), load::QuantKind::kNone);
  policy.skip_cross = policy.skip_vision = policy.skip_projector = true;
  EXPECT_EQ(policy.kind_of("language_model.model.layers.3.cross_attn.k_proj"), load::QuantKind::kNone);
  EXPECT_EQ(policy.kind_of("vision_model.transformer.layers.0.mlp.fc1"), load::QuantKind::kNone);
  EXPECT_EQ(policy.kind_of("multi_modal_projector"), load::QuantKind::kNone);
  EXPECT_EQ(load::parse_quant_policy("int8-skip-vision")->skip_vision, true);
  EXPECT_FALSE(load::parse_quant_policy("int4"));
}

}  // namespace
}  // namespace docket

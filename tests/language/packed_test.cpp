// A packed checkpoint computes what the checkpoint it was made of computes, bit for bit, and refuses damage by name.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <random>

#include "convert/pack_checkpoint.h"
#include "convert/quantize_checkpoint.h"
#include "convert/safetensors_writer.h"
#include "core/load/packed_weight.h"
#include "tests/support/golden.h"
#include "tests/support/model.h"

namespace docket {
namespace {

namespace fs = std::filesystem;

fs::path scratch(const std::string& name) {
  const fs::path out = fs::path(::testing::TempDir()) / ("packed_test_" + name);
  fs::remove_all(out);
  return out;
}

// Vision tokens of random tiles, then the logits of a prompt that sees them.
std::vector<float> outputs(const std::string& folder, const load::QuantPolicy& policy) {
  language::Limits limits;
  limits.max_positions = 64;
  const auto m = golden::load_model(folder, limits, policy);
  tiles::Tiles tiles;
  tiles.aspect_ratio = {1, 2, 2};
  tiles.tile_size = static_cast<int>(m->config.vision.image_size);
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  tiles.pixels.resize(static_cast<std::size_t>(2 * 3 * tiles.tile_size * tiles.tile_size));
  for (float& pixel : tiles.pixels) pixel = normal(random);
  const vision::VisionTokens tokens = vision::encode(m->kernels, m->config, m->vision, m->vision_state, tiles);
  std::vector<float> out(tokens.tokens.f32(), tokens.tokens.f32() + tokens.tokens.rows * tokens.tokens.cols);
  const int count = 2;
  language::start_images(m->state, 0, m->config.vision, {&count, 1});
  language::add_image(m->decoder(), m->state, 0, 0, tokens);
  language::start_sequence(m->state, 0, 0);
  const auto image = static_cast<prompt::TokenId>(m->config.image_token_index);
  const std::vector<prompt::TokenId> ids = {3, image, 9, 27, 81, 5, 6, 7, 8, 1, 2};
  const auto logits = language::prefill(m->decoder(), m->state, 0, ids, prompt::image_spans(ids, image));
  EXPECT_TRUE(logits);
  out.insert(out.end(), logits->values.row(0), logits->values.row(0) + logits->values.cols);
  return out;
}

TEST(PackedCheckpoint, ComputesTheSameBits) {
  for (const char* model : {"tiny", "odd", "tiny-nf4"}) {
    for (const char* quant : {"none", "int8", "nf4", "fp4"}) {
      if (std::string(model) == "tiny-nf4" && std::string(quant) != "none") continue;
      SCOPED_TRACE(std::string(model) + " " + quant);
      const fs::path out = scratch("same");
      const load::QuantPolicy policy = *load::parse_quant_policy(quant);
      const Status packed = convert::pack_checkpoint(golden::kData + model, policy, out);
      ASSERT_TRUE(packed) << packed.error().text();
      EXPECT_EQ(outputs(out.string(), {}), outputs(golden::kData + model, policy));
      fs::remove_all(out);
    }
  }
}

constexpr const char* kTileTable = "vision_model.gated_positional_embedding.tile_embedding.weight";
constexpr const char* kTableGate = "vision_model.gated_positional_embedding.gate";

// The tiny model with the gate of its position tables at 0, its per-tile table kept or left out.
fs::path ungated(const std::string& name, float gate, bool with_table) {
  const fs::path out = scratch(name);
  fs::copy(golden::kData + "tiny", out);
  fs::remove(out / "model.safetensors");
  const auto checkpoint = weights::Checkpoint::open(golden::kData + "tiny");
  EXPECT_TRUE(checkpoint);
  convert::SafetensorsWriter writer;
  const auto kept = [&](const std::string& tensor) { return with_table || tensor != kTileTable; };
  for (const auto& [tensor, stored] : checkpoint->tensors()) {
    if (kept(tensor)) writer.declare(tensor, tensor == kTableGate ? DType::kF32 : stored.dtype, stored.shape);
  }
  EXPECT_TRUE(writer.begin(out / "model.safetensors"));
  for (const auto& [tensor, stored] : checkpoint->tensors()) {
    if (!kept(tensor)) continue;
    const std::span<const std::byte> value = std::as_bytes(std::span(&gate, 1));
    EXPECT_TRUE(writer.append(tensor == kTableGate ? value : stored.bytes));
  }
  EXPECT_TRUE(writer.finish());
  return out;
}

TEST(UnusedTable, IsLeftOutAndNotMissed) {
  const fs::path whole = ungated("whole", 0, true), bare = ungated("bare", 0, false);
  EXPECT_EQ(outputs(whole.string(), {}), outputs(bare.string(), {}));
  const load::QuantPolicy policy = *load::parse_quant_policy("nf4");
  const fs::path packed = scratch("ungated-packed"), quantized = scratch("ungated-nf4");
  ASSERT_TRUE(convert::pack_checkpoint(whole, policy, packed));
  ASSERT_TRUE(convert::quantize_checkpoint(whole, policy, quantized, {}));
  for (const fs::path& made : {packed, quantized}) {
    const auto checkpoint = weights::Checkpoint::open(made);
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->find(kTileTable), nullptr) << made;
    EXPECT_EQ(outputs(made.string(), {}), outputs(whole.string(), policy)) << made;
  }
}

TEST(UnusedTable, IsKeptAndAskedForWhereItsGateIsOpen) {
  const load::QuantPolicy policy = *load::parse_quant_policy("nf4");
  const fs::path open = ungated("open", 0.5F, true), out = scratch("open-nf4");
  ASSERT_TRUE(convert::quantize_checkpoint(open, policy, out, {}));
  EXPECT_NE(weights::Checkpoint::open(out)->find(kTileTable), nullptr);
  const auto checkpoint = weights::Checkpoint::open(ungated("open-bare", 0.5F, false));
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->find(kTileTable), nullptr);
  Arena arena;
  load::WeightLoader loader(*checkpoint, arena, {});
  vision::load_weights(loader, weights::read_model_config(golden::kData + "tiny").value());
  EXPECT_FALSE(loader.status());
  EXPECT_NE(loader.status().error().text().find(kTileTable), std::string::npos);
}

TEST(PackedCheckpoint, LeavesWeightsInTheFile) {
  const fs::path out = scratch("mapped");
  ASSERT_TRUE(convert::pack_checkpoint(golden::kData + "tiny", *load::parse_quant_policy("nf4"), out));
  const auto checkpoint = weights::Checkpoint::open(out);
  ASSERT_TRUE(checkpoint);
  const std::string module = "language_model.model.layers.0.mlp.up_proj";
  ASSERT_TRUE(load::is_packed(*checkpoint, module));
  const auto weight = load::read_packed(*checkpoint, module, 192, 64);
  ASSERT_TRUE(weight) << weight.error().text();
  EXPECT_EQ(weight->panels, checkpoint->find(module + ".packed.panels")->bytes.data());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(weight->panels) % 64, 0U);
  EXPECT_FALSE(load::read_packed(*checkpoint, module, 64, 192));
  EXPECT_FALSE(convert::pack_checkpoint(out, {}, scratch("twice")));
}

TEST(PackedCheckpoint, RandomCorruptionGivesAnErrorOrAModel) {
  const fs::path out = scratch("damaged");
  ASSERT_TRUE(convert::pack_checkpoint(golden::kData + "tiny", *load::parse_quant_policy("nf4"), out));
  std::ifstream in(out / "model.safetensors", std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::uint64_t header = 0;
  std::memcpy(&header, good.data(), 8);
  const auto config = weights::read_model_config(out);
  ASSERT_TRUE(config);
  std::mt19937 random(77);
  int errors = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) bad[8 + random() % header] = static_cast<char>(random());
    if (round % 3 == 0) bad.resize(random() % bad.size());
    std::ofstream(out / "model.safetensors", std::ios::binary | std::ios::trunc) << bad;
    const auto checkpoint = weights::Checkpoint::open(out);
    if (!checkpoint) {
      EXPECT_FALSE(checkpoint.error().text().empty());
      ++errors;
      continue;
    }
    Arena plan;
    load::WeightLoader loader(*checkpoint, plan, {});
    vision::load_weights(loader, *config);
    language::load_weights(loader, config->text);
    errors += loader.status() ? 0 : 1;
  }
  EXPECT_GT(errors, 250);
}

}  // namespace
}  // namespace docket

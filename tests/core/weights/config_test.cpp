#include "core/weights/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace docket::weights {
namespace {

using nlohmann::json;

// The published values of Llama-3.2-11B-Vision-Instruct (spec 1.1).
json published() {
  return json::parse(R"({
    "model_type": "mllama", "image_token_index": 128256, "torch_dtype": "bfloat16",
    "text_config": {"model_type": "mllama_text_model", "vocab_size": 128256, "hidden_size": 4096,
      "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
      "hidden_act": "silu", "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "max_position_embeddings": 131072,
      "cross_attention_layers": [3, 8, 13, 18, 23, 28, 33, 38], "tie_word_embeddings": false,
      "eos_token_id": [128001, 128008, 128009], "bos_token_id": 128000,
      "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192}},
    "vision_config": {"hidden_size": 1280, "attention_heads": 16, "num_hidden_layers": 32, "num_global_layers": 8,
      "intermediate_size": 5120, "hidden_act": "gelu", "num_channels": 3, "patch_size": 14, "image_size": 560,
      "max_num_tiles": 4, "norm_eps": 1e-05, "vision_output_dim": 7680,
      "intermediate_layers_indices": [3, 7, 15, 23, 30],
      "supported_aspect_ratios": [[1,1],[1,2],[1,3],[1,4],[2,1],[2,2],[3,1],[4,1]]}})");
}

std::string error_of(const json& config) {
  const auto parsed = parse_model_config(config.dump(), "config.json");
  return parsed ? "accepted" : parsed.error().text();
}

TEST(ModelConfig, ReadsThePublishedFile) {
  const auto config = parse_model_config(published().dump(), "config.json");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->text.head_dim, 128);
  EXPECT_EQ(config->text.rope_scaling->original_max_position_embeddings, 8192);
  EXPECT_TRUE(config->text.is_cross_attention_layer(38));
  EXPECT_FALSE(config->text.is_cross_attention_layer(39));
  EXPECT_EQ(config->vision.num_patches(), 1601);
  EXPECT_EQ(config->vision.padded_patches(), 1608);
  EXPECT_EQ(config->vision.head_dim(), 80);
  EXPECT_EQ(config->vision.max_aspect_ratio_id(), 8);
  EXPECT_EQ(config->image_token_index, 128256);
  EXPECT_FALSE(config->quantization.has_value());
}

TEST(ModelConfig, Accepts448AndOtherSizes) {
  json config = published();
  config["vision_config"]["image_size"] = 448;
  const auto parsed = parse_model_config(config.dump(), "c");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->vision.num_patches(), 1025);
  config["vision_config"]["image_size"] = 14 * 3;
  EXPECT_EQ(error_of(config), "accepted");
  config["vision_config"]["image_size"] = 450;
  EXPECT_EQ(error_of(config), "config.json: vision_config.image_size: is not a multiple of patch_size");
}

TEST(ModelConfig, AcceptsBothSpellingsOfRope) {
  json config = published();
  json& text = config["text_config"];
  text["rope_parameters"] = text["rope_scaling"];
  text["rope_parameters"]["rope_theta"] = 10000.0;
  text.erase("rope_scaling");
  text.erase("rope_theta");
  auto parsed = parse_model_config(config.dump(), "c");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->text.rope_theta, 10000.0);
  EXPECT_EQ(parsed->text.rope_scaling->factor, 8);

  config = published();
  config["text_config"]["rope_scaling"].erase("rope_type");
  config["text_config"]["rope_scaling"]["type"] = "llama3";
  EXPECT_EQ(error_of(config), "accepted");
  config["text_config"]["rope_scaling"]["type"] = "yarn";
  EXPECT_EQ(error_of(config),
            "config.json: text_config.rope_scaling.rope_type: is \"yarn\", docket computes \"llama3\" and \"default\"");
  config["text_config"]["rope_scaling"] = nullptr;
  parsed = parse_model_config(config.dump(), "c");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->text.rope_scaling.has_value());
}

TEST(ModelConfig, NamesEveryMissingKey) {
  const json whole = published();
  for (const char* section : {"text_config", "vision_config"}) {
    for (const auto& [key, value] : whole[section].items()) {
      json config = published();
      config[section].erase(key);
      const std::string error = error_of(config);
      const bool optional = key == "model_type" || key == "hidden_act" || key == "tie_word_embeddings" ||
                            key == "eos_token_id" || key == "bos_token_id" || key == "rope_scaling" ||
                            key == "num_channels" || key == "patch_size" || key == "max_num_tiles" ||
                            key == "norm_eps" || key == "supported_aspect_ratios";
      EXPECT_EQ(error, optional ? "accepted" : std::string("config.json: ") + section + "." + key + ": is missing");
    }
  }
}

TEST(ModelConfig, NamesTheKeyOfAnImpossibleValue) {
  const auto with = [](const char* section, const char* key, const json& value) {
    json config = published();
    config[section][key] = value;
    return error_of(config);
  };
  EXPECT_EQ(with("text_config", "hidden_size", 0),
            "config.json: text_config.hidden_size: is 0, expected a whole number from 1 to 1048576");
  EXPECT_EQ(with("text_config", "hidden_size", "4096"),
            "config.json: text_config.hidden_size: is \"4096\", expected a whole number from 1 to 1048576");
  EXPECT_EQ(with("text_config", "hidden_size", 18446744073709551615U).substr(0, 37),
            "config.json: text_config.hidden_size:");
  EXPECT_EQ(with("text_config", "num_attention_heads", 33),
            "config.json: text_config.num_attention_heads: does not divide hidden_size");
  EXPECT_EQ(with("text_config", "num_key_value_heads", 5),
            "config.json: text_config.num_key_value_heads: does not divide num_attention_heads");
  EXPECT_EQ(with("text_config", "cross_attention_layers", json::array({3, 40})),
            "config.json: text_config.cross_attention_layers: holds 40, expected a whole number from 0 to 39");
  EXPECT_EQ(with("text_config", "cross_attention_layers", json::array({8, 3})),
            "config.json: text_config.cross_attention_layers: is not in ascending order");
  EXPECT_EQ(with("text_config", "tie_word_embeddings", true),
            "config.json: text_config.tie_word_embeddings: is true: Mllama's head is its own");
  EXPECT_EQ(with("vision_config", "hidden_act", "quick_gelu"),
            "config.json: vision_config.hidden_act: is \"quick_gelu\", docket computes \"gelu\" (erf)");
  EXPECT_EQ(with("vision_config", "vision_output_dim", 7681).substr(0, 44),
            "config.json: vision_config.vision_output_dim");
  EXPECT_EQ(with("vision_config", "supported_aspect_ratios", json::array({json::array({1, 1})})).substr(0, 50),
            "config.json: vision_config.supported_aspect_ratios");
  json config = published();
  config["model_type"] = "llama";
  EXPECT_EQ(error_of(config), "config.json: model_type: is \"llama\", docket runs \"mllama\"");
  config = published();
  config["image_token_index"] = 128264;
  EXPECT_EQ(error_of(config), "config.json: image_token_index: is 128264, expected a whole number from 0 to 128263");
  config = published();
  config["quantization_config"] = {{"quant_method", "gptq"}};
  EXPECT_EQ(error_of(config),
            "config.json: quantization_config.quant_method: is \"gptq\", docket reads \"bitsandbytes\"");
}

TEST(GenerationConfig, FillsInWhatTransformersFillsIn) {
  const auto g = parse_generation_config(
      R"({"do_sample":true,"temperature":0.6,"top_p":0.9,"bos_token_id":128000,"eos_token_id":[128001,128008,128009]})",
      "g");
  ASSERT_TRUE(g) << g.error().text();
  EXPECT_EQ(g->top_k, 50);
  EXPECT_EQ(g->repetition_penalty, 1.0);
  EXPECT_EQ(g->eos_token_id.size(), 3U);
  EXPECT_EQ(g->bos_token_id, 128000);
  EXPECT_FALSE(g->pad_token_id.has_value());
  EXPECT_EQ(parse_generation_config(R"({"eos_token_id":128001})", "g")->eos_token_id.size(), 1U);
  EXPECT_EQ(parse_generation_config(R"({"top_p":1.5})", "g").error().text(),
            "g: top_p: is 1.5, expected a number from 0.0 to 1.0");
}

TEST(PreprocessorConfig, ReadsThePublishedFileAndRefusesAnother) {
  json file = json::parse(R"({"image_processor_type":"MllamaImageProcessor","do_convert_rgb":true,"do_resize":true,
    "do_rescale":true,"do_normalize":true,"do_pad":true,"size":{"height":560,"width":560},"max_image_tiles":4,
    "resample":2,"rescale_factor":0.00392156862745098,"image_mean":[0.48145466,0.4578275,0.40821073],
    "image_std":[0.26862954,0.26130258,0.27577711]})");
  const auto p = parse_preprocessor_config(file.dump(), "p");
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(p->image_size, 560);
  EXPECT_EQ(p->rescale_factor, 1.0 / 255.0);
  file["resample"] = 3;
  EXPECT_EQ(parse_preprocessor_config(file.dump(), "p").error().text(), "p: resample: is not 2 (bilinear)");
  file["resample"] = 2;
  file["image_std"] = {1, 0, 1};
  EXPECT_EQ(parse_preprocessor_config(file.dump(), "p").error().text(), "p: image_std: holds 0, which cannot be");
}

}  // namespace
}  // namespace docket::weights

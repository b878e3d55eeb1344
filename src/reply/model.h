// Model: a checkpoint's weights in the layout of the kernels, its adapters, tokenizer and configuration. Immutable
// after load, so engines may share one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/device/memory.h"
#include "core/load/adapter.h"
#include "core/load/quant_policy.h"
#include "core/weights/checkpoint.h"
#include "core/weights/config.h"
#include "language/weights.h"
#include "prompt/tokenizer.h"
#include "reply/token_trie.h"
#include "tiles/tiles.h"
#include "vision/weights.h"

namespace docket::reply {

// A LoRA adapter (PEFT folder) to load beside the weights, under the name that requests choose it by.
struct AdapterSource {
  std::string name;
  std::filesystem::path folder;
};

// An adapter under the name of its own folder: "x/till/" is "till".
AdapterSource adapter_source(const std::filesystem::path& folder);

struct ModelAdapter {
  std::string name;
  kernels::Adapter weights;
  std::int64_t max_rank = 0;
  std::size_t num_modules = 0;  // linear weights that it changes
  bool changes_images = false;  // it touches the vision model, the projector or the cross layers' keys and values
};

class Model {
 public:
  // Opens `folder` (config.json, safetensors, tokenizer.json and, where they are, generation_config.json and
  // preprocessor_config.json) and checks every name, type and shape. Reads no weights yet: `load_weights` does.
  // Errors: as the readers of each file give them, with file, tensor or key; kInvalidArgument for two adapters of one
  // name or one without.
  static Result<std::unique_ptr<Model>> open(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                                             std::span<const AdapterSource> adapters = {});

  // Bytes that the weights and adapters take in memory, and those left in the mapped files (embedding tables, read by
  // rows).
  std::size_t weights_bytes() const { return weights_bytes_; }
  std::size_t adapters_bytes() const { return adapters_bytes_; }  // the adapters' part of it
  std::size_t mapped_bytes() const { return mapped_bytes_; }

  // Copies the weights out of the files, quantising as the policy says, one tensor at a time. Once.
  Status load_weights();

  // Bytes that the weights and adapters take on this device; what stays mapped (token embeddings) is read by rows.
  std::size_t device_bytes(kernels::DeviceContext& device);
  // Moves what load_weights loaded to a device and frees the host's copy. Once. Errors: the device's.
  Status place_weights(kernels::DeviceContext& device);

  const weights::ModelConfig& config() const { return config_; }
  const weights::GenerationConfig& generation_config() const { return generation_config_; }
  const weights::Checkpoint& checkpoint() const { return checkpoint_; }
  const prompt::Tokenizer& tokenizer() const { return tokenizer_; }
  const tiles::Config& tiles_config() const { return tiles_config_; }
  const vision::Weights& vision() const { return vision_; }
  const language::Weights& language() const { return language_; }
  std::shared_ptr<const TokenTrie> token_trie() const { return trie_; }
  // The adapter of that name; null for the empty name, the model alone. Errors: kNotFound, naming those there are.
  Result<const ModelAdapter*> find_adapter(const std::string& name) const;
  std::span<const ModelAdapter> adapters() const { return adapters_; }
  std::int64_t max_lora_rank() const { return max_lora_rank_; }  // 0 without adapters
  bool is_end_token(prompt::TokenId id) const;
  // The ids that end a reply and can be generated.
  std::vector<prompt::TokenId> end_tokens() const;

 private:
  Model(weights::Checkpoint checkpoint, prompt::Tokenizer tokenizer)
      : checkpoint_(std::move(checkpoint)), tokenizer_(std::move(tokenizer)) {}
  Status open_adapters(std::span<const AdapterSource> sources);
  Status read_weights(Arena& arena);
  void read_adapters(Arena& arena);
  void place_in(kernels::DeviceContext& device, Arena& arena);

  weights::ModelConfig config_;
  weights::GenerationConfig generation_config_;
  weights::Checkpoint checkpoint_;
  prompt::Tokenizer tokenizer_;
  tiles::Config tiles_config_;
  load::QuantPolicy policy_;
  std::shared_ptr<const TokenTrie> trie_;
  std::size_t weights_bytes_ = 0, adapters_bytes_ = 0, mapped_bytes_ = 0;
  device::Buffer memory_;
  std::shared_ptr<std::byte> device_memory_;
  std::vector<load::Module> modules_;
  std::vector<load::AdapterFile> adapter_files_;  // until they are loaded
  std::vector<ModelAdapter> adapters_;
  std::int64_t max_lora_rank_ = 0;
  vision::Weights vision_;
  language::Weights language_;
};

}  // namespace docket::reply

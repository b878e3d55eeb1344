#include "reply/model.h"

#include <algorithm>

#include "core/load/weight_loader.h"

namespace docket::reply {
namespace {

tiles::Config tiles_config_of(const weights::PreprocessorConfig& p) {
  tiles::Config out;
  out.tile_size = static_cast<int>(p.image_size);
  out.max_image_tiles = static_cast<int>(p.max_image_tiles);
  out.rescale_factor = p.rescale_factor;
  out.image_mean = p.image_mean;
  out.image_std = p.image_std;
  return out;
}

std::size_t table_bytes(const kernels::EmbeddingTable& table) {
  return static_cast<std::size_t>(table.rows * table.cols) * size_bytes(table.dtype);
}

}  // namespace

Result<std::unique_ptr<Model>> Model::open(const std::filesystem::path& folder, const load::QuantPolicy& policy) {
  DOCKET_TRY(const auto config, weights::read_model_config(folder));
  DOCKET_TRY(const auto generation, weights::read_generation_config(folder));
  DOCKET_TRY(const auto preprocessor, weights::read_preprocessor_config(folder, config.vision));
  DOCKET_TRY(auto tokenizer, prompt::Tokenizer::load(folder / "tokenizer.json"));
  DOCKET_TRY(auto checkpoint, weights::Checkpoint::open(folder));
  if (tokenizer.size() > config.text.vocab_size + weights::kExtraEmbeddings) {
    return make_error(ErrorCode::kMalformed,
                      "the tokenizer has ids up to " + std::to_string(tokenizer.size() - 1) + ", the model embeds " +
                          std::to_string(config.text.vocab_size + weights::kExtraEmbeddings),
                      (folder / "tokenizer.json").string());
  }
  std::unique_ptr<Model> out(new Model(std::move(checkpoint), std::move(tokenizer)));
  out->config_ = config;
  out->generation_config_ = generation;
  out->tiles_config_ = tiles_config_of(preprocessor);
  out->policy_ = policy;
  Arena measure;
  DOCKET_TRY_VOID(out->read_weights(measure));
  out->weights_bytes_ = measure.size_bytes();
  const std::vector<const kernels::EmbeddingTable*> tables = {
      &out->language_.embed_tokens, &out->vision_.class_embedding,    &out->vision_.position_embedding,
      &out->vision_.tile_embedding, &out->vision_.pre_tile_embedding, &out->vision_.post_tile_embedding};
  for (const auto* table : tables) out->mapped_bytes_ += table_bytes(*table);
  const auto vocab = static_cast<prompt::TokenId>(config.text.vocab_size);
  out->trie_ = std::make_shared<TokenTrie>(TokenTrie::make(out->tokenizer_, vocab));
  return out;
}

Status Model::read_weights(Arena& arena) {
  load::WeightLoader loader(checkpoint_, arena, policy_);
  vision_ = vision::load_weights(loader, config_);
  language_ = language::load_weights(loader, config_.text);
  return loader.status();
}

Status Model::load_weights() {
  DOCKET_TRY(memory_, device::Buffer::allocate(weights_bytes_, "the weights"));
  Arena arena(memory_.data(), memory_.size());
  return read_weights(arena);
}

bool Model::is_end_token(prompt::TokenId id) const {
  const auto& ends = generation_config_.eos_token_id;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

std::vector<prompt::TokenId> Model::end_tokens() const {
  std::vector<prompt::TokenId> out;
  for (const std::int64_t id : generation_config_.eos_token_id) {
    if (id >= 0 && id < config_.text.vocab_size) out.push_back(static_cast<prompt::TokenId>(id));
  }
  return out;
}

}  // namespace docket::reply

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

// Whether what an image becomes, its keys and values included, depends on this module.
bool is_of_images(const std::string& module) {
  return module.starts_with("vision_model.") || module == "multi_modal_projector" ||
         module.ends_with(".cross_attn.k_proj") || module.ends_with(".cross_attn.v_proj");
}

}  // namespace

AdapterSource adapter_source(const std::filesystem::path& folder) {
  std::filesystem::path named = folder.lexically_normal();
  if (!named.has_filename()) named = named.parent_path();
  return {named.filename().string(), folder};
}

Result<std::unique_ptr<Model>> Model::open(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                                           std::span<const AdapterSource> adapters) {
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
  DOCKET_TRY_VOID(out->open_adapters(adapters));
  const std::size_t base_bytes = measure.size_bytes();
  out->read_adapters(measure);
  out->weights_bytes_ = measure.size_bytes();
  out->adapters_bytes_ = out->weights_bytes_ - base_bytes;
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
  modules_ = loader.modules();
  return loader.status();
}

Status Model::open_adapters(std::span<const AdapterSource> sources) {
  for (const AdapterSource& source : sources) {
    const auto same = [&](const ModelAdapter& other) { return other.name == source.name; };
    if (source.name.empty() || std::any_of(adapters_.begin(), adapters_.end(), same)) {
      return make_error(ErrorCode::kInvalidArgument,
                        source.name.empty() ? "an adapter needs a name" : "two adapters are named " + source.name,
                        source.folder.string());
    }
    DOCKET_TRY(auto file, load::AdapterFile::open(source.folder, modules_));
    ModelAdapter& adapter = adapters_.emplace_back();
    adapter.name = source.name;
    adapter.max_rank = file.max_rank();
    adapter.num_modules = file.modules().size();
    for (const int module : file.modules()) {
      if (is_of_images(modules_[static_cast<std::size_t>(module)].name)) adapter.changes_images = true;
    }
    max_lora_rank_ = std::max(max_lora_rank_, file.max_rank());
    adapter_files_.push_back(std::move(file));
  }
  return {};
}

void Model::read_adapters(Arena& arena) {
  for (std::size_t i = 0; i < adapters_.size(); ++i)
    adapters_[i].weights = adapter_files_[i].load(arena, modules_.size());
}

Status Model::load_weights() {
  DOCKET_TRY(memory_, device::Buffer::allocate(weights_bytes_, "the weights"));
  Arena arena(memory_.data(), memory_.size());
  DOCKET_TRY_VOID(read_weights(arena));
  read_adapters(arena);
  adapter_files_.clear();
  return {};
}

void Model::place_in(kernels::DeviceContext& device, Arena& arena) {
  load::WeightPlacer placer(device, arena);
  vision::place_weights(placer, config_, vision_);
  language::place_weights(placer, config_.text, language_);
  for (ModelAdapter& adapter : adapters_) placer.adapter(adapter.weights);
}

std::size_t Model::device_bytes(kernels::DeviceContext& device) {
  Arena measure = Arena::of_device(device.work_dtype());
  place_in(device, measure);
  return measure.size_bytes();
}

Status Model::place_weights(kernels::DeviceContext& device) {
  const std::size_t size = device_bytes(device);
  DOCKET_TRY(device_memory_, device.allocate(size, "the weights"));
  Arena arena = Arena::of_device(device.work_dtype(), device_memory_.get(), size);
  place_in(device, arena);
  DOCKET_TRY_VOID(device.finish());
  memory_ = {};
  return {};
}

Result<const ModelAdapter*> Model::find_adapter(const std::string& name) const {
  if (name.empty()) return static_cast<const ModelAdapter*>(nullptr);
  std::string known;
  for (const ModelAdapter& adapter : adapters_) {
    if (adapter.name == name) return &adapter;
    known += (known.empty() ? "" : ", ") + adapter.name;
  }
  return make_error(ErrorCode::kNotFound,
                    "no adapter is named \"" + name + "\", loaded are: " + (known.empty() ? "none" : known));
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

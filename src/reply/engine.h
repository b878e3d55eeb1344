// Engine: a page and a question in, a reply out. Ties tiles, vision, prompt and language together and owns all memory
// that they work in, planned and taken when it is made: nothing is allocated for the model's state afterwards. (The
// tiles of an image to encode are, and a reply's text and lists of tokens: tests/reply/allocation_test.cpp counts.)
//
// Images are encoded once: their keys and values stay in an image set until the slot is needed for others. Prompts
// share what they have in common: a sequence that begins like the last one over the same images goes on from there. One
// Engine belongs to one thread at a time; engines may share a Model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/kernels/kernels.h"
#include "core/tensor/trace.h"
#include "language/decoder.h"
#include "page/page.h"
#include "prompt/prompt.h"
#include "reply/generation.h"
#include "reply/model.h"
#include "vision/encoder.h"

namespace docket::reply {

struct EngineLimits {
  std::int64_t max_positions = 1024;  // tokens of prompt and reply; at most the model's own limit
  std::int64_t max_batch = 1;         // replies made side by side
  std::int64_t max_image_sets = 1;    // sets of images kept
  std::int64_t max_images = 1;        // images of one prompt
  std::int64_t chunk_rows = 128;      // rows of a prompt run at once
  std::uint64_t max_bytes = 0;        // refuse to take more; 0: what the machine has
};

// In bytes. `mapped` stays in the page cache and is read by rows; the rest is this process's own.
struct MemoryPlan {
  std::uint64_t weights = 0, mapped = 0, self_kv = 0, cross_kv = 0, vision = 0, text = 0, scratch = 0;
  std::uint64_t total() const { return weights + self_kv + cross_kv + vision + text + scratch; }
};

class Engine {
 public:
  // What an engine would take, without taking it, on the CPU and on a device (of the device's memory).
  static MemoryPlan plan(const Model& model, const EngineLimits& limits, const kernels::KernelOptions& options);
  static MemoryPlan plan_on_device(Model& model, const EngineLimits& limits, kernels::DeviceContext& device);

  // Opens the model and refuses, with the plan and a setting that would fit, when it does not; then loads it.
  // Errors: Model::open's; kOutOfMemory; kInvalidArgument for limits that cannot be; Kernels::create's.
  static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& model, const load::QuantPolicy& policy,
                                              const EngineLimits& limits, const kernels::KernelOptions& options,
                                              std::span<const AdapterSource> adapters = {});

  const Model& model() const { return *model_; }
  const MemoryPlan& memory_plan() const { return plan_; }
  const kernels::Kernels& kernels() const { return kernels_; }

  // Encodes `pages` as the images of one prompt, in order, and gives their set. Pages that a set holds already are not
  // encoded again. `adapter` is that of the replies to come: it matters when it changes what an image becomes. Errors:
  // kLimitExceeded for more than max_images, kInvalidArgument for none; tiles' own; Model::find_adapter's.
  Result<int> encode_images(std::span<const page::Page> pages, Trace* trace = nullptr, const std::string& adapter = {});
  // The same from tiles made elsewhere; never reused.
  Result<int> encode_tiles(std::span<const tiles::Tiles> images, Trace* trace = nullptr,
                           const std::string& adapter = {});
  double last_encode_ms() const { return encode_ms_; }  // 0 when nothing had to be encoded

  // One reply. `image_set`: as encode_images gave it; -1 without images. Errors: kLimitExceeded when prompt and reply
  // do not fit max_positions, kInvalidArgument for a grammar that cannot end within max_new_tokens, both with the
  // figures; kInvalidArgument for images that were encoded for another adapter, kNotFound for an unknown one.
  Result<Reply> reply(const prompt::Prompt& prompt, int image_set, const ReplyOptions& options);

  // Up to max_batch prompts over the same images, decoded side by side. Reply i is to prompts[i], and equals what
  // reply() alone would give.
  Result<std::vector<Reply>> reply_batch(std::span<const prompt::Prompt> prompts, int image_set,
                                         std::span<const ReplyOptions> options);
  // The same with a set of images for each prompt (-1: none).
  Result<std::vector<Reply>> reply_batch(std::span<const prompt::Prompt> prompts, std::span<const int> image_sets,
                                         std::span<const ReplyOptions> options);

  // Every row's logits of a prompt, through `body(first_row, logits)`; for tests and `docket forward`.
  Status forward(const prompt::Prompt& prompt, int image_set, language::RowsBody body, void* context,
                 Trace* trace = nullptr, const std::string& adapter = {});

  // Options as generation_config.json asks for: sampling and its temperature, top-p and top-k.
  ReplyOptions default_options() const;

 private:
  struct Slot {                   // a sequence of the language state
    std::vector<TokenId> tokens;  // whose keys and values it holds
    std::uint64_t images = 0;     // which images: a number that no other encoding has; 0 for none
    const ModelAdapter* adapter = nullptr;
  };
  struct ImageSlot {
    std::string key;  // of the pages' content; empty: free
    std::uint64_t number = 0;
    const ModelAdapter* adapter = nullptr;  // that changed the images; null: none
    std::uint64_t used = 0;                 // when, for the least recently used
    int images = 0;
  };

  Engine(std::shared_ptr<const Model> model, kernels::Kernels kernels, const EngineLimits& limits)
      : model_(std::move(model)), kernels_(std::move(kernels)), limits_(limits) {}
  Status take_memory();
  Status take_device_memory();
  // After a failure of the device nobody knows what slots hold: every one starts anew.
  void forget();
  int free_image_slot();
  // The adapter of the reply, or null.
  Result<const ModelAdapter*> check(const prompt::Prompt& prompt, int image_set, const ReplyOptions& options) const;
  std::int64_t reuse(std::size_t slot, const std::vector<TokenId>& tokens, int image_set, const ModelAdapter* adapter);
  Result<language::Logits> run(std::size_t slot, std::span<const TokenId> tokens, const prompt::Prompt& prompt,
                               language::LogitsWanted wanted);
  language::Decoder decoder() const { return {kernels_, model_->config().text, model_->language()}; }

  std::shared_ptr<const Model> model_;
  kernels::Kernels kernels_;
  EngineLimits limits_;
  MemoryPlan plan_;
  device::Buffer memory_;
  std::shared_ptr<std::byte> device_memory_, control_memory_;
  vision::State vision_;
  language::State language_;
  std::vector<Slot> slots_;
  std::vector<ImageSlot> image_slots_;
  std::uint64_t clock_ = 0;
  double encode_ms_ = 0;
};

}  // namespace docket::reply

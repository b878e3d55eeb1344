// docket forward: what the model computes for one prompt, as tensors in a file, to hold against another implementation.
#include <cstdio>
#include <map>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "convert/safetensors_writer.h"

namespace docket::cli {
namespace {

struct ForwardFlags {
  EngineFlags engine;
  std::vector<std::string> images;
  std::string prompt, out;
  std::vector<prompt::TokenId> ids;
};

struct Tensor {
  Shape shape;
  std::vector<float> values;
};

// Keeps what the encoder records under "vision": one block of rows an image, equal missing tiles once.
class VisionTrace : public Trace {
 public:
  void record(const std::string& name, const Matrix& values) override {
    if (name != "vision") return;
    Tensor t{Shape{values.rows, values.cols}, {}};
    for (std::int64_t r = 0; r < values.rows; ++r)
      t.values.insert(t.values.end(), values.row(r), values.row(r) + values.cols);
    images.push_back(std::move(t));
  }
  std::vector<Tensor> images;
};

void keep_rows(void* context, std::int64_t, const language::Logits& logits) {
  Tensor& out = *static_cast<Tensor*>(context);
  for (std::int64_t r = 0; r < logits.values.rows; ++r) {
    out.values.insert(out.values.end(), logits.values.row(r), logits.values.row(r) + logits.values.cols);
  }
}

// [1, images, max tiles, 3, side, side] with zeros for missing tiles, as the reference's processor gives it.
Tensor pixel_values(std::span<const tiles::Tiles> images, const tiles::Config& config) {
  const std::int64_t side = config.tile_size, tiles = config.max_image_tiles;
  Tensor out{Shape{1, static_cast<std::int64_t>(images.size()), tiles, 3, side, side}, {}};
  for (std::size_t i = 0; i < images.size(); ++i) {
    out.values.insert(out.values.end(), images[i].pixels.begin(), images[i].pixels.end());
    out.values.resize((i + 1) * static_cast<std::size_t>(tiles * 3 * side * side));
  }
  return out;
}

// [1, images, max tiles, patches, channels]: missing tiles are written out again.
Tensor vision_output(const std::vector<Tensor>& images, const weights::VisionConfig& config) {
  const std::int64_t rows = config.max_num_tiles * config.num_patches(), cols = config.vision_output_dim;
  Tensor out{Shape{1, static_cast<std::int64_t>(images.size()), config.max_num_tiles, config.num_patches(), cols}, {}};
  const auto tile = static_cast<std::ptrdiff_t>(config.num_patches() * cols);
  for (std::size_t i = 0; i < images.size(); ++i) {
    out.values.insert(out.values.end(), images[i].values.begin(), images[i].values.end());
    while (out.values.size() < (i + 1) * static_cast<std::size_t>(rows * cols)) {
      const std::vector<float> last(out.values.end() - tile, out.values.end());
      out.values.insert(out.values.end(), last.begin(), last.end());
    }
  }
  return out;
}

Status write(const std::string& path, const std::vector<prompt::TokenId>& ids,
             const std::map<std::string, Tensor>& tensors) {
  convert::SafetensorsWriter writer;
  const std::vector<std::int64_t> wide(ids.begin(), ids.end());
  writer.declare("input_ids", DType::kI64, Shape{1, static_cast<std::int64_t>(wide.size())});
  for (const auto& [name, t] : tensors) writer.declare(name, DType::kF32, t.shape);
  DOCKET_TRY_VOID(writer.begin(path));
  DOCKET_TRY_VOID(writer.append_values(std::span<const std::int64_t>(wide)));
  for (const auto& [name, t] : tensors) DOCKET_TRY_VOID(writer.append_values(std::span<const float>(t.values)));
  return writer.finish();
}

Status forward(ForwardFlags flags) {
  flags.engine.max_images = std::max<std::int64_t>(1, static_cast<std::int64_t>(flags.images.size()));
  DOCKET_TRY(const auto pages, read_images(flags.images));
  DOCKET_TRY(const auto engine, load_engine(flags.engine));
  const auto& model = engine->model();
  const int count = static_cast<int>(pages.size());
  const auto image_token = static_cast<prompt::TokenId>(model.config().image_token_index);
  auto made = flags.ids.empty() ? prompt::make_prompt(model.tokenizer(), flags.prompt, count)
                                : prompt::make_prompt(flags.ids, image_token, count);
  DOCKET_TRY(const auto prompt, std::move(made));
  const std::string adapter = chosen_adapter(flags.engine);
  std::map<std::string, Tensor> out;
  int set = -1;
  if (!pages.empty()) {
    std::vector<tiles::Tiles> images;
    for (const page::Page& page : pages) {
      DOCKET_TRY(images.emplace_back(), tiles::make_tiles(page, model.tiles_config()));
    }
    VisionTrace trace;
    DOCKET_TRY(set, engine->encode_tiles(images, &trace, adapter));
    out["pixel_values"] = pixel_values(images, model.tiles_config());
    out["vision"] = vision_output(trace.images, model.config().vision);
  }
  Tensor& logits = out["logits"];
  logits.shape = Shape{1, static_cast<std::int64_t>(prompt.ids.size()), model.config().text.vocab_size};
  DOCKET_TRY_VOID(engine->forward(prompt, set, keep_rows, &logits, nullptr, adapter));
  return write(flags.out, prompt.ids, out);
}

}  // namespace

void add_forward_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ForwardFlags>();
  CLI::App* command = add_command(
      app, "forward", "write input_ids, pixel_values, vision and logits of one prompt to a file",
      "docket forward --model DIR --image a.png --prompt \"<|image|><|begin_of_text|>Hi\" --out f.safetensors");
  add_engine_flags(*command, flags->engine);
  add_adapter_flags(*command, flags->engine);
  command->add_option("--image", flags->images, "image; repeat for more")->type_name("FILE");
  auto* ids = command->add_option("--prompt-ids", flags->ids, "token ids, with commas")->delimiter(',');
  command->add_option("--prompt", flags->prompt, "the text, taken as it is: no chat template, nothing added")
      ->excludes(ids);
  command->add_option("--out", flags->out, "file to write")->required()->type_name("FILE");
  command->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      const Status status = forward(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli

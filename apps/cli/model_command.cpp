// docket model: what a checkpoint is, whether it is whole, and the same in another form.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "convert/pack_checkpoint.h"
#include "convert/quantize_checkpoint.h"
#include "convert/random_checkpoint.h"
#include "core/base/file.h"
#include "core/device/memory.h"

namespace docket::cli {
namespace {

constexpr double kMega = 1e6;

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / kMega; }

struct ModelFlags {
  EngineFlags engine;
  std::string folder, out, to = "nf4", like;
  std::vector<std::string> skip;
};

Result<load::QuantPolicy> policy_with_skips(const ModelFlags& flags, const std::string& quant) {
  EngineFlags engine = flags.engine;
  engine.quant = quant;
  DOCKET_TRY(auto policy, policy_of(engine));
  for (const std::string& name : flags.skip) {
    if (name == "vision") policy.skip_vision = true;
    if (name == "projector") policy.skip_projector = true;
    if (name == "cross") policy.skip_cross = true;
  }
  return policy;
}

convert::Progress progress_line() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& name, std::size_t done, std::size_t all) {
    std::fprintf(stderr, "\r\033[K%zu of %zu  %s%s", done + 1, all, name.c_str(), done + 1 == all ? "\n" : "");
  };
}

Status info(const ModelFlags& flags) {
  DOCKET_TRY(const auto policy, policy_of(flags.engine));
  DOCKET_TRY(const auto options, kernel_options_of(flags.engine));
  const auto adapters = adapters_of(flags.engine);
  DOCKET_TRY(const auto model, reply::Model::open(flags.folder, policy, adapters));
  const auto& c = model->config();
  std::int64_t values = 0;
  for (const auto& [name, tensor] : model->checkpoint().tensors()) values += tensor.shape.count();
  std::printf("tensors    %zu, %.1f million stored values\n", model->checkpoint().tensors().size(),
              static_cast<double>(values) / 1e6);
  std::printf("text       %ld layers (%zu cross) of %ld, %ld heads, %ld for keys and values, vocabulary %ld\n",
              c.text.num_hidden_layers, c.text.cross_attention_layers.size(), c.text.hidden_size,
              c.text.num_attention_heads, c.text.num_key_value_heads, c.text.vocab_size);
  std::printf("vision     %ld local and %ld global layers of %ld, %ld tiles of %ld pixels\n",
              c.vision.num_hidden_layers, c.vision.num_global_layers, c.vision.hidden_size, c.vision.max_num_tiles,
              c.vision.image_size);
  for (const reply::ModelAdapter& adapter : model->adapters()) {
    std::printf("adapter    %s: rank %ld at most, %zu linear weights%s\n", adapter.name.c_str(), adapter.max_rank,
                adapter.num_modules, adapter.changes_images ? ", images too" : "");
  }
  reply::EngineLimits limits;
  limits.max_positions = flags.engine.max_positions > 0
                             ? flags.engine.max_positions
                             : std::min(limits.max_positions, c.text.max_position_embeddings);
  const reply::MemoryPlan plan = reply::Engine::plan(*model, limits, options);
  std::printf("memory     for --quant %s and %ld positions, in MB\n", flags.engine.quant.c_str(), limits.max_positions);
  const std::pair<const char*, std::uint64_t> rows[] = {{"weights", plan.weights},
                                                        {"self keys and values", plan.self_kv},
                                                        {"image keys and values", plan.cross_kv},
                                                        {"vision work", plan.vision},
                                                        {"text work", plan.text},
                                                        {"scratch", plan.scratch},
                                                        {"all", plan.total()}};
  for (const auto& [name, bytes] : rows) std::printf("  %-22s %12.1f\n", name, megabytes(bytes));
  if (!adapters.empty()) {
    std::printf("  %-22s %12.1f  (of the weights)\n", "adapters", megabytes(model->adapters_bytes()));
  }
  std::printf("  %-22s %12.1f  (embedding tables, read by rows)\n", "left in the files", megabytes(plan.mapped));
  std::printf("  %-22s %12.1f\n", "this machine has", megabytes(device::available_memory_bytes()));
  return {};
}

// Opens everything and decodes every weight once.
Status verify(const ModelFlags& flags) {
  DOCKET_TRY(const auto policy, policy_of(flags.engine));
  DOCKET_TRY(const auto model, reply::Model::open(flags.folder, policy));
  DOCKET_TRY_VOID(model->load_weights());
  std::size_t not_finite = 0;
  std::string first;
  std::vector<float> values;
  for (const auto& [name, tensor] : model->checkpoint().tensors()) {
    if (!is_floating(tensor.dtype)) continue;
    values.resize(static_cast<std::size_t>(tensor.shape.count()));
    convert_to_f32(tensor.dtype, tensor.bytes.data(), values.data(), values.size());
    model->checkpoint().release_pages(tensor);
    if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) continue;
    if (not_finite++ == 0) first = tensor.file + ": " + name;
  }
  if (not_finite > 0) {
    return make_error(ErrorCode::kMalformed,
                      std::to_string(not_finite) + " tensors hold values that are no numbers, first", first);
  }
  std::printf("%s: %zu tensors, all there, of the right shapes and finite\n", flags.folder.c_str(),
              model->checkpoint().tensors().size());
  return {};
}

Status quantize(const ModelFlags& flags) {
  DOCKET_TRY(const auto policy, policy_with_skips(flags, flags.to));
  return convert::quantize_checkpoint(flags.folder, policy, flags.out, progress_line());
}

Status pack(const ModelFlags& flags) {
  DOCKET_TRY(const auto policy, policy_with_skips(flags, flags.engine.quant));
  return convert::pack_checkpoint(flags.folder, policy, flags.out);
}

Status random(const ModelFlags& flags) {
  DOCKET_TRY(const auto policy, policy_with_skips(flags, flags.engine.quant));
  std::string config;
  if (flags.like.ends_with(".json")) {
    DOCKET_TRY(config, read_text_file(flags.like, 1 << 24));
  } else {
    DOCKET_TRY(config, convert::published_config(flags.like));
  }
  return convert::random_checkpoint(config, policy, flags.out, progress_line());
}

void set_action(CLI::App* command, Program& program, const std::shared_ptr<ModelFlags>& flags,
                Status (*action)(const ModelFlags&)) {
  command->callback([flags, &program, action] {
    program.run = [flags, action](const Settings&) {
      const Status status = action(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

CLI::App* add_action(CLI::App& model, Program& program, const std::string& name, const std::string& help,
                     const std::shared_ptr<ModelFlags>& flags, Status (*action)(const ModelFlags&)) {
  CLI::App* command = model.add_subcommand(name, help);
  set_action(command, program, flags, action);
  return command;
}

}  // namespace

void add_model_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ModelFlags>();
  CLI::App* model = add_command(app, "model", "describe, check, quantise or make up a checkpoint",
                                "docket model quantize DIR --to nf4 --out DIR-nf4");
  model->require_subcommand(1);
  CLI::App* commands[] = {
      add_action(*model, program, "info", "what it is and the memory it takes", flags, info),
      add_action(*model, program, "verify", "read every tensor and check it", flags, verify),
      add_action(*model, program, "quantize", "write it in 4 or 8 bits, as bitsandbytes does", flags, quantize),
      add_action(*model, program, "random", "write one with random weights", flags, random),
      add_action(*model, program, "pack", "write it in the kernels' own order, ready when mapped", flags, pack)};
  for (CLI::App* command : {commands[0], commands[1], commands[2], commands[4]}) {
    command->add_option("DIR", flags->folder, "folder of the checkpoint")->required();
  }
  for (CLI::App* command : {commands[0], commands[1], commands[3], commands[4]}) {
    command->add_option("--quant", flags->engine.quant, "none, int8, int8-skip-vision, nf4, fp4 [none]");
  }
  for (CLI::App* command : {commands[2], commands[3], commands[4]}) {
    command->add_option("--skip", flags->skip, "leave these as they are: vision, projector, cross")
        ->delimiter(',')
        ->check(CLI::IsMember({"vision", "projector", "cross"}));
    command->add_option("--head", flags->engine.head, "bits of the output head [16]")
        ->check(CLI::IsMember({"16", "8", "4"}));
    command->add_option("--out", flags->out, "folder to write")->required()->type_name("DIR");
  }
  commands[2]->add_option("--to", flags->to, "nf4, fp4 or int8 [nf4]")->check(CLI::IsMember({"nf4", "fp4", "int8"}));
  commands[2]->add_flag("--plain-absmax", flags->engine.plain_absmax, "keep 4-bit scales in fp32");
  commands[0]
      ->add_option("--adapter", flags->engine.adapters, "LoRA adapter (PEFT folder) to load beside it; repeat for more")
      ->type_name("[NAME=]DIR");
  commands[0]->add_option("--max-positions", flags->engine.max_positions, "tokens of prompt and reply [1024]");
  commands[3]->add_option("--like", flags->like, "llama-3.2-11b-vision, or a config.json")->required();
}

}  // namespace docket::cli

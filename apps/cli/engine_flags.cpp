#include "apps/cli/engine_flags.h"

#include <cmath>
#include <cstdlib>

namespace docket::cli {

void add_engine_flags(CLI::App& command, EngineFlags& flags) {
  command.add_option("--model", flags.model, "folder of the checkpoint")->required()->type_name("DIR");
  command.add_option("--quant", flags.quant, "quantise while loading: none, int8, int8-skip-vision, nf4, fp4 [none]");
  command.add_option("--head", flags.head, "bits of the output head: 16 (as stored), 8 or 4 [16]")
      ->check(CLI::IsMember({"16", "8", "4"}));
  command.add_flag("--plain-absmax", flags.plain_absmax, "keep 4-bit scales in fp32 (no double quantisation)");
  command.add_option("--threads", flags.threads, "threads of the kernels; 0: the processors there are [0]")
      ->check(CLI::Range(0, 1024));
  command
      .add_option("--max-positions", flags.max_positions, "tokens of prompt and reply that memory is taken for [1024]")
      ->check(CLI::Range(0, 1 << 20));
  command.add_option("--device", flags.device, "where the model runs: cpu or cuda [cpu]")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  command.add_option("--gpu", flags.gpu, "number of the GPU [0]")->check(CLI::Range(0, 255));
  command
      .add_option("--gpu-memory", flags.gpu_memory,
                  "most that the GPU may report as used, e.g. 16GiB; a plan beyond it is refused [all]")
      ->type_name("SIZE");
}

Result<std::uint64_t> parse_size(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::pair<const char*, double> units[] = {{"", 1},  {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
                                                  {"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}};
  for (const auto& [unit, bytes] : units) {
    if (end != text.c_str() && std::string(end) == unit && number > 0 && number * bytes < 1e15)
      return static_cast<std::uint64_t>(number * bytes);
  }
  return make_error(ErrorCode::kInvalidArgument, "\"" + text + "\" is not a size, expected such as 16GiB or 500MB");
}

void add_adapter_flags(CLI::App& command, EngineFlags& flags) {
  command
      .add_option("--adapter", flags.adapters,
                  "LoRA adapter (PEFT folder), by the folder's name or as NAME=DIR; repeat to load several")
      ->type_name("[NAME=]DIR");
  command.add_option("--use", flags.use, "name of the adapter that answers, or none for the model alone [the first]");
}

std::vector<reply::AdapterSource> adapters_of(const EngineFlags& flags) {
  std::vector<reply::AdapterSource> out;
  for (const std::string& text : flags.adapters) {
    const auto equals = text.find('=');
    if (equals != std::string::npos) {
      out.push_back({text.substr(0, equals), text.substr(equals + 1)});
      continue;
    }
    out.push_back(reply::adapter_source(text));
  }
  return out;
}

std::string chosen_adapter(const EngineFlags& flags) {
  if (flags.use == "none") return {};
  if (!flags.use.empty()) return flags.use;
  const auto adapters = adapters_of(flags);
  return adapters.empty() ? std::string() : adapters[0].name;
}

Result<load::QuantPolicy> policy_of(const EngineFlags& flags) {
  DOCKET_TRY(auto policy, load::parse_quant_policy(flags.quant));
  policy.double_quantize = !flags.plain_absmax;
  if (flags.head == "8") policy.head = load::QuantKind::kInt8;
  if (flags.head == "4") policy.head = flags.quant == "fp4" ? load::QuantKind::kFp4 : load::QuantKind::kNf4;
  return policy;
}

Result<kernels::KernelOptions> kernel_options_of(const EngineFlags& flags) {
  DOCKET_TRY(auto options, kernels::kernel_options_from_environment());
  if (flags.threads > 0) options.num_threads = flags.threads;
  options.device = flags.device;
  options.device_options.index = flags.gpu;
  if (!flags.gpu_memory.empty()) {
    DOCKET_TRY(options.device_options.max_bytes, parse_size(flags.gpu_memory));
  }
  return options;
}

Result<std::unique_ptr<reply::Engine>> load_engine(const EngineFlags& flags) {
  DOCKET_TRY(const auto policy, policy_of(flags));
  DOCKET_TRY(const auto options, kernel_options_of(flags));
  reply::EngineLimits limits;
  limits.max_images = flags.max_images;
  limits.max_batch = flags.max_batch;
  limits.max_image_sets = flags.max_image_sets;
  if (flags.max_positions > 0) {
    limits.max_positions = flags.max_positions;
  } else {
    DOCKET_TRY(const auto config, weights::read_model_config(flags.model));
    limits.max_positions = std::min(limits.max_positions, config.text.max_position_embeddings);
  }
  return reply::Engine::load(flags.model, policy, limits, options, adapters_of(flags));
}

}  // namespace docket::cli

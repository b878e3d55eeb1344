#include "apps/cli/engine_flags.h"

#include "core/base/file.h"
#include "page/read.h"

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
    std::filesystem::path folder(text);
    if (!folder.has_filename()) folder = folder.parent_path();
    out.push_back({folder.filename().string(), folder});
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
  return options;
}

Result<std::unique_ptr<reply::Engine>> load_engine(const EngineFlags& flags) {
  DOCKET_TRY(const auto policy, policy_of(flags));
  DOCKET_TRY(const auto options, kernel_options_of(flags));
  reply::EngineLimits limits;
  limits.max_images = flags.max_images;
  if (flags.max_positions > 0) {
    limits.max_positions = flags.max_positions;
  } else {
    DOCKET_TRY(const auto config, weights::read_model_config(flags.model));
    limits.max_positions = std::min(limits.max_positions, config.text.max_position_embeddings);
  }
  return reply::Engine::load(flags.model, policy, limits, options, adapters_of(flags));
}

Result<std::vector<page::Page>> read_images(const std::vector<std::string>& files) {
  std::vector<page::Page> pages;
  const page::Limits limits;
  for (const std::string& file : files) {
    DOCKET_TRY(const Bytes bytes, read_file(file, limits.max_bytes));
    page::Options options;
    options.pages = {1};
    DOCKET_TRY(auto document, page::read_pages(bytes, file, limits, options));
    if (document.pages.empty()) return make_error(ErrorCode::kMalformed, "has no page", file);
    pages.push_back(std::move(document.pages[0]));
  }
  return pages;
}

}  // namespace docket::cli

// The flags that every command of the engine shares: which model, how it is quantised and how much it may hold.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "page/page.h"
#include "reply/engine.h"

namespace docket::cli {

struct EngineFlags {
  std::string model;
  std::string quant = "none";
  std::string head;  // "", "16", "8", "4"
  bool plain_absmax = false;
  int threads = 0;
  std::string device = "cpu";
  int gpu = 0;
  std::string gpu_memory;           // "16GiB"; empty: what the device has
  std::int64_t max_batch = 1;       // replies side by side
  std::int64_t max_image_sets = 1;  // images kept
  std::int64_t max_positions = 0;   // 0: 1024, or the model's own limit when that is lower
  std::int64_t max_images = 1;
  std::vector<std::string> adapters;  // DIR or NAME=DIR
  std::string use;                    // which of them answers
};

// Adds --model (required), --quant, --head, --plain-absmax, --threads, --max-positions, --device, --gpu and
// --gpu-memory.
void add_engine_flags(CLI::App& command, EngineFlags& flags);

// Adds --adapter and --use, for commands that answer or compute.
void add_adapter_flags(CLI::App& command, EngineFlags& flags);

// The adapters asked for; a folder without a name is named by its own.
std::vector<reply::AdapterSource> adapters_of(const EngineFlags& flags);
// The one that answers: --use, or the first given; empty for none ("none", or without --adapter).
std::string chosen_adapter(const EngineFlags& flags);

// "16GiB", "500MB", "1000000": bytes. Errors: kInvalidArgument.
Result<std::uint64_t> parse_size(const std::string& text);

Result<load::QuantPolicy> policy_of(const EngineFlags& flags);
Result<kernels::KernelOptions> kernel_options_of(const EngineFlags& flags);
Result<std::unique_ptr<reply::Engine>> load_engine(const EngineFlags& flags);

// The first page of each file; every file is one image. Errors: as page::read_pages. A build without the document side
// reads binary PPM alone.
Result<std::vector<page::Page>> read_images(const std::vector<std::string>& files);

}  // namespace docket::cli

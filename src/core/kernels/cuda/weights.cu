// Placing weights: the CPU's panels (linear_weight.h) come through pinned memory and are put into the order of
// fragments.h on the device; and the way back to plain rows for the products that cuBLAS computes.
//
// Placing is bound by the copy to the device; the kernels read and write device memory once. launch_expand reads the
// packed weight and writes 2 bytes a value.
#include <algorithm>

#include "core/kernels/cuda/context.h"
#include "core/kernels/cuda/matrix_arg.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 256;

__device__ float value_of(const void* source, WeightFormat format, std::int64_t at) {
  if (format == WeightFormat::kF32) return static_cast<const float*>(source)[at];
  if (format == WeightFormat::kF16) return __half2float(static_cast<const half*>(source)[at]);
  return __uint_as_float(static_cast<const std::uint16_t*>(source)[at] * 65536U);  // bf16
}

// One thread an element of the padded panels: source (p * K + k) * 16 + n.
__global__ void __launch_bounds__(kThreads) repack_values(const void* source, WeightFormat format, std::int64_t count,
                                                          int chunks, int in_features, void* target) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int n = static_cast<int>(i % kFeatures);
  const std::int64_t k = i / kFeatures % (static_cast<std::int64_t>(chunks) * kChunk);
  const std::int64_t panel = i / kFeatures / (static_cast<std::int64_t>(chunks) * kChunk);
  const std::int64_t from = (panel * in_features + k) * kFeatures + n;
  const std::int64_t chunk = panel * chunks + k / kChunk;
  const int in_chunk = static_cast<int>(k % kChunk);
  constexpr int kElements = kFeatures * kChunk;
  if (format == WeightFormat::kI8) {
    static_cast<std::int8_t*>(target)[chunk * kElements + int8_byte(n, in_chunk)] =
        k < in_features ? static_cast<const std::int8_t*>(source)[from] : std::int8_t{0};
  } else {
    static_cast<half*>(target)[chunk * kElements + half_element(n, in_chunk)] =
        k < in_features ? to_half(value_of(source, format, from)) : __float2half_rn(0);
  }
}

// One thread a word of 8 nibbles: source (p * K / 8 + k / 8) * 16 + n; K is a multiple of 64.
__global__ void __launch_bounds__(kThreads)
    repack_words(const std::uint32_t* source, std::int64_t count, std::uint32_t* target) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  constexpr int kWords = kFeatures * kChunk / 8;
  target[i / kWords * kWords + code4_word(static_cast<int>(i % kFeatures), static_cast<int>(i / kFeatures % 8))] =
      source[i];
}

struct ScaleSource {
  const float* scale;           // or, nested:
  const std::uint8_t* scale_q;  // as `scale`: (p * K / 64 + block) * 16 + n, from the first panel of the launch
  const float* code;            // [256]
  const float* first;           // [features]
  const float* second;
  const std::int32_t* split;
  float offset;
};

// One thread a scale of the padded groups; panels [first_panel, ...) of the weight.
__global__ void __launch_bounds__(kThreads) make_scales(ScaleSource source, std::int64_t count, int chunks, int groups,
                                                        std::int64_t first_panel, half* target) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int n = static_cast<int>(i % kFeatures);
  const int block = static_cast<int>(i / kFeatures % (groups * kGroup));
  const std::int64_t panel = i / kFeatures / (groups * kGroup);
  const std::int64_t from = (panel * chunks + block) * kFeatures + n;
  float scale = 0;
  if (block < chunks && source.scale != nullptr) {
    scale = source.scale[from];
  } else if (block < chunks) {
    const std::int64_t row = (first_panel + panel) * kFeatures + n;
    const float nested = block < source.split[row] ? source.first[row] : source.second[row];
    scale = source.code[source.scale_q[from]] * nested + source.offset;
  }
  target[scale_element(first_panel + panel, groups, n, block)] = to_half(scale);
}

// One thread a slot: two features by 16 k, as 32-byte pieces of rows.
__global__ void __launch_bounds__(kThreads) expand(DeviceWeight weight, std::int64_t first_panel, std::int64_t slots,
                                                   int chunks, half* out, std::int64_t stride) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= slots) return;
  const int slot = static_cast<int>(i % 32), g = slot / 4, t = slot % 4;
  const int chunk = static_cast<int>(i / 32 % chunks);
  const std::int64_t panel = i / 32 / chunks, source_panel = first_panel + panel;
  const std::int64_t chunk_of_all = source_panel * chunks + chunk;
  const int groups = (chunks + kGroup - 1) / kGroup;
  for (int h = 0; h < 2; ++h) {
    const int n = g + 8 * h;
    half* row = out + (panel * kFeatures + n) * stride + chunk * kChunk + 16 * t;
    alignas(16) half values[16];
    if (weight.format == DeviceFormat::kCode4) {
      const auto* words = static_cast<const std::uint32_t*>(weight.panels) + chunk_of_all * 128;
      const float scale =
          __half2float(static_cast<const half*>(weight.scales)[scale_element(source_panel, groups, n, chunk)]);
#pragma unroll
      for (int k = 0; k < 16; ++k) {
        const std::uint32_t word = words[code4_word(n, 2 * t + k / 8)];
        values[k] = __float2half_rn(weight.code[(word >> (4 * (k % 8))) & 15U] * scale);
      }
    } else if (weight.format == DeviceFormat::kI8) {
      const float scale = static_cast<const float*>(weight.scales)[source_panel * kFeatures + n];
      const auto* bytes = static_cast<const std::int8_t*>(weight.panels) + chunk_of_all * kFeatures * kChunk;
#pragma unroll
      for (int k = 0; k < 16; ++k) values[k] = to_half(static_cast<float>(bytes[int8_byte(n, 16 * t + k)]) * scale);
    } else {
      const auto* halves = static_cast<const half*>(weight.panels) + chunk_of_all * kFeatures * kChunk;
#pragma unroll
      for (int k = 0; k < 16; ++k) values[k] = halves[half_element(n, 16 * t + k)];
    }
    reinterpret_cast<uint4*>(row)[0] = reinterpret_cast<const uint4*>(values)[0];
    reinterpret_cast<uint4*>(row)[1] = reinterpret_cast<const uint4*>(values)[1];
  }
}

// Bytes that one panel has on the host.
std::size_t source_panel_bytes(const LinearWeight& w) {
  const auto values = static_cast<std::size_t>(w.in_features * kPanel);
  switch (w.format) {
    case WeightFormat::kF32:
      return values * 4;
    case WeightFormat::kF16:
    case WeightFormat::kBF16:
      return values * 2;
    case WeightFormat::kI8:
      return values;
    default:
      return values / 2;
  }
}

std::int64_t chunks_of(const LinearWeight& w) { return (w.in_features + kChunk - 1) / kChunk; }
std::int64_t groups_of(const LinearWeight& w) { return (chunks_of(w) + kGroup - 1) / kGroup; }
bool is_code4(const LinearWeight& w) {
  return w.format == WeightFormat::kCode4 || w.format == WeightFormat::kCode4Nested;
}
std::size_t target_panel_bytes(const LinearWeight& w) {
  const auto values = static_cast<std::size_t>(chunks_of(w) * kChunk * kPanel);
  if (is_code4(w)) return values / 2;
  return w.format == WeightFormat::kI8 ? values : values * 2;
}

// Pieces of staging memory on the device, cut one after the other.
class Cutter {
 public:
  explicit Cutter(std::byte* memory) : memory_(memory) {}
  template <typename T>
  T* cut(std::size_t count) {
    std::byte* out = memory_ + used_;
    used_ += (count * sizeof(T) + 255) / 256 * 256;
    CHECK(used_ <= CudaContext::kExpandBytes, "%zu bytes of staging", used_);
    return reinterpret_cast<T*>(out);
  }

 private:
  std::byte* memory_;
  std::size_t used_ = 0;
};

template <typename T>
const T* send(CudaContext& context, Cutter& cutter, const T* host, std::size_t count) {
  T* target = cutter.cut<T>(count);
  context.note(context.staging().copy(target, host, count * sizeof(T), context.stream()), "place");
  return target;
}

void place_panels(CudaContext& context, const LinearWeight& w, void* target) {
  const std::size_t panel_bytes = source_panel_bytes(w);
  const auto most = static_cast<std::int64_t>((CudaContext::kExpandBytes - 256) / panel_bytes);
  CHECK(most > 0, "a panel of %zu bytes", panel_bytes);
  const int chunks = static_cast<int>(chunks_of(w));
  for (std::int64_t first = 0; first < w.num_panels(); first += most) {
    const std::int64_t panels = std::min(most, w.num_panels() - first);
    Cutter cutter(context.expand_memory());
    const auto* source =
        send(context, cutter, static_cast<const std::byte*>(w.panels) + static_cast<std::size_t>(first) * panel_bytes,
             static_cast<std::size_t>(panels) * panel_bytes);
    void* to = static_cast<std::byte*>(target) + static_cast<std::size_t>(first) * target_panel_bytes(w);
    if (is_code4(w)) {
      const std::int64_t words = panels * w.in_features * kPanel / 8;
      repack_words<<<blocks_for(words, kThreads), kThreads, 0, context.stream()>>>(
          reinterpret_cast<const std::uint32_t*>(source), words, static_cast<std::uint32_t*>(to));
    } else {
      const std::int64_t values = panels * chunks * kChunk * kPanel;
      repack_values<<<blocks_for(values, kThreads), kThreads, 0, context.stream()>>>(
          source, w.format, values, chunks, static_cast<int>(w.in_features), to);
    }
    context.note_launch("place");
  }
}

void place_scales(CudaContext& context, const LinearWeight& w, half* target) {
  const bool nested = w.format == WeightFormat::kCode4Nested;
  const auto rows = static_cast<std::size_t>(w.num_panels() * kPanel);
  const std::int64_t chunks = chunks_of(w), groups = groups_of(w);
  const std::size_t panel_bytes = static_cast<std::size_t>(chunks * kPanel) * (nested ? 1 : 4);
  const auto most = static_cast<std::int64_t>((CudaContext::kExpandBytes / 2) / panel_bytes);
  for (std::int64_t first = 0; first < w.num_panels(); first += most) {
    const std::int64_t panels = std::min(most, w.num_panels() - first);
    const auto count = static_cast<std::size_t>(panels * chunks * kPanel);
    Cutter cutter(context.expand_memory());
    ScaleSource source{};
    if (nested) {
      source.scale_q = send(context, cutter, w.scale_q + first * chunks * kPanel, count);
      source.code = send(context, cutter, w.nested_code, 256);
      source.first = send(context, cutter, w.nested_first, rows);
      source.second = send(context, cutter, w.nested_second, rows);
      source.split = send(context, cutter, w.nested_split, rows);
      source.offset = w.nested_offset;
    } else {
      source.scale = send(context, cutter, w.scale + first * chunks * kPanel, count);
    }
    const std::int64_t scales = panels * groups * kGroup * kPanel;
    make_scales<<<blocks_for(scales, kThreads), kThreads, 0, context.stream()>>>(
        source, scales, static_cast<int>(chunks), static_cast<int>(groups), first, target);
    context.note_launch("place");
  }
}

}  // namespace

DeviceWeight CudaContext::layout_of(const LinearWeight& w, Arena& arena) const {
  DeviceWeight out;
  out.format =
      is_code4(w) ? DeviceFormat::kCode4 : (w.format == WeightFormat::kI8 ? DeviceFormat::kI8 : DeviceFormat::kF16);
  const std::int64_t rows = w.num_panels() * kPanel;
  out.panels = arena.take<std::byte>(w.num_panels() * static_cast<std::int64_t>(target_panel_bytes(w)));
  if (out.format == DeviceFormat::kCode4) {
    out.scales = arena.take<std::uint16_t>(rows * groups_of(w) * kGroup);
    out.code = arena.take<float>(16);
  }
  if (out.format == DeviceFormat::kI8) out.scales = arena.take<float>(rows);
  return out;
}

DeviceWeight CudaContext::place(const LinearWeight& w, Arena& arena) {
  DeviceWeight out = layout_of(w, arena);
  const auto rows = static_cast<std::size_t>(w.num_panels() * kPanel);
  // While a plan is made nothing is loaded: a bias shows in the module that has one.
  if (w.bias != nullptr || (arena.measures() && w.has_bias)) {
    out.bias = static_cast<const float*>(place_bytes(w.bias, rows * sizeof(float), arena));
  }
  if (arena.measures()) return out;
  place_panels(*this, w, const_cast<void*>(out.panels));
  const auto copy_floats = [&](const void* target, const float* source, std::size_t count) {
    note(staging().copy(const_cast<void*>(target), source, count * sizeof(float), stream_), "place");
  };
  if (out.format == DeviceFormat::kCode4) {
    place_scales(*this, w, static_cast<half*>(const_cast<void*>(out.scales)));
    copy_floats(out.code, w.code, 16);
  }
  if (out.format == DeviceFormat::kI8) copy_floats(out.scales, w.scale, rows);
  return out;
}

void launch_expand(const LinearWeight& w, std::int64_t first_panel, std::int64_t num_panels, void* out,
                   std::int64_t stride, cudaStream_t stream) {
  const std::int64_t slots = num_panels * chunks_of(w) * 32;
  expand<<<blocks_for(slots, kThreads), kThreads, 0, stream>>>(
      w.device, first_panel, slots, static_cast<int>(chunks_of(w)), static_cast<half*>(out), stride);
}

}  // namespace docket::kernels::cuda

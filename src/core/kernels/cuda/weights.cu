// Placing weights: the CPU's panels (linear_weight.h) come through pinned memory and are put into the order of
// fragments.h on the device; and the way back to plain rows for the products that cuBLAS computes.
//
// Placing is bound by the copy to the device; the kernels read and write device memory once. launch_expand reads the
// packed weight and writes 2 bytes a value.
#include <algorithm>
#include <bit>

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

// Each of the 256 pairs of 4-bit codes as half2, by the CTA's threads.
__device__ void fill_pairs(std::uint32_t* pairs, const float* code) {
  for (int i = static_cast<int>(threadIdx.x); i < 256; i += kThreads)
    pairs[i] = as_bits(__floats2half2_rn(code[i & 15], code[i >> 4]));
  __syncthreads();
}

// A slot's 16 k of one feature.
struct SlotRow {
  uint4 low, high;
};

__device__ __forceinline__ uint4 expand_code4(std::uint32_t word, half2 scale, const std::uint32_t* pairs) {
  const auto pair = [&](int byte) { return as_bits(__hmul2(as_half2(pairs[(word >> (8 * byte)) & 255U]), scale)); };
  return {pair(0), pair(1), pair(2), pair(3)};
}
__device__ __forceinline__ uint4 expand_int8(std::uint32_t low, std::uint32_t high, float scale) {
  Values<kWide> out;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    out.at[i] = static_cast<float>(static_cast<std::int8_t>(low >> (8 * i))) * scale;
    out.at[4 + i] = static_cast<float>(static_cast<std::int8_t>(high >> (8 * i))) * scale;
  }
  return pack_halves(out);
}

// Writes the slots of a warp, 128 bytes from `row` on for each of 8 rows. A lane's 32 bytes are two accesses:
// neighbours swap one, so that both lie side by side and every access of the warp fills whole sectors.
__device__ __forceinline__ void write_rows(half* row, int t, const SlotRow& values) {
  const bool odd = t % 2 != 0;
  const uint4 give = odd ? values.low : values.high;
  uint4 got;
  got.x = __shfl_xor_sync(0xFFFFFFFFU, give.x, 1);
  got.y = __shfl_xor_sync(0xFFFFFFFFU, give.y, 1);
  got.z = __shfl_xor_sync(0xFFFFFFFFU, give.z, 1);
  got.w = __shfl_xor_sync(0xFFFFFFFFU, give.w, 1);
  auto* pieces = reinterpret_cast<uint4*>(row) + t / 2 * 4;  // of the two lanes: low, high, low, high
  pieces[odd ? 1 : 0] = odd ? got : values.low;
  pieces[odd ? 3 : 2] = odd ? values.high : got;
}

// One warp a group of chunks, one lane a slot; the products of 4-bit weights round as those of the kernels that read
// the weights packed (linear_formats.cuh).
template <DeviceFormat kFormat>
__global__ void __launch_bounds__(kThreads) expand(DeviceWeight weight, std::int64_t first_panel, std::uint32_t count,
                                                   int chunks, half* out, std::int64_t stride) {
  __shared__ std::uint32_t pairs[256];
  if constexpr (kFormat == DeviceFormat::kCode4) fill_pairs(pairs, weight.code);
  const std::uint32_t i = blockIdx.x * (kThreads / 32) + threadIdx.x / 32;
  if (i >= count) return;
  const int slot = static_cast<int>(threadIdx.x) % 32, g = slot / 4, t = slot % 4;
  const int groups = (chunks + kGroup - 1) / kGroup;
  const std::uint32_t panel = i / static_cast<std::uint32_t>(groups);
  const int group = static_cast<int>(i - panel * static_cast<std::uint32_t>(groups));
  const std::int64_t source_panel = first_panel + panel;
  const uint4* source = static_cast<const uint4*>(weight.panels);
  half* row = out + (panel * std::int64_t{kFeatures} + g) * stride;
  uint2 scales[2];  // fp16 of the group's four chunks
  float row_scales[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    if constexpr (kFormat == DeviceFormat::kCode4) {
      const auto* from = static_cast<const half*>(weight.scales) +
                         scale_element(source_panel, groups, g + 8 * h, std::int64_t{group} * kGroup);
      scales[h] = *reinterpret_cast<const uint2*>(from);
    }
    if constexpr (kFormat == DeviceFormat::kI8)
      row_scales[h] = static_cast<const float*>(weight.scales)[source_panel * kFeatures + g + 8 * h];
  }
#pragma unroll
  for (int j = 0; j < kGroup; ++j) {
    const int chunk = group * kGroup + j;
    if (chunk >= chunks) break;
    const std::int64_t chunk_of_all = source_panel * chunks + chunk;
    const uint4 words = kFormat == DeviceFormat::kCode4 ? source[chunk_of_all * 32 + slot] : uint4{};
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      SlotRow values;
      if constexpr (kFormat == DeviceFormat::kCode4) {
        const half2 two = as_half2(j < 2 ? scales[h].x : scales[h].y);
        const half2 scale = j % 2 == 0 ? __low2half2(two) : __high2half2(two);
        values = {expand_code4(h == 0 ? words.x : words.z, scale, pairs),
                  expand_code4(h == 0 ? words.y : words.w, scale, pairs)};
      } else if constexpr (kFormat == DeviceFormat::kI8) {
        const uint4 bytes = source[chunk_of_all * 64 + 32 * h + slot];
        values = {expand_int8(bytes.x, bytes.y, row_scales[h]), expand_int8(bytes.z, bytes.w, row_scales[h])};
      } else {
        const uint4* quarters = source + chunk_of_all * 128 + 64 * h + slot;
        values = {quarters[0], quarters[32]};
      }
      write_rows(row + 8 * h * stride + chunk * kChunk, t, values);
    }
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

std::uint64_t key_of_code(const float* code) {  // FNV-1a over the bits
  std::uint64_t key = 0xCBF29CE484222325ULL;
  for (int i = 0; i < 16; ++i) key = (key ^ std::bit_cast<std::uint32_t>(code[i])) * 0x100000001B3ULL;
  return key;
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
    out.code_key = key_of_code(w.code);
    place_scales(*this, w, static_cast<half*>(const_cast<void*>(out.scales)));
    copy_floats(out.code, w.code, 16);
  }
  if (out.format == DeviceFormat::kI8) copy_floats(out.scales, w.scale, rows);
  return out;
}

void launch_expand(const LinearWeight& w, std::int64_t first_panel, std::int64_t num_panels, void* out,
                   std::int64_t stride, cudaStream_t stream) {
  const auto count = static_cast<std::uint32_t>(num_panels * groups_of(w));
  const auto run = [&](auto kernel) {
    kernel<<<blocks_for(count, kThreads / 32), kThreads, 0, stream>>>(
        w.device, first_panel, count, static_cast<int>(chunks_of(w)), static_cast<half*>(out), stride);
  };
  if (w.device.format == DeviceFormat::kCode4) return run(expand<DeviceFormat::kCode4>);
  if (w.device.format == DeviceFormat::kI8) return run(expand<DeviceFormat::kI8>);
  run(expand<DeviceFormat::kF16>);
}

}  // namespace docket::kernels::cuda

// The CPU's table: cuts each op into tasks for the threads and calls the inner loops of the instruction set.
#include "core/kernels/ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/check.h"
#include "core/kernels/cpu/isa.h"

namespace docket::kernels {
namespace cpu {
namespace {

const IsaOps& isa_of(const Kernels& kernels) {
  return kernels.isa() == CpuIsa::kAvx512 ? cpu::avx512_ops() : cpu::avx2_ops();
}

float* scratch_of(const Kernels& kernels, int thread) { return reinterpret_cast<float*>(kernels.scratch(thread)); }

// Multiply-adds below which handing work to another thread costs more than it saves (about 3 us on one core).
constexpr std::int64_t kWorthSharing = 100'000;

// Calls body(row) for every row, several to a task so that a task is worth its claim.
template <typename Body>
void for_each_row(const Kernels& kernels, std::int64_t rows, std::int64_t cols, Body body) {
  constexpr std::int64_t kTaskValues = 8192;
  const std::int64_t per_task = std::max<std::int64_t>(1, kTaskValues / std::max<std::int64_t>(1, cols));
  kernels.threads().for_each((rows + per_task - 1) / per_task, [&](std::int64_t task, int) {
    for (std::int64_t r = task * per_task; r < std::min(rows, (task + 1) * per_task); ++r) body(r);
  });
}

cpu::LinearOut linear_out(const Matrix& y, LinearMode mode, float factor) {
  cpu::LinearOut out;
  out.y = y.f32();
  out.stride = y.stride;
  out.add_scaled = mode == LinearMode::kAddScaled;
  out.gelu = mode == LinearMode::kGelu;
  out.factor = factor;
  return out;
}

void linear_few_rows(const Kernels& kernels, const Matrix& x, const LinearWeight& w, const cpu::LinearOut& out) {
  const IsaOps& isa = isa_of(kernels);
  const bool code4 = w.format == WeightFormat::kCode4 || w.format == WeightFormat::kCode4Nested;
  // Rows in bf16 pairs must fit the scratch.
  const bool bf16 = kernels.bf16_products() && code4 &&
                    static_cast<std::size_t>(x.rows * x.cols) * sizeof(float) / 2 <= Kernels::kScratchBytes;
  const auto run = [&](std::int64_t begin, std::int64_t end, int thread) {
    if (bf16)
      return cpu::linear_small_bf16(w, x.f32(), x.stride, static_cast<int>(x.rows), begin, end, out,
                                    scratch_of(kernels, thread));
    isa.linear_small(w, x.f32(), x.stride, static_cast<int>(x.rows), begin, end, out);
  };
  if (w.out_features * w.in_features < kWorthSharing) return run(0, w.num_panels(), 0);
  // Eight tasks a thread even out a busy machine; eight panels are what the kernels read side by side.
  const std::int64_t wanted = 8 * kernels.threads().size();
  const std::int64_t per_task = std::max<std::int64_t>(8, (w.num_panels() / wanted + 7) / 8 * 8);
  kernels.threads().for_each((w.num_panels() + per_task - 1) / per_task, [&](std::int64_t task, int thread) {
    run(task * per_task, std::min(w.num_panels(), (task + 1) * per_task), thread);
  });
}

void linear_many_rows(const Kernels& kernels, const Matrix& x, const LinearWeight& w, const cpu::LinearOut& out) {
  const IsaOps& isa = isa_of(kernels);
  const auto linear_block = kernels.bf16_products() ? cpu::linear_block_bf16 : isa.linear_block;
  // Even row blocks, so that the last is not a scrap.
  const std::int64_t row_blocks = (x.rows + isa.block_rows - 1) / isa.block_rows;
  const std::int64_t block = (x.rows + row_blocks - 1) / row_blocks;
  const std::int64_t wanted = std::max<std::int64_t>(1, (4 * kernels.threads().size() + row_blocks - 1) / row_blocks);
  // A task packs its rows anew: 16 panels at least, so that packing stays under 1/256 of the work.
  const std::int64_t per_task = std::max<std::int64_t>(16, (w.num_panels() / wanted + 1) / 2 * 2);
  const std::int64_t column_blocks = (w.num_panels() + per_task - 1) / per_task;
  kernels.threads().for_each(row_blocks * column_blocks, [&](std::int64_t task, int thread) {
    const std::int64_t row = task / column_blocks * block;
    const std::int64_t panel = task % column_blocks * per_task;
    cpu::LinearOut part = out;
    part.y += row * out.stride;
    linear_block(w, x.f32() + row * x.stride, x.stride, static_cast<int>(std::min(block, x.rows - row)), panel,
                 std::min(w.num_panels(), panel + per_task), part, scratch_of(kernels, thread));
  });
}

void linear(const Kernels& kernels, Matrix x, const LinearWeight& w, LinearMode mode, float factor, Matrix y) {
  const cpu::LinearOut out = linear_out(y, mode, factor);
  if (x.rows <= isa_of(kernels).small_rows) {
    linear_few_rows(kernels, x, w, out);
  } else {
    linear_many_rows(kernels, x, w, out);
  }
}

void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out) {
  for_each_row(kernels, x.rows, x.cols,
               [&](std::int64_t r) { isa_of(kernels).rms_norm(x.row(r), weight, eps, x.cols, out.row(r)); });
}

void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out) {
  for_each_row(kernels, x.rows, x.cols,
               [&](std::int64_t r) { isa_of(kernels).layer_norm(x.row(r), weight, bias, eps, x.cols, out.row(r)); });
}

void silu_mul(const Kernels& kernels, Matrix gate, Matrix up) {
  for_each_row(kernels, gate.rows, gate.cols,
               [&](std::int64_t r) { isa_of(kernels).silu_mul(gate.row(r), up.row(r), gate.cols); });
}

void gelu(const Kernels& kernels, Matrix x) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) { isa_of(kernels).gelu(x.row(r), x.cols); });
}

void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) {
    isa_of(kernels).add_scaled(x.row(r), y.row(y.rows == 1 ? 0 : r), factor, x.cols);
  });
}

void fill(const Kernels& kernels, Matrix x, float value) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) { std::fill_n(x.row(r), x.cols, value); });
}

void copy(const Kernels& kernels, Matrix x, Matrix out) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) {
    std::memmove(out.row(r), x.row(r), static_cast<std::size_t>(x.cols) * sizeof(float));
  });
}

void rope_row(float* row, float position, const float* frequencies, std::int64_t cols, std::int64_t head_dim) {
  const std::int64_t half = head_dim / 2;
  float cosines[kMaxHeadDim / 2], sines[kMaxHeadDim / 2];
  for (std::int64_t j = 0; j < half; ++j) {
    cosines[j] = std::cos(position * frequencies[j]);
    sines[j] = std::sin(position * frequencies[j]);
  }
  for (float* head = row; head < row + cols; head += head_dim) {
    for (std::int64_t j = 0; j < half; ++j) {
      const float a = head[j], b = head[j + half];
      head[j] = a * cosines[j] - b * sines[j];
      head[j + half] = b * cosines[j] + a * sines[j];
    }
  }
}

void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) {
    rope_row(x.row(r), static_cast<float>(positions[r]), frequencies, x.cols, head_dim);
  });
}

void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out) {
  for_each_row(kernels, x.rows, x.cols, [&](std::int64_t r) {
    const float* source = x.row(r);
    float* target = out.row(r) + first;
    for (std::int64_t c = 0; c < x.cols; ++c) target[c * step] = source[c];
  });
}

void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out) {
  const std::int64_t width = side * patch;
  for_each_row(kernels, out.rows, out.cols, [&](std::int64_t p) {
    float* target = out.row(p);
    const float* corner = image + p / side * patch * width + p % side * patch;
    for (std::int64_t i = 0; i < channels * patch; ++i) {  // one line of the patch at a time
      const float* line = corner + (i / patch * width + i % patch) * width;
      std::memcpy(target + i * patch, line, static_cast<std::size_t>(patch) * sizeof(float));
    }
  });
}

void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out) {
  const auto row_bytes = static_cast<std::size_t>(table.cols) * size_bytes(table.dtype);
  for_each_row(kernels, out.rows, out.cols, [&](std::int64_t r) {
    const char* source = static_cast<const char*>(table.data) + static_cast<std::size_t>(ids[r]) * row_bytes;
    convert_to_f32(table.dtype, source, out.row(r), static_cast<std::size_t>(table.cols));
  });
}

void store_key_row(const float* k, std::int64_t s, std::int64_t head_dim, float* head) {
  float* lane = head + s / kPanel * head_dim * kPanel + s % kPanel;
  for (std::int64_t d = 0; d < head_dim; ++d) lane[d * kPanel] = k[d];
}

void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store) {
  const std::int64_t dim = store.head_dim;
  // A panel of 16 keys belongs to one task, so that no two threads write one cache line.
  const std::int64_t first_panel = first / kPanel;
  const std::int64_t num_panels = (first + k.rows + kPanel - 1) / kPanel - first_panel;
  const auto store_panel = [&](std::int64_t task, int) {
    const std::int64_t h = task / num_panels;
    const std::int64_t panel = first_panel + task % num_panels;
    const std::int64_t last = std::min(first + k.rows, (panel + 1) * kPanel);
    for (std::int64_t s = std::max(first, panel * kPanel); s < last; ++s) {
      store_key_row(k.row(s - first) + h * dim, s, dim, store.k_f32() + h * store.head_stride());
      std::memcpy(store.v_f32() + h * store.head_stride() + s * dim, v.row(s - first) + h * dim,
                  static_cast<std::size_t>(dim) * sizeof(float));
    }
  };
  if (k.rows * k.cols < kWorthSharing / 8) {
    for (std::int64_t task = 0; task < num_panels * store.num_kv_heads; ++task) store_panel(task, 0);
  } else {
    kernels.threads().for_each(num_panels * store.num_kv_heads, store_panel);
  }
}

// Whole panels of keys, whose last one may hold keys past `count`: nobody reads them.
void copy_kv(const Kernels&, const KvStore& from, const KvStore& to, std::int64_t count) {
  const std::int64_t panels = (count + kPanel - 1) / kPanel * kPanel;
  for (std::int64_t h = 0; h < from.num_kv_heads; ++h) {
    std::memcpy(to.k_f32() + h * to.head_stride(), from.k_f32() + h * from.head_stride(),
                static_cast<std::size_t>(panels * from.head_dim) * sizeof(float));
    std::memcpy(to.v_f32() + h * to.head_stride(), from.v_f32() + h * from.head_stride(),
                static_cast<std::size_t>(count * from.head_dim) * sizeof(float));
  }
}

void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out) {
  const IsaOps& isa = isa_of(kernels);
  const std::int64_t group = num_heads / store.num_kv_heads;
  CHECK(group <= isa.attention_rows, "%ld query heads to a kv head", group);
  const std::int64_t per_task = isa.attention_rows / group;
  const std::int64_t blocks = (q.rows + per_task - 1) / per_task;
  const std::int64_t rows = blocks == 0 ? 0 : (q.rows + blocks - 1) / blocks;
  const auto run_task = [&](std::int64_t task, int thread) {
    const std::int64_t h = task / blocks;
    const std::int64_t row = task % blocks * rows;
    if (row >= q.rows) return;
    AttentionTask t;
    t.q = q.row(row);
    t.q_stride = q.stride;
    t.out = out.row(row);
    t.out_stride = out.stride;
    t.k = store.k_f32() + h * store.head_stride();
    t.v = store.v_f32() + h * store.head_stride();
    t.head_dim = store.head_dim;
    t.num_keys = num_keys;
    t.begin = mask.begin != nullptr ? mask.begin + row : nullptr;
    t.end = mask.end != nullptr ? mask.end + row : nullptr;
    t.key_bias = mask.key_bias;
    t.scale = scale;
    t.rows = static_cast<int>(std::min(rows, q.rows - row));
    t.group = static_cast<int>(group);
    t.first_head = static_cast<int>(h * group);
    isa.attention(t, scratch_of(kernels, thread));
  };
  const std::int64_t tasks = blocks * store.num_kv_heads;
  if (q.rows * num_heads * num_keys * store.head_dim < kWorthSharing) {
    for (std::int64_t task = 0; task < tasks; ++task) run_task(task, 0);
  } else {
    kernels.threads().for_each(tasks, run_task);
  }
}

constexpr Ops kOps = {nullptr,    linear,   rms_norm, layer_norm, silu_mul,   gelu,
                      add_scaled, fill,     copy,     rope,       interleave, unfold_patches,
                      embed,      store_kv, nullptr,  copy_kv,    nullptr,    attention};

}  // namespace
}  // namespace cpu

const Ops& cpu_ops(CpuIsa isa) {
  CHECK(isa != CpuIsa::kReference, "the reference has its own table");

  return cpu::kOps;
}

}  // namespace docket::kernels

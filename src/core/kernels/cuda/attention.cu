// Attention: choice of kernel and of splits over the keys, the join of splits, and the key/value stores.
#include <algorithm>
#include <cmath>

#include "core/kernels/cuda/attention_args.h"
#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 256;

// One warp a row and head: out = sum over splits of weight * sums / sum of weight * total. Reads splits * (head_dim +
// 2) floats, written by the launch before, from L2.
__global__ void __launch_bounds__(kThreads) combine(const __grid_constant__ AttentionArgs args) {
  const int heads = args.num_kv_heads * args.group, lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  const std::int64_t rows = static_cast<std::int64_t>(args.total_rows) * heads;
  if (i >= rows) return;
  const int width = args.head_dim + 2;
  float largest = -INFINITY;
  for (int s = 0; s < args.splits; ++s) largest = fmaxf(largest, args.partial[(s * rows + i) * width + args.head_dim]);
  float total = 0;
  for (int s = 0; s < args.splits; ++s) {
    const float* part = args.partial + (s * rows + i) * width;
    if (part[args.head_dim] != -INFINITY) total += exp2f(part[args.head_dim] - largest) * part[args.head_dim + 1];
  }
  const float inverse = total > 0 ? 1.0F / total : 0.0F;
  half* out = args.out + i / heads * args.out_stride + i % heads * args.head_dim;
  for (int d = lane; d < args.head_dim; d += 32) {
    float sum = 0;
    for (int s = 0; s < args.splits; ++s) {
      const float* part = args.partial + (s * rows + i) * width;
      if (part[args.head_dim] != -INFINITY) sum += exp2f(part[args.head_dim] - largest) * part[d];
    }
    out[d] = to_half(sum * inverse);
  }
}

struct StorePart {
  MatrixArg k, v;
  half* k_store;
  half* v_store;
  const std::int64_t* positions;  // null: first + row
  std::int64_t first, head_stride;
};
struct StoreArgs {
  int head_dim, num_parts;
  StorePart parts[kMaxJobs];
};

// grid: x elements of a row, y rows, z parts.
__global__ void __launch_bounds__(kThreads) store_rows(const __grid_constant__ StoreArgs args) {
  const StorePart& part = args.parts[blockIdx.z];
  const int r = static_cast<int>(blockIdx.y), c = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
  if (r >= part.k.rows || c >= part.k.cols) return;
  const std::int64_t s = part.positions != nullptr ? part.positions[r] : part.first + r;
  const std::int64_t at = c / args.head_dim * part.head_stride + s * args.head_dim + c % args.head_dim;
  part.k_store[at] = to_half(part.k.get(r, c));
  part.v_store[at] = to_half(part.v.get(r, c));
}

// How many parts to cut the keys into: enough CTAs to fill the device twice, each with some tiles to itself.
int choose_splits(const CudaContext& context, const AttentionArgs& args, const AttentionTile& tile, int max_rows,
                  int max_keys) {
  const int ctas = (max_rows + tile.rows - 1) / tile.rows * args.num_kv_heads * args.num_jobs;
  const int tiles = std::max(1, (max_keys + tile.keys - 1) / tile.keys);
  const int wanted = 2 * context.multiprocessors() / std::max(1, ctas);
  const std::int64_t split_bytes = std::int64_t{args.total_rows} * args.num_kv_heads * args.group *
                                   (args.head_dim + 2) * static_cast<std::int64_t>(sizeof(float));
  const auto fits =
      static_cast<int>(static_cast<std::int64_t>(CudaContext::kPartialBytes) / std::max<std::int64_t>(1, split_bytes));
  return std::clamp(std::min({wanted, tiles / 2, fits}), 1, 64);
}

void run(CudaContext& context, AttentionArgs& args) {
  int max_rows = 0, max_keys = 0;
  for (int i = 0; i < args.num_jobs; ++i) {
    max_rows = std::max(max_rows, args.jobs[i].rows * args.group);
    max_keys = std::max(max_keys, args.jobs[i].num_keys);
  }
  if (max_rows == 0) return;
  const bool small = max_rows <= (context.sm70() ? 32 : 16);
  const AttentionTile tile = context.sm70() ? attention_tile_sm70(small) : attention_tile_sm80(small);
  const int splits = choose_splits(context, args, tile, max_rows, max_keys);
  const int tiles = (max_keys + tile.keys - 1) / tile.keys;
  args.keys_per_split = std::max(1, (tiles + splits - 1) / splits) * tile.keys;
  args.splits = std::max(1, (max_keys + args.keys_per_split - 1) / args.keys_per_split);
  args.partial = reinterpret_cast<float*>(context.partial_memory());
  if (context.sm70()) {
    launch_attention_sm70(args, small, context.stream());
  } else {
    launch_attention_sm80(args, small, context.stream());
  }
  context.note_launch("attention");
  if (args.splits == 1) return;
  const std::int64_t rows = std::int64_t{args.total_rows} * args.num_kv_heads * args.group;
  combine<<<blocks_for(rows, kThreads / 32), kThreads, 0, context.stream()>>>(args);
  context.note_launch("attention");
}

}  // namespace

void attention_jobs(const Kernels& kernels, Matrix q, std::int64_t num_heads, std::span<const AttentionJob> jobs,
                    const AttentionMask& mask, float scale, Matrix out) {
  if (jobs.empty() || q.rows == 0) return;
  CudaContext& context = context_of(kernels);
  const KvStore& store = jobs[0].store;
  CHECK(q.dtype == DType::kF16 && out.dtype == DType::kF16 && store.dtype == DType::kF16, "fp16 on a device");
  CHECK(store.head_dim % 8 == 0 && store.head_dim <= kMaxCudaHeadDim && q.stride % 8 == 0, "heads of %ld",
        store.head_dim);
  for (std::size_t first = 0; first < jobs.size(); first += kMaxJobs) {
    const auto now = jobs.subspan(first, std::min<std::size_t>(kMaxJobs, jobs.size() - first));
    // Rows of this launch: from its first job's on, so that partial results of every launch begin at 0.
    const std::int64_t row0 = now.front().first;
    AttentionArgs args{};
    args.q = static_cast<const half*>(q.data) + row0 * q.stride;
    args.out = static_cast<half*>(out.data) + row0 * out.stride;
    args.q_stride = q.stride;
    args.out_stride = out.stride;
    args.head_stride = store.head_stride();
    args.begin = mask.begin != nullptr ? context.control(mask.begin) + row0 : nullptr;
    args.end = mask.end != nullptr ? context.control(mask.end) + row0 : nullptr;
    args.head_dim = static_cast<int>(store.head_dim);
    args.num_kv_heads = static_cast<int>(store.num_kv_heads);
    args.group = static_cast<int>(num_heads / store.num_kv_heads);
    args.total_rows = static_cast<int>(now.back().first + now.back().rows - row0);
    args.scale = scale * 1.44269504088896340736F;
    args.num_jobs = static_cast<int>(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      const AttentionJob& job = now[i];
      CHECK(job.store.head_stride() == store.head_stride(), "stores of different sizes in one launch");
      const std::int64_t keys =
          mask.end != nullptr ? std::min(round_keys(job.num_keys), job.store.capacity) : job.num_keys;
      args.jobs[i] = {static_cast<const half*>(job.store.k),
                      static_cast<const half*>(job.store.v),
                      context.control(job.key_bias),
                      static_cast<int>(job.first - row0),
                      static_cast<int>(job.rows),
                      static_cast<int>(keys)};
    }
    run(context, args);
  }
}

void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out) {
  const AttentionJob job{0, q.rows, store, num_keys, mask.key_bias};
  cuda::attention_jobs(kernels, q, num_heads, {&job, 1}, mask, scale, out);
}

void store_kv_jobs(const Kernels& kernels, std::span<const StoreJob> jobs) {
  CudaContext& context = context_of(kernels);
  for (std::size_t first = 0; first < jobs.size(); first += kMaxJobs) {
    const auto now = jobs.subspan(first, std::min<std::size_t>(kMaxJobs, jobs.size() - first));
    StoreArgs args{};
    args.head_dim = static_cast<int>(now[0].store.head_dim);
    args.num_parts = static_cast<int>(now.size());
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const StoreJob& job = now[i];
      CHECK(job.store.dtype == DType::kF16, "fp16 on a device");
      args.parts[i] = {arg_of(job.k),
                       arg_of(job.v),
                       static_cast<half*>(job.store.k),
                       static_cast<half*>(job.store.v),
                       context.control(job.positions),
                       job.first,
                       job.store.head_stride()};
      rows = std::max(rows, job.k.rows);
    }
    if (rows == 0) continue;
    const dim3 grid(blocks_for(now[0].k.cols, kThreads), static_cast<unsigned>(rows),
                    static_cast<unsigned>(now.size()));
    store_rows<<<grid, kThreads, 0, context.stream()>>>(args);
    context.note_launch("store_kv");
  }
}

void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store) {
  const StoreJob job{k, v, first, nullptr, store};
  cuda::store_kv_jobs(kernels, {&job, 1});
}

void copy_kv(const Kernels& kernels, const KvStore& from, const KvStore& to, std::int64_t count) {
  CudaContext& context = context_of(kernels);
  const auto pitch = [](const KvStore& store) { return static_cast<std::size_t>(store.head_stride()) * sizeof(half); };
  const auto width = static_cast<std::size_t>(count * from.head_dim) * sizeof(half);
  const auto heads = static_cast<std::size_t>(from.num_kv_heads);
  if (count == 0) return;
  context.note(
      cudaMemcpy2DAsync(to.k, pitch(to), from.k, pitch(from), width, heads, cudaMemcpyDeviceToDevice, context.stream()),
      "copy_kv");
  context.note(
      cudaMemcpy2DAsync(to.v, pitch(to), from.v, pitch(from), width, heads, cudaMemcpyDeviceToDevice, context.stream()),
      "copy_kv");
}

}  // namespace docket::kernels::cuda

// Attention: choice of kernel and of splits over the keys, the join of splits, and the key/value stores.
#include <algorithm>
#include <cmath>

#include "core/kernels/cuda/attention_common.cuh"
#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 256;

// One warp: out = sum over `splits` parts, `stride` floats apart, of weight * sums / sum of weight * total. Reads
// head_dim + 2 floats a part, written by the launch before, from L2.
__device__ void join(const float* parts, std::int64_t stride, int splits, int head_dim, int lane, half* out) {
  float largest = -INFINITY;
  for (int s = 0; s < splits; ++s) largest = fmaxf(largest, parts[s * stride + head_dim]);
  float total = 0;
  for (int s = 0; s < splits; ++s) {
    const float* part = parts + s * stride;
    if (part[head_dim] != -INFINITY) total += exp2f(part[head_dim] - largest) * part[head_dim + 1];
  }
  const float inverse = total > 0 ? 1.0F / total : 0.0F;
  for (int d = lane; d < head_dim; d += 32) {
    float sum = 0;
    for (int s = 0; s < splits; ++s) {
      const float* part = parts + s * stride;
      if (part[head_dim] != -INFINITY) sum += exp2f(part[head_dim] - largest) * part[d];
    }
    out[d] = to_half(sum * inverse);
  }
}

// One warp a row and head.
__global__ void __launch_bounds__(kThreads) combine(const __grid_constant__ AttentionArgs args) {
  const int heads = args.num_kv_heads * args.group, lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  const std::int64_t rows = static_cast<std::int64_t>(args.total_rows) * heads;
  if (i >= rows) return;
  const int width = args.head_dim + 2;
  join(args.partial + i * width, rows * width, args.splits, args.head_dim, lane,
       args.out + i / heads * args.out_stride + i % heads * args.head_dim);
}

// One warp a row of the tail.
__global__ void __launch_bounds__(kThreads) combine_tail(const __grid_constant__ AttentionArgs args) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int i = static_cast<int>(blockIdx.x) * (kThreads / 32) + static_cast<int>(threadIdx.x) / 32;
  const int cut = i / kManyRows, row = i % kManyRows, width = args.head_dim + 2;
  if (cut >= args.tail.count) return;
  const AttentionPart part = AttentionPart::of_cta(args, kManyRows, args.tail.first + cut);
  const int r = part.first_row + row;
  if (r >= args.jobs[0].rows * args.group) return;
  const float* parts = args.partial + (std::int64_t{cut} * args.tail.splits * kManyRows + row) * width;
  const int head = part.kv_head * args.group + r % args.group;
  join(parts, std::int64_t{kManyRows} * width, args.tail.splits, args.head_dim, lane,
       args.out + (args.jobs[0].first_row + r / args.group) * args.out_stride + head * args.head_dim);
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
  std::uint32_t units;  // times kCount: columns of a row
  StorePart parts[kMaxJobs];
};

// grid: x all of a part, kCount elements a thread; y parts. A head is a multiple of kCount wide.
template <int kCount>
__global__ void __launch_bounds__(kThreads) store_rows(const __grid_constant__ StoreArgs args) {
  const StorePart& part = args.parts[blockIdx.y];
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x, row = i / args.units;
  const int r = static_cast<int>(row), c = static_cast<int>((i - row * args.units) * kCount);
  if (r >= part.k.rows) return;
  const std::int64_t s = part.positions != nullptr ? part.positions[r] : part.first + r;
  const int head = c / args.head_dim;
  const std::int64_t at = head * part.head_stride + s * args.head_dim + (c - head * args.head_dim);
  const Values<kCount> k = part.k.load<kCount>(r, c), v = part.v.load<kCount>(r, c);
  if constexpr (kCount == kWide) {
    *reinterpret_cast<uint4*>(part.k_store + at) = pack_halves(k);
    *reinterpret_cast<uint4*>(part.v_store + at) = pack_halves(v);
  } else {
    part.k_store[at] = to_half(k.at[0]);
    part.v_store[at] = to_half(v.at[0]);
  }
}

bool is_wide(const StorePart& part) {
  const auto aligned = [](const half* to) { return reinterpret_cast<std::uintptr_t>(to) % 16 == 0; };
  return part.k.is_wide() && part.v.is_wide() && aligned(part.k_store) && aligned(part.v_store) &&
         part.head_stride % kWide == 0;
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

// Every CTA gets at least one block of keys for each of its warps, and the device two CTAs a multiprocessor.
void run_step(CudaContext& context, AttentionArgs& args, int max_keys) {
  constexpr int kLeast = 64;
  const int most = std::max(1, (max_keys + kLeast - 1) / kLeast);
  const int wanted = 2 * context.multiprocessors() / std::max(1, args.num_kv_heads * args.num_jobs);
  const auto fits =
      static_cast<int>(static_cast<std::int64_t>(CudaContext::kPartialBytes) / attention_step_split_bytes(args));
  const int splits = std::clamp(std::min({wanted, most, fits}), 1, 64);
  args.keys_per_split = ((max_keys + splits - 1) / splits + kLeast - 1) / kLeast * kLeast;
  args.splits = std::max(1, (max_keys + args.keys_per_split - 1) / args.keys_per_split);
  args.partial = reinterpret_cast<float*>(context.partial_memory());
  launch_attention_step(args, context.counters(), context.launch_options());
  context.note_launch("attention_step");
}

AttentionRows rows_of(const CudaContext& context, const AttentionArgs& args, int max_rows) {
  if (max_rows <= 16) return AttentionRows::kFew;
  if (args.head_dim <= 32 || args.head_dim > 80) return AttentionRows::kSome;
  const int most = attention_tile_sm80(AttentionRows::kMany).rows;
  const bool fill = (max_rows + most - 1) / most * args.num_kv_heads * args.num_jobs >= context.multiprocessors();
  return fill ? AttentionRows::kMany : AttentionRows::kSome;
}

// Vision's 6405 rows are 816 CTAs, and an H100 runs 264 at a time: without a tail the last 24 take as long as 264.
AttentionTail choose_tail(const CudaContext& context, const AttentionArgs& args, const AttentionTile& tile) {
  const int rows = args.jobs[0].rows * args.group, keys = args.jobs[0].num_keys;
  const int ctas = (rows + tile.rows - 1) / tile.rows * args.num_kv_heads;
  const int slots = kManyCtas * context.multiprocessors(), tiles = (keys + tile.keys - 1) / tile.keys;
  const int count = ctas % slots;
  if (args.num_jobs != 1 || args.splits != 1 || rows < tile.rows || ctas < slots || count == 0) return {};
  const std::int64_t part_bytes =
      std::int64_t{count} * tile.rows * (args.head_dim + 2) * static_cast<std::int64_t>(sizeof(float));
  const auto fits = static_cast<int>(static_cast<std::int64_t>(CudaContext::kPartialBytes) / part_bytes);
  const int splits = std::min({slots / count, tiles / 4, 16, fits});
  if (splits < 2) return {};
  const int keys_per_split = (tiles + splits - 1) / splits * tile.keys;
  return {ctas - count, count, (keys + keys_per_split - 1) / keys_per_split, keys_per_split};
}

void launch_sm80(CudaContext& context, AttentionArgs& args, AttentionRows rows) {
  if (rows == AttentionRows::kMany) args.tail = choose_tail(context, args, attention_tile_sm80(rows));
  launch_attention_sm80(args, rows, context.stream());
  if (args.tail.count == 0) return;
  context.note_launch("attention");
  combine_tail<<<blocks_for(std::int64_t{args.tail.count} * kManyRows, kThreads / 32), kThreads, 0, context.stream()>>>(
      args);
}

void run(CudaContext& context, AttentionArgs& args) {
  int max_rows = 0, max_keys = 0;
  for (int i = 0; i < args.num_jobs; ++i) {
    max_rows = std::max(max_rows, args.jobs[i].rows * args.group);
    max_keys = std::max(max_keys, args.jobs[i].num_keys);
  }
  if (max_rows == 0) return;
  if (!context.sm70() && attention_step_takes(args, max_rows)) return run_step(context, args, max_keys);
  const bool small = max_rows <= (context.sm70() ? 32 : 16);
  const AttentionRows rows = rows_of(context, args, max_rows);
  const AttentionTile tile = context.sm70() ? attention_tile_sm70(small) : attention_tile_sm80(rows);
  const int splits = choose_splits(context, args, tile, max_rows, max_keys);
  const int tiles = (max_keys + tile.keys - 1) / tile.keys;
  args.keys_per_split = std::max(1, (tiles + splits - 1) / splits) * tile.keys;
  args.splits = std::max(1, (max_keys + args.keys_per_split - 1) / args.keys_per_split);
  args.partial = reinterpret_cast<float*>(context.partial_memory());
  if (context.sm70()) {
    launch_attention_sm70(args, small, context.stream());
  } else {
    launch_sm80(context, args, rows);
  }
  context.note_launch("attention");
  if (args.splits == 1) return;
  const std::int64_t results = std::int64_t{args.total_rows} * args.num_kv_heads * args.group;
  combine<<<blocks_for(results, kThreads / 32), kThreads, 0, context.stream()>>>(args);
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
    args.row_stride = static_cast<int>(store.row_stride());
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
    bool wide = args.head_dim % kWide == 0;
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
      wide = wide && is_wide(args.parts[i]);
      rows = std::max(rows, job.k.rows);
    }
    if (rows == 0) continue;
    args.units = static_cast<std::uint32_t>(wide ? now[0].k.cols / kWide : now[0].k.cols);
    const dim3 grid(blocks_for(rows * args.units, kThreads), static_cast<unsigned>(now.size()));
    if (wide) {
      store_rows<kWide><<<grid, kThreads, 0, context.stream()>>>(args);
    } else {
      store_rows<1><<<grid, kThreads, 0, context.stream()>>>(args);
    }
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

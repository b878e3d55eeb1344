// Checks of shapes, then the device's entry.
#include "core/kernels/ops.h"

#include "core/base/check.h"

namespace docket::kernels {
namespace {

void check_same_shape(const Matrix& a, const Matrix& b) {
  CHECK(a.rows == b.rows && a.cols == b.cols, "[%ld, %ld] and [%ld, %ld]", a.rows, a.cols, b.rows, b.cols);
}

void call_linear(const Kernels& kernels, const Matrix& x, const LinearWeight& weight, LinearMode mode, float factor,
                 const Matrix& y) {
  CHECK(x.cols == weight.in_features && y.cols == weight.out_features && x.rows == y.rows,
        "x [%ld, %ld], weight [%ld, %ld], y [%ld, %ld]", x.rows, x.cols, weight.out_features, weight.in_features,
        y.rows, y.cols);
  if (x.rows > 0) kernels.ops().linear(kernels, x, weight, mode, factor, y);
}

}  // namespace

void linear_parts(const Kernels& kernels, Matrix x, std::span<const LinearPart> parts) {
  if (kernels.ops().linear_parts == nullptr || x.rows == 0) {
    for (const LinearPart& part : parts) linear(kernels, x, *part.weight, part.y);
    return;
  }
  for (const LinearPart& part : parts) {
    CHECK(x.cols == part.weight->in_features && part.y.cols == part.weight->out_features && x.rows == part.y.rows,
          "x [%ld, %ld], y [%ld, %ld]", x.rows, x.cols, part.y.rows, part.y.cols);
  }
  kernels.ops().linear_parts(kernels, x, parts);
}

void linear_gated(const Kernels& kernels, Matrix x, const LinearWeight& gate, const LinearWeight& up, Matrix y,
                  Matrix scratch) {
  check_same_shape(y, scratch);
  CHECK(x.cols == gate.in_features && x.cols == up.in_features && y.cols == gate.out_features &&
            y.cols == up.out_features && x.rows == y.rows,
        "x [%ld, %ld], y [%ld, %ld]", x.rows, x.cols, y.rows, y.cols);
  const auto fused = kernels.ops().linear_gated;
  if (fused != nullptr && x.rows > 0 && fused(kernels, x, gate, up, y)) return;
  const LinearPart parts[] = {{&gate, y}, {&up, scratch}};
  linear_parts(kernels, x, parts);
  silu_mul(kernels, y, scratch);
}

void linear(const Kernels& kernels, Matrix x, const LinearWeight& weight, Matrix y) {
  call_linear(kernels, x, weight, LinearMode::kStore, 1, y);
}

void linear_gelu(const Kernels& kernels, Matrix x, const LinearWeight& weight, Matrix y) {
  call_linear(kernels, x, weight, LinearMode::kGelu, 1, y);
}

void linear_add(const Kernels& kernels, Matrix x, const LinearWeight& weight, float factor, Matrix y) {
  call_linear(kernels, x, weight, LinearMode::kAddScaled, factor, y);
}

void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out) {
  check_same_shape(x, out);
  kernels.ops().rms_norm(kernels, x, weight, eps, out);
}

void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out) {
  check_same_shape(x, out);
  kernels.ops().layer_norm(kernels, x, weight, bias, eps, out);
}

bool layer_norm_adding(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out,
                       const LinearWeight& next, float factor) {
  check_same_shape(x, out);
  CHECK(x.data != out.data && next.out_features == x.cols, "[%ld, %ld], %ld features", x.rows, x.cols,
        next.out_features);
  const auto fused = kernels.ops().layer_norm_adding;
  return fused != nullptr && fused(kernels, x, weight, bias, eps, out, next, factor);
}

void silu_mul(const Kernels& kernels, Matrix gate, Matrix up) {
  check_same_shape(gate, up);
  kernels.ops().silu_mul(kernels, gate, up);
}

void gelu(const Kernels& kernels, Matrix x) { kernels.ops().gelu(kernels, x); }

void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor) {
  CHECK(x.cols == y.cols && (y.rows == x.rows || y.rows == 1), "[%ld, %ld] and [%ld, %ld]", x.rows, x.cols, y.rows,
        y.cols);
  kernels.ops().add_scaled(kernels, x, y, factor);
}

void fill(const Kernels& kernels, Matrix x, float value) { kernels.ops().fill(kernels, x, value); }

void copy(const Kernels& kernels, Matrix x, Matrix out) {
  check_same_shape(x, out);
  kernels.ops().copy(kernels, x, out);
}

void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim) {
  CHECK(head_dim % 2 == 0 && head_dim <= kMaxHeadDim && x.cols % head_dim == 0, "%ld columns, heads of %ld", x.cols,
        head_dim);
  kernels.ops().rope(kernels, x, positions, frequencies, head_dim);
}

void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out) {
  CHECK(x.rows == out.rows && first >= 0 && step >= 1 && first + (x.cols - 1) * step < out.cols,
        "%ld columns from %ld by %ld into %ld", x.cols, first, step, out.cols);
  kernels.ops().interleave(kernels, x, first, step, out);
}

void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out) {
  CHECK(out.rows == side * side && out.cols == channels * patch * patch, "[%ld, %ld] for %ld patches of %ld", out.rows,
        out.cols, side, patch);
  kernels.ops().unfold_patches(kernels, image, channels, side, patch, out);
}

void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out) {
  CHECK(table.cols == out.cols, "table of %ld columns, out of %ld", table.cols, out.cols);
  for (std::int64_t r = 0; r < out.rows; ++r)
    CHECK(ids[r] >= 0 && ids[r] < table.rows, "id %ld of %ld", ids[r], table.rows);
  kernels.ops().embed(kernels, table, ids, out);
}

KvStore take_kv_store(Arena& arena, std::int64_t num_kv_heads, std::int64_t head_dim, std::int64_t max_keys) {
  KvStore store;
  store.num_kv_heads = num_kv_heads;
  store.head_dim = head_dim;
  store.capacity = (max_keys + kPanel - 1) / kPanel * kPanel;
  store.dtype = arena.work_dtype();
  if (store.dtype != DType::kF32) {
    store.k = arena.take<std::uint16_t>(num_kv_heads * store.head_stride());
    store.v = arena.take<std::uint16_t>(num_kv_heads * store.head_stride());
    return store;
  }
  // A whole register is read at the last row's last columns.
  const std::int64_t slack = kPanel;
  store.k = arena.take<float>(num_kv_heads * store.head_stride() + slack);
  store.v = arena.take<float>(num_kv_heads * store.head_stride() + slack);
  return store;
}

KvStore take_kv_rows(Arena& arena, std::int64_t num_kv_heads, std::int64_t head_dim, std::int64_t max_keys) {
  KvStore store = take_kv_store(arena, num_kv_heads, head_dim, max_keys);
  store.by_rows = store.dtype != DType::kF32;
  return store;
}

Matrix key_rows(const KvStore& store, std::int64_t first, std::int64_t count) {
  CHECK(store.by_rows, "a store of %ld heads that is not by rows", store.num_kv_heads);
  return Matrix(store.k, store.dtype, store.capacity, store.row_stride()).slice_rows(first, count);
}
Matrix value_rows(const KvStore& store, std::int64_t first, std::int64_t count) {
  KvStore values = store;
  values.k = store.v;
  return key_rows(values, first, count);
}

void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store) {
  check_same_shape(k, v);
  CHECK(!store.by_rows, "a store by rows, of %ld heads", store.num_kv_heads);
  CHECK(k.cols == store.num_kv_heads * store.head_dim, "%ld columns", k.cols);
  CHECK(first >= 0 && first + k.rows <= store.capacity, "keys [%ld, %ld) of %ld", first, first + k.rows,
        store.capacity);
  kernels.ops().store_kv(kernels, k, v, first, store);
}

void store_kv_jobs(const Kernels& kernels, std::span<const StoreJob> jobs) {
  if (kernels.ops().store_kv_jobs == nullptr) {
    for (const StoreJob& job : jobs) store_kv(kernels, job.k, job.v, job.first, job.store);
    return;
  }
  for (const StoreJob& job : jobs) {
    check_same_shape(job.k, job.v);
    CHECK(!job.store.by_rows && job.first >= 0 && job.first + job.k.rows <= job.store.capacity,
          "keys [%ld, %ld) of %ld", job.first, job.first + job.k.rows, job.store.capacity);
  }
  kernels.ops().store_kv_jobs(kernels, jobs);
}

void rope_store(const Kernels& kernels, Matrix q, Matrix k, Matrix v, const std::int64_t* positions,
                const float* frequencies, std::int64_t head_dim, std::span<const StoreJob> jobs) {
  if (kernels.ops().rope_store == nullptr) {
    rope(kernels, q, positions, frequencies, head_dim);
    rope(kernels, k, positions, frequencies, head_dim);
    return store_kv_jobs(kernels, jobs);
  }
  check_same_shape(k, v);
  std::int64_t rows = 0;
  for (const StoreJob& job : jobs) {
    CHECK(job.k.data == k.slice_rows(rows, job.k.rows).data && job.v.data == v.slice_rows(rows, job.k.rows).data &&
              !job.store.by_rows && job.first >= 0 && job.first + job.k.rows <= job.store.capacity,
          "rows of the jobs follow each other; keys [%ld, %ld) of %ld", job.first, job.first + job.k.rows,
          job.store.capacity);
    rows += job.k.rows;
  }
  CHECK(rows == k.rows && rows == q.rows && head_dim % 2 == 0 && q.cols % head_dim == 0 && k.cols % head_dim == 0,
        "%ld rows, heads of %ld", rows, head_dim);
  kernels.ops().rope_store(kernels, q, k, v, positions, frequencies, head_dim, jobs);
}

bool row_best(const Kernels& kernels, Matrix x, Matrix best) {
  CHECK(best.rows == x.rows && best.cols == kBestColumns, "best [%ld, %ld]", best.rows, best.cols);
  if (kernels.ops().row_best == nullptr) return false;
  kernels.ops().row_best(kernels, x, best);
  return true;
}

void copy_kv(const Kernels& kernels, const KvStore& from, const KvStore& to, std::int64_t count) {
  CHECK(from.num_kv_heads == to.num_kv_heads && from.head_dim == to.head_dim && from.dtype == to.dtype,
        "%ld heads of %ld and %ld of %ld", from.num_kv_heads, from.head_dim, to.num_kv_heads, to.head_dim);
  CHECK(!from.by_rows && !to.by_rows && count >= 0 && count <= from.capacity && count <= to.capacity, "%ld keys",
        count);
  kernels.ops().copy_kv(kernels, from, to, count);
}

void attention_jobs(const Kernels& kernels, Matrix q, std::int64_t num_heads, std::span<const AttentionJob> jobs,
                    const AttentionMask& mask, float scale, Matrix out) {
  if (kernels.ops().attention_jobs == nullptr) {
    for (const AttentionJob& job : jobs) {
      const AttentionMask rows{mask.begin != nullptr ? mask.begin + job.first : nullptr,
                               mask.end != nullptr ? mask.end + job.first : nullptr, job.key_bias};
      attention(kernels, q.slice_rows(job.first, job.rows), num_heads, job.store, job.num_keys, rows, scale,
                out.slice_rows(job.first, job.rows));
    }
    return;
  }
  check_same_shape(q, out);
  for (const AttentionJob& job : jobs) {
    CHECK(q.cols == num_heads * job.store.head_dim && num_heads % job.store.num_kv_heads == 0,
          "%ld columns, %ld heads of %ld", q.cols, num_heads, job.store.head_dim);
    CHECK(job.first >= 0 && job.first + job.rows <= q.rows && job.num_keys <= job.store.capacity, "%ld keys of %ld",
          job.num_keys, job.store.capacity);
  }
  kernels.ops().attention_jobs(kernels, q, num_heads, jobs, mask, scale, out);
}

void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out) {
  check_same_shape(q, out);
  CHECK(q.cols == num_heads * store.head_dim && num_heads % store.num_kv_heads == 0, "%ld columns, %ld heads of %ld",
        q.cols, num_heads, store.head_dim);
  CHECK(num_keys >= 0 && num_keys <= store.capacity, "%ld keys of %ld", num_keys, store.capacity);
  CHECK(store.head_dim <= kMaxHeadDim, "heads of %ld", store.head_dim);
  kernels.ops().attention(kernels, q, num_heads, store, num_keys, mask, scale, out);
}

}  // namespace docket::kernels

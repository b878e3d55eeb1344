// Scaled dot-product attention over a key/value store, with the masks of this model as predicates and counts.
//
// Every mask of Mllama is, for one query row, one range of keys; and where keys stand for several equal ones (missing
// tiles, appended tokens), ln(count) added to their score gives the same sum exactly:
//   out[m, h] = sum_s softmax_s(scale * q[m, h] . k[s, h'] + key_bias[s]) v[s, h'],   s in [begin[m], end[m])
// with h' = h / (num_heads / num_kv_heads). A row without keys gives zeros. Softmax is online: scores are never stored.
#pragma once

#include <cstdint>
#include <span>

#include "core/kernels/kernels.h"
#include "core/tensor/arena.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

inline constexpr std::int64_t kMaxHeadDim = 256;

// Keys and values of one layer of one sequence or image. Borrowed from an arena.
//
// On the CPU (fp32) keys lie in panels of 16 (k[h][s / 16][d][s % 16]) and values row by row (v[h][s][d]), so that both
// products read them as linear() reads weights; on a device (fp16) both lie row by row (k[h][s][d]).
struct KvStore {
  void* k = nullptr;
  void* v = nullptr;
  DType dtype = DType::kF32;
  std::int64_t num_kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t capacity = 0;  // keys, a multiple of 16
  bool by_rows = false;       // take_kv_rows(): k[s][h][d], so that products write keys where they stay

  std::int64_t head_stride() const { return by_rows ? head_dim : capacity * head_dim; }
  std::int64_t row_stride() const { return by_rows ? num_kv_heads * head_dim : head_dim; }
  float* k_f32() const { return static_cast<float*>(k); }
  float* v_f32() const { return static_cast<float*>(v); }
};

// A store for at least `max_keys` keys.
KvStore take_kv_store(Arena& arena, std::int64_t num_kv_heads, std::int64_t head_dim, std::int64_t max_keys);

// The same, by rows where the device reads such a store: no store_kv() then, but the matrices below are written.
KvStore take_kv_rows(Arena& arena, std::int64_t num_kv_heads, std::int64_t head_dim, std::int64_t max_keys);
// Keys and values [first, first + count) of a store by rows, [count, num_kv_heads * head_dim].
Matrix key_rows(const KvStore& store, std::int64_t first, std::int64_t count);
Matrix value_rows(const KvStore& store, std::int64_t first, std::int64_t count);

// Puts the rows of k and v [R, num_kv_heads * head_dim] at keys first, first + 1, ...
void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store);

// One piece of store_kv and its place. On a device `positions` (control memory, as in device_context.h) is read when
// the op runs: positions[i] == first + i then, while `first` may be that of another step of the same graph.
struct StoreJob {
  Matrix k, v;
  std::int64_t first = 0;
  const std::int64_t* positions = nullptr;
  KvStore store;
};
void store_kv_jobs(const Kernels& kernels, std::span<const StoreJob> jobs);

// rope() on q and on k, then store_kv_jobs(), in one go where the device can; the jobs' k and v are the rows of k and
// v, one job after the other. What k holds afterwards is not said.
void rope_store(const Kernels& kernels, Matrix q, Matrix k, Matrix v, const std::int64_t* positions,
                const float* frequencies, std::int64_t head_dim, std::span<const StoreJob> jobs);

// The first `count` keys and values of a store into another of the same heads.
void copy_kv(const Kernels& kernels, const KvStore& from, const KvStore& to, std::int64_t count);

struct AttentionMask {
  const std::int32_t* begin = nullptr;  // [M] first visible key of each row; null: 0
  const std::int32_t* end = nullptr;    // [M] one past the last visible key; null: num_keys
  const float* key_bias = nullptr;      // [num_keys] rounded up to 16, or null
};

// q and out are [M, num_heads * head_dim]; out may be q. num_keys <= store.capacity.
void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out);

// What a device plans for: it reads fewer keys where mask.end says so, which lets one recorded step serve this many
// lengths.
inline std::int64_t round_keys(std::int64_t num_keys) { return (num_keys + 255) / 256 * 256; }

// Several at once, as the rows of a batch need: their rows follow each other in one matrix, and so do their masks.
// Results equal those of attention() for each.
struct AttentionJob {
  std::int64_t first = 0, rows = 0;  // of q, out and the mask's begin and end
  KvStore store;
  std::int64_t num_keys = 0;
  const float* key_bias = nullptr;
};
void attention_jobs(const Kernels& kernels, Matrix q, std::int64_t num_heads, std::span<const AttentionJob> jobs,
                    const AttentionMask& mask, float scale, Matrix out);

}  // namespace docket::kernels

// Scaled dot-product attention over a key/value store, with the masks of this model as predicates and counts.
//
// Every mask of Mllama is, for one query row, one range of keys; and where keys stand for several equal ones (missing
// tiles, appended tokens), ln(count) added to their score gives the same sum exactly:
//   out[m, h] = sum_s softmax_s(scale * q[m, h] . k[s, h'] + key_bias[s]) v[s, h'],   s in [begin[m], end[m])
// with h' = h / (num_heads / num_kv_heads). A row without keys gives zeros. Softmax is online: scores are never stored.
#pragma once

#include <cstdint>

#include "core/kernels/kernels.h"
#include "core/tensor/arena.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

inline constexpr std::int64_t kMaxHeadDim = 256;

// Keys and values of one layer of one sequence or image. Keys lie in panels of 16 (k[h][s / 16][d][s % 16]), values row
// by row (v[h][s][d]), so that both products read them as linear() reads weights. Borrowed from an arena.
struct KvStore {
  float* k = nullptr;
  float* v = nullptr;
  std::int64_t num_kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t capacity = 0;  // keys, a multiple of 16

  std::int64_t head_stride() const { return capacity * head_dim; }
};

// A store for at least `max_keys` keys.
KvStore take_kv_store(Arena& arena, std::int64_t num_kv_heads, std::int64_t head_dim, std::int64_t max_keys);

// Puts the rows of k and v [R, num_kv_heads * head_dim] at keys first, first + 1, ...
void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store);

struct AttentionMask {
  const std::int32_t* begin = nullptr;  // [M] first visible key of each row; null: 0
  const std::int32_t* end = nullptr;    // [M] one past the last visible key; null: num_keys
  const float* key_bias = nullptr;      // [num_keys] rounded up to 16, or null
};

// q and out are [M, num_heads * head_dim]; out may be q. num_keys <= store.capacity.
void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out);

}  // namespace docket::kernels

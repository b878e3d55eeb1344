// The reference: what each op means, in plain loops that sum in double. Never tuned; every other entry is held to it.
#include "core/kernels/ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace docket::kernels {
namespace reference {
namespace {

double gelu(double z) { return 0.5 * z * (1.0 + std::erf(z / std::sqrt(2.0))); }

void linear(const Kernels&, Matrix x, const LinearWeight& w, LinearMode mode, float factor, Matrix y) {
  for (std::int64_t m = 0; m < x.rows; ++m) {
    for (std::int64_t n = 0; n < w.out_features; ++n) {
      double sum = w.bias != nullptr ? double{w.bias[n]} : 0.0;
      for (std::int64_t k = 0; k < x.cols; ++k) sum += double{x.row(m)[k]} * double{weight_at(w, n, k)};
      float& out = y.row(m)[n];
      if (mode == LinearMode::kStore) out = static_cast<float>(sum);
      if (mode == LinearMode::kGelu) out = static_cast<float>(gelu(sum));
      if (mode == LinearMode::kAddScaled) out = static_cast<float>(double{out} + double{factor} * sum);
    }
  }
}

void rms_norm(const Kernels&, Matrix x, const float* weight, float eps, Matrix out) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double squares = 0;
    for (std::int64_t c = 0; c < x.cols; ++c) squares += double{x.row(r)[c]} * double{x.row(r)[c]};
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(x.cols) + double{eps});
    for (std::int64_t c = 0; c < x.cols; ++c)
      out.row(r)[c] = static_cast<float>(double{x.row(r)[c]} * scale * double{weight[c]});
  }
}

void layer_norm(const Kernels&, Matrix x, const float* weight, const float* bias, float eps, Matrix out) {
  const auto count = static_cast<double>(x.cols);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double sum = 0, squares = 0;
    for (std::int64_t c = 0; c < x.cols; ++c) sum += double{x.row(r)[c]};
    const double mean = sum / count;
    for (std::int64_t c = 0; c < x.cols; ++c) squares += std::pow(double{x.row(r)[c]} - mean, 2);
    const double scale = 1.0 / std::sqrt(squares / count + double{eps});
    for (std::int64_t c = 0; c < x.cols; ++c) {
      out.row(r)[c] = static_cast<float>((double{x.row(r)[c]} - mean) * scale * double{weight[c]} + double{bias[c]});
    }
  }
}

void silu_mul(const Kernels&, Matrix gate, Matrix up) {
  for (std::int64_t r = 0; r < gate.rows; ++r) {
    for (std::int64_t c = 0; c < gate.cols; ++c) {
      const double z = double{gate.row(r)[c]};
      gate.row(r)[c] = static_cast<float>(z / (1.0 + std::exp(-z)) * double{up.row(r)[c]});
    }
  }
}

void gelu(const Kernels&, Matrix x) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t c = 0; c < x.cols; ++c) x.row(r)[c] = static_cast<float>(gelu(double{x.row(r)[c]}));
  }
}

void add_scaled(const Kernels&, Matrix x, Matrix y, float factor) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const float* source = y.row(y.rows == 1 ? 0 : r);
    for (std::int64_t c = 0; c < x.cols; ++c) x.row(r)[c] += factor * source[c];
  }
}

void fill(const Kernels&, Matrix x, float value) {
  for (std::int64_t r = 0; r < x.rows; ++r) std::fill_n(x.row(r), x.cols, value);
}

void copy(const Kernels&, Matrix x, Matrix out) {
  for (std::int64_t r = 0; r < x.rows; ++r)
    std::memmove(out.row(r), x.row(r), static_cast<std::size_t>(x.cols) * sizeof(float));
}

void rope(const Kernels&, Matrix x, const std::int64_t* positions, const float* frequencies, std::int64_t head_dim) {
  const std::int64_t half = head_dim / 2;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t h = 0; h < x.cols / head_dim; ++h) {
      float* head = x.row(r) + h * head_dim;
      for (std::int64_t j = 0; j < half; ++j) {
        const float angle = static_cast<float>(positions[r]) * frequencies[j];  // fp32, as the reference model does
        const float c = std::cos(angle), s = std::sin(angle);
        const float a = head[j], b = head[j + half];
        head[j] = a * c - b * s;
        head[j + half] = b * c + a * s;
      }
    }
  }
}

void interleave(const Kernels&, Matrix x, std::int64_t first, std::int64_t step, Matrix out) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t c = 0; c < x.cols; ++c) out.row(r)[first + c * step] = x.row(r)[c];
  }
}

void unfold_patches(const Kernels&, const float* image, std::int64_t channels, std::int64_t side, std::int64_t patch,
                    Matrix out) {
  const std::int64_t width = side * patch;
  for (std::int64_t p = 0; p < side * side; ++p) {
    for (std::int64_t i = 0; i < channels * patch * patch; ++i) {
      const std::int64_t c = i / (patch * patch), ky = i / patch % patch, kx = i % patch;
      const std::int64_t y = p / side * patch + ky, x = p % side * patch + kx;
      out.row(p)[i] = image[(c * width + y) * width + x];
    }
  }
}

void embed(const Kernels&, const EmbeddingTable& table, const std::int64_t* ids, Matrix out) {
  const auto row_bytes = static_cast<std::size_t>(table.cols) * size_bytes(table.dtype);
  for (std::int64_t r = 0; r < out.rows; ++r) {
    const char* source = static_cast<const char*>(table.data) + static_cast<std::size_t>(ids[r]) * row_bytes;
    convert_to_f32(table.dtype, source, out.row(r), static_cast<std::size_t>(table.cols));
  }
}

float& key_at(const KvStore& store, std::int64_t h, std::int64_t s, std::int64_t d) {
  return store.k_f32()[h * store.head_stride() + (s / kPanel * store.head_dim + d) * kPanel + s % kPanel];
}
float& value_at(const KvStore& store, std::int64_t h, std::int64_t s, std::int64_t d) {
  return store.v_f32()[h * store.head_stride() + s * store.head_dim + d];
}

void store_kv(const Kernels&, Matrix k, Matrix v, std::int64_t first, const KvStore& store) {
  for (std::int64_t r = 0; r < k.rows; ++r) {
    for (std::int64_t h = 0; h < store.num_kv_heads; ++h) {
      for (std::int64_t d = 0; d < store.head_dim; ++d) {
        key_at(store, h, first + r, d) = k.row(r)[h * store.head_dim + d];
        value_at(store, h, first + r, d) = v.row(r)[h * store.head_dim + d];
      }
    }
  }
}

void copy_kv(const Kernels&, const KvStore& from, const KvStore& to, std::int64_t count) {
  for (std::int64_t h = 0; h < from.num_kv_heads; ++h) {
    for (std::int64_t s = 0; s < count; ++s) {
      for (std::int64_t d = 0; d < from.head_dim; ++d) {
        key_at(to, h, s, d) = key_at(from, h, s, d);
        value_at(to, h, s, d) = value_at(from, h, s, d);
      }
    }
  }
}

void attend_one(const float* q, const KvStore& store, std::int64_t kv_head, std::int64_t begin, std::int64_t end,
                const float* key_bias, float scale, std::vector<double>& weights, float* out) {
  const std::int64_t dim = store.head_dim;
  double largest = -INFINITY, total = 0;
  weights.assign(static_cast<std::size_t>(std::max<std::int64_t>(end - begin, 0)), 0.0);
  for (std::int64_t s = begin; s < end; ++s) {
    double score = 0;
    for (std::int64_t d = 0; d < dim; ++d) score += double{q[d]} * double{key_at(store, kv_head, s, d)};
    score = score * double{scale} + (key_bias != nullptr ? double{key_bias[s]} : 0.0);
    weights[static_cast<std::size_t>(s - begin)] = score;
    largest = std::max(largest, score);
  }
  for (double& weight : weights) total += weight = std::exp(weight - largest);
  for (std::int64_t d = 0; d < dim; ++d) {
    double sum = 0;
    for (std::int64_t s = begin; s < end; ++s)
      sum += weights[static_cast<std::size_t>(s - begin)] * double{value_at(store, kv_head, s, d)};
    out[d] = total > 0 ? static_cast<float>(sum / total) : 0.0F;
  }
}

void attention(const Kernels&, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out) {
  std::vector<double> weights;
  std::vector<float> head(static_cast<std::size_t>(store.head_dim));  // out may be q
  for (std::int64_t m = 0; m < q.rows; ++m) {
    const std::int64_t begin = mask.begin != nullptr ? mask.begin[m] : 0;
    const std::int64_t end = mask.end != nullptr ? std::min<std::int64_t>(mask.end[m], num_keys) : num_keys;
    for (std::int64_t h = 0; h < num_heads; ++h) {
      attend_one(q.row(m) + h * store.head_dim, store, h / (num_heads / store.num_kv_heads), begin, end, mask.key_bias,
                 scale, weights, head.data());
      std::memcpy(out.row(m) + h * store.head_dim, head.data(), head.size() * sizeof(float));
    }
  }
}

constexpr Ops kOps = {nullptr,    linear,   rms_norm, layer_norm, silu_mul,   gelu,
                      add_scaled, fill,     copy,     rope,       interleave, unfold_patches,
                      embed,      store_kv, nullptr,  copy_kv,    nullptr,    attention};

}  // namespace
}  // namespace reference

const Ops& reference_ops() { return reference::kOps; }

}  // namespace docket::kernels

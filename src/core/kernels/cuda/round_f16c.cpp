#include "core/kernels/cuda/round_f16c.h"

#include <immintrin.h>

namespace docket::kernels::cuda {
namespace {

__m128i round_eight(__m256 values) {
  const __m256 most = _mm256_set1_ps(65504.0F), least = _mm256_set1_ps(-65504.0F);
  // The second operand is what comes out where one is NaN.
  return _mm256_cvtps_ph(_mm256_min_ps(most, _mm256_max_ps(least, values)), _MM_FROUND_TO_NEAREST_INT);
}

}  // namespace

void round_f16c(const float* from, std::uint16_t* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), round_eight(_mm256_loadu_ps(from + i)));
  for (; i < count; ++i) {
    const __m128i one = round_eight(_mm256_castps128_ps256(_mm_set_ss(from[i])));
    to[i] = static_cast<std::uint16_t>(_mm_extract_epi16(one, 0));
  }
}

}  // namespace docket::kernels::cuda

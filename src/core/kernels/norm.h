// Normalisations of each row of x [R, C] into out [R, C]; out may be x.
#pragma once

#include "core/kernels/kernels.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

// out = x / sqrt(mean(x^2) + eps) * weight[C]
void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out);

// out = (x - mean(x)) / sqrt(var(x) + eps) * weight[C] + bias[C], with the population variance
void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out);

}  // namespace docket::kernels

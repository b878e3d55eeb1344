// Normalisations of each row of x [R, C] into out [R, C]; out may be x.
#pragma once

#include "core/kernels/kernels.h"
#include "core/kernels/linear_weight.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

// out = x / sqrt(mean(x^2) + eps) * weight[C]
void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out);

// out = (x - mean(x)) / sqrt(var(x) + eps) * weight[C] + bias[C], with the population variance
void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out);

// layer_norm, and then x = x + factor * bias of `next`, whose linear_add() into x follows without its bias: one pass
// over x less. False, and nothing done, where the device has no such pass.
bool layer_norm_adding(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out,
                       const LinearWeight& next, float factor);

}  // namespace docket::kernels

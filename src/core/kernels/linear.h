// linear: y = x Wᵀ + bias, with what follows it folded in. x is [M, K], W is [N, K], y is [M, N], accumulated in fp32.
#pragma once

#include <span>

#include "core/kernels/kernels.h"
#include "core/kernels/linear_weight.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

enum class LinearMode {
  kStore,      // y = xWᵀ + b
  kGelu,       // y = gelu(xWᵀ + b), gelu(z) = z (1 + erf(z / sqrt(2))) / 2
  kAddScaled,  // y = y + factor (xWᵀ + b): a residual branch with its gate
};

// Weights that share their input, e.g. q, k and v: y[i] = x W[i]ᵀ + b[i], in one go where the device can.
struct LinearPart {
  const LinearWeight* weight = nullptr;
  Matrix y;
};
void linear_parts(const Kernels& kernels, Matrix x, std::span<const LinearPart> parts);

// y = silu(x gateᵀ + b) * (x upᵀ + b), silu(z) = z / (1 + exp(-z)). `scratch` is of y's shape and may be overwritten.
void linear_gated(const Kernels& kernels, Matrix x, const LinearWeight& gate, const LinearWeight& up, Matrix y,
                  Matrix scratch);

void linear(const Kernels& kernels, Matrix x, const LinearWeight& weight, Matrix y);
void linear_gelu(const Kernels& kernels, Matrix x, const LinearWeight& weight, Matrix y);
void linear_add(const Kernels& kernels, Matrix x, const LinearWeight& weight, float factor, Matrix y);

}  // namespace docket::kernels

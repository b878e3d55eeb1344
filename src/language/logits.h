// language: a prompt and vision tokens in, logits out.
#pragma once

#include "core/tensor/matrix.h"

namespace docket::language {

// Unnormalised log-probabilities of the next token. A view into the language state, valid until its next pass.
struct Logits {
  Matrix values;  // [rows asked for, vocab_size] fp32; <|image|> is not among them. Void where only `best` was wanted
  Matrix best;    // of each row as kernels::row_best gives it; void on the CPU, where the values are at hand
};

// What a caller reads of a pass: a device has the likeliest tokens at hand and the values half a megabyte away.
enum class LogitsWanted { kValues, kBest };

}  // namespace docket::language

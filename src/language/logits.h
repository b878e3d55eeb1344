// language: a prompt and vision tokens in, logits out.
#pragma once

#include "core/tensor/matrix.h"

namespace docket::language {

// Unnormalised log-probabilities of the next token. A view into the language state, valid until its next pass.
struct Logits {
  Matrix values;  // [rows asked for, vocab_size] fp32; <|image|> is not among them
};

}  // namespace docket::language

// The text decoder (spec 5): token ids and cross-attention keys in, logits out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/kernels/kernels.h"
#include "core/tensor/trace.h"
#include "language/logits.h"
#include "language/state.h"
#include "language/weights.h"
#include "prompt/prompt.h"

namespace docket::language {

// The borrowed parts of a decoder, as every pass takes them.
struct Decoder {
  const kernels::Kernels& kernels;
  const weights::TextConfig& config;
  const Weights& weights;
};

// Puts one image's keys and values for every cross layer into a set that start_images has laid out; `image` counts
// from 0 and images are added in order. `adapter` changes the keys and values unless it is null. The tokens may be
// overwritten afterwards.
void add_image(const Decoder& decoder, State& state, int image_set, int image, const vision::VisionTokens& tokens,
               const kernels::Adapter* adapter = nullptr);

// Runs `ids` behind what the sequence holds, chunk by chunk, and gives the last row's logits. `images` are the spans of
// the whole prompt, of which ids[0] is row sequence.length; they choose the keys that each row sees.
// Errors: kLimitExceeded when the sequence would pass max_positions.
Result<Logits> prefill(const Decoder& decoder, State& state, int sequence, std::span<const prompt::TokenId> ids,
                       std::span<const prompt::ImageSpan> images, Trace* trace = nullptr,
                       LogitsWanted wanted = LogitsWanted::kValues);

// The same, but calls `body(first_row, logits)` with the logits of every row, logit_rows at a time at most.
using RowsBody = void (*)(void* context, std::int64_t first_row, const Logits& logits);
Status prefill_all(const Decoder& decoder, State& state, int sequence, std::span<const prompt::TokenId> ids,
                   std::span<const prompt::ImageSpan> images, RowsBody body, void* context, Trace* trace = nullptr);

// One step of a batch: ids[i] is the next token of sequences[i]; row i of the logits is what follows it. At most
// chunk_rows and logit_rows sequences, each named once. Errors: kLimitExceeded when one is full.
Result<Logits> decode(const Decoder& decoder, State& state, std::span<const int> sequences,
                      std::span<const prompt::TokenId> ids, LogitsWanted wanted = LogitsWanted::kValues);

}  // namespace docket::language

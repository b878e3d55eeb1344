// One run of the decoder's layers over some rows. Inside of language/.
#pragma once

#include <cstdint>
#include <span>

#include "language/decoder.h"

namespace docket::language {

// Enters row r: its token, its position, and which image keys it sees.
void set_row(State& state, Pass& pass, std::int64_t r, prompt::TokenId id, std::int64_t position,
             const CrossRange& range);

// Puts what set_row entered where the ops read it, and the rows' embeddings into state.hidden.
void embed_rows(const Decoder& decoder, State& state, const Pass& pass);

// Runs every layer on state.hidden. Keys and values are stored; lengths are not changed. With `trace`: "text.<layer>".
void run_layers(const Decoder& decoder, State& state, const Pass& pass, Trace* trace);

// Logits of the rows of state.hidden that state.wanted (published) names, in state.logits; `segments` say whose they
// are, in order.
Logits head(const Decoder& decoder, State& state, std::span<const Segment> segments);

}  // namespace docket::language

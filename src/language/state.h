// What the text decoder remembers: keys and values of each sequence (self) and of each set of images (cross), and the
// scratch of a pass. Everything is cut from one arena at load; a pass allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/kernels/attention.h"
#include "core/kernels/lora.h"
#include "core/tensor/arena.h"
#include "core/weights/config.h"
#include "vision/vision_tokens.h"

namespace docket::language {

// How much there may be at once. The memory plan is their consequence.
struct Limits {
  std::int64_t max_sequences = 1;   // slots for sequences
  std::int64_t max_positions = 0;   // tokens of a sequence, prompt and reply together
  std::int64_t max_image_sets = 1;  // slots for cross keys and values; sequences over the same images share one
  std::int64_t max_images = 1;      // images of a set
  std::int64_t chunk_rows = 128;    // rows of a pass; longer prompts go in several
  std::int64_t logit_rows = 1;      // rows whose logits a pass gives; at least max_sequences for a batch
  std::int64_t max_lora_rank = 0;   // of the adapters that sequences may use
};

// Keys and values of a set of images for every cross layer. Visible keys of all images come first, image by image, the
// keys of missing tiles behind all of them (see vision_tokens.h).
struct ImageSet {
  std::vector<kernels::KvStore> layers;     // one for each cross layer
  std::vector<std::int32_t> visible_begin;  // [images + 1] first key of each image, and the end of the last
  std::int32_t num_keys = 0;                // visible and hidden
  float* key_bias = nullptr;                // [capacity rounded up]
  std::int64_t capacity = 0;
};

// Which keys of an image set one text row attends to.
struct CrossRange {
  std::int32_t begin = 0, end = 0;
  bool sees_image = false;  // full-text row mask: false lets the row see all keys but zeroes its MLP branch (spec 5.5)
};

struct Sequence {
  std::vector<kernels::KvStore> layers;       // one for each self layer
  std::int64_t length = 0;                    // tokens stored
  int image_set = -1;                         // slot, or -1: no images, cross layers are skipped
  const kernels::Adapter* adapter = nullptr;  // what is added to the weights; null: nothing
  CrossRange last_range;                      // of the last row; generated rows repeat it (spec 6)
};

// Rows [first, first + count) of a pass belong to one sequence and follow what it holds.
struct Segment {
  int sequence = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// One run of the layers over some rows. Its lists keep the room that make_state gave them.
struct Pass {
  std::int64_t rows = 0;
  std::int64_t image_rows = 0;  // the first rows belong to sequences with images
  std::vector<Segment> segments;
  std::vector<std::int64_t> blind_rows;  // of the image rows, those that see no image
};

// R = chunk_rows, H = hidden_size, I = intermediate_size, K = num_key_value_heads * head_dim.
struct State {
  Limits limits;
  std::vector<Sequence> sequences;
  std::vector<ImageSet> image_sets;
  Matrix hidden;                              // [R, H] residual stream
  Matrix norm;                                // [R, H]
  Matrix query;                               // [R, Q] queries, then attention's output
  Matrix key;                                 // [max(R, cross chunk), K]
  Matrix value;                               // [max(R, cross chunk), K]
  Matrix gate;                                // [R, I]
  Matrix up;                                  // [R, I]
  Matrix last;                                // [logit_rows, H] the rows whose logits are wanted
  Matrix logits;                              // [logit_rows, vocab_size]
  Matrix host_logits;                         // the same where the host reads them
  Matrix best, host_best;                     // [logit_rows, kBestColumns], void on the CPU
  Matrix lora;                                // [max(R, cross chunk), max_lora_rank] inside of adapters
  std::int64_t* ids = nullptr;                // [R]
  std::int64_t* positions = nullptr;          // [R]
  std::int64_t* wanted = nullptr;             // [logit_rows] row numbers
  std::int32_t* self_end = nullptr;           // [R]
  std::int32_t* cross_begin = nullptr;        // [R]
  std::int32_t* cross_end = nullptr;          // [R]
  std::vector<kernels::StoreJob> store_jobs;  // of the layer at hand
  std::vector<kernels::AttentionJob> attention_jobs;
  Pass pass;                       // at hand
  std::vector<std::size_t> order;  // of a decode step's sequences in its rows
  std::vector<Segment> asked;      // a decode step's sequences as its caller named them
};

// Cuts the state from `arena`; a measuring arena gives its size. CHECKs that limits are positive.
State make_state(Arena& arena, const weights::ModelConfig& config, const Limits& limits);

// Empties a slot. With `image_set` -1 the sequence has no images. `adapter` outlives the sequence, or is null.
void start_sequence(State& state, int sequence, int image_set, const kernels::Adapter* adapter = nullptr);

// Forgets all but the first `length` tokens: a prompt that begins like the last goes on from there.
void truncate_sequence(State& state, int sequence, std::int64_t length);

// Makes `to` start with the first `length` tokens of `from`, over the same images and with the same adapter.
void copy_prefix(const kernels::Kernels& kernels, State& state, int from, int to, std::int64_t length);

// Empties an image set and lays it out for images of these numbers of tiles.
void start_images(State& state, int image_set, const weights::VisionConfig& config, std::span<const int> num_tiles);

// The keys that a row sees: images [first, last) of the set, or, when the interval is empty, case 2 of spec 5.5.
CrossRange cross_range(const ImageSet& set, int first, int last);

}  // namespace docket::language

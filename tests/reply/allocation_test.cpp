// "No allocation after load": what a decode step, a prompt and the encoding of an image take from the heap on the CPU.
// Every way to the heap of this program is counted: operator new ends in malloc, which is replaced here.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <tuple>

#include "reply/engine.h"
#include "tests/support/golden.h"
#include "tests/support/model.h"
#include "tests/support/picture.h"
#include "tiles/tiles.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define DOCKET_TEST_COUNTS_ALLOCATIONS 0  // a sanitizer has a malloc of its own
#else
#define DOCKET_TEST_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::int64_t> allocations{0};
}

#if DOCKET_TEST_COUNTS_ALLOCATIONS
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming): glibc's names.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  ++allocations;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
#endif

namespace docket::reply {
namespace {

using golden::kData;

class Allocation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!DOCKET_TEST_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitizer has a malloc of its own";
  }
};

// How often `work()` asked for memory.
template <typename Work>
std::int64_t counted(Work work) {
  const std::int64_t before = allocations;
  work();
  return allocations - before;
}

TEST_F(Allocation, TheCountSeesNewAndMalloc) {
  EXPECT_EQ(counted([] {
              std::unique_ptr<int> one(new int(1));
              void* two = std::malloc(8);
              std::vector<int> three(100);
              std::free(two);
            }),
            3);
}

class AfterLoad : public Allocation, public ::testing::WithParamInterface<std::tuple<const char*, const char*>> {};

// From the first picture and the first prompt on, not only once something has warmed up.
TEST_P(AfterLoad, ImagesPromptsAndDecodeStepsTakeNothing) {
  const auto [name, quant] = GetParam();
  language::Limits limits;
  limits.max_sequences = 3;
  limits.max_positions = 160;
  limits.max_image_sets = 2;
  limits.max_images = 2;
  limits.chunk_rows = 16;
  limits.logit_rows = 3;
  const auto m = golden::load_model(kData + name, limits, *load::parse_quant_policy(quant));
  const language::Decoder decoder = m->decoder();
  tiles::Config settings;
  settings.tile_size = static_cast<int>(m->config.vision.image_size);
  const auto wide = tiles::make_tiles(golden::read_picture("wide"), settings);
  const auto photo = tiles::make_tiles(golden::read_picture("photo"), settings);
  ASSERT_TRUE(wide && photo);
  for (const tiles::Tiles* tiles : {&*wide, &*photo}) {
    const int num_tiles = tiles->num_tiles();
    EXPECT_EQ(counted([&] {
                language::start_images(m->state, 0, m->config.vision, {&num_tiles, 1});
                const auto tokens = vision::encode(m->kernels, m->config, m->vision, m->vision_state, *tiles);
                language::add_image(decoder, m->state, 0, 0, tokens);
              }),
              0);
  }
  // 40 rows in chunks of 16; the image token is the third.
  std::vector<prompt::TokenId> ids(40, 7);
  ids[2] = static_cast<prompt::TokenId>(m->config.image_token_index);
  const auto spans = prompt::image_spans(ids, ids[2]);
  for (int sequence = 0; sequence < 3; ++sequence) {
    EXPECT_EQ(counted([&] {
                language::start_sequence(m->state, sequence, sequence == 1 ? -1 : 0);
                const auto logits = language::prefill(decoder, m->state, sequence, ids, spans);
                ASSERT_TRUE(logits);
              }),
              0);
  }
  const std::vector<int> all = {0, 1, 2};
  const std::vector<prompt::TokenId> next = {3, 4, 5};
  for (const std::size_t count : {1, 3, 2}) {
    EXPECT_EQ(
        counted([&] {
          for (int step = 0; step < 8; ++step) {
            ASSERT_TRUE(language::decode(decoder, m->state, std::span(all).first(count), std::span(next).first(count)));
          }
        }),
        0)
        << count << " at once";
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AfterLoad,
                         ::testing::Combine(::testing::Values("tiny", "odd"),
                                            ::testing::Values("none", "int8", "nf4", "fp4")),
                         [](const auto& parameters) {
                           return std::string(std::get<0>(parameters.param)) + "_" + std::get<1>(parameters.param);
                         });

// Around the steps an Engine keeps a reply's text and its tokens, in lists that grow with it: some small pieces a
// token, whatever the model. (An image's tiles are made for it and given back: encode_images.)
TEST_F(Allocation, AReplyTakesAFewSmallPiecesAToken) {
  EngineLimits limits;
  limits.max_positions = 256;
  kernels::KernelOptions options;
  options.num_threads = 2;
  auto engine = Engine::load(kData + "tiny", {}, limits, options);
  ASSERT_TRUE(engine) << engine.error().text();
  const auto prompt = prompt::make_prompt((*engine)->model().tokenizer(), "<|begin_of_text|>TOTAL", 0);
  ASSERT_TRUE(prompt);
  const auto reply_of = [&](int tokens) {
    ReplyOptions greedy;
    greedy.max_new_tokens = tokens;
    greedy.ignore_end_tokens = true;
    greedy.logprobs = true;
    return counted([&] { ASSERT_TRUE((*engine)->reply(*prompt, -1, greedy)); });
  };
  const std::int64_t few = reply_of(20), many = reply_of(220);
  std::printf("%ld allocations for 20 tokens, %ld for 220\n", few, many);
  EXPECT_LE(many - few, 2 * 200);  // the list of tokens to run next, and now and then a list that grows
}

}  // namespace
}  // namespace docket::reply

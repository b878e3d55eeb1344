/* docket in C: load a model, show it an image, have it answer. One engine belongs to one thread at a time; engines on
 * different threads do not disturb each other. Every function that can fail says so in its result and leaves the reason
 * in docket_last_error(). No exception and no C++ type crosses this border. Link with libdocket_capi. */
#ifndef DOCKET_H
#define DOCKET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct docket_engine docket_engine;

/* Fill with docket_default_options() first: fields may be added. */
typedef struct docket_options {
  const char* quant;     /* "none", "int8", "int8-skip-vision", "nf4" or "fp4"; quantised while loading */
  int threads;           /* 0: the processors there are */
  int64_t max_positions; /* tokens of prompt and reply that memory is taken for; at most the model's own limit */
  int64_t max_images;    /* images that are kept, and that one prompt may have */
  const char* adapter;   /* folder of a LoRA adapter (PEFT) that every reply is made with; NULL: none */
} docket_options;
docket_options docket_default_options(void);

/* Loads the checkpoint in `folder` and takes all memory. NULL on failure. `options` may be NULL. */
docket_engine* docket_load(const char* folder, const docket_options* options);
/* Gives everything back. NULL is fine. */
void docket_free(docket_engine* engine);

/* Encodes 8-bit RGB pixels, [height][width][3] without gaps, which are not needed afterwards. Returns an image to
 * generate about, 0 or more, or -1. An image that is kept already costs nothing; the oldest one gives way to a new one.
 */
int docket_encode_image(docket_engine* engine, const uint8_t* rgb, int width, int height);

/* Called with each new piece of the reply: `length` bytes of UTF-8, whole characters, without a zero at the end. Return
 * 0 to go on, anything else to stop. */
typedef int (*docket_text_fn)(const char* text, size_t length, void* context);

/* Fill with docket_default_request() first. */
typedef struct docket_request {
  const char* prompt; /* UTF-8 */
  int image;          /* from docket_encode_image, or -1 for none */
  int raw;            /* 0: `prompt` is a question, put into the chat template; 1: it is continued as it stands */
  int max_new_tokens;
  double temperature; /* 0: always the likeliest token */
  double top_p;       /* 1: off */
  int top_k;          /* 0: off */
  uint64_t seed;
  const char* stop;    /* end before this text; NULL: none */
  const char* grammar; /* EBNF that the reply must match (src/reply/grammar.h describes it); NULL: none */
} docket_request;
docket_request docket_default_request(void);

/* Generates one reply, piece by piece through `on_text`. Returns the number of tokens generated, or -1. */
int docket_generate(docket_engine* engine, const docket_request* request, docket_text_fn on_text, void* context);

/* Why the last call on this thread failed: "file: reason". Valid until this thread's next call; empty after success. */
const char* docket_last_error(void);

#ifdef __cplusplus
}
#endif
#endif

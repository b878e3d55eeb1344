/* Asks a model about a picture: ask MODEL PICTURE.ppm PROMPT [quant]
 * The picture is a binary PPM (P6, 8 bits), which any image program writes. PROMPT is taken raw, as the small model
 * that ships with docket wants it: ask models/nano receipt.ppm "<|fields|>" */
#include <stdio.h>
#include <stdlib.h>

#include "capi/docket.h"

static int print_text(const char* text, size_t length, void* context) {
  (void)context;
  fwrite(text, 1, length, stdout);
  return fflush(stdout);
}

static uint8_t* read_ppm(const char* path, int* width, int* height) {
  FILE* file = fopen(path, "rb");
  uint8_t* rgb = NULL;
  if (file == NULL) return NULL;
  if (fscanf(file, "P6 %d %d 255", width, height) == 2 && *width > 0 && *height > 0 && *width < 20000 &&
      *height < 20000) {
    size_t size = (size_t)*width * (size_t)*height * 3;
    fgetc(file); /* the one white space before the pixels */
    rgb = malloc(size);
    if (rgb != NULL && fread(rgb, 1, size, file) != size) {
      free(rgb);
      rgb = NULL;
    }
  }
  fclose(file);
  return rgb;
}

int main(int argc, char** argv) {
  docket_options options = docket_default_options();
  docket_request request = docket_default_request();
  docket_engine* engine;
  uint8_t* rgb;
  int width, height, tokens = -1;
  if (argc < 4) {
    fprintf(stderr, "usage: %s MODEL PICTURE.ppm PROMPT [quant]\n", argv[0]);
    return 2;
  }
  if (argc > 4) options.quant = argv[4];
  rgb = read_ppm(argv[2], &width, &height);
  if (rgb == NULL) {
    fprintf(stderr, "%s: not a binary PPM of 8 bits\n", argv[2]);
    return 1;
  }
  engine = docket_load(argv[1], &options);
  if (engine != NULL) {
    request.prompt = argv[3];
    request.raw = 1;
    request.image = docket_encode_image(engine, rgb, width, height);
    if (request.image >= 0) tokens = docket_generate(engine, &request, print_text, NULL);
  }
  printf("\n");
  if (tokens < 0) fprintf(stderr, "%s\n", docket_last_error());
  docket_free(engine);
  free(rgb);
  return tokens < 0;
}

#include "core/base/file.h"
#include "core/weights/config.h"
#include "core/weights/json_fields.h"

namespace docket::weights {
namespace {

constexpr std::size_t kMaxConfigBytes = 4 << 20;
constexpr std::int64_t kBilinear = 2;  // PIL.Image.BILINEAR

std::array<double, 3> triple(const std::vector<double>& values) { return {values[0], values[1], values[2]}; }

}  // namespace

Result<PreprocessorConfig> parse_preprocessor_config(std::string_view json_text, const std::string& where) {
  JsonFields f = JsonFields::parse(json_text, where);
  PreprocessorConfig p;
  for (const char* key : {"do_convert_rgb", "do_resize", "do_rescale", "do_normalize", "do_pad"})
    f.supports(f.boolean_or(key, true), key, "is false: docket always does this step");
  f.supports(f.integer_or("resample", kBilinear, 0, 100) == kBilinear, "resample", "is not 2 (bilinear)");
  JsonFields size = f.object("size");
  p.image_size = size.integer("height", 1, 1 << 14);
  size.supports(size.integer("width", 1, 1 << 14) == p.image_size, "width", "is not the height: tiles are square");
  f.absorb(size);
  p.max_image_tiles = f.integer("max_image_tiles", 1, 64);
  p.rescale_factor = f.number_or("rescale_factor", p.rescale_factor, 1e-12, 1e12);
  if (f.has("image_mean")) p.image_mean = triple(f.numbers("image_mean", 3, -1e6, 1e6));
  if (f.has("image_std")) p.image_std = triple(f.numbers("image_std", 3, 1e-6, 1e6));
  if (!f.ok()) return f.status().failure();
  return p;
}

Result<PreprocessorConfig> read_preprocessor_config(const std::filesystem::path& folder, const VisionConfig& vision) {
  const std::filesystem::path path = folder / "preprocessor_config.json";
  const auto text = read_text_file(path, kMaxConfigBytes);
  if (!text) {
    if (text.error().code != ErrorCode::kNotFound) return text.failure();
    PreprocessorConfig p;
    p.image_size = vision.image_size;
    p.max_image_tiles = vision.max_num_tiles;
    return p;
  }
  DOCKET_TRY(const PreprocessorConfig p, parse_preprocessor_config(*text, path.string()));
  if (p.image_size != vision.image_size) {
    return make_error(
        ErrorCode::kMalformed,
        "is " + std::to_string(p.image_size) + ", config.json has tiles of " + std::to_string(vision.image_size),
        path.string() + ": size");
  }
  if (p.max_image_tiles != vision.max_num_tiles) {
    return make_error(ErrorCode::kMalformed,
                      "is " + std::to_string(p.max_image_tiles) + ", config.json has max_num_tiles " +
                          std::to_string(vision.max_num_tiles),
                      path.string() + ": max_image_tiles");
  }
  return p;
}

}  // namespace docket::weights

#include "capi/docket.h"

#include <algorithm>
#include <ctime>
#include <exception>

#include "prompt/chat.h"
#include "reply/engine.h"

struct docket_engine {
  std::unique_ptr<docket::reply::Engine> engine;
  std::string adapter;  // empty: none
};

namespace {

using docket::ErrorCode;
using docket::Result;

thread_local std::string last_error;

// Runs `body`; whatever goes wrong in it becomes the last error and `failed`.
template <typename T, typename Body>
T guarded(T failed, Body body) {
  try {
    auto result = body();
    last_error = result ? std::string() : result.error().text();
    return result ? *std::move(result) : failed;
  } catch (const std::exception& error) {
    last_error = error.what();
  } catch (...) {
    last_error = "an unknown failure";
  }
  return failed;
}

Result<docket_engine*> load(const char* folder, const docket_options& options) {
  if (folder == nullptr) return docket::make_error(ErrorCode::kInvalidArgument, "folder is NULL");
  DOCKET_TRY(const auto policy, docket::load::parse_quant_policy(options.quant == nullptr ? "none" : options.quant));
  DOCKET_TRY(auto kernels, docket::kernels::kernel_options_from_environment());
  if (options.threads > 0) kernels.num_threads = options.threads;
  docket::reply::EngineLimits limits;
  limits.max_positions = options.max_positions;
  limits.max_image_sets = options.max_images;
  std::vector<docket::reply::AdapterSource> adapters;
  if (options.adapter != nullptr) adapters.push_back(docket::reply::adapter_source(options.adapter));
  DOCKET_TRY(auto engine, docket::reply::Engine::load(folder, policy, limits, kernels, adapters));
  return new docket_engine{std::move(engine), adapters.empty() ? std::string() : adapters.front().name};
}

Result<int> encode(docket_engine* engine, const std::uint8_t* rgb, int width, int height) {
  if (engine == nullptr || rgb == nullptr || width < 1 || height < 1) {
    return docket::make_error(ErrorCode::kInvalidArgument, "expected an engine and an image of at least one pixel");
  }
  docket::page::Page page;
  page.width = width;
  page.height = height;
  page.rgb.assign(rgb, rgb + static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  return engine->engine->encode_images({&page, 1}, nullptr, engine->adapter);
}

Result<std::string> text_of(const docket_request& request) {
  const int images = request.image >= 0 ? 1 : 0;
  if (request.raw == 0) {
    char date[32] = {};
    const std::time_t now = std::time(nullptr);
    std::tm local = {};
    std::strftime(date, sizeof date, "%d %b %Y", localtime_r(&now, &local));
    const docket::prompt::Message message{"user", request.prompt, images};
    return docket::prompt::render_chat({&message, 1}, {date, true});
  }
  std::string text = request.prompt;
  if (images == 1 && text.find(docket::prompt::kImageText) == std::string::npos)
    text.insert(0, docket::prompt::kImageText);
  return docket::prompt::add_begin_of_text(text);
}

Result<int> generate(docket_engine* handle, const docket_request* request, docket_text_fn on_text, void* context) {
  if (handle == nullptr || request == nullptr || request->prompt == nullptr) {
    return docket::make_error(ErrorCode::kInvalidArgument, "expected an engine and a request with a prompt");
  }
  docket::reply::Engine& engine = *handle->engine;
  DOCKET_TRY(const std::string text, text_of(*request));
  DOCKET_TRY(const auto prompt,
             docket::prompt::make_prompt(engine.model().tokenizer(), text, request->image >= 0 ? 1 : 0));
  docket::reply::ReplyOptions options;
  options.max_new_tokens = request->max_new_tokens;
  options.sampling.temperature = request->temperature;
  options.sampling.top_p = request->top_p;
  options.sampling.top_k = request->top_k;
  options.sampling.seed = request->seed;
  options.adapter = handle->adapter;
  if (request->stop != nullptr) options.stop_strings = {request->stop};
  if (request->grammar != nullptr) {
    DOCKET_TRY(const auto grammar, docket::reply::Grammar::from_ebnf(request->grammar));
    DOCKET_TRY(options.constraint,
               docket::reply::ConstraintTable::make(grammar, engine.model().token_trie(), engine.model().end_tokens()));
  }
  if (on_text != nullptr) {
    options.on_text = [&](std::string_view piece) { return on_text(piece.data(), piece.size(), context) == 0; };
  }
  DOCKET_TRY(const auto reply, engine.reply(prompt, request->image, options));
  return static_cast<int>(reply.tokens.size());
}

}  // namespace

extern "C" {

docket_options docket_default_options(void) { return {"none", 0, 1024, 1, nullptr}; }

docket_request docket_default_request(void) { return {nullptr, -1, 0, 256, 0, 1, 0, 0, nullptr, nullptr}; }

docket_engine* docket_load(const char* folder, const docket_options* options) {
  return guarded<docket_engine*>(
      nullptr, [&] { return load(folder, options != nullptr ? *options : docket_default_options()); });
}

void docket_free(docket_engine* engine) { delete engine; }

int docket_encode_image(docket_engine* engine, const uint8_t* rgb, int width, int height) {
  return guarded(-1, [&] { return encode(engine, rgb, width, height); });
}

int docket_generate(docket_engine* engine, const docket_request* request, docket_text_fn on_text, void* context) {
  return guarded(-1, [&] { return generate(engine, request, on_text, context); });
}

const char* docket_last_error(void) { return last_error.c_str(); }

}  // extern "C"

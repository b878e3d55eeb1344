#include "extract/conversation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/log.h"
#include "fields/reply_loop.h"
#include "prompt/chat.h"

namespace docket::extract {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kPositions = 1024;
constexpr std::int64_t kSmallWidth = 1024;  // of a model whose image sets are small enough to keep several
constexpr std::size_t kLookEvery = 48;      // bytes of reply between two looks for a loop
constexpr std::size_t kMostSilence = 64;    // bytes of white space that a reply may begin with
constexpr int kMostMute = 32;               // tokens in a row without text
constexpr float kCropMargin = 2.5F;         // heights of the box above and below it
constexpr int kCropWidth = 1280, kMostEnlarged = 4;

// Watches a reply grow; the reason to stop it, or null.
class Watch {
 public:
  explicit Watch(double seconds)
      : deadline_(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}
  // A token has come, with text or, as special tokens and halves of characters do, without.
  bool go_on() {
    if (Clock::now() > deadline_) reason_ = "time";
    if (++mute_ > kMostMute && reason_ == nullptr) reason_ = text_.empty() ? "empty" : "loop";
    return reason_ == nullptr;
  }
  bool take(std::string_view piece) {
    text_ += piece;
    mute_ = 0;
    if (text_.size() >= kMostSilence && text_.find_first_not_of(" \n\r\t") == std::string::npos) reason_ = "empty";
    if (text_.size() >= looked_ + kLookEvery) {
      looked_ = text_.size();
      if (fields::repeats_from(text_)) reason_ = "loop";
    }
    return reason_ == nullptr;
  }
  const char* reason() const { return reason_; }

 private:
  Clock::time_point deadline_;
  std::string text_;
  std::size_t looked_ = 0;
  int mute_ = 0;
  const char* reason_ = nullptr;
};

std::string key_of(const std::string& hash, const fields::Question& question, const AskOptions& options) {
  std::string key = hash + "|" + question.name() + "|" + fields::question_text(question, options.keys) + "|" +
                    (options.constrained ? "c" : "f") + std::to_string(options.max_tokens);
  if (options.crop) {
    for (const float edge : {options.crop->x0, options.crop->y0, options.crop->x1, options.crop->y1}) {
      key += "," + std::to_string(std::lround(edge));
    }
  }
  return key;
}

// A pixel between pixels, by the four around it.
std::uint8_t mixed(const page::Page& page, float x, float y, int channel) {
  const float fx = std::clamp(x, 0.0F, static_cast<float>(page.width - 1));
  const float fy = std::clamp(y, 0.0F, static_cast<float>(page.height - 1));
  const int x0 = static_cast<int>(fx), y0 = static_cast<int>(fy);
  const int x1 = std::min(x0 + 1, page.width - 1), y1 = std::min(y0 + 1, page.height - 1);
  const float ax = fx - static_cast<float>(x0), ay = fy - static_cast<float>(y0);
  const auto at = [&](int px, int py) { return static_cast<float>(page.row(py)[3 * px + channel]); };
  const float top = at(x0, y0) * (1 - ax) + at(x1, y0) * ax, bottom = at(x0, y1) * (1 - ax) + at(x1, y1) * ax;
  return static_cast<std::uint8_t>(std::lround(top * (1 - ay) + bottom * ay));
}

}  // namespace

page::Page cut_out(const page::Page& page, const page::Box& box) {
  const float margin = kCropMargin * std::max(box.height(), 8.0F);
  const int y0 = std::clamp(static_cast<int>(box.y0 - margin), 0, page.height - 1);
  const int y1 = std::clamp(static_cast<int>(box.y1 + margin) + 1, y0 + 1, page.height);
  // The whole width: the words that name a value stand beside it.
  const int scale = std::clamp(kCropWidth / std::max(page.width, 1), 1, kMostEnlarged);
  page::Page out;
  out.number = page.number;
  out.receipt = page.receipt;
  out.width = page.width * scale;
  out.height = (y1 - y0) * scale;
  out.rgb.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height) * 3);
  std::size_t at = 0;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const float sx = (static_cast<float>(x) + 0.5F) / static_cast<float>(scale) - 0.5F;
      const float sy = static_cast<float>(y0) + (static_cast<float>(y) + 0.5F) / static_cast<float>(scale) - 0.5F;
      for (int channel = 0; channel < 3; ++channel) out.rgb[at++] = mixed(page, sx, sy, channel);
    }
  }
  return out;
}

Result<std::unique_ptr<Conversation>> Conversation::open(const VlmOptions& options) {
  DOCKET_TRY(const auto policy, load::parse_quant_policy(options.quant));
  DOCKET_TRY(const auto config, weights::read_model_config(options.model));
  reply::EngineLimits limits;
  limits.max_positions = std::min(kPositions, config.text.max_position_embeddings);
  // The page and a crop of it; more where they are small.
  limits.max_image_sets = config.text.hidden_size <= kSmallWidth ? 6 : 2;
  DOCKET_TRY(kernels::KernelOptions kernel_options, kernels::kernel_options_from_environment());
  kernel_options.device = options.device;
  if (options.threads > 0) kernel_options.num_threads = options.threads;
  kernel_options.pin_threads = false;  // workers side by side would be pinned to the same processors
  std::vector<reply::AdapterSource> adapters;
  if (!options.adapter.empty()) adapters.push_back(reply::adapter_source(options.adapter));
  DOCKET_TRY(auto engine, reply::Engine::load(options.model, policy, limits, kernel_options, adapters));
  const std::filesystem::path folder = std::filesystem::path(options.model) / "";
  std::string name = folder.parent_path().filename().string();
  if (options.quant != "none") name += " " + options.quant;
  const std::string adapter = adapters.empty() ? std::string() : adapters.front().name;
  if (!adapter.empty()) name += " with " + adapter;
  // The Instruct checkpoints know every wording; a small model those that it was trained on.
  const bool token = engine->model().tokenizer().find(fields::kFieldsToken).has_value();
  const std::string family = token ? "fields_token" : config.text.hidden_size > kSmallWidth ? "instruct" : "nano";
  return std::unique_ptr<Conversation>(new Conversation(std::move(engine), std::move(name), family, adapter));
}

Result<prompt::Prompt> Conversation::prompt_of(const fields::Question& question, const AskOptions& options) const {
  std::string text = std::string(prompt::kImageText) + std::string(prompt::kBeginText);
  const std::string asked = fields::question_text(question, options.keys);
  if (question.family == "fields_token") {
    text += asked;
  } else {
    const prompt::Message message{"user", asked, 1};
    DOCKET_TRY(text, prompt::render_chat({&message, 1}));
  }
  return prompt::make_prompt(engine_->model().tokenizer(), text, 1);
}

Result<std::shared_ptr<reply::ConstraintTable>> Conversation::constraint_of(const fields::Question& question,
                                                                            const AskOptions& options) {
  if (!options.constrained) return std::shared_ptr<reply::ConstraintTable>();
  const std::string text = fields::answer_grammar(question.form, options.keys.empty() ? question.fields : options.keys);
  if (const auto known = constraints_.find(text); known != constraints_.end()) return known->second;
  DOCKET_TRY(const reply::Grammar grammar, reply::Grammar::from_ebnf(text));
  const reply::Model& model = engine_->model();
  DOCKET_TRY(auto table, reply::ConstraintTable::make(grammar, model.token_trie(), model.end_tokens()));
  if (constraints_.size() >= kMostKept) constraints_.clear();
  constraints_.emplace(text, table);
  return table;
}

const std::string& Conversation::hash_of(const page::Page& page) {
  if (page.rgb.data() != hashed_ || page.rgb.size() != hashed_bytes_ || hash_.empty()) {
    hash_ = std::to_string(page.width) + "x" + sha256_hex(page.rgb);
    hashed_ = page.rgb.data();
    hashed_bytes_ = page.rgb.size();
  }
  return hash_;
}

void Conversation::keep(std::string key, const fields::ModelReply& reply) {
  kept_.emplace_front(std::move(key), reply);
  if (kept_.size() > kMostKept) kept_.pop_back();
}

// The number of the image's set in the engine, which keeps the latest ones.
Result<int> Conversation::encode(const page::Page& page) {
  const auto start = Clock::now();
  DOCKET_TRY(const int images, engine_->encode_images({&page, 1}, nullptr, adapter_));
  if (engine_->last_encode_ms() > 0) {
    ++usage_.images;
    usage_.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  }
  return images;
}

void Conversation::look(const page::Page& page) {
  const auto seen = encode(page);
  if (!seen) log().debug("page {}: {}", page.number, seen.error().text());
}

Result<fields::ModelReply> Conversation::ask(const page::Page& page, const fields::Question& question,
                                             const AskOptions& options) {
  const std::string key = key_of(hash_of(page), question, options);
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) { return kept.first == key; });
  if (known != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, known);
    ++usage_.cached;
    fields::ModelReply reply = kept_.front().second;
    reply.page = page.number;
    return reply;
  }
  DOCKET_TRY(const fields::ModelReply reply, generate(page, question, options));
  if (reply.stopped != "time") keep(key, reply);
  return reply;
}

Result<fields::ModelReply> Conversation::generate(const page::Page& page, const fields::Question& question,
                                                  const AskOptions& options) {
  DOCKET_TRY(const int images, options.crop ? encode(cut_out(page, *options.crop)) : encode(page));
  const auto start = Clock::now();
  DOCKET_TRY(const prompt::Prompt prompt, prompt_of(question, options));
  reply::ReplyOptions reply_options;
  reply_options.max_new_tokens = options.max_tokens;
  reply_options.logprobs = true;
  reply_options.adapter = adapter_;
  DOCKET_TRY(reply_options.constraint, constraint_of(question, options));
  Watch watch(options.seconds);
  reply_options.on_text = [&](std::string_view piece) { return watch.take(piece); };
  reply_options.keep_going = [&] { return watch.go_on(); };
  DOCKET_TRY(const reply::Reply reply, engine_->reply(prompt, images, reply_options));

  fields::ModelReply out;
  out.page = page.number;
  out.source = question.name() + " " + name_;
  if (question.form == fields::AnswerForm::kValue) out.asked = fields::field_id(question.fields.front());
  const bool length = reply.stop_reason == reply::StopReason::kLength;
  out.stopped = watch.reason() != nullptr ? watch.reason() : length ? "length" : "";
  out.cut_off = !out.stopped.empty();
  const prompt::Tokenizer& tokenizer = engine_->model().tokenizer();
  for (std::size_t i = 0; i < reply.tokens.size(); ++i) {
    if (!tokenizer.is_special(reply.tokens[i])) out.text += tokenizer.bytes(reply.tokens[i]);
    out.tokens.push_back({out.text.size(), reply.logprobs[i]});
  }
  ++usage_.questions;
  usage_.tokens += static_cast<std::int64_t>(reply.tokens.size()) - reply.forced_tokens;
  usage_.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  return out;
}

}  // namespace docket::extract

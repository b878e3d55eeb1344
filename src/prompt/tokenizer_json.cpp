// Reads tokenizer.json into a Tokenizer. Every key that changes ids is checked; what docket does not do is named.
#include <algorithm>

#include "core/base/file.h"
#include "core/base/json.h"
#include "prompt/byte_level.h"
#include "prompt/tokenizer.h"

namespace docket::prompt {
namespace {

constexpr std::int64_t kMaxId = 1 << 22;           // 32 times the largest published vocabulary
constexpr std::size_t kMaxFileBytes = 256u << 20;  // Llama 3's is 17 MB

bool is_null(const Json& object, const char* key) { return !object.contains(key) || object[key].is_null(); }
bool is_true(const Json& object, const char* key) { return object.contains(key) && object[key] == true; }

std::string type_of(const Json& part) {
  return part.is_object() && part.contains("type") && part["type"].is_string() ? part["type"].get<std::string>() : "";
}

}  // namespace

class TokenizerReader {
 public:
  explicit TokenizerReader(std::string where) : where_(std::move(where)) {}

  Result<Tokenizer> read(const Json& json) {
    if (!json.is_object()) return malformed("expected a JSON object");
    if (!is_null(json, "normalizer")) return unsupported("normalizer: expected null");
    DOCKET_TRY_VOID(read_model(json.value("model", Json())));
    DOCKET_TRY_VOID(read_added(json.value("added_tokens", Json::array())));
    DOCKET_TRY_VOID(read_pre_tokenizer(json.value("pre_tokenizer", Json())));
    DOCKET_TRY_VOID(read_post_processor(json.value("post_processor", Json())));
    return std::move(out_);
  }

 private:
  Unexpected malformed(const std::string& message) const { return make_error(ErrorCode::kMalformed, message, where_); }
  Unexpected unsupported(const std::string& message) const {
    return make_error(ErrorCode::kUnsupported, message, where_);
  }

  // Gives id its bytes; false for an id out of range or already taken by other bytes.
  bool place(std::int64_t id, std::string bytes) {
    if (id < 0 || id > kMaxId) return false;
    const auto at = static_cast<std::size_t>(id);
    if (at >= out_.bytes_.size()) {
      out_.bytes_.resize(at + 1);
      out_.special_.resize(at + 1, false);
    }
    if (!out_.bytes_[at].empty() && out_.bytes_[at] != bytes) return false;
    out_.bytes_[at] = std::move(bytes);
    return true;
  }

  Status read_model(const Json& model) {
    if (!model.is_object()) return malformed("model: expected an object");
    const std::string type = type_of(model);
    if (!type.empty() && type != "BPE") return unsupported("model.type: expected BPE, found " + type);
    for (const char* key : {"dropout", "unk_token"}) {
      if (!is_null(model, key)) return unsupported(std::string("model.") + key + ": expected null");
    }
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (!is_null(model, key) && model[key] != "") return unsupported(std::string("model.") + key + ": expected null");
    }
    if (is_true(model, "byte_fallback")) return unsupported("model.byte_fallback: expected false");
    std::unordered_map<std::string, TokenId> vocab;
    if (!model.contains("vocab") || !model["vocab"].is_object()) return malformed("model.vocab: expected an object");
    for (const auto& [token, id] : model["vocab"].items()) {
      auto bytes = to_bytes(token);
      if (!id.is_number_integer() || !place(id.get<std::int64_t>(), bytes ? *bytes : token)) {
        return malformed("model.vocab[\"" + token + "\"]: expected an id of its own in 0.." + std::to_string(kMaxId));
      }
      vocab.emplace(token, id.get<TokenId>());
    }
    DOCKET_TRY(const auto merges, read_merges(model.value("merges", Json())));
    DOCKET_TRY(out_.bpe_, Bpe::make(std::move(vocab), merges, is_true(model, "ignore_merges"), where_));
    return {};
  }

  Result<std::vector<std::pair<std::string, std::string>>> read_merges(const Json& list) {
    std::vector<std::pair<std::string, std::string>> merges;
    if (!list.is_array()) return malformed("model.merges: expected a list");
    for (const Json& entry : list) {
      if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
        merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
        continue;
      }
      const std::string text = entry.is_string() ? entry.get<std::string>() : "";
      const std::size_t space = text.find(' ');
      if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
        return malformed("model.merges[" + std::to_string(merges.size()) + "]: expected two tokens");
      }
      merges.emplace_back(text.substr(0, space), text.substr(space + 1));
    }
    return merges;
  }

  Status read_added(const Json& list) {
    if (!list.is_array()) return malformed("added_tokens: expected a list");
    out_.starts_added_.assign(256, false);
    for (const Json& entry : list) {
      const std::string key = "added_tokens[" + std::to_string(out_.added_.size()) + "]";
      if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_number_integer() ||
          !entry.contains("content") || !entry["content"].is_string() || entry["content"] == "") {
        return malformed(key + ": expected an id and a content");
      }
      for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
        if (is_true(entry, flag)) return unsupported(key + "." + flag + ": expected false");
      }
      const auto content = entry["content"].get<std::string>();
      const auto id = entry["id"].get<std::int64_t>();
      if (!place(id, content)) return malformed(key + ".id: out of range or already taken by another token");
      out_.special_[static_cast<std::size_t>(id)] = is_true(entry, "special");
      out_.starts_added_[static_cast<unsigned char>(content[0])] = true;
      out_.added_.push_back({static_cast<TokenId>(id), content, is_true(entry, "special")});
    }
    std::stable_sort(out_.added_.begin(), out_.added_.end(),
                     [](const AddedToken& a, const AddedToken& b) { return a.content.size() > b.content.size(); });
    return {};
  }

  Status read_pre_tokenizer(const Json& part) {
    const std::string type = type_of(part);
    if (type == "Sequence" && part.contains("pretokenizers") && part["pretokenizers"].is_array()) {
      for (const Json& inner : part["pretokenizers"]) DOCKET_TRY_VOID(read_pre_tokenizer(inner));
      return {};
    }
    if (type == "ByteLevel") {
      if (is_true(part, "add_prefix_space")) return unsupported("pre_tokenizer.add_prefix_space: expected false");
      if (!part.contains("use_regex") || is_true(part, "use_regex")) {
        return add_splitter("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");
      }
      return {};
    }
    if (type == "Split") {
      if (is_true(part, "invert") || part.value("behavior", Json()) != "Isolated") {
        return unsupported("pre_tokenizer Split: expected behavior Isolated and invert false");
      }
      const Json pattern = part.value("pattern", Json());
      if (!pattern.is_object() || !pattern.contains("Regex") || !pattern["Regex"].is_string()) {
        return unsupported("pre_tokenizer Split: expected a Regex pattern");
      }
      return add_splitter(pattern["Regex"].get<std::string>());
    }
    return unsupported("pre_tokenizer.type: expected Sequence, Split or ByteLevel, found \"" + type + "\"");
  }

  Status add_splitter(const std::string& pattern) {
    DOCKET_TRY(auto splitter, Splitter::compile(pattern, where_));
    out_.splitters_.push_back(std::move(splitter));
    return {};
  }

  Status read_post_processor(const Json& part) {
    if (part.is_null()) return {};
    const std::string type = type_of(part);
    if (type == "ByteLevel") return {};  // moves offsets, not ids
    if (type == "Sequence" && part.contains("processors") && part["processors"].is_array()) {
      for (const Json& inner : part["processors"]) DOCKET_TRY_VOID(read_post_processor(inner));
      return {};
    }
    if (type == "TemplateProcessing") return read_template(part);
    return unsupported("post_processor.type: expected ByteLevel, Sequence or TemplateProcessing, found \"" + type +
                       "\"");
  }

  Status read_template(const Json& part) {
    const Json single = part.value("single", Json()), specials = part.value("special_tokens", Json());
    if (!single.is_array() || !specials.is_object())
      return malformed("post_processor: expected single and special_tokens");
    std::vector<TokenId> before, after;
    bool seen_text = false;
    for (const Json& item : single) {
      if (item.is_object() && item.contains("Sequence")) {
        seen_text = true;
        continue;
      }
      const Json inner = item.is_object() ? item.value("SpecialToken", Json()) : Json();
      const std::string name =
          inner.is_object() && inner.value("id", Json()).is_string() ? inner["id"].get<std::string>() : "";
      const Json special = specials.value(name, Json());
      if (!special.is_object() || !special.contains("ids") || !special["ids"].is_array()) {
        return malformed("post_processor.single: special token \"" + name + "\" has no ids");
      }
      for (const Json& id : special["ids"]) {
        if (!id.is_number_integer() || id < 0 || id >= out_.size()) {
          return malformed("post_processor.special_tokens[\"" + name + "\"].ids: expected token ids");
        }
        (seen_text ? after : before).push_back(id.get<TokenId>());
      }
    }
    if (!seen_text) return malformed("post_processor.single: expected a Sequence");
    out_.before_.insert(out_.before_.begin(), before.begin(), before.end());
    out_.after_.insert(out_.after_.end(), after.begin(), after.end());
    return {};
  }

  std::string where_;
  Tokenizer out_;
};

Result<Tokenizer> Tokenizer::parse(std::string_view json, const std::string& where) {
  DOCKET_TRY(const Json parsed, parse_json(json, where));
  return TokenizerReader(where).read(parsed);
}

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& tokenizer_json) {
  DOCKET_TRY(const std::string text, read_text_file(tokenizer_json, kMaxFileBytes));
  return parse(text, tokenizer_json.string());
}

}  // namespace docket::prompt

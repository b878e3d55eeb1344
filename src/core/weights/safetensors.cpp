#include "core/weights/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace docket::weights {
namespace {

using nlohmann::json;

Unexpected malformed(const std::string& where, const std::string& reason) {
  return make_error(ErrorCode::kMalformed, reason, where);
}

// nlohmann keeps the last of two equal keys without a word; two tensors of one name would leave one unchecked.
Result<json> parse_header(std::string_view text, const std::string& where) {
  std::set<std::string> seen;
  std::string duplicate;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!seen.insert(name).second) duplicate = name;
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (header.is_discarded()) return malformed(where, "the header is not valid JSON");
  if (!header.is_object()) return malformed(where, "the header is not a JSON object");
  if (!duplicate.empty()) return malformed(where + ": " + duplicate, "the name is given twice");
  return header;
}

Result<Shape> parse_shape(const json& dims, const std::string& where) {
  if (!dims.is_array()) return malformed(where, "shape is not a list");
  if (dims.size() > 8) return malformed(where, "shape has more than 8 extents");
  std::vector<std::int64_t> out;
  std::uint64_t product = 1;
  for (const json& dim : dims) {
    if (!dim.is_number_unsigned()) return malformed(where, "shape holds something that is not a whole number >= 0");
    const auto extent = dim.get<std::uint64_t>();
    constexpr std::uint64_t kMost = std::uint64_t{1} << 48;  // bytes that an address can reach; keeps products safe
    if (extent > kMost || (extent != 0 && product > kMost / extent)) return malformed(where, "shape is too large");
    product *= extent;
    out.push_back(static_cast<std::int64_t>(extent));
  }
  return Shape(std::move(out));
}

struct Placed {
  StoredTensor tensor;
  std::uint64_t begin = 0, end = 0;
};

Result<Placed> parse_entry(const std::string& name, const json& entry, std::span<const std::byte> data,
                           const std::string& file) {
  const std::string where = file + ": " + name;
  if (!entry.is_object()) return malformed(where, "the entry is not a JSON object");
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!entry.contains(key)) return malformed(where, std::string(key) + " is missing");
  }
  if (!entry["dtype"].is_string()) return malformed(where, "dtype is not a string");
  const auto& spelled = entry["dtype"].get_ref<const std::string&>();
  const auto dtype = parse_dtype(spelled);
  if (!dtype) return make_error(ErrorCode::kUnsupported, "dtype " + spelled + " is not one that docket reads", where);
  DOCKET_TRY(Shape shape, parse_shape(entry["shape"], where));

  const json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    return malformed(where, "data_offsets is not a pair of whole numbers >= 0");
  const auto begin = offsets[0].get<std::uint64_t>();
  const auto end = offsets[1].get<std::uint64_t>();
  if (begin > end) return malformed(where, "data_offsets end before they begin");
  if (end > data.size()) {
    return malformed(where, "data_offsets end at " + std::to_string(end) + " but the file holds " +
                                std::to_string(data.size()) + " bytes of data");
  }
  const std::uint64_t expected = static_cast<std::uint64_t>(shape.count()) * size_bytes(*dtype);
  if (end - begin != expected) {
    return malformed(where, spelled + " " + shape.text() + " takes " + std::to_string(expected) +
                                " bytes, data_offsets span " + std::to_string(end - begin));
  }
  Placed placed;
  placed.tensor = {name, file, *dtype, std::move(shape), data.subspan(begin, end - begin)};
  placed.begin = begin;
  placed.end = end;
  return placed;
}

// The format has neither gaps nor overlaps: anything else is a damaged or a crafted file.
Status check_coverage(std::vector<Placed>& placed, std::uint64_t data_size, const std::string& file) {
  std::sort(placed.begin(), placed.end(),
            [](const Placed& a, const Placed& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::uint64_t at = 0;
  for (const Placed& p : placed) {
    const std::string where = file + ": " + p.tensor.name;
    if (p.begin < at) return malformed(where, "overlaps the tensor before it");
    if (p.begin > at) return malformed(where, "leaves a gap of " + std::to_string(p.begin - at) + " bytes before it");
    at = p.end;
  }
  if (at != data_size) {
    return malformed(file, "holds " + std::to_string(data_size - at) + " bytes after the last tensor");
  }
  return {};
}

}  // namespace

Result<TensorMap> parse_safetensors(std::span<const std::byte> file, const std::string& where) {
  if (file.size() < 8) return malformed(where, "is too short for a safetensors file");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, file.data(), sizeof header_size);
  if (header_size > kMaxHeaderBytes) return malformed(where, "the header length is beyond the limit of 100 MB");
  if (header_size > file.size() - 8) {
    return malformed(where, "the header is said to take " + std::to_string(header_size) +
                                " bytes, the file ends after " + std::to_string(file.size() - 8));
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + 8, header_size);
  DOCKET_TRY(const json header, parse_header(text, where));

  const std::span<const std::byte> data = file.subspan(8 + header_size);
  std::vector<Placed> placed;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    DOCKET_TRY(Placed one, parse_entry(name, entry, data, where));
    placed.push_back(std::move(one));
  }
  DOCKET_TRY_VOID(check_coverage(placed, data.size(), where));
  TensorMap out;
  for (Placed& p : placed) {
    std::string name = p.tensor.name;
    out.emplace(std::move(name), std::move(p.tensor));
  }
  return out;
}

}  // namespace docket::weights

// Shared by the writer and the reader of JSON: small conversions that must mirror each other.
#pragma once

#include <cmath>

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "fields/fields.h"
#include "page/page.h"

namespace docket::store {

inline double rounded(double value, double steps) { return std::round(value * steps) / steps; }
inline double confidence_out(double value) { return rounded(value, 1e4); }

inline OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson() : OrderedJson(repair_utf8(text));
}

inline OrderedJson box_or_null(const page::Box& box) {
  if (box.empty()) return {};
  OrderedJson out = OrderedJson::array();
  for (const float side : {box.x0, box.y0, box.x1, box.y1}) out.push_back(rounded(static_cast<double>(side), 10));
  return out;
}

inline OrderedJson page_or_null(int page) { return page > 0 ? OrderedJson(page) : OrderedJson(); }

inline OrderedJson reader_or_null(fields::Reader reader) {
  return reader == fields::Reader::kNone ? OrderedJson() : OrderedJson(std::string(fields::to_string(reader)));
}

}  // namespace docket::store

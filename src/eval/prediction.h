// eval: what docket said about a document, read back from its own JSON (docs/formats/record.md), so that a run that was
// stored earlier is judged by the same code as a fresh one.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace docket::eval {

struct GivenField {
  std::optional<std::string> value;  // nullopt: NOT_FOUND
  std::string raw, reader, absent_reason;
  double confidence = 0;
  int page = 0;                                             // 1-based; 0 when not placed
  std::optional<std::array<double, 4>> box = std::nullopt;  // x0 y0 x1 y1, pixels of the picture as a viewer shows it
};

struct Prediction {
  std::string file;
  std::string error;  // why the document could not be read; empty when it was
  std::map<std::string, GivenField> fields;
  int line_items = 0;
  std::string verdict;
  std::vector<std::string> findings;  // "id: message"
};

// One line of output, a record or an error line. Errors: kMalformed naming the key.
Result<Prediction> read_prediction(const Json& line, const std::string& where);

}  // namespace docket::eval

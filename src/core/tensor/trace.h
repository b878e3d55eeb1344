// Trace: someone who wants to see what the forward pass computes: golden tests and range audits. Passes take a Trace*
// that is null in ordinary use.
#pragma once

#include <string>

#include "core/tensor/matrix.h"

namespace docket {

class Trace {
 public:
  virtual ~Trace() = default;
  // `values` is valid during the call only.
  virtual void record(const std::string& name, const Matrix& values) = 0;
};

}  // namespace docket

// Matrix: a borrowed view of rows of activations, the one shape that every op works on.
//
// Row r starts `stride` elements after row r - 1; the elements of a row are adjacent. Freely copied; valid while the
// arena that it was cut from lives. On the CPU activations are always F32; another device may hold them in 16 bits,
// which is why the type is a value and not a template parameter: the forward pass is written once.
#pragma once

#include <cstdint>

#include "core/base/check.h"
#include "core/tensor/dtype.h"

namespace docket {

struct Matrix {
  void* data = nullptr;
  DType dtype = DType::kF32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;  // in elements, >= cols

  Matrix() = default;
  Matrix(float* values, std::int64_t num_rows, std::int64_t num_cols)
      : data(values), rows(num_rows), cols(num_cols), stride(num_cols) {}
  Matrix(float* values, std::int64_t num_rows, std::int64_t num_cols, std::int64_t row_stride)
      : data(values), rows(num_rows), cols(num_cols), stride(row_stride) {}
  Matrix(void* values, DType type, std::int64_t num_rows, std::int64_t num_cols)
      : data(values), dtype(type), rows(num_rows), cols(num_cols), stride(num_cols) {}

  float* f32() const {
    CHECK(dtype == DType::kF32, "matrix of %s", to_string(dtype));
    return static_cast<float*>(data);
  }
  float* row(std::int64_t r) const { return f32() + r * stride; }

  // The same memory as rows of another width, e.g. one row for each head. Its rows must lie one behind the other, and
  // hold at least as many elements.
  Matrix reshaped(std::int64_t num_rows, std::int64_t num_cols) const {
    CHECK(stride == cols && num_rows * num_cols <= rows * cols, "[%ld, %ld] as [%ld, %ld]", rows, cols, num_rows,
          num_cols);
    return Matrix(data, dtype, num_rows, num_cols);
  }

  // Rows [first, first + count) and columns [first, first + count): views of the same memory.
  Matrix slice_rows(std::int64_t first, std::int64_t count) const {
    CHECK(first >= 0 && count >= 0 && first + count <= rows, "rows [%ld, %ld) of %ld", first, first + count, rows);
    Matrix out = *this;
    out.data = static_cast<char*>(data) + static_cast<std::size_t>(first * stride) * size_bytes(dtype);
    out.rows = count;
    return out;
  }
  Matrix slice_cols(std::int64_t first, std::int64_t count) const {
    CHECK(first >= 0 && count >= 0 && first + count <= cols, "cols [%ld, %ld) of %ld", first, first + count, cols);
    Matrix out = *this;
    out.data = static_cast<char*>(data) + static_cast<std::size_t>(first) * size_bytes(dtype);
    out.cols = count;
    return out;
  }
};

}  // namespace docket

// Shape: the extents of a row-major tensor, slowest first.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace docket {

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  std::size_t rank() const { return dims_.size(); }
  std::int64_t operator[](std::size_t i) const { return dims_[i]; }
  const std::vector<std::int64_t>& dims() const { return dims_; }

  // The product of the extents; 1 for rank 0. The caller has made sure that it fits (a reader checks, see weights/).
  std::int64_t count() const {
    std::int64_t product = 1;
    for (const std::int64_t dim : dims_) product *= dim;
    return product;
  }

  std::string text() const {  // "[1280, 3, 14, 14]"
    std::string out = "[";
    for (std::size_t i = 0; i < dims_.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(dims_[i]);
    return out + "]";
  }

  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::int64_t> dims_;
};

}  // namespace docket

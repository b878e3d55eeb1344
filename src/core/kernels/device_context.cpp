#include "core/kernels/device_context.h"

#include "core/base/check.h"
#include "core/kernels/kernels.h"

namespace docket::kernels {

void detail::publish_bytes(const Kernels& kernels, const void* host, std::size_t size_bytes) {
  if (kernels.device() != nullptr && size_bytes > 0) kernels.device()->publish(host, size_bytes);
}

void fetch(const Kernels& kernels, const Matrix& from, const Matrix& to) {
  CHECK(from.rows == to.rows && from.cols == to.cols, "[%ld, %ld] to [%ld, %ld]", from.rows, from.cols, to.rows,
        to.cols);
  if (kernels.device() != nullptr) return kernels.device()->fetch(from, to);
  CHECK(from.data == to.data, "a copy on the CPU");
}

Status finish(const Kernels& kernels) { return kernels.device() != nullptr ? kernels.device()->finish() : Status(); }

void replay(const Kernels& kernels, const std::string& key, const std::function<void()>& body) {
  if (kernels.device() != nullptr) return kernels.device()->replay(key, body);
  body();
}

HostCopy::HostCopy(const Kernels& kernels, const Matrix& values) : matrix_(values) {
  if (kernels.device() == nullptr) return;
  copy_.resize(static_cast<std::size_t>(values.rows * values.cols));
  matrix_ = Matrix(copy_.data(), values.rows, values.cols);
  kernels.device()->fetch(values, matrix_);
}

}  // namespace docket::kernels

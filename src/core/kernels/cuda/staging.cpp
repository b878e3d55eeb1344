#include "core/kernels/cuda/staging.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"

namespace docket::kernels::cuda {

Result<std::unique_ptr<Staging>> Staging::create() {
  std::unique_ptr<Staging> out(new Staging());
  void* memory = nullptr;
  bool ok = cudaMallocHost(&memory, kPartBytes * kParts) == cudaSuccess;
  out->memory_ = static_cast<std::byte*>(memory);
  for (cudaEvent_t& event : out->free_)
    ok = ok && cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess;
  if (!ok) return make_error(ErrorCode::kOutOfMemory, "cannot take 32 MiB of pinned memory", "staging");
  return out;
}

Staging::~Staging() {
  for (cudaEvent_t event : free_) {
    if (event != nullptr) cudaEventDestroy(event);
  }
  if (memory_ != nullptr) cudaFreeHost(memory_);
}

std::byte* Staging::reserve(std::size_t size_bytes, cudaStream_t stream) {
  CHECK(size_bytes <= kPartBytes, "%zu bytes", size_bytes);
  if (used_ + size_bytes > kPartBytes) {
    cudaEventRecord(free_[part_], stream);
    part_ = (part_ + 1) % kParts;
    cudaEventSynchronize(free_[part_]);  // at once for a part that was never used
    used_ = 0;
  }
  std::byte* out = memory_ + static_cast<std::size_t>(part_) * kPartBytes + used_;
  used_ += (size_bytes + 255) / 256 * 256;
  return out;
}

cudaError_t Staging::send(void* device, const std::byte* reserved, std::size_t size_bytes, cudaStream_t stream) {
  return cudaMemcpyAsync(device, reserved, size_bytes, cudaMemcpyHostToDevice, stream);
}

cudaError_t Staging::copy(void* device, const void* host, std::size_t size_bytes, cudaStream_t stream) {
  const auto* from = static_cast<const std::byte*>(host);
  auto* to = static_cast<std::byte*>(device);
  while (size_bytes > 0) {
    const std::size_t count = std::min(size_bytes, kPartBytes);
    std::byte* room = reserve(count, stream);
    std::memcpy(room, from, count);
    const cudaError_t status = send(to, room, count, stream);
    if (status != cudaSuccess) return status;
    from += count;
    to += count;
    size_bytes -= count;
  }
  return cudaSuccess;
}

}  // namespace docket::kernels::cuda

#include "core/kernels/cuda/staging.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/base/threads.h"
#include "core/kernels/cuda/round_f16c.h"
#include "core/kernels/kernels.h"

namespace docket::kernels::cuda {

namespace {

// One processor copies from a mapped file at a fraction of what the bus takes: page faults and all.
constexpr int kMostCopiers = 8;
constexpr std::size_t kTaskBytes = std::size_t{256} << 10;  // of pinned memory

bool has_f16c() { return available_isas().front() != CpuIsa::kReference; }

}  // namespace

Staging::Staging() : rounds_(has_f16c()), copiers_(std::min(kMostCopiers, usable_processors()), /*pin=*/false) {}

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

// fill(to, first, count) fills pinned memory with bytes [first, first + count) of what arrives, from several threads.
template <typename Fill>
cudaError_t Staging::send_filled(void* device, std::size_t size_bytes, cudaStream_t stream, const Fill& fill) {
  auto* to = static_cast<std::byte*>(device);
  for (std::size_t first = 0; first < size_bytes; first += kPartBytes) {
    const std::size_t count = std::min(size_bytes - first, kPartBytes);
    std::byte* room = reserve(count, stream);
    const auto tasks = static_cast<std::int64_t>((count + kTaskBytes - 1) / kTaskBytes);
    const auto run = [&](std::int64_t task, int) {
      const std::size_t begin = static_cast<std::size_t>(task) * kTaskBytes;
      fill(room + begin, first + begin, std::min(kTaskBytes, count - begin));
    };
    if (tasks == 1) {
      run(0, 0);
    } else {
      copiers_.for_each(tasks, run);
    }
    const cudaError_t status = send(to + first, room, count, stream);
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

cudaError_t Staging::copy(void* device, const void* host, std::size_t size_bytes, cudaStream_t stream) {
  const auto* from = static_cast<const std::byte*>(host);
  return send_filled(device, size_bytes, stream, [=](std::byte* to, std::size_t first, std::size_t count) {
    std::memcpy(to, from + first, count);
  });
}

cudaError_t Staging::copy_rounded(void* device, const float* host, std::size_t count, cudaStream_t stream) {
  CHECK(rounds_, "%zu values to round without F16C", count);
  constexpr std::size_t kHalf = sizeof(std::uint16_t);
  return send_filled(device, count * kHalf, stream, [=](std::byte* to, std::size_t first, std::size_t bytes) {
    round_f16c(host + first / kHalf, reinterpret_cast<std::uint16_t*>(to), bytes / kHalf);
  });
}

}  // namespace docket::kernels::cuda

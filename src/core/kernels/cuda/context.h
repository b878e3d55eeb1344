// CudaContext: one device, one stream, scratch memory, and the plumbing behind DeviceContext.
#pragma once

#include <cuda_runtime.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/kernels/cuda/cublas.h"
#include "core/kernels/cuda/staging.h"
#include "core/kernels/cuda/tile_device.h"
#include "core/kernels/device_context.h"
#include "core/kernels/kernels.h"

namespace docket::kernels::cuda {

// How an op launches: see launch.cuh.
struct LaunchOptions {
  cudaStream_t stream = nullptr;
  bool overlap = false;
  int multiprocessors = 1;
  std::size_t reserved_shared_bytes = 0;  // of each CTA, by the system
};

class CudaContext final : public DeviceContext {
 public:
  // Two pieces, each the length of one op: expanded weights, unfolded images and packed panels; and partial results.
  static constexpr std::size_t kExpandBytes = std::size_t{64} << 20;
  static constexpr std::size_t kPartialBytes = std::size_t{64} << 20;
  static constexpr std::size_t kCublasBytes = std::size_t{32} << 20;
  // Counters by which the last CTA of a job knows that it is; each is 0 between ops.
  static constexpr std::size_t kCounterBytes = std::size_t{64} << 10;
  static constexpr std::size_t kScratchBytes = kExpandBytes + kPartialBytes + kCublasBytes + kCounterBytes;

  static Result<std::shared_ptr<DeviceContext>> create(const DeviceOptions& options);
  ~CudaContext() override;
  CudaContext(const CudaContext&) = delete;
  CudaContext& operator=(const CudaContext&) = delete;

  std::string name() const override;
  DType work_dtype() const override { return DType::kF16; }
  DeviceMemory memory() const override;
  Result<std::shared_ptr<std::byte>> allocate(std::size_t size_bytes, const std::string& what) override;
  Result<std::shared_ptr<std::byte>> allocate_host(std::size_t size_bytes, const std::string& what) override;
  void set_control(const std::byte* host, std::byte* device, std::size_t size_bytes) override;
  void publish(const void* host, std::size_t size_bytes) override;
  void fetch(const Matrix& from, const Matrix& to) override;
  Status finish() override;
  void replay(const std::string& key, const std::function<void()>& body) override;
  DeviceWeight place(const LinearWeight& weight, Arena& arena) override;
  const void* place_bytes(const void* host, std::size_t size_bytes, Arena& arena) override;
  double time(int runs, const std::function<void()>& body) override;
  std::map<std::string, OpTime> profile(const std::function<void()>& body) override;
  double read_rate() override;
  double matrix_rate() override;

  // For the ops.
  cudaStream_t stream() const { return stream_; }
  LaunchOptions launch_options() const {
    return {stream_, overlap_, multiprocessors(), properties_.reservedSharedMemPerBlock};
  }
  bool sm70() const { return sm70_; }
  const TileDevice* tile() const { return has_tile_ ? &tile_ : nullptr; }  // null: linear_tile does not run here
  int multiprocessors() const { return properties_.multiProcessorCount; }
  Cublas* cublas() const { return cublas_ ? cublas_.get() : nullptr; }
  std::byte* expand_memory() const { return scratch_.get(); }
  std::byte* partial_memory() const { return scratch_.get() + kExpandBytes; }
  unsigned* counters() const {
    return reinterpret_cast<unsigned*>(scratch_.get() + kExpandBytes + kPartialBytes + kCublasBytes);
  }
  Staging& staging() { return *staging_; }
  // The device's copy of control memory; null stays null.
  template <typename T>
  const T* control(const T* host) const {
    return host == nullptr ? nullptr : reinterpret_cast<const T*>(control_at(host));
  }
  // Keeps the first failure. `what` names the op.
  void note(cudaError_t status, const char* what);
  void note_launch(const char* what) {
    note(cudaGetLastError(), what);
    if (profile_) mark(what);
  }

 private:
  CudaContext() = default;
  Status open(const DeviceOptions& options);
  const std::byte* control_at(const void* host) const;
  void mark(const char* what);
  DeviceWeight layout_of(const LinearWeight& weight, Arena& arena) const;

  DeviceOptions options_;
  cudaDeviceProp properties_{};
  cudaStream_t stream_ = nullptr;
  bool sm70_ = false, overlap_ = false, has_tile_ = false;
  TileDevice tile_{};
  std::uint64_t used_before_ = 0;  // by everybody, once this context was there
  std::shared_ptr<std::uint64_t> taken_ = std::make_shared<std::uint64_t>(0);
  std::shared_ptr<std::byte> scratch_, fetch_memory_;
  std::unique_ptr<Staging> staging_;
  std::unique_ptr<Cublas> cublas_;
  const std::byte* control_host_ = nullptr;
  std::byte* control_device_ = nullptr;
  std::size_t control_bytes_ = 0;
  std::map<std::string, cudaGraphExec_t> graphs_;
  bool recording_ = false, profile_ = false;
  std::vector<std::pair<const char*, cudaEvent_t>> marks_;  // what was launched before the event
  std::optional<Error> failure_;
};

inline CudaContext& context_of(const Kernels& kernels) { return *static_cast<CudaContext*>(kernels.device()); }

// expand_memory() as fp16 rows: panels [first_panel, first_panel + num_panels) of the weight, each row `stride` halves.
void launch_expand(const LinearWeight& weight, std::int64_t first_panel, std::int64_t num_panels, void* out,
                   std::int64_t stride, cudaStream_t stream);

}  // namespace docket::kernels::cuda

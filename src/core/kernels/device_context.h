// DeviceContext: what a device that is not the CPU offers besides its ops: memory, transfers, placing weights,
// replaying a recorded step. Held by Kernels; null on the CPU, where every function below does nothing or the obvious.
//
// Control memory: the forward pass writes ids, positions and masks in host memory and passes host pointers to ops. A
// device keeps a copy of that region at the same offsets; publish() brings a part up to date before the ops that read
// it, in the order of the ops, so that the host may write the next values at once.
//
// The first failure of an op or a transfer is kept until finish() asks for it; work enqueued meanwhile is lost, and the
// next request starts afresh. One caller at a time, as Kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/linear_weight.h"
#include "core/tensor/arena.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

class Kernels;

struct DeviceOptions {
  int index = 0;
  std::uint64_t max_bytes = 0;  // what the driver may report as used on the device at most; 0: the device's own limit
  bool force_sm70 = false;      // run the sm_70 kernels on a newer device, to test them there
  bool graphs = true;           // replay decode steps as graphs
  bool overlap = true;          // let a kernel begin before the one in front has ended, where the device can
};

// In bytes, as the driver says.
struct DeviceMemory {
  std::uint64_t total = 0, used = 0;  // of the device, everybody's
  std::uint64_t process = 0;          // of this process, 0 where the driver does not tell
  std::uint64_t planned = 0;          // taken by allocate()
  std::uint64_t limit = 0;            // what allocate() may still take
};

// Of all launches of one op.
struct OpTime {
  double seconds = 0;
  int launches = 0;
};

class DeviceContext {
 public:
  virtual ~DeviceContext() = default;

  virtual std::string name() const = 0;  // "NVIDIA H100 80GB HBM3, sm_90 (path sm_80)"
  virtual DType work_dtype() const = 0;  // of activations between ops
  virtual DeviceMemory memory() const = 0;

  // Device memory, zero-filled, and pinned host memory; given back with the pointer. Errors: kOutOfMemory with the
  // figures of the plan: nothing of the device is lost then.
  virtual Result<std::shared_ptr<std::byte>> allocate(std::size_t size_bytes, const std::string& what) = 0;
  virtual Result<std::shared_ptr<std::byte>> allocate_host(std::size_t size_bytes, const std::string& what) = 0;
  // Declares control memory: `device` holds the copy of host [host, host + size_bytes). Replaces the last.
  virtual void set_control(const std::byte* host, std::byte* device, std::size_t size_bytes) = 0;

  virtual void publish(const void* host, std::size_t size_bytes) = 0;
  // Waits; converts to fp32.
  virtual void fetch(const Matrix& from, const Matrix& to) = 0;
  virtual Status finish() = 0;

  // Calls `body` once for each new `key` and records what it enqueues; later calls with that key replay it.
  virtual void replay(const std::string& key, const std::function<void()>& body) = 0;

  // Puts a weight into `arena` in the device's order; a measuring arena counts only. The host's copy is read before
  // this returns and may be freed after the last.
  virtual DeviceWeight place(const LinearWeight& weight, Arena& arena) = 0;
  virtual const void* place_bytes(const void* host, std::size_t size_bytes, Arena& arena) = 0;

  // Seconds of device time that `body` enqueued, `runs` times over, median; for benchmarks.
  virtual double time(int runs, const std::function<void()>& body) = 0;
  // Where the time of `body` goes, op by op: from the end of the launch in front to its own, so that gaps count. No
  // graphs and no overlap meanwhile; a step of short kernels is slower than without.
  virtual std::map<std::string, OpTime> profile(const std::function<void()>& body) = 0;
  // Bytes a second that the device reads from its own memory, measured.
  virtual double read_rate() = 0;
  // Operations a second of a large fp16 product with sums in fp32, by the library; 0 without it.
  virtual double matrix_rate() = 0;
};

// Errors: kUnavailable when docket was built without CUDA, there is no such device, or it is older than sm_70.
Result<std::shared_ptr<DeviceContext>> create_cuda_context(const DeviceOptions& options);

template <typename T>
void publish(const Kernels& kernels, const T* host, std::int64_t count);
// `from` is on the device, `to` on the host and fp32; on the CPU they must be the same memory.
void fetch(const Kernels& kernels, const Matrix& from, const Matrix& to);
// The first thing that went wrong since the last call, after all work is done.
Status finish(const Kernels& kernels);
void replay(const Kernels& kernels, const std::string& key, const std::function<void()>& body);

// A matrix on the host in fp32, for those who look into a pass: itself on the CPU, a copy otherwise.
class HostCopy {
 public:
  HostCopy(const Kernels& kernels, const Matrix& values);
  const Matrix& matrix() const { return matrix_; }

 private:
  std::vector<float> copy_;
  Matrix matrix_;
};

namespace detail {
void publish_bytes(const Kernels& kernels, const void* host, std::size_t size_bytes);
}
template <typename T>
void publish(const Kernels& kernels, const T* host, std::int64_t count) {
  detail::publish_bytes(kernels, host, static_cast<std::size_t>(count) * sizeof(T));
}

}  // namespace docket::kernels

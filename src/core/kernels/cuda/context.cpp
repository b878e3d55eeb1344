#include "core/kernels/cuda/context.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/device/nvml.h"

namespace docket::kernels {
namespace cuda {
namespace {

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes / 1000000) + " MB"; }

Unexpected failed(cudaError_t status, const std::string& what) {
  const bool memory = status == cudaErrorMemoryAllocation;
  return make_error(memory ? ErrorCode::kOutOfMemory : ErrorCode::kUnavailable, cudaGetErrorString(status), what);
}

}  // namespace

Result<std::shared_ptr<DeviceContext>> CudaContext::create(const DeviceOptions& options) {
  std::shared_ptr<CudaContext> out(new CudaContext());
  DOCKET_TRY_VOID(out->open(options));
  return std::static_pointer_cast<DeviceContext>(out);
}

Status CudaContext::open(const DeviceOptions& options) {
  options_ = options;
  const std::string where = "device cuda:" + std::to_string(options.index);
  cudaError_t status = cudaSetDevice(options.index);
  if (status == cudaSuccess) status = cudaGetDeviceProperties(&properties_, options.index);
  if (status == cudaSuccess) status = cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking);
  if (status != cudaSuccess) return failed(status, where);
  if (properties_.major < 7)
    return make_error(ErrorCode::kUnavailable, name() + " is older than sm_70, which the kernels need", where);
  sm70_ = options.force_sm70 || properties_.major < 8;
  overlap_ = options.overlap && !sm70_ && properties_.major >= 9;
  std::size_t free = 0, total = 0;
  status = cudaMemGetInfo(&free, &total);
  if (status != cudaSuccess) return failed(status, where);
  used_before_ = total - free;
  DOCKET_TRY(staging_, Staging::create());
  DOCKET_TRY(scratch_, allocate(kScratchBytes, "the kernels' scratch"));
  DOCKET_TRY(fetch_memory_, allocate_host(Staging::kPartBytes, "the way back from the device"));
  has_tile_ = !sm70_ && properties_.sharedMemPerBlockOptin >= kTileSharedBytes;
  tile_ = {multiprocessors(), {}, reinterpret_cast<float*>(expand_memory()), kExpandBytes};
  if (has_tile_ && properties_.major >= 9) count_tile_clusters(tile_);
  cublas_ = Cublas::open(stream_, scratch_.get() + kExpandBytes + kPartialBytes, kCublasBytes);
  return {};
}

CudaContext::~CudaContext() {
  for (auto& [key, graph] : graphs_) cudaGraphExecDestroy(graph);
  cublas_.reset();
  if (stream_ != nullptr) cudaStreamSynchronize(stream_);
  staging_.reset();
  scratch_.reset();
  fetch_memory_.reset();
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

std::string CudaContext::name() const {
  const std::string arch = "sm_" + std::to_string(properties_.major) + std::to_string(properties_.minor);
  return std::string(properties_.name) + ", " + arch + ", kernels for " + (sm70_ ? "sm_70" : "sm_80") +
         (cublas_ ? "" : ", without cuBLAS");
}

DeviceMemory CudaContext::memory() const {
  DeviceMemory out;
  std::size_t free = 0, total = 0;
  if (cudaMemGetInfo(&free, &total) != cudaSuccess) return out;
  out.total = total;
  out.used = total - free;
  out.planned = *taken_;
  char bus[32] = {};
  if (cudaDeviceGetPCIBusId(bus, sizeof bus, options_.index) == cudaSuccess)
    out.process = device::process_gpu_bytes(bus);
  const std::uint64_t cap = options_.max_bytes > 0 ? std::min<std::uint64_t>(options_.max_bytes, total) : total;
  const std::uint64_t before = used_before_ + *taken_;
  out.limit = cap > before ? cap - before : 0;
  return out;
}

Result<std::shared_ptr<std::byte>> CudaContext::allocate(std::size_t size_bytes, const std::string& what) {
  const DeviceMemory now = memory();
  const std::string figures = megabytes(size_bytes) + " for " + what + "; " + megabytes(now.planned) +
                              " are taken, the device has " + megabytes(now.total) + " of which " +
                              megabytes(used_before_) + " were in use before" +
                              (options_.max_bytes > 0 ? ", the cap is " + megabytes(options_.max_bytes) : "");
  if (size_bytes > now.limit) return make_error(ErrorCode::kOutOfMemory, "needs " + figures, "device memory");
  void* memory = nullptr;
  cudaError_t status = cudaMalloc(&memory, std::max<std::size_t>(size_bytes, 1));
  if (status != cudaSuccess) {
    cudaGetLastError();  // it was ours to report: the context lives on
    return make_error(ErrorCode::kOutOfMemory, "the driver refused " + figures, "device memory");
  }
  // Whole pages of the driver count.
  constexpr std::size_t kPage = std::size_t{2} << 20;
  const std::size_t taken = (size_bytes + kPage - 1) / kPage * kPage;
  *taken_ += taken;
  status = cudaMemsetAsync(memory, 0, size_bytes, stream_);
  if (status != cudaSuccess) return failed(status, what);
  return std::shared_ptr<std::byte>(static_cast<std::byte*>(memory), [all = taken_, taken](std::byte* p) {
    cudaFree(p);
    *all -= taken;
  });
}

Result<std::shared_ptr<std::byte>> CudaContext::allocate_host(std::size_t size_bytes, const std::string& what) {
  void* memory = nullptr;
  const cudaError_t status = cudaMallocHost(&memory, std::max<std::size_t>(size_bytes, 1));
  if (status != cudaSuccess) {
    cudaGetLastError();
    return make_error(ErrorCode::kOutOfMemory, "no " + megabytes(size_bytes) + " of pinned memory", what);
  }
  std::memset(memory, 0, size_bytes);
  return std::shared_ptr<std::byte>(static_cast<std::byte*>(memory), [](std::byte* p) { cudaFreeHost(p); });
}

void CudaContext::set_control(const std::byte* host, std::byte* device, std::size_t size_bytes) {
  control_host_ = host;
  control_device_ = device;
  control_bytes_ = size_bytes;
}

const std::byte* CudaContext::control_at(const void* host) const {
  const auto offset = static_cast<const std::byte*>(host) - control_host_;
  CHECK(offset >= 0 && static_cast<std::size_t>(offset) < control_bytes_, "a pointer outside of control memory");
  return control_device_ + offset;
}

void CudaContext::publish(const void* host, std::size_t size_bytes) {
  CHECK(!recording_, "a copy from the host inside a recorded step");
  note(staging_->copy(const_cast<std::byte*>(control_at(host)), host, size_bytes, stream_), "publish");
}

void CudaContext::fetch(const Matrix& from, const Matrix& to) {
  CHECK(!recording_, "a copy to the host inside a recorded step");
  const std::size_t element = size_bytes(from.dtype), row_bytes = static_cast<std::size_t>(from.cols) * element;
  const auto most = static_cast<std::int64_t>(Staging::kPartBytes / std::max<std::size_t>(row_bytes, 1));
  CHECK(most > 0, "rows of %zu bytes", row_bytes);
  for (std::int64_t first = 0; first < from.rows; first += most) {
    const std::int64_t rows = std::min(most, from.rows - first);
    const Matrix part = from.slice_rows(first, rows);
    note(cudaMemcpy2DAsync(fetch_memory_.get(), row_bytes, part.data, static_cast<std::size_t>(part.stride) * element,
                           row_bytes, static_cast<std::size_t>(rows), cudaMemcpyDeviceToHost, stream_),
         "fetch");
    note(cudaStreamSynchronize(stream_), "fetch");
    for (std::int64_t r = 0; r < rows; ++r) {
      convert_to_f32(from.dtype, fetch_memory_.get() + static_cast<std::size_t>(r) * row_bytes, to.row(first + r),
                     static_cast<std::size_t>(from.cols));
    }
  }
}

void CudaContext::note(cudaError_t status, const char* what) {
  if (status == cudaSuccess || failure_) return;
  failure_ = Error{status == cudaErrorMemoryAllocation ? ErrorCode::kOutOfMemory : ErrorCode::kUnavailable,
                   std::string(cudaGetErrorString(status)) + " in " + what, name()};
}

Status CudaContext::finish() {
  note(cudaStreamSynchronize(stream_), "a pass");
  note(cudaGetLastError(), "a pass");
  if (!failure_) return {};
  const Error error = *failure_;
  failure_.reset();
  return Unexpected{error};
}

void CudaContext::replay(const std::string& key, const std::function<void()>& body) {
  if (!options_.graphs || profile_) return body();
  const auto known = graphs_.find(key);
  if (known != graphs_.end()) return note(cudaGraphLaunch(known->second, stream_), "replay");
  constexpr std::size_t kMostGraphs = 64;
  if (graphs_.size() >= kMostGraphs) {
    for (auto& [old, graph] : graphs_) cudaGraphExecDestroy(graph);
    graphs_.clear();
  }
  cudaGraph_t graph = nullptr;
  note(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "record");
  recording_ = true;
  body();
  recording_ = false;
  cudaGraphExec_t ready = nullptr;
  cudaError_t status = cudaStreamEndCapture(stream_, &graph);
  if (status == cudaSuccess) status = cudaGraphInstantiate(&ready, graph, 0);
  if (graph != nullptr) cudaGraphDestroy(graph);
  if (status != cudaSuccess) return note(status, "record");
  graphs_[key] = ready;
  note(cudaGraphLaunch(ready, stream_), "replay");
}

const void* CudaContext::place_bytes(const void* host, std::size_t size_bytes, Arena& arena) {
  std::byte* out = arena.take<std::byte>(static_cast<std::int64_t>(size_bytes));
  if (out != nullptr) note(staging_->copy(out, host, size_bytes, stream_), "place");
  return out;
}

void CudaContext::mark(const char* what) {
  cudaEvent_t event = nullptr;
  note(cudaEventCreate(&event), "profile");
  note(cudaEventRecord(event, stream_), "profile");
  marks_.emplace_back(what, event);
}

std::map<std::string, OpTime> CudaContext::profile(const std::function<void()>& body) {
  const bool overlap = std::exchange(overlap_, false);
  profile_ = true;
  mark("");
  body();
  profile_ = false;
  overlap_ = overlap;
  note(cudaStreamSynchronize(stream_), "profile");
  std::map<std::string, OpTime> out;
  for (std::size_t i = 1; i < marks_.size(); ++i) {
    float ms = 0;
    note(cudaEventElapsedTime(&ms, marks_[i - 1].second, marks_[i].second), "profile");
    OpTime& op = out[marks_[i].first];
    op.seconds += static_cast<double>(ms) / 1e3;
    ++op.launches;
  }
  for (auto& [what, event] : marks_) cudaEventDestroy(event);
  marks_.clear();
  return out;
}

double CudaContext::time(int runs, const std::function<void()>& body) {
  cudaEvent_t start = nullptr, end = nullptr;
  note(cudaEventCreate(&start), "time");
  note(cudaEventCreate(&end), "time");
  std::vector<double> seconds;
  for (int i = 0; i < runs + 2; ++i) {  // two to warm up
    note(cudaEventRecord(start, stream_), "time");
    body();
    note(cudaEventRecord(end, stream_), "time");
    note(cudaEventSynchronize(end), "time");
    float ms = 0;
    note(cudaEventElapsedTime(&ms, start, end), "time");
    if (i >= 2) seconds.push_back(static_cast<double>(ms) / 1e3);
  }
  cudaEventDestroy(start);
  cudaEventDestroy(end);
  std::nth_element(seconds.begin(), seconds.begin() + runs / 2, seconds.end());
  return seconds[static_cast<std::size_t>(runs / 2)];
}

}  // namespace cuda

Result<std::shared_ptr<DeviceContext>> create_cuda_context(const DeviceOptions& options) {
  return cuda::CudaContext::create(options);
}

}  // namespace docket::kernels

#include "core/device/nvml.h"

#include <dlfcn.h>
#include <unistd.h>

#include <vector>

namespace docket::device {
namespace {

// nvml.h: nvmlProcessInfo_v2_t.
struct ProcessInfo {
  unsigned int pid;
  unsigned long long used_bytes;
  unsigned int gpu_instance, compute_instance;
};
constexpr unsigned long long kNotAvailable = ~0ULL;

struct Nvml {
  int (*handle_by_bus)(const char*, void**) = nullptr;
  int (*processes)(void*, unsigned int*, ProcessInfo*) = nullptr;

  Nvml() {
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    const auto init = reinterpret_cast<int (*)()>(dlsym(library, "nvmlInit_v2"));
    if (init == nullptr || init() != 0) return;
    handle_by_bus = reinterpret_cast<int (*)(const char*, void**)>(dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2"));
    processes = reinterpret_cast<int (*)(void*, unsigned int*, ProcessInfo*)>(
        dlsym(library, "nvmlDeviceGetComputeRunningProcesses_v3"));
  }
};

}  // namespace

std::uint64_t process_gpu_bytes(const std::string& pci_bus_id) {
  static const Nvml nvml;  // stays loaded
  if (nvml.handle_by_bus == nullptr || nvml.processes == nullptr) return 0;
  void* device = nullptr;
  if (nvml.handle_by_bus(pci_bus_id.c_str(), &device) != 0) return 0;
  unsigned int count = 256;
  std::vector<ProcessInfo> all(count);
  if (nvml.processes(device, &count, all.data()) != 0) return 0;
  for (unsigned int i = 0; i < count; ++i) {
    if (all[i].pid == static_cast<unsigned int>(::getpid()) && all[i].used_bytes != kNotAvailable)
      return all[i].used_bytes;
  }
  return 0;
}

}  // namespace docket::device

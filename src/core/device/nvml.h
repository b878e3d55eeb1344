// What the NVIDIA driver says of memory, asked through NVML where it is installed.
#pragma once

#include <cstdint>
#include <string>

namespace docket::device {

// Bytes of the GPU at this PCI bus id ("0000:17:00.0") that this process holds, context and code included. 0 when NVML
// is not there or does not tell (some containers hide processes).
std::uint64_t process_gpu_bytes(const std::string& pci_bus_id);

}  // namespace docket::device

// docket doctor: what this machine can do, what is missing and how to get it, and where each setting came from.
#include <sys/utsname.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "apps/cli/command.h"
#include "apps/cli/doctor_report.h"
#include "apps/cli/version.h"
#include "core/base/threads.h"
#ifdef DOCKET_DOCUMENTS
#include "apps/cli/model_setting.h"
#include "core/weights/checkpoint.h"
#include "core/weights/config.h"
#include "ocr/reader.h"
#include "page/read.h"
#endif

namespace docket::cli {
namespace {

// The value of "Key:   value" in a /proc file; empty when there is none.
std::string proc_value(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return {};
}

std::string cpu_features() {
#if defined(__x86_64__)
  std::string out;
  const auto add = [&](const char* name, bool has) {
    if (has) out += (out.empty() ? "" : " ") + std::string(name);
  };
  add("sse4.2", __builtin_cpu_supports("sse4.2"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  return out;
#else
  return "(not x86-64)";
#endif
}

std::string gigabytes(const std::string& kilobytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", std::strtod(kilobytes.c_str(), nullptr) / (1024.0 * 1024.0));
  return text;
}

void add_machine(DoctorReport& report) {
  utsname name{};
  ::uname(&name);
  report.section("Program");
  report.fact("docket", kVersion);
  report.fact("compiler", __VERSION__);
  report.section("Machine");
  report.fact("system", std::string(name.sysname) + " " + name.release + " " + name.machine);
  report.fact("processor", proc_value("/proc/cpuinfo", "model name"));
  report.fact("processors", std::to_string(std::thread::hardware_concurrency()) + " present, " +
                                std::to_string(usable_processors()) + " usable");
  report.fact("features", cpu_features());
  report.fact("memory", gigabytes(proc_value("/proc/meminfo", "MemTotal")) + ", " +
                            gigabytes(proc_value("/proc/meminfo", "MemAvailable")) + " available");
}

#ifdef DOCKET_DOCUMENTS
void add_formats(DoctorReport& report) {
  report.section("Document formats");
  for (const page::FormatSupport& format : page::supported_formats()) {
    report.component(format.name, format.available, format.available ? format.library : format.problem);
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// What a batch would load, from the headers alone.
void add_model(DoctorReport& report, const Settings& settings) {
  constexpr const char* kName = "vision-language model";
  const std::string folder = model_folder(settings);
  if (folder.empty()) {
    const bool shipped = settings.text("DOCKET_MODEL") == kShippedModel;
    const char* why =
        shipped ? "models/nano is not beside the program; OCR reads alone" : "none is set; OCR reads alone";
    return report.component(kName, false, why, false);
  }
  const auto config = weights::read_model_config(folder);
  if (!config) return report.component(kName, false, config.error().text());
  const auto checkpoint = weights::Checkpoint::open(folder);
  if (!checkpoint) return report.component(kName, false, checkpoint.error().text());
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : checkpoint->tensors()) bytes += tensor.bytes.size();
  report.component(kName, true, folder + ", " + std::to_string((bytes + 999'999) / 1'000'000) + " MB of weights");
}

void add_readers(DoctorReport& report, const Settings& settings) {
  report.section("Readers");
  const ocr::Support ocr = ocr::supported(settings.text("DOCKET_TESSDATA"));
  report.component("OCR program", true, "Tesseract " + ocr.tesseract_version);
  const std::string& wanted = settings.text("DOCKET_OCR_LANGUAGE");
  const auto reader = ocr::OcrReader::create({wanted, settings.text("DOCKET_TESSDATA"), 6000});
  report.component("OCR language data", bool(reader),
                   reader ? wanted + " in " + ocr.tessdata_dir.string() + " (there: " + join(ocr.languages) + ")"
                          : reader.error().text());
  add_model(report, settings);
}
#endif

void add_settings(DoctorReport& report, const Settings& settings) {
  report.section("Settings");
  for (const SettingSpec& spec : settings.specs()) {
    const SettingValue& value = settings.value(spec.key);
    report.fact(spec.key, (value.text.empty() ? "(empty)" : value.text) + "  from " + value.origin);
  }
}

int run_doctor(const Settings& settings) {
  DoctorReport report;
  add_machine(report);
#ifdef DOCKET_DOCUMENTS
  add_formats(report);
  add_readers(report, settings);
#endif
  add_settings(report, settings);
  std::fputs(report.text().c_str(), stdout);
  return report.missing() ? kSomeFailed : kOk;
}

}  // namespace

void add_doctor_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "doctor", "Show what this machine can do and what is missing", "docket doctor");
  command->callback([&program] { program.run = run_doctor; });
}

}  // namespace docket::cli

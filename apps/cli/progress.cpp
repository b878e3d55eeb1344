#include "apps/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace docket::cli {
namespace {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::llround(std::min(seconds, 1e7)));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t earlier, std::size_t total, std::size_t failed,
                          double elapsed_seconds) {
  constexpr std::size_t kWidth = 24;
  const double share = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kWidth));
  char text[160];
  std::snprintf(text, sizeof text, "[%s%s]  %zu/%zu  %.0f %%", std::string(filled, '#').c_str(),
                std::string(kWidth - filled, '-').c_str(), done, total, std::floor(100 * share));
  std::string out = text;
  if (failed > 0) out += "  " + std::to_string(failed) + " failed";
  const std::size_t now = done - std::min(done, earlier);
  if (now > 0 && elapsed_seconds > 0) {
    const double rate = static_cast<double>(now) / elapsed_seconds;
    std::snprintf(text, sizeof text, "  %.2f/s  ", rate);
    out += text + clock_text(static_cast<double>(total - done) / rate) + " left";
  }
  return out;
}

Progress::Progress(std::size_t total, std::size_t earlier)
    : total_(total), earlier_(earlier), visible_(::isatty(STDERR_FILENO) == 1) {}

void Progress::update(std::size_t done, std::size_t failed) {
  const auto now = Clock::now();
  if (!visible_ || (done < total_ && now - last_drawn_ < std::chrono::milliseconds(100))) return;
  last_drawn_ = now;
  drawn_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "\r\033[K%s", progress_line(done, earlier_, total_, failed, elapsed).c_str());
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace docket::cli

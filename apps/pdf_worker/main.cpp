// docket-pdf-worker: reads the PDF on descriptor 3 and answers docket on standard input and output, which are one
// socket (src/page/pdf_protocol.h). Started by docket alone; by hand it says so and stops.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>

#include "apps/pdf_worker/render.h"
#include "page/pdf_protocol.h"

namespace {

using docket::Bytes;
namespace pdf = docket::page::pdf;

constexpr int kDocumentDescriptor = 3;
constexpr std::size_t kLargestRequest = 64;  // bytes of body

bool read_all(std::span<std::uint8_t> to) {
  while (!to.empty()) {
    const ssize_t got = ::read(STDIN_FILENO, to.data(), to.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool write_all(std::span<const std::uint8_t> from) {
  while (!from.empty()) {
    const ssize_t sent = ::write(STDOUT_FILENO, from.data(), from.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from = from.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

std::span<const std::uint8_t> map_document() {
  struct stat info {};
  if (::fstat(kDocumentDescriptor, &info) != 0 || info.st_size <= 0 || info.st_size > INT_MAX) return {};
  const auto size = static_cast<std::size_t>(info.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, kDocumentDescriptor, 0);
  if (memory == MAP_FAILED) return {};
  return {static_cast<const std::uint8_t*>(memory), size};
}

// One request and its answer; false when docket has hung up.
bool answer_next(const docket::pdf_worker::PdfFile& file) {
  std::array<std::uint8_t, pdf::kHeaderBytes> head{};
  if (!read_all(head)) return false;
  const auto header = pdf::decode_header(head, kLargestRequest);
  if (!header) return false;
  Bytes body(header->body_bytes);
  if (!read_all(body)) return false;
  const auto message = pdf::decode_body(header->type, body);
  const auto* request = message ? std::get_if<pdf::Render>(&*message) : nullptr;
  return request && write_all(pdf::encode(file.render(*request)));
}

int serve() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a write fails and the library goes on: fontconfig tries to keep a list of the fonts
  const std::span<const std::uint8_t> document = map_document();
  if (document.empty()) {
    std::fputs("docket-pdf-worker is started by docket to read PDF files; use docket extract FILE\n", stderr);
    return 2;
  }
  const docket::pdf_worker::PdfFile file(document);
  const pdf::Message greeting = file.greeting();
  if (!write_all(pdf::encode(greeting))) return 1;
  if (!std::holds_alternative<pdf::Opened>(greeting)) return 0;
  while (answer_next(file)) {
  }
  return 0;
}

}  // namespace

int main() {
  try {
    return serve();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "docket-pdf-worker: %s\n", error.what());
    return 1;
  }
}

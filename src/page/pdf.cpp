// PDF through docket-pdf-worker, a process of its own: a broken or hostile file can end that one, never this one, and
// the GPL of the PDF library stays there (docs/decisions).
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "page/formats.h"
#include "page/pdf_protocol.h"
#include "page/worker_process.h"

namespace docket::page {
namespace {

// What `docket doctor` hands the worker to see that it works.
constexpr std::string_view kProbe =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
constexpr std::chrono::seconds kProbeTime{5};

std::filesystem::path worker_program(const Options& options) {
  return options.pdf_worker.empty() ? program_folder() / "docket-pdf-worker" : options.pdf_worker;
}

// The same Error, with the file's name on it and the time limit in place of a bare "in time".
Unexpected about(const Input& input, const Error& error) {
  if (error.code == ErrorCode::kLimitExceeded && input.late()) return too_late(input);
  return make_error(error.code, error.message, input.name);
}

Result<pdf::Message> receive(const Input& input, WorkerProcess& worker) {
  std::array<std::uint8_t, pdf::kHeaderBytes> head{};
  if (auto status = worker.receive(head); !status) return about(input, status.error());
  auto header = pdf::decode_header(head, pdf::largest_body(input.options.pdf_page_pixels));
  if (!header) return about(input, header.error());
  Bytes body(header->body_bytes);
  if (auto status = worker.receive(body); !status) return about(input, status.error());
  auto message = pdf::decode_body(header->type, body);
  if (!message) return about(input, message.error());
  return message;
}

Unexpected unasked(const Input& input) {
  return make_error(ErrorCode::kMalformed, "the PDF worker sent an answer to another question", input.name);
}

Unexpected refusal(const Input& input, const pdf::Refused& refused) {
  if (refused.reason == pdf::Reason::kEncrypted) {
    return make_error(ErrorCode::kUnsupported, "is an encrypted PDF that needs a password; save a copy without one",
                      input.name);
  }
  return malformed(input, "is a PDF that cannot be read (" + refused.message + ")");
}

Result<pdf::Opened> open(const Input& input, WorkerProcess& worker) {
  DOCKET_TRY(const pdf::Message message, receive(input, worker));
  if (const auto* refused = std::get_if<pdf::Refused>(&message)) return refusal(input, *refused);
  const auto* opened = std::get_if<pdf::Opened>(&message);
  if (!opened) return unasked(input);
  if (opened->page_count == 0) return malformed(input, "is a PDF without pages");
  return *opened;
}

Page page_of(pdf::Rendered rendered) {
  Page page;
  page.number = rendered.number;
  page.width = page.source_width = rendered.width;
  page.height = page.source_height = rendered.height;
  page.dpi = rendered.dpi;
  page.rgb = std::move(rendered.rgb);
  page.text_layer = std::move(rendered.words);
  return page;
}

// Adds one page, or a note when this page alone cannot be read.
Status add_page(const Input& input, WorkerProcess& worker, int number, Document& document) {
  const pdf::Render request{number, input.options.pdf_dpi, input.options.pdf_page_pixels};
  if (auto status = worker.send(pdf::encode(request)); !status) return about(input, status.error());
  DOCKET_TRY(pdf::Message message, receive(input, worker));
  if (const auto* refused = std::get_if<pdf::Refused>(&message)) {
    if (refused->reason != pdf::Reason::kPageUnreadable) return refusal(input, *refused);
    document.notes.push_back("page_" + std::to_string(number) + "_unreadable");
    return {};
  }
  auto* rendered = std::get_if<pdf::Rendered>(&message);
  if (!rendered || rendered->number != number) return unasked(input);
  DOCKET_TRY_VOID(check_size(input, rendered->width, rendered->height));
  document.pages.push_back(page_of(std::move(*rendered)));
  return {};
}

}  // namespace

Result<Document> read_pdf(const Input& input) {
  auto worker =
      WorkerProcess::start(worker_program(input.options), input.bytes, input.options.pdf_worker_bytes, input.deadline);
  if (!worker) return about(input, worker.error());
  Document document;
  DOCKET_TRY(const pdf::Opened opened, open(input, *worker));
  document.page_count = opened.page_count;
  DOCKET_TRY(const std::vector<int> chosen, choose_pages(input, document.page_count));
  std::int64_t total = 0;
  for (const int number : chosen) {
    DOCKET_TRY_VOID(add_page(input, *worker, number, document));
    if (document.pages.empty()) continue;
    const Page& last = document.pages.back();
    if (last.number == number) DOCKET_TRY_VOID(add_pixels(input, last.width, last.height, total));
  }
  if (document.pages.empty()) return malformed(input, "is a PDF none of whose pages can be read");
  return document;
}

FormatSupport pdf_support(const Options& options) {
  const std::filesystem::path program = worker_program(options);
  const std::string name = "a PDF of one blank page";
  const Limits limits;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(kProbe.data());
  const Input input{{bytes, kProbe.size()}, name, limits, options, std::chrono::steady_clock::now() + kProbeTime};
  FormatSupport support{"PDF", "poppler", false, ""};
  auto worker = WorkerProcess::start(program, input.bytes, options.pdf_worker_bytes, input.deadline);
  const Result<pdf::Opened> opened = worker ? open(input, *worker) : Result<pdf::Opened>(about(input, worker.error()));
  if (opened) {
    support.library = opened->library + " (a process of its own)";
    support.available = true;
  } else {
    support.problem = opened.error().message + "; build " + program.string() + ", or name it by DOCKET_PDF_WORKER";
  }
  return support;
}

}  // namespace docket::page

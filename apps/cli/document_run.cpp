#include "apps/cli/document_run.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "apps/cli/model_setting.h"
#include "core/base/threads.h"
#include "extract/company_lists.h"
#include "extract/page_ranges.h"
#include "reply/model.h"
#include "rules/abn.h"
#include "rules/civil.h"
#include "rules/text.h"

namespace docket::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

Unexpected bad_setting(const Settings& settings, const char* key, const std::string& expected) {
  return make_error(ErrorCode::kInvalidArgument,
                    std::string(key) + " is \"" + settings.text(key) + "\", expected " + expected,
                    settings.value(key).origin);
}

Result<rules::Date> today_of(const Settings& settings) {
  const std::string& text = settings.text("DOCKET_TODAY");
  if (text.empty()) return rules::local_today();
  const auto date = rules::read_iso(text);
  if (!date) return bad_setting(settings, "DOCKET_TODAY", "a date like 2026-06-30");
  return *date;
}

Result<std::vector<std::string>> own_abns_of(const Settings& settings) {
  std::vector<std::string> out;
  std::string_view rest = settings.text("DOCKET_OWN_ABNS");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const rules::Abn abn = rules::parse_abn(rules::trim(rest.substr(0, comma)));
    if (!abn.passed()) return bad_setting(settings, "DOCKET_OWN_ABNS", "ABNs of 11 digits whose checksum passes");
    out.push_back(abn.digits);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return out;
}

extract::ReaderChoice reader_of(const std::string& name) {
  if (name == "both") return extract::ReaderChoice::kBoth;
  if (name == "vlm") return extract::ReaderChoice::kVlm;
  return name == "ocr" ? extract::ReaderChoice::kOcr : extract::ReaderChoice::kAuto;
}

// An adapter was asked for by name: one that the model cannot take is told at once, not in every record. A model that
// cannot be used itself is another matter: others stand in for it.
Status check_adapter(const extract::Options& options) {
  if (options.vlm.adapter.empty() || options.reader == extract::ReaderChoice::kOcr) return {};
  if (options.vlm.model.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "is an adapter, and there is no model to use it with",
                      options.vlm.adapter);
  }
  DOCKET_TRY(const auto policy, load::parse_quant_policy(options.vlm.quant));
  const reply::AdapterSource source = reply::adapter_source(options.vlm.adapter);
  const auto with = reply::Model::open(options.vlm.model, policy, {&source, 1});
  if (with || !reply::Model::open(options.vlm.model, policy)) return {};
  return with.failure();
}

}  // namespace

Result<extract::Options> document_options(const Settings& settings, const std::string& pages) {
  extract::Options options;
  options.reader = reader_of(settings.text("DOCKET_READER"));
  if (options.reader != extract::ReaderChoice::kOcr) options.vlm.model = model_folder(settings);
  options.vlm.adapter = settings.text("DOCKET_ADAPTER");
  options.vlm.fallback_model = settings.text("DOCKET_FALLBACK_MODEL");
  options.prompts = settings.text("DOCKET_PROMPTS");
  options.asking.questions = static_cast<int>(settings.integer("DOCKET_ASK_AGAIN"));
  options.asking.seconds = settings.number("DOCKET_ASK_SECONDS");
  options.vlm.quant = settings.text("DOCKET_QUANT");
  options.vlm.device = settings.text("DOCKET_DEVICE");
  // Documents that are read side by side share the processors.
  const auto jobs = settings.integer("DOCKET_JOBS");
  if (jobs > 0) options.threads = static_cast<int>(std::max<std::int64_t>(1, usable_processors() / jobs));
  options.vlm.threads = options.threads;
  DOCKET_TRY(options.pages, extract::parse_page_ranges(pages));
  DOCKET_TRY(options.today, today_of(settings));
  DOCKET_TRY(options.own_abns, own_abns_of(settings));
  if (const std::string& list = settings.text("DOCKET_SUPPLIERS"); !list.empty()) {
    DOCKET_TRY(options.approved_suppliers, extract::read_suppliers(list));
  }
  if (const std::string& list = settings.text("DOCKET_EXPENSE_RULES"); !list.empty()) {
    DOCKET_TRY(options.expense_rules, extract::read_expense_rules(list));
  }
  options.limits.max_bytes = static_cast<std::size_t>(settings.integer("DOCKET_MAX_MEGABYTES")) << 20;
  options.limits.max_pixels = settings.integer("DOCKET_MAX_MEGAPIXELS") * 1'000'000;
  options.limits.max_pages = static_cast<int>(settings.integer("DOCKET_MAX_PAGES"));
  options.page.pdf_worker = settings.text("DOCKET_PDF_WORKER");
  options.ocr.language = settings.text("DOCKET_OCR_LANGUAGE");
  options.ocr.tessdata_dir = settings.text("DOCKET_TESSDATA");
  options.ocr.time_budget_ms = static_cast<int>(settings.number("DOCKET_OCR_TIME_LIMIT") * 1000);
  options.registered_for_gst = settings.boolean("DOCKET_REGISTERED_FOR_GST");
  options.redact = settings.boolean("DOCKET_REDACT");
  options.mask_customer = settings.boolean("DOCKET_MASK_CUSTOMER");
  return options;
}

Result<extract::PoolOptions> pool_options(const Settings& settings, const std::string& pages, std::size_t documents) {
  const auto checked = document_options(settings, pages);
  if (!checked) return checked.failure();
  DOCKET_TRY_VOID(check_adapter(*checked));
  extract::PoolOptions pool;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return make_error(ErrorCode::kIo, "cannot find this program: " + error.message(), "/proc/self/exe");
  const auto jobs = settings.integer("DOCKET_JOBS");
  pool.jobs = jobs > 0 ? static_cast<int>(jobs) : usable_processors();
  pool.jobs = static_cast<int>(std::clamp<std::size_t>(documents, 1, static_cast<std::size_t>(pool.jobs)));
  pool.worker_command = {program.string(), "--env-file", "/dev/null", "worker", "--pages", pages};
  for (const SettingSpec& spec : settings.specs()) {
    // One string each, so that neither an empty value nor one that begins with a dash is taken for something else.
    const bool is_jobs = spec.key == "DOCKET_JOBS";
    const std::string value = is_jobs ? std::to_string(pool.jobs) : settings.value(spec.key).text;
    pool.worker_command.push_back("--set=" + spec.key + "=" + value);
  }
  const bool has_model = !checked->vlm.model.empty() || !checked->vlm.fallback_model.empty();
  if (has_model && checked->reader != extract::ReaderChoice::kOcr) {
    pool.fallback_command = pool.worker_command;
    for (std::string& argument : pool.fallback_command) {
      if (argument.starts_with("--set=DOCKET_READER=")) argument = "--set=DOCKET_READER=ocr";
    }
  }
  pool.max_file_bytes = checked->limits.max_bytes;
  pool.seconds_per_document = settings.number("DOCKET_TIME_LIMIT");
  return pool;
}

std::atomic<bool>& stop_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted.store(true); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

}  // namespace docket::cli

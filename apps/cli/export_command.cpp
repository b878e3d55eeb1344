// docket export: what a batch read, in the form that a bookkeeping program imports.
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "apps/cli/command.h"
#include "apps/cli/document_run.h"
#include "core/base/file.h"
#include "store/csv.h"
#include "store/export.h"
#include "store/json.h"

namespace docket::cli {
namespace {

struct ExportFlags {
  std::vector<std::string> inputs;
  std::string to, out, account, buyer;
  std::vector<std::string> taxes;
  bool accepted = false;
};

constexpr std::size_t kMaxResultBytes = std::size_t{1} << 30;

// What was left out, and why; each is named on stderr.
struct Left {
  int failed = 0, not_accepted = 0, unfit = 0, unknown_tax = 0;
};

bool is_accepted(const record::Record& record) {
  return record.verdict.result == record::VerdictResult::kMeets ||
         record.verdict.result == record::VerdictResult::kNotRequired;
}

Result<std::vector<record::Record>> read_records(const ExportFlags& flags, Left& left) {
  std::vector<record::Record> records;
  for (const std::string& input : flags.inputs) {
    DOCKET_TRY(const std::string text, read_text_file(input, kMaxResultBytes));
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      const std::string where = input + ":" + std::to_string(++number);
      DOCKET_TRY(const Json json, parse_json(line, where));
      if (json.is_object() && json.contains("error")) {
        ++left.failed;
        continue;
      }
      DOCKET_TRY(record::Record record, store::read_record(json, where));
      if (flags.accepted && !is_accepted(record)) {
        ++left.not_accepted;
        continue;
      }
      records.push_back(std::move(record));
    }
  }
  return records;
}

std::vector<store::Purchase> purchases_of(const std::vector<record::Record>& records, Left& left) {
  std::vector<store::Purchase> purchases;
  for (const auto& record : records) {
    auto purchase = store::purchase_of(record);
    if (!purchase) {
      ++left.unfit;
      std::fprintf(stderr, "docket: left out: %s\n", purchase.error().text().c_str());
      continue;
    }
    left.unknown_tax += std::any_of(purchase->lines.begin(), purchase->lines.end(),
                                    [](const store::PurchaseLine& line) { return line.gst_code == "UNK"; });
    purchases.push_back(*std::move(purchase));
  }
  return purchases;
}

Result<store::BookOptions> book_options(const ExportFlags& flags) {
  store::BookOptions options{flags.account, flags.to == "xero" ? store::xero_tax_names() : store::myob_tax_names()};
  for (const std::string& tax : flags.taxes) {
    const std::size_t equals = tax.find('=');
    const std::string code = tax.substr(0, equals);
    if (equals == std::string::npos || !options.taxes.contains(code)) {
      return make_error(ErrorCode::kInvalidArgument,
                        "\"" + tax + "\" is no mapping; expected CODE=NAME with a code of GST FRE INP EXP NTR UNK",
                        "--tax");
    }
    options.taxes[code] = tax.substr(equals + 1);
  }
  return options;
}

Status write_out(const std::string& out, const std::string& text) {
  if (!out.empty()) return write_file_atomic(out, text);
  std::fputs(text.c_str(), stdout);
  return {};
}

Status export_books(const ExportFlags& flags, const store::BookOptions& options,
                    const std::vector<store::Purchase>& purchases) {
  const bool xero = flags.to == "xero";
  std::string text = xero ? store::xero_header() : store::myob_header();
  for (const auto& purchase : purchases) {
    text += xero ? store::xero_rows(purchase, options) : store::myob_rows(purchase, options);
  }
  return write_out(flags.out, text);
}

Status export_csv(const ExportFlags& flags, const std::vector<record::Record>& records) {
  const bool lines = flags.to == "csv-lines";
  std::string text = lines ? store::csv_line_header() : store::csv_document_header();
  for (const auto& record : records) text += lines ? store::csv_line_rows(record) : store::csv_document_row(record);
  return write_out(flags.out, text);
}

// The buyer of e-invoices; nobody for other forms.
Result<store::Buyer> buyer_of(const ExportFlags& flags, const Settings& settings) {
  if (flags.to != "ubl") return store::Buyer{};
  DOCKET_TRY(const extract::Options options, document_options(settings, ""));
  if (options.own_abns.empty() || flags.buyer.empty() || flags.out.empty()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "an e-invoice names its buyer: give --buyer NAME, your ABN in DOCKET_OWN_ABNS, and --out FOLDER",
                      "--to ubl");
  }
  return store::Buyer{flags.buyer, options.own_abns.front()};
}

Status export_ubl(const ExportFlags& flags, const store::Buyer& buyer, const std::vector<store::Purchase>& purchases,
                  Left& left) {
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  if (error) return make_error(ErrorCode::kIo, "cannot make this folder: " + error.message(), flags.out);
  for (const auto& purchase : purchases) {
    const auto text = store::ubl_text(purchase, buyer);
    if (!text) {
      ++left.unfit;
      std::fprintf(stderr, "docket: left out: %s\n", text.error().text().c_str());
      continue;
    }
    DOCKET_TRY_VOID(write_file_atomic(std::filesystem::path(flags.out) / (purchase.reference + ".xml"), *text));
  }
  return {};
}

int run_export(const ExportFlags& flags, const Settings& settings) {
  const auto books = book_options(flags);
  if (!books) return fail(books.error(), kUsage);
  const auto buyer = buyer_of(flags, settings);
  if (!buyer) return fail(buyer.error(), kUsage);
  Left left;
  const auto records = read_records(flags, left);
  if (!records) return fail(records.error(), kSomeFailed);
  Status written;
  if (flags.to == "csv" || flags.to == "csv-lines") {
    written = export_csv(flags, *records);
  } else {
    const auto purchases = purchases_of(*records, left);
    written = flags.to == "ubl" ? export_ubl(flags, *buyer, purchases, left) : export_books(flags, *books, purchases);
    if (written && left.unknown_tax > 0) {
      std::fprintf(stderr, "docket: %d documents do not say how they are taxed; their lines have the name of UNK\n",
                   left.unknown_tax);
    }
  }
  if (!written)
    return fail(written.error(), written.error().code == ErrorCode::kInvalidArgument ? kUsage : kSomeFailed);
  if (left.failed > 0) std::fprintf(stderr, "docket: %d documents had failed and are left out\n", left.failed);
  if (left.not_accepted > 0) {
    std::fprintf(stderr, "docket: %d documents are not accepted and are left out\n", left.not_accepted);
  }
  return left.failed + left.unfit == 0 ? kOk : kSomeFailed;
}

}  // namespace

void add_export_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(app, "export", "Turn results into what a bookkeeping program imports",
                                  "docket export --to xero --account 429 --accepted results.jsonl > bills.csv");
  const auto flags = std::make_shared<ExportFlags>();
  command->add_option("--to", flags->to, "xero, myob, ubl (a PINT A-NZ e-invoice a document), csv or csv-lines")
      ->required()
      ->check(CLI::IsMember({"xero", "myob", "ubl", "csv", "csv-lines"}));
  command->add_option("--out", flags->out, "file to write, for ubl a folder; stdout when not given");
  command->add_option("--account", flags->account, "code of the expense account");
  command->add_option("--tax", flags->taxes, "CODE=NAME: what your books call GST FRE INP EXP NTR or UNK (unknown)");
  command->add_option("--buyer", flags->buyer, "your business's name, for ubl");
  command->add_flag("--accepted", flags->accepted, "only documents whose verdict is MEETS or NOT_REQUIRED");
  command->add_option("RESULTS", flags->inputs, "JSON lines that docket batch wrote")->required();
  command->callback(
      [&program, flags] { program.run = [flags](const Settings& settings) { return run_export(*flags, settings); }; });
}

}  // namespace docket::cli

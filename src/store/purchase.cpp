#include "store/purchase.h"

#include <algorithm>
#include <numeric>

#include "record/typed.h"
#include "rules/document_type.h"
#include "rules/gst.h"

namespace docket::store {
namespace {

using record::Record;
using rules::Cents;

constexpr std::int64_t kOne = 10'000;  // in ten-thousandths

Cents gst_inside(const std::string& code, Cents amount) { return code == "GST" ? rules::gst_inclusive(amount) : 0; }

PurchaseLine simple_line(std::string description, const std::string& code, Cents amount) {
  return {std::move(description), kOne, amount * 100, amount, gst_inside(code, amount), code, false};
}

// The printed line with GST in its amount; quantity and unit price are kept where they still give it.
std::optional<PurchaseLine> line_of(const record::LineItem& item, bool prices_include_gst) {
  if (!item.amount_cents) return std::nullopt;
  PurchaseLine line =
      simple_line(item.description.empty() ? "(no description)" : item.description, item.gst_code, *item.amount_cents);
  if (!prices_include_gst && item.gst_code == "GST") {
    const Cents gst = item.gst_amount_cents.value_or(rules::gst_exclusive(*item.amount_cents));
    line = simple_line(line.description, item.gst_code, *item.amount_cents + gst);
    line.gst_cents = gst;
    return line;
  }
  if (item.gst_amount_cents) line.gst_cents = *item.gst_amount_cents;
  if (item.quantity_e4 && item.unit_price_e4 &&
      rules::extended_price(*item.quantity_e4, *item.unit_price_e4) == item.amount_cents) {
    line.quantity_e4 = *item.quantity_e4;
    line.unit_price_e4 = *item.unit_price_e4;
  }
  return line;
}

Cents sum_of(const std::vector<PurchaseLine>& lines) {
  return std::accumulate(lines.begin(), lines.end(), Cents{0},
                         [](Cents sum, const PurchaseLine& line) { return sum + line.amount_cents; });
}

// The code that all lines share; empty when they differ.
std::string common_code(const std::vector<PurchaseLine>& lines) {
  const bool alike = !lines.empty() && std::all_of(lines.begin(), lines.end(), [&](const PurchaseLine& line) {
    return line.gst_code == lines.front().gst_code;
  });
  return alike ? lines.front().gst_code : "";
}

struct Extra {
  const char* field;
  const char* description;
  bool taxed;  // as the lines are; rounding never is
};
constexpr Extra kExtras[] = {{"surcharge_total", "Surcharge", true},
                             {"discount_total", "Discount", true},
                             {"tip", "Tip", false},
                             {"cash_rounding", "Cash rounding", false}};

// The document's own lines and then the amounts printed beside them, as many of these as it takes to reach `total`:
// a discount may stand among the lines and in the totals.
std::optional<std::vector<PurchaseLine>> printed_lines(const Record& record, Cents total) {
  const bool inclusive = record::text_of(record, "prices_include_gst") != "false";
  std::vector<PurchaseLine> lines;
  for (const auto& item : record.line_items) {
    auto line = line_of(item, inclusive);
    if (!line) return std::nullopt;
    lines.push_back(*std::move(line));
  }
  if (lines.empty()) return std::nullopt;
  const std::string code = common_code(lines);
  for (const Extra& extra : kExtras) {
    if (sum_of(lines) == total) break;
    const auto amount = record::cents_of(record, extra.field);
    if (!amount || *amount == 0) continue;
    if (extra.taxed && code.empty()) return std::nullopt;  // which of the lines it belongs to is not printed
    lines.push_back(simple_line(extra.description, extra.taxed ? code : "NTR", *amount));
    lines.back().cash_rounding = extra.field == std::string_view("cash_rounding");
  }
  if (sum_of(lines) != total) return std::nullopt;
  return lines;
}

std::vector<PurchaseLine> summary_lines(const Record& record, Cents total, std::optional<Cents> gst) {
  const auto taxable = record::cents_of(record, "taxable_total");
  const auto free = record::cents_of(record, "gst_free_total");
  std::vector<PurchaseLine> lines;
  if (taxable && free && *taxable + *free == total) {
    if (*taxable != 0) lines.push_back(simple_line("Taxable purchases", "GST", *taxable));
    if (*free != 0) lines.push_back(simple_line("GST-free purchases", "FRE", *free));
    return lines;
  }
  const bool fully_taxed = gst && *gst != 0 && *gst == rules::gst_inclusive(total);
  const bool all_free = gst && *gst == 0;
  lines.push_back(simple_line("As on the document", fully_taxed ? "GST" : all_free ? "FRE" : "UNK", total));
  return lines;
}

// Lines that carry no mark of their own are taxed alike where the printed GST says that everything or nothing is taxed.
void mark_lines(std::vector<PurchaseLine>& lines, Cents gst) {
  const bool unmarked = std::all_of(lines.begin(), lines.end(), [](const PurchaseLine& line) {
    return line.gst_code == "UNK" || line.cash_rounding;
  });
  if (!unmarked) return;
  Cents sum = 0;
  int count = 0;
  for (const PurchaseLine& line : lines) {
    if (line.cash_rounding) continue;
    sum += line.amount_cents;
    ++count;
  }
  const Cents gap = gst - rules::gst_inclusive(sum), allowed = rules::gst_allowed_gap(count);
  const bool all_taxed = gst != 0 && gap >= -allowed && gap <= allowed;
  if (!all_taxed && gst != 0) return;
  for (PurchaseLine& line : lines) {
    if (line.cash_rounding) continue;
    line.gst_code = all_taxed ? "GST" : "FRE";
    line.gst_cents = gst_inside(line.gst_code, line.amount_cents);
  }
}

// Rounding each line by itself can miss the printed GST by some cents: the largest taxed line takes the difference.
void settle_gst(std::vector<PurchaseLine>& lines, Cents gst) {
  Cents sum = 0;
  PurchaseLine* largest = nullptr;
  for (PurchaseLine& line : lines) {
    sum += line.gst_cents;
    const auto size = [](const PurchaseLine& of) { return of.amount_cents < 0 ? -of.amount_cents : of.amount_cents; };
    if (line.gst_code == "GST" && (largest == nullptr || size(line) > size(*largest))) largest = &line;
  }
  const Cents gap = gst - sum;
  if (largest != nullptr && gap >= -rules::kDefaultAllowCap && gap <= rules::kDefaultAllowCap)
    largest->gst_cents += gap;
}

Status check_complete(const Record& record) {
  std::string missing;
  for (const auto& [field, what] : {std::pair{"supplier_name", "supplier"}, std::pair{"invoice_date", "date"},
                                    std::pair{"total_amount", "total"}}) {
    if (!record::present(record, field)) missing += (missing.empty() ? "" : ", ") + std::string(what);
  }
  if (missing.empty()) return {};
  return make_error(ErrorCode::kInvalidArgument, "lacks " + missing + ", without which it is no purchase", record.file);
}

}  // namespace

Result<Purchase> purchase_of(const Record& record) {
  DOCKET_TRY_VOID(check_complete(record));
  Purchase out;
  out.file = record.file;
  out.supplier = record::text_of(record, "supplier_name");
  out.supplier_abn = record::text_of(record, "supplier_abn");
  out.number = record::text_of(record, "invoice_number");
  out.reference = record.sha256.substr(0, 16) + (record.receipts > 1 ? "-" + std::to_string(record.receipt + 1) : "");
  out.date = *record::date_of(record, "invoice_date");
  out.due_date = record::date_of(record, "due_date").value_or(out.date);
  out.currency = record::text_of(record, "currency");
  const auto type = rules::document_type(record.document_type);
  out.total_cents = *record::cents_of(record, "total_amount");
  out.credit = (type && rules::is_credit(*type)) || out.total_cents < 0;
  const auto gst = record::cents_of(record, "gst_amount");
  if (auto printed = printed_lines(record, out.total_cents)) out.lines = *std::move(printed);
  if (gst) mark_lines(out.lines, *gst);
  const bool unknown =
      std::any_of(out.lines.begin(), out.lines.end(), [](const PurchaseLine& line) { return line.gst_code == "UNK"; });
  if (out.lines.empty() || unknown) {
    auto summary = summary_lines(record, out.total_cents, gst);
    // Printed lines of unknown tax say more than one line of unknown tax.
    if (out.lines.empty() || summary.front().gst_code != "UNK") out.lines = std::move(summary);
  }
  if (gst) settle_gst(out.lines, *gst);
  for (const PurchaseLine& line : out.lines) out.gst_cents += line.gst_cents;
  return out;
}

}  // namespace docket::store

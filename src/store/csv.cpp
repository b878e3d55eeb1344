#include "store/csv.h"

#include "core/base/utf8.h"
#include "record/schema.h"
#include "record/typed.h"
#include "rules/money.h"

namespace docket::store {
namespace {

std::string cents_text(const std::optional<std::int64_t>& cents) { return cents ? rules::format_cents(*cents) : ""; }
std::string decimal_text(const std::optional<std::int64_t>& e4) { return e4 ? rules::format_rate(*e4) : ""; }

bool is_number_column(record::Kind kind) { return kind == record::Kind::kCents || kind == record::Kind::kDecimal; }

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
  return out;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos && !cell.starts_with(' ') && !cell.ends_with(' ')) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string csv_safe_text(const std::string& text) {
  std::string out = repair_utf8(text);
  if (!out.empty() && std::string_view("=+-@\t\r").find(out.front()) != std::string_view::npos) out.insert(0, 1, '\'');
  return out;
}

std::string csv_row(const CsvRow& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    out += quoted(cells[i]);
  }
  return out + "\r\n";
}

std::string csv_document_header() {
  CsvRow cells = {"file", "sha256", "receipt", "pages"};
  for (const auto& spec : record::schema()) cells.emplace_back(spec.name);
  for (const char* name :
       {"line_items", "payment_methods", "band", "verdict", "failed", "review", "creditable_gst", "findings"}) {
    cells.emplace_back(name);
  }
  return csv_row(cells);
}

std::string csv_document_row(const record::Record& record) {
  CsvRow cells = {csv_safe_text(record.file), record.sha256, std::to_string(record.receipt),
                  std::to_string(record.pages)};
  for (const auto& spec : record::schema()) {
    const std::string value = record::text_of(record, spec.name);
    cells.push_back(is_number_column(spec.kind) ? value : csv_safe_text(value));
  }
  std::vector<std::string> methods;
  for (const auto& payment : record.payments) methods.push_back(payment.method);
  std::vector<std::string> findings;
  for (const auto& finding : record.findings) findings.push_back(finding.id);
  cells.push_back(std::to_string(record.line_items.size()));
  cells.push_back(csv_safe_text(joined(methods)));
  cells.push_back(record.verdict.band);
  cells.emplace_back(to_string(record.verdict.result));
  cells.push_back(joined(record.verdict.failed));
  cells.push_back(joined(record.verdict.review));
  cells.push_back(cents_text(record.verdict.creditable_gst_cents));
  cells.push_back(csv_safe_text(joined(findings)));
  return csv_row(cells);
}

std::string csv_line_header() {
  return csv_row({"file", "receipt", "supplier_name", "supplier_abn", "invoice_number", "invoice_date", "line",
                  "description", "code", "quantity", "unit", "unit_price", "discount", "amount", "gst_code",
                  "gst_amount"});
}

std::string csv_line_rows(const record::Record& record) {
  std::string out;
  for (std::size_t i = 0; i < record.line_items.size(); ++i) {
    const auto& item = record.line_items[i];
    CsvRow cells = {csv_safe_text(record.file), std::to_string(record.receipt)};
    for (const char* name : {"supplier_name", "supplier_abn", "invoice_number", "invoice_date"}) {
      cells.push_back(csv_safe_text(record::text_of(record, name)));
    }
    cells.push_back(std::to_string(i + 1));
    cells.push_back(csv_safe_text(item.description));
    cells.push_back(csv_safe_text(item.code));
    cells.push_back(decimal_text(item.quantity_e4));
    cells.push_back(csv_safe_text(item.unit));
    cells.push_back(decimal_text(item.unit_price_e4));
    cells.push_back(cents_text(item.discount_cents));
    cells.push_back(cents_text(item.amount_cents));
    cells.push_back(item.gst_code);
    cells.push_back(cents_text(item.gst_amount_cents));
    out += csv_row(cells);
  }
  return out;
}

Result<std::vector<CsvRow>> read_csv(std::string_view text, const std::string& where) {
  std::vector<CsvRow> rows;
  CsvRow row;
  std::size_t at = 0;
  const auto end_of_row = [&](std::size_t i) {
    return text[i] == '\n' || (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
  };
  const auto wrong = [&](const char* what) {
    return make_error(ErrorCode::kMalformed, std::string(what) + " at byte " + std::to_string(at), where);
  };
  while (at < text.size()) {
    std::string cell;
    if (text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) return wrong("a quote that is not closed");
        if (text[at] != '"') {
          cell.push_back(text[at]);
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          cell.push_back(text[at++]);
        } else {
          break;
        }
      }
      ++at;
      if (at < text.size() && text[at] != ',' && !end_of_row(at)) return wrong("text behind a closing quote");
    } else {
      while (at < text.size() && text[at] != ',' && !end_of_row(at)) {
        if (text[at] == '"') return wrong("a quote in the middle of a cell");
        cell.push_back(text[at++]);
      }
    }
    row.push_back(std::move(cell));
    if (at < text.size() && text[at] == ',') {
      // A comma at the very end still starts one more, empty cell.
      if (++at < text.size()) continue;
      row.emplace_back();
    } else if (at < text.size()) {
      at += text[at] == '\r' ? 2 : 1;
    }
    rows.push_back(std::move(row));
    row.clear();
  }
  return rows;
}

}  // namespace docket::store

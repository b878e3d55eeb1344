#include "eval/report.h"

#include <algorithm>
#include <set>

#include "eval/html.h"
#include "eval/report_document.h"
#include "eval/report_parts.h"
#include "eval/table.h"

namespace docket::eval {
namespace {

void write_scores(HtmlWriter& html, const std::vector<FieldScore>& scores) {
  html.open("div", {{"class", "wide"}}).open("table");
  write_row(html, "th", {"field", "n", "exact", "normalised", "95 %", "wrong", "missing", "invented"});
  for (const FieldScore& s : scores) {
    const std::string range = s.n == 0 ? "-" : fixed(100 * s.interval.low, 1) + "-" + fixed(100 * s.interval.high, 1);
    write_row(
        html, "td",
        {s.field, std::to_string(s.n), percent(s.exact, s.n), percent(s.normalised, s.n), range, percent(s.wrong, s.n),
         percent(s.missing, s.n), std::to_string(s.invented) + " of " + std::to_string(s.without_truth)});
  }
  html.close().close();
}

void write_calibration(HtmlWriter& html, const Calibration& calibration) {
  html.element("h2", "Calibration");
  html.element("p", "Of the values given where the truth has one (" + std::to_string(calibration.count) +
                        "): how often they are right, by confidence. Expected calibration error " +
                        fixed(calibration.ece, 3) + ".");
  html.open("table", {{"id", "calibration"}});
  write_row(html, "th", {"confidence", "n", "mean confidence", "right", ""});
  for (const ReliabilityBin& bin : calibration.bins) {
    if (bin.count == 0) continue;
    html.open("tr").element("td", fixed(bin.low, 1) + "-" + fixed(bin.high, 1));
    for (const std::string& cell : {std::to_string(bin.count), fixed(bin.mean_confidence, 3), fixed(bin.accuracy, 3)}) {
      html.element("td", cell, {{"class", "number"}});
    }
    html.open("td").element("span", "", {{"class", "bar"}, {"style", "width:" + fixed(10 * bin.accuracy, 2) + "rem"}});
    html.close().close();
  }
  html.close();
}

void write_summary(HtmlWriter& html, const Evaluation& evaluation) {
  const Seconds& s = evaluation.seconds;
  html.element("p", std::to_string(evaluation.documents.size()) + " documents, " +
                        std::to_string(evaluation.documents_failed) + " could not be read. Seconds a document: mean " +
                        fixed(s.mean, 2) + ", median " + fixed(s.median, 2) + ", 95 % below " + fixed(s.p95, 2) +
                        ", most " + fixed(s.max, 2) + ".");
  html.element("h2", "Fields");
  write_scores(html, evaluation.fields);
  html.element("p",
               "Exact: money to the cent, dates to the day, text by the character. Normalised: the same letters and "
               "digits, case folded. Wrong: a value where the truth has another. Invented: a value where it has none. "
               "95 %: Wilson interval of normalised.",
               {{"class", "soft"}});
  if (!evaluation.ignored.empty()) {
    std::string names;
    for (const std::string& name : evaluation.ignored) names += " " + name;
    html.element("p", "Ignored, not fields of docket:" + names, {{"class", "soft"}});
  }
  for (const auto& [kind, scores] : evaluation.by_kind) {
    html.element("h2", "Kind: " + kind);
    write_scores(html, scores);
  }
  write_calibration(html, evaluation.calibration);
}

}  // namespace

std::vector<int> pages_of(const Prediction& prediction) {
  std::set<int> pages;
  for (const auto& [name, field] : prediction.fields) {
    if (field.value && field.page > 0) pages.insert(field.page);
  }
  if (pages.empty()) pages.insert(1);
  return {pages.begin(), pages.end()};
}

std::string to_report(const Evaluation& evaluation, const ReportText& text, const PictureSource& pictures) {
  HtmlWriter html;
  open_page(html, text.title, text.subtitle);
  write_summary(html, evaluation);
  html.element("h2", "Documents");
  html.empty_element("input", {{"type", "checkbox"}, {"id", "failures"}});
  html.element("label", " only documents with a difference  ", {{"for", "failures"}});
  html.empty_element("input", {{"type", "checkbox"}, {"id", "unlabelled"}});
  html.element("label", " also boxes of fields without truth", {{"for", "unlabelled"}});
  for (const DocumentResult& document : evaluation.documents) {
    write_document(html, document, pictures(document.path, pages_of(document.prediction)));
  }
  close_page(html);
  return html.take();
}

}  // namespace docket::eval

#include "eval/experiment_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "eval/experiment_text.h"
#include "eval/html.h"
#include "eval/report_document.h"
#include "eval/report_parts.h"
#include "eval/table.h"

namespace docket::eval {
namespace {

constexpr double kPlotWidth = 150, kPlotHeight = 16;
constexpr double kNarrowestScale = 0.05;  // a plot never shows less than this share to either side of 0

std::string points(double share) { return (share > 0 ? "+" : "") + fixed(100 * share, 1); }

double difference_of(int right_a, int right_b, int n) {
  return n == 0 ? 0 : static_cast<double>(right_b - right_a) / n;
}

// The share that reaches from the middle of a plot to its edge, the same in all rows.
double scale_of(const Experiment& experiment) {
  double most = kNarrowestScale;
  const auto take = [&](const Interval& i) { most = std::max({most, std::abs(i.low), std::abs(i.high)}); };
  for (const FieldDifference& field : experiment.fields) take(field.difference);
  take(experiment.overall.difference);
  return most;
}

// A line from end to end of the interval with a dot on the difference; 0 in the middle.
void write_interval(HtmlWriter& html, double difference, const Interval& interval, Winner winner, double scale) {
  const auto x = [&](double share) { return fixed(kPlotWidth / 2 * (1 + share / scale * 0.96), 1); };
  const std::string middle = fixed(kPlotHeight / 2, 1);
  const std::string kind = winner == Winner::kNeither ? "neither" : std::string(to_string(winner));
  html.open("td").open("svg", {{"class", "interval " + kind},
                               {"width", fixed(kPlotWidth, 0)},
                               {"height", fixed(kPlotHeight, 0)},
                               {"role", "img"}});
  html.element("title", points(difference) + " points, 95 % " + points(interval.low) + " to " + points(interval.high));
  html.element("line", "", {{"class", "zero"}, {"x1", x(0)}, {"x2", x(0)}, {"y1", "0"}, {"y2", fixed(kPlotHeight, 0)}});
  html.element("line", "", {{"x1", x(interval.low)}, {"x2", x(interval.high)}, {"y1", middle}, {"y2", middle}});
  html.element("circle", "", {{"cx", x(difference)}, {"cy", middle}, {"r", "3.5"}});
  html.close().close();
}

std::string chance(double p) { return p < 0.0001 ? "< 0.0001" : fixed(p, 4); }

void write_field(HtmlWriter& html, const FieldDifference& f, double scale) {
  const double difference = difference_of(f.right_a, f.right_b, f.n);
  const auto number = [&](const std::string& text) { html.element("td", text, {{"class", "number"}}); };
  html.open("tr", {{"data-field", f.field}}).element("td", f.field);
  number(std::to_string(f.n));
  number(percent(f.right_a, f.n));
  number(percent(f.right_b, f.n));
  number(points(difference));
  write_interval(html, difference, f.difference, f.winner, scale);
  number(points(f.difference.low) + " to " + points(f.difference.high));
  number(percent(f.wrong_a, f.n));
  number(percent(f.wrong_b, f.n));
  number(std::to_string(f.only_a));
  number(std::to_string(f.only_b));
  number(chance(f.p));
  number(chance(f.p_holm));
  html.element("td", f.winner == Winner::kNeither ? "-" : f.winner == Winner::kA ? "A" : "B").close();
}

// All fields as if they were one, in documents.
FieldDifference all_fields(const Overall& o) {
  return {.field = "all, documents better",
          .n = o.n,
          .right_a = o.right_a,
          .right_b = o.right_b,
          .wrong_a = o.wrong_a,
          .wrong_b = o.wrong_b,
          .only_a = o.better_a,
          .only_b = o.better_b,
          .p = o.p,
          .p_holm = o.p,
          .difference = o.difference,
          .winner = o.winner};
}

void write_fields(HtmlWriter& html, const Experiment& experiment) {
  const double scale = scale_of(experiment);
  std::string equal;
  html.element("h2", "Fields on which the sides differ");
  html.open("div", {{"class", "wide"}}).open("table", {{"id", "fields"}});
  write_row(html, "th",
            {"field", "n", "A right", "B right", "B - A", points(-scale) + " to " + points(scale), "95 %", "A wrong",
             "B wrong", "only A", "only B", "p", "Holm", "winner"});
  for (const FieldDifference& field : experiment.fields) {
    if (field.only_a + field.only_b > 0) {
      write_field(html, field, scale);
    } else {
      equal += (equal.empty() ? "" : ", ") + field.field;
    }
  }
  write_field(html, all_fields(experiment.overall), scale);
  html.close().close();
  if (!equal.empty()) html.element("p", "Right on the same documents: " + equal + ".");
  html.element(
      "p",
      "Right: the value of the truth, or none where it has none. Wrong: another value, or one where the truth "
      "has none. Only A, only B: documents on which one side alone is right; p: how likely a split at least as "
      "uneven is if both are as good (McNemar, exact); Holm: adjusted for all fields on which the sides differ, a "
      "winner needs below 0.05. 95 %: bootstrap over documents, " +
          std::to_string(experiment.resamples) + " draws, seed " + std::to_string(experiment.seed) +
          ". The last row counts documents with more fields right (sign test).",
      {{"class", "soft"}});
}

void write_costs(HtmlWriter& html, const Experiment& experiment) {
  html.element("h2", "What a document takes");
  html.open("table", {{"id", "costs"}});
  write_row(html, "th", {"mean", "A", "B", "B - A", "95 %"});
  for (const CostDifference& cost : experiment.costs) {
    std::string name = cost.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    write_row(html, "td",
              {name, fixed(cost.a, 2), fixed(cost.b, 2), fixed(cost.b - cost.a, 2),
               fixed(cost.difference.low, 2) + " to " + fixed(cost.difference.high, 2)});
  }
  html.close();
  html.element("p",
               "Tokens are of the model's replies. A was read first, then B, on the same machine: seconds by the clock "
               "hold for it as it was, processor seconds do not depend on what else it did.",
               {{"class", "soft"}});
}

// Where A and B saw the changed fields; one box for both where they saw it at the same place.
std::vector<DrawnBox> boxes_of(const DocumentResult& a, const DocumentResult& b, const Change& change, int page) {
  std::vector<DrawnBox> out;
  for (const std::size_t f : change.fields) {
    const GivenField &of_a = a.fields[f].detail, &of_b = b.fields[f].detail;
    const bool in_a = of_a.value && of_a.box && of_a.page == page, in_b = of_b.value && of_b.box && of_b.page == page;
    const std::string& name = a.fields[f].field;
    if (in_a && in_b && *of_a.box == *of_b.box) {
      out.push_back({"A, B " + name, "other", *of_a.box});
      continue;
    }
    if (in_a) out.push_back({"A " + name, "a", *of_a.box});
    if (in_b) out.push_back({"B " + name, "b", *of_b.box});
  }
  return out;
}

void write_side(HtmlWriter& html, const FieldResult& field) {
  const Difference where =
      field.outcome == Outcome::kWrong ? difference(field.expected, field.given) : Difference{{0, 0}, {0, 0}};
  write_marked(html, field.given.empty() ? "NOT_FOUND" : field.given, where.b);
  html.element("td", to_string(field.outcome), {{"class", to_string(field.outcome)}});
}

void write_change(HtmlWriter& html, const Experiment& experiment, const Change& change, const PictureSource& pictures) {
  const DocumentResult& a = experiment.a.documents[change.document];
  const DocumentResult& b = experiment.b.documents[change.document];
  html.open("section", {{"class", "document change"}, {"data-file", a.file}}).open("div");
  std::vector<int> pages = pages_of(a.prediction);
  for (const int page : pages_of(b.prediction)) {
    if (std::find(pages.begin(), pages.end(), page) == pages.end()) pages.push_back(page);
  }
  std::sort(pages.begin(), pages.end());
  const auto drawn = pictures(a.path, pages);
  if (drawn) {
    for (const Picture& picture : *drawn) write_picture(html, a.file, picture, boxes_of(a, b, change, picture.page));
  } else {
    html.element("p", "No picture: " + drawn.error().text(), {{"class", "wrong"}});
  }
  html.close().open("div").element("h3", a.file);
  if (!a.error.empty()) html.element("p", "A did not read it: " + a.error, {{"class", "wrong"}});
  if (!b.error.empty()) html.element("p", "B did not read it: " + b.error, {{"class", "wrong"}});
  html.open("table");
  html.open("tr");
  for (const char* heading : {"field", "truth", "A", "", "B", ""}) html.element("th", heading);
  html.close();
  for (const std::size_t f : change.fields) {
    html.open("tr").element("td", a.fields[f].field);
    html.element("td", a.fields[f].expected, {{"class", "value"}});
    write_side(html, a.fields[f]);
    write_side(html, b.fields[f]);
    html.close();
  }
  html.close();
  html.element("p",
               "Right in B alone: " + std::to_string(change.gained) + ", in A alone: " + std::to_string(change.lost) +
                   ". Seconds: A " + fixed(a.seconds, 2) + ", B " + fixed(b.seconds, 2) + ".",
               {{"class", "soft"}});
  html.close().close();
}

}  // namespace

std::string to_report(const Experiment& experiment, const ReportText& text, const PictureSource& pictures) {
  HtmlWriter html;
  open_page(html, text.title, text.subtitle);
  html.open("p").element("b", "A").text(" " + experiment.name_a).close();
  html.open("p").element("b", "B").text(" " + experiment.name_b).close();
  html.element("p", verdict_of(experiment), {{"id", "verdict"}});
  html.element("p", std::to_string(experiment.a.documents.size()) + " documents; A could not read " +
                        std::to_string(experiment.a.documents_failed) + ", B " +
                        std::to_string(experiment.b.documents_failed) + ".");
  write_fields(html, experiment);
  write_costs(html, experiment);
  html.element("h2", "Documents that changed: " + std::to_string(experiment.changed.size()));
  for (const Change& change : experiment.changed) write_change(html, experiment, change, pictures);
  close_page(html);
  return html.take();
}

}  // namespace docket::eval

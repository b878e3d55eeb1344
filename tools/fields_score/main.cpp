// fields_score WORDS.jsonl TRUTH.jsonl [--list FIELD] [--dump FIELD] [--half 0|1] [--today YYYY-MM-DD]
// Reads fields from words that a reader wrote down (tools/ocr_dump) and holds them against the truth: per field exact,
// wrong, missing and invented, and the calibration error. --list shows the failures of one field, --dump its candidates
// with their features as JSON lines, for training/calibrate.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fields/read_fields.h"

namespace {

using docket::fields::Candidate;
using docket::fields::Field;
using docket::fields::FieldId;
using docket::fields::Fields;
using nlohmann::json;

struct Options {
  std::string words, truth, list, dump;
  int half = -1;
  docket::rules::Date today{2026, 11, 24};
};

struct Tally {
  int n = 0, exact = 0, wrong = 0, missing = 0, invented = 0, absent = 0;
  std::vector<std::pair<double, bool>> given;  // confidence and whether right, of values that were given
};

std::string basename(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::string letters_and_digits(const std::string& text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) out += static_cast<char>(std::toupper(byte));
  }
  return out;
}

bool same(const std::string& field, const std::string& value, const std::string& truth) {
  if (value == truth) return true;
  const bool text = field.find("name") != std::string::npos || field.find("address") != std::string::npos ||
                    field.find("website") != std::string::npos || field == "operator" || field == "fuel_grade";
  if (text) return letters_and_digits(value) == letters_and_digits(truth);
  return field != "invoice_date" && letters_and_digits(value) == letters_and_digits(truth) &&
         field.find("amount") == std::string::npos;
}

docket::ocr::Words words_of(const json& page, int number) {
  docket::ocr::Words words;
  words.page_number = page.value("page_number", number);
  for (const json& word : page.at("words")) {
    const json& box = word.at("box");
    docket::ocr::Word out;
    out.text = word.at("text").get<std::string>();
    out.box = {box[0].get<float>(), box[1].get<float>(), box[2].get<float>(), box[3].get<float>()};
    out.confidence = word.value("confidence", 0.9F);
    words.words.push_back(std::move(out));
  }
  return words;
}

std::vector<docket::ocr::Words> pages_of(const json& row) {
  std::vector<docket::ocr::Words> pages;
  if (row.contains("pages")) {
    for (const json& page : row["pages"]) pages.push_back(words_of(page, static_cast<int>(pages.size()) + 1));
  } else {
    pages.push_back(words_of(row, 1));
  }
  return pages;
}

std::map<std::string, json> read_truth(const std::string& path) {
  std::map<std::string, json> truth;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const json row = json::parse(line);
    json& fields = truth[basename(row.at("file").get<std::string>())] = row.at("truth");
    // Some sets label more than they name as we do.
    if (fields.contains("tax_amount")) fields["gst_amount"] = fields["tax_amount"];
  }
  return truth;
}

std::optional<std::string> truth_value(const json& truth, const std::string& field) {
  if (!truth.contains(field) || truth[field].is_null()) return std::nullopt;
  const json& value = truth[field];
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return value.dump();
}

void dump_candidates(const std::string& file, const Field& field, const std::optional<std::string>& expected,
                     const std::string& name) {
  json row = {{"file", file}, {"truth", expected ? json(*expected) : json()}, {"candidates", json::array()}};
  for (const Candidate& candidate : field.candidates) {
    json features = json::object();
    for (const auto& reason : candidate.reasons) {
      features[std::string(reason.feature)] = features.value(std::string(reason.feature), 0.0) + reason.amount;
    }
    row["candidates"].push_back({{"value", candidate.value},
                                 {"raw", candidate.evidence.raw},
                                 {"score", candidate.score},
                                 {"right", expected && same(name, candidate.value, *expected)},
                                 {"reasons", features}});
  }
  row["confidence"] = field.confidence;
  row["chosen"] = field.chosen ? json(field.chosen->value) : json();
  std::cout << row.dump() << "\n";
}

void tally(const Options& options, const std::string& file, const Fields& fields, const json& truth,
           const std::map<std::string, bool>& labelled, std::map<std::string, Tally>& tallies) {
  for (const auto& [id, field] : fields.scalars) {
    const std::string name(to_string(id));
    if (labelled.count(name) == 0) continue;
    const auto expected = truth_value(truth, name);
    if (options.dump == name) dump_candidates(file, field, expected, name);
    Tally& t = tallies[name];
    const bool given = field.chosen.has_value();
    const bool right = given && expected && same(name, field.chosen->value, *expected);
    t.n += expected ? 1 : 0;
    t.exact += right ? 1 : 0;
    t.wrong += given && expected && !right ? 1 : 0;
    t.missing += !given && expected ? 1 : 0;
    t.invented += given && !expected ? 1 : 0;
    t.absent += expected ? 0 : 1;
    if (given && expected) t.given.emplace_back(field.confidence, right);
    if (options.list != name || right || (!given && !expected)) continue;
    std::cout << file << "  truth " << expected.value_or("-") << "  given "
              << (given ? field.chosen->value : "- (" + field.absent_reason + ")") << "  conf " << field.confidence;
    for (std::size_t i = 0; i < field.candidates.size() && i < 4; ++i) {
      std::cout << "  | " << field.candidates[i].value << " " << field.candidates[i].score;
    }
    std::cout << "\n";
  }
}

// Expected calibration error over ten bins of confidence.
double calibration_error(const std::vector<std::pair<double, bool>>& given) {
  std::array<double, 10> confidence{}, right{}, count{};
  for (const auto& [c, ok] : given) {
    const auto bin = static_cast<std::size_t>(std::min(9.0, c * 10));
    confidence[bin] += c;
    right[bin] += ok ? 1 : 0;
    count[bin] += 1;
  }
  double error = 0;
  for (std::size_t bin = 0; bin < 10; ++bin) error += std::abs(confidence[bin] - right[bin]);
  return given.empty() ? 0 : error / static_cast<double>(given.size());
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> plain;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag.rfind("--", 0) != 0) {
      plain.push_back(flag);
      continue;
    }
    if (i + 1 >= argc) return std::nullopt;
    const std::string value = argv[++i];
    if (flag == "--list") options.list = value;
    if (flag == "--dump") options.dump = value;
    if (flag == "--half") options.half = value == "1" ? 1 : 0;
    if (flag == "--today") options.today = docket::rules::read_iso(value).value_or(options.today);
  }
  if (plain.size() != 2) return std::nullopt;
  options.words = plain[0];
  options.truth = plain[1];
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::cerr << "usage: fields_score WORDS.jsonl TRUTH.jsonl [--list FIELD] [--dump FIELD] [--half 0|1]\n";
    return 2;
  }
  const auto truth = read_truth(options->truth);
  std::map<std::string, bool> labelled;
  for (const auto& [file, fields] : truth) {
    for (const auto& [name, value] : fields.items()) labelled[name] = true;
  }
  docket::fields::Context context;
  context.today = options->today;
  std::map<std::string, Tally> tallies;
  std::ifstream in(options->words);
  int index = 0;
  for (std::string line; std::getline(in, line); ++index) {
    if (options->half >= 0 && index % 2 != options->half) continue;
    const json row = json::parse(line);
    const std::string file = basename(row.at("file").get<std::string>());
    const auto known = truth.find(file);
    if (known == truth.end()) continue;
    tally(*options, file, docket::fields::read_fields(pages_of(row), context), known->second, labelled, tallies);
  }
  if (!options->dump.empty()) return 0;
  std::printf("%-24s %5s %7s %7s %7s %9s %7s\n", "field", "n", "exact%", "wrong%", "miss%", "invented", "ECE");
  for (const auto& [name, t] : tallies) {
    const double n = std::max(1, t.n);
    std::printf("%-24s %5d %7.1f %7.1f %7.1f %4d/%-4d %7.3f\n", name.c_str(), t.n, 100 * t.exact / n, 100 * t.wrong / n,
                100 * t.missing / n, t.invented, t.absent, calibration_error(t.given));
  }
  return 0;
}

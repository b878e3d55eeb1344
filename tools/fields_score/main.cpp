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
#include "rules/money.h"

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

std::vector<docket::ocr::Word> list_of(const json& list) {
  std::vector<docket::ocr::Word> words;
  for (const json& word : list) {
    const json& box = word.at("box");
    docket::ocr::Word out;
    out.text = word.at("text").get<std::string>();
    out.box = {box[0].get<float>(), box[1].get<float>(), box[2].get<float>(), box[3].get<float>()};
    out.confidence = word.value("confidence", 0.9F);
    words.push_back(std::move(out));
  }
  return words;
}

docket::ocr::Words words_of(const json& page, int number) {
  docket::ocr::Words words;
  words.page_number = page.value("page_number", number);
  words.words = list_of(page.at("words"));
  if (page.contains("readings")) {
    for (const json& reading : page["readings"]) words.readings.push_back(list_of(reading));
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
  if (value.is_boolean() && !value.get<bool>()) return std::nullopt;  // "not there" is the same as absent
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
                                 {"word_confidence", candidate.evidence.word_confidence},
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

// Items found again by amount, and of those how many agree in each other part; the whole list right or not.
void tally_items(const Options& options, const std::string& file, const Fields& fields, const json& truth,
                 std::map<std::string, Tally>& tallies) {
  if (!truth.contains("line_items")) return;
  std::vector<bool> used(fields.line_items.size(), false);
  bool all = truth["line_items"].size() == fields.line_items.size();
  for (const json& item : truth["line_items"]) {
    const std::string amount = item.value("amount", "");
    std::size_t found = fields.line_items.size();
    for (std::size_t i = 0; i < fields.line_items.size() && found == fields.line_items.size(); ++i) {
      if (!used[i] && fields.line_items[i].amount.value_or("") == amount) found = i;
    }
    Tally& t = tallies["items.amount"];
    ++t.n;
    if (found == fields.line_items.size()) {
      ++t.missing;
      all = false;
      if (options.list == "items") std::cout << file << " missing " << item.dump() << "\n";
      continue;
    }
    ++t.exact;
    used[found] = true;
    const auto& given = fields.line_items[found];
    const auto part = [&](const std::string& name, const std::string& value) {
      if (!item.contains(name) || item[name].is_null()) return;
      Tally& p = tallies["items." + name];
      const std::string expected = item[name].get<std::string>();
      const auto as_rate = [](const std::string& text) { return docket::rules::parse_rate(text).value.value_or(-1); };
      const bool number = name == "quantity" || name == "unit_price" || name == "discount";
      const bool right =
          number ? as_rate(value) == as_rate(expected) : letters_and_digits(value) == letters_and_digits(expected);
      ++p.n;
      p.exact += right ? 1 : 0;
      p.wrong += !right && !value.empty() ? 1 : 0;
      p.missing += value.empty() ? 1 : 0;
      all = all && (name != "description" || right);
      if (!right && options.list == "items." + name) {
        std::cout << file << " truth " << expected << " given " << value << " of " << given.description << "\n";
      }
    };
    part("description", given.description);
    part("quantity", given.quantity.value_or(""));
    part("unit", given.unit.value_or(""));
    part("unit_price", given.unit_price.value_or(""));
    part("discount", given.discount.value_or(""));
    part("code", given.code);
    part("gst_code", given.gst_code.value_or(""));
  }
  tallies["items.amount"].invented += static_cast<int>(std::count(used.begin(), used.end(), false));
  if (options.list == "items") {
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i])
        std::cout << file << " invented " << fields.line_items[i].description << " "
                  << fields.line_items[i].amount.value_or("-") << "\n";
    }
  }
  Tally& whole = tallies["items (whole list)"];
  ++whole.n;
  whole.exact += all ? 1 : 0;
  whole.wrong += all ? 0 : 1;
}

void tally_payments(const Options& options, const std::string& file, const Fields& fields, const json& truth,
                    std::map<std::string, Tally>& tallies) {
  if (!truth.contains("payments") || truth["payments"].is_null()) return;
  std::string expected, given;
  for (const json& payment : truth["payments"]) {
    expected +=
        payment.value("method", "") + " " + payment.value("amount", "") + " " + payment.value("card_last4", "") + ";";
  }
  for (const auto& payment : fields.payments) {
    given += (payment.method == "eftpos" ? "card" : payment.method) + " " + payment.amount.value_or("") + " " +
             payment.card_last4.value_or("") + ";";
  }
  Tally& t = tallies["payments"];
  ++t.n;
  t.exact += expected == given ? 1 : 0;
  t.wrong += expected != given && !given.empty() ? 1 : 0;
  t.missing += given.empty() ? 1 : 0;
  if (options.list == "payments" && expected != given) {
    std::cout << file << " truth " << expected << " given " << given << "\n";
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
    const Fields fields = docket::fields::read_fields(pages_of(row), context);
    tally(*options, file, fields, known->second, labelled, tallies);
    tally_items(*options, file, fields, known->second, tallies);
    tally_payments(*options, file, fields, known->second, tallies);
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

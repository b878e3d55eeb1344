#include "fields/text_match.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace docket::fields {
namespace {

// Groups of capitals that OCR takes for one another on receipts.
constexpr std::array<std::string_view, 12> kLikeShape = {"OQDCGU0", "ILTJ1", "S5",  "Z2", "B8RE", "EFC",
                                                         "MNHW",    "A4R",   "VYU", "KX", "PFR",  "CE"};

struct LikeShapeTable {
  std::array<std::array<bool, 128>, 128> like{};
  LikeShapeTable() {
    for (std::string_view group : kLikeShape) {
      for (char a : group) {
        for (char b : group) like[static_cast<unsigned char>(a)][static_cast<unsigned char>(b)] = true;
      }
    }
  }
};

double substitution_cost(char a, char b) {
  static const LikeShapeTable table;
  if (a == b) return 0;
  const auto i = static_cast<unsigned char>(a), j = static_cast<unsigned char>(b);
  return i < 128 && j < 128 && table.like[i][j] ? 0.5 : 1.0;
}

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

int count_digits(std::string_view text) { return static_cast<int>(std::count_if(text.begin(), text.end(), is_digit)); }
int count_letters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), is_letter));
}

std::string fold(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else if (is_letter(c) || is_digit(c)) {
      out += c;
    }
  }
  return out;
}

std::string fold_letters(std::string_view text) {
  std::string out = fold(text);
  for (char& c : out) {
    switch (c) {
      case '0':
        c = 'O';
        break;
      case '1':
        c = 'I';
        break;
      case '5':
        c = 'S';
        break;
      case '6':
        c = 'G';
        break;
      case '8':
        c = 'B';
        break;
      default:
        break;
    }
  }
  return out;
}

double edit_distance(std::string_view a, std::string_view b, double limit) {
  const double gap = std::abs(static_cast<double>(a.size()) - static_cast<double>(b.size()));
  if (gap > limit) return limit + 1;
  std::vector<double> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<double>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    double diagonal = row[0];
    row[0] = static_cast<double>(i);
    double least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const double substituted = diagonal + substitution_cost(a[i - 1], b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return row[b.size()] > limit ? limit + 1 : row[b.size()];
}

double tolerance(std::size_t length) {
  if (length <= 3) return 0;
  if (length == 4) return 0.5;
  if (length <= 6) return 1;
  return length <= 9 ? 1.5 : 2;
}

}  // namespace docket::fields

#include "record/perceptual_hash.h"

#include <array>
#include <bit>

namespace docket::record {
namespace {

constexpr int kColumns = 17;
constexpr int kRows = 16;
constexpr std::size_t kHexDigits = (kColumns - 1) * kRows / 4;

// Mean grey (0..255000, thousandths of a level) of every cell of the grid. [kRows][kColumns]
using Grid = std::array<std::array<std::int64_t, kColumns>, kRows>;

Grid shrink(const page::Page& page) {
  Grid grid{};
  for (int row = 0; row < kRows; ++row) {
    const int y0 = row * page.height / kRows;
    const int y1 = (row + 1) * page.height / kRows;
    for (int column = 0; column < kColumns; ++column) {
      const int x0 = column * page.width / kColumns;
      const int x1 = (column + 1) * page.width / kColumns;
      std::int64_t sum = 0;
      for (int y = y0; y < y1; ++y) {
        const std::uint8_t* pixel = page.row(y) + std::ptrdiff_t{3} * x0;
        for (int x = x0; x < x1; ++x, pixel += 3) sum += 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2];
      }
      grid[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = sum / (std::int64_t{x1 - x0} * (y1 - y0));
    }
  }
  return grid;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string perceptual_hash(const page::Page& page) {
  if (page.width < kColumns || page.height < kRows) return {};
  std::string hash;
  unsigned bits = 0;
  int filled = 0;
  for (const auto& row : shrink(page)) {
    for (std::size_t column = 0; column + 1 < row.size(); ++column) {
      bits = bits << 1 | (row[column] > row[column + 1] ? 1U : 0U);
      if (++filled % 4 != 0) continue;
      hash.push_back("0123456789abcdef"[bits]);
      bits = 0;
    }
  }
  return hash;
}

int hash_distance(std::string_view a, std::string_view b) {
  constexpr int kAll = 256;
  if (a.size() != kHexDigits || b.size() != kHexDigits) return kAll;
  int distance = 0;
  for (std::size_t i = 0; i < kHexDigits; ++i) {
    const int left = nibble(a[i]);
    const int right = nibble(b[i]);
    if (left < 0 || right < 0) return kAll;
    distance += std::popcount(static_cast<unsigned>(left ^ right));
  }
  return distance;
}

}  // namespace docket::record

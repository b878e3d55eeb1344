// The index maps of the CUDA kernels, on any machine: every element is covered exactly once, both sides of a product
// agree on k, and shared-memory accesses meet no bank twice. The products themselves are emulated lane by lane.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "core/kernels/cuda/fragments.h"

namespace docket::kernels::cuda {
namespace {

using SlotOf = Slot (*)(int lane);
using CellOf = Cell (*)(int lane, int i);

// Element (feature n, k) that a lane expands into half `low` (0) or `high` (1) of pair i of feature half h: see
// linear_formats.cuh.
struct Element {
  int n, k;
};
Element element_of_pair(Slot s, int h, int i, int half) { return {s.g + 8 * h, 16 * s.t + 2 * i + half}; }

TEST(CudaFragments, LanesAreSlots) {
  for (const SlotOf slot_of : {&slot_sm80, &slot_sm70}) {
    std::set<int> seen;
    for (int lane = 0; lane < 32; ++lane) {
      const Slot s = slot_of(lane);
      EXPECT_TRUE(s.g >= 0 && s.g < 8 && s.t >= 0 && s.t < 4);
      seen.insert(slot_index(s));
    }
    EXPECT_EQ(seen.size(), 32U);
  }
}

TEST(CudaFragments, PackedOrdersCoverAChunkOnce) {
  std::set<int> words, bytes, halves;
  for (int n = 0; n < kFeatures; ++n) {
    for (int octet = 0; octet < kChunk / 8; ++octet) words.insert(code4_word(n, octet));
    for (int k = 0; k < kChunk; ++k) {
      bytes.insert(int8_byte(n, k));
      halves.insert(half_element(n, k));
    }
  }
  EXPECT_EQ(words.size(), 128U);
  EXPECT_EQ(*words.rbegin(), 127);
  EXPECT_EQ(bytes.size(), 1024U);
  EXPECT_EQ(*bytes.rbegin(), 1023);
  EXPECT_EQ(halves.size(), 1024U);
  EXPECT_EQ(*halves.rbegin(), 1023);
}

TEST(CudaFragments, ScalesCoverTheirGroupsOnce) {
  const std::int64_t panels = 3, chunks = 7, groups = 2;
  std::set<std::int64_t> seen;
  for (std::int64_t panel = 0; panel < panels; ++panel)
    for (int n = 0; n < kFeatures; ++n)
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const std::int64_t at = scale_element(panel, groups, n, chunk);
        EXPECT_TRUE(at >= 0 && at < panels * groups * kFeatures * kGroup);
        seen.insert(at);
      }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(panels * kFeatures * chunks));
}

// What the loads of linear_formats.cuh give to pair i of a slot is the element that pair stands for.
TEST(CudaFragments, LoadsGiveThePairsOfASlot) {
  for (int lane = 0; lane < 32; ++lane) {
    const Slot s = slot_sm80(lane);
    for (int h = 0; h < 2; ++h) {
      for (int i = 0; i < 8; ++i) {
        for (int half = 0; half < 2; ++half) {
          const Element e = element_of_pair(s, h, i, half);
          // 4 bits: word h * 2 + i / 4 of the slot's four, byte i % 4, nibble `half`.
          EXPECT_EQ(code4_word(e.n, e.k / 8), slot_index(s) * 4 + h * 2 + i / 4);
          EXPECT_EQ(e.k % 8, i % 4 * 2 + half);
          // 8 bits: half-chunk h, the slot's 16 bytes, byte 2i + half.
          EXPECT_EQ(int8_byte(e.n, e.k), (h * 32 + slot_index(s)) * 16 + 2 * i + half);
          // 16 bits: quarter 2h + i / 4, the slot's 8 halves.
          EXPECT_EQ(half_element(e.n, e.k), ((2 * h + i / 4) * 32 + slot_index(s)) * 8 + i % 4 * 2 + half);
        }
      }
    }
  }
}

// mma.m16n8k16 as the PTX manual defines it: lane (g, t) of a holds rows g and g + 8 at k 2t, 2t + 1, 2t + 8, 2t + 9;
// of b, column g at the same k.
void emulate_m16n8k16(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b, int s,
                      std::vector<std::vector<float>>& c) {
  float full_a[16][16], full_b[16][8];
  for (int lane = 0; lane < 32; ++lane) {
    const int g = lane / 4, t = lane % 4;
    const auto l = static_cast<std::size_t>(lane);
    const int ks[4] = {2 * t, 2 * t + 1, 2 * t + 8, 2 * t + 9};
    for (int j = 0; j < 4; ++j) {
      // a0 = a[0][2s], a2 = a[0][2s + 1]: four adjacent halves of a lane's row; rows g + 8 behind 16 values.
      full_a[g][ks[j]] = a[l][static_cast<std::size_t>(4 * s + j)];
      full_a[g + 8][ks[j]] = a[l][static_cast<std::size_t>(16 + 4 * s + j)];
      full_b[ks[j]][g] = b[l][static_cast<std::size_t>(4 * s + j)];
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      const Cell cell = cell_sm80(lane, i);
      for (int k = 0; k < 16; ++k)
        c[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)] += full_a[cell.row][k] * full_b[k][cell.col];
    }
  }
}

// mma.m8n8k4: quad pair t multiplies its own 8 x 4 by 4 x 8.
void emulate_m8n8k4(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b, int h, int s,
                    std::vector<std::vector<float>>& c) {
  for (int t = 0; t < 4; ++t) {
    float full_a[8][4], full_b[4][8];
    for (int lane = 0; lane < 32; ++lane) {
      const Slot slot = slot_sm70(lane);
      if (slot.t != t) continue;
      for (int k = 0; k < 4; ++k) {
        full_a[slot.g][k] = a[static_cast<std::size_t>(lane)][static_cast<std::size_t>(16 * h + 4 * s + k)];
        full_b[k][slot.g] = b[static_cast<std::size_t>(lane)][static_cast<std::size_t>(4 * s + k)];
      }
    }
    for (int lane = 0; lane < 32; ++lane) {
      if (slot_sm70(lane).t != t) continue;
      for (int i = 0; i < 8; ++i) {
        const Cell cell = cell_sm70(lane, i);
        for (int k = 0; k < 4; ++k)
          c[static_cast<std::size_t>(lane)][static_cast<std::size_t>(8 * h + i)] +=
              full_a[cell.row][k] * full_b[k][cell.col];
      }
    }
  }
}

struct Product {
  float w[kFeatures][kChunk], x[kTileTokens][kChunk];
  std::vector<std::vector<float>> a{32, std::vector<float>(32)}, b{32, std::vector<float>(16)},
      c{32, std::vector<float>(16)};

  explicit Product(SlotOf slot_of) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> small(-4, 4);
    for (auto& row : w)
      for (float& value : row) value = static_cast<float>(small(random));
    for (auto& row : x)
      for (float& value : row) value = static_cast<float>(small(random));
    for (int lane = 0; lane < 32; ++lane) {
      const Slot s = slot_of(lane);
      for (int j = 0; j < 16; ++j) {
        a[static_cast<std::size_t>(lane)][static_cast<std::size_t>(j)] = w[s.g][16 * s.t + j];
        a[static_cast<std::size_t>(lane)][static_cast<std::size_t>(16 + j)] = w[s.g + 8][16 * s.t + j];
        b[static_cast<std::size_t>(lane)][static_cast<std::size_t>(j)] = x[s.g][16 * s.t + j];
      }
    }
  }
  float expected(int n, int m) const {
    float sum = 0;
    for (int k = 0; k < kChunk; ++k) sum += w[n][k] * x[m][k];
    return sum;
  }
};

TEST(CudaFragments, AChunkTimesTokensOnSm80) {
  Product p(&slot_sm80);
  for (int s = 0; s < 4; ++s) emulate_m16n8k16(p.a, p.b, s, p.c);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) {
      const Cell cell = cell_sm80(lane, i);
      EXPECT_EQ(p.c[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)], p.expected(cell.row, cell.col));
    }
}

TEST(CudaFragments, AChunkTimesTokensOnSm70) {
  Product p(&slot_sm70);
  for (int h = 0; h < 2; ++h)
    for (int s = 0; s < 4; ++s) emulate_m8n8k4(p.a, p.b, h, s, p.c);
  // The quad pairs are added by shuffles over lane bits 2 and 3.
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 16; ++i) {
      float sum = 0;
      for (const int other : {lane, lane ^ 4, lane ^ 8, lane ^ 12})
        sum += p.c[static_cast<std::size_t>(other)][static_cast<std::size_t>(i)];
      const Cell cell = cell_sm70(lane, i & 7);
      EXPECT_EQ(sum, p.expected(cell.row + (i & 8), cell.col)) << lane << " " << i;
    }
  }
}

TEST(CudaFragments, CellsCoverTheirTilesOnce) {
  std::set<int> sm80;
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) sm80.insert(cell_sm80(lane, i).row * 8 + cell_sm80(lane, i).col);
  EXPECT_EQ(sm80.size(), 128U);
  for (int t = 0; t < 4; ++t) {
    std::set<int> sm70;
    for (int lane = 0; lane < 32; ++lane) {
      if (slot_sm70(lane).t != t) continue;
      for (int i = 0; i < 8; ++i) sm70.insert(cell_sm70(lane, i).row * 8 + cell_sm70(lane, i).col);
    }
    EXPECT_EQ(sm70.size(), 64U);
  }
}

TEST(CudaFragments, AttentionRowsAndColumnsOfSm70) {
  std::set<int> rows, cols;
  for (int t = 0; t < 4; ++t)
    for (int r = 0; r < 8; ++r) rows.insert(attention_row_sm70(t, r));
  EXPECT_EQ(rows.size(), 32U);
  EXPECT_EQ(*rows.rbegin(), 31);
  for (int u = 0; u < 2; ++u)
    for (int c = 0; c < 8; ++c) cols.insert(value_col_sm70(u, c));
  EXPECT_EQ(cols.size(), 16U);
  // A lane of b (row by row) holds columns 4 (lane / 16) .. + 3 of tile u: 8 adjacent columns over both tiles.
  for (int high = 0; high < 2; ++high)
    for (int u = 0; u < 2; ++u)
      for (int e = 0; e < 4; ++e) EXPECT_EQ(value_col_sm70(u, 4 * high + e), 8 * high + 4 * u + e);
}

// The exchange of weights_to_operands: cells (row h of a lane, 8 keys) become rows of four keys.
TEST(CudaFragments, WeightsBecomeOperandsOnSm70) {
  for (int lane = 0; lane < 32; ++lane) {
    const bool upper = (lane & 2) != 0;
    const int own_row = slot_sm70(lane).g;
    // Cells of a lane: pairs (0,1) and (4,5) of its first row, (2,3) and (6,7) of its second.
    const auto pair = [](int l, int i) { return cell_sm70(l, i); };
    for (int step = 0; step < 2; ++step) {
      const int first = 4 * step;  // cells of this step's keys
      const Cell mine = pair(lane, upper ? first + 2 : first);
      const Cell theirs = pair(lane ^ 2, upper ? first + 2 : first);
      EXPECT_EQ(mine.row, own_row);
      EXPECT_EQ(theirs.row, own_row);
      EXPECT_EQ(upper ? theirs.col : mine.col, 4 * step);
      EXPECT_EQ(upper ? mine.col : theirs.col, 4 * step + 2);
    }
  }
}

// The worst number of lanes of one phase (8 lanes of 16 bytes) that touch one bank with different addresses.
int conflicts(const std::vector<int>& byte_addresses) {
  int worst = 0;
  for (std::size_t phase = 0; phase < byte_addresses.size(); phase += 8) {
    std::map<int, std::set<int>> by_bank;
    for (std::size_t l = phase; l < phase + 8; ++l)
      for (int word = 0; word < 4; ++word)
        by_bank[(byte_addresses[l] / 4 + word) % 32].insert(byte_addresses[l] / 4 + word);
    for (const auto& [bank, words] : by_bank) worst = std::max(worst, static_cast<int>(words.size()));
  }
  return worst;
}

TEST(CudaFragments, SharedMemoryHasNoConflicts) {
  for (const int dim : {32, 64, 80, 128}) {
    const int row_bytes = padded_row(dim) * 2;
    std::vector<int> keys, values, queries, values70, keys70;
    for (int lane = 0; lane < 32; ++lane) {
      const int matrix = lane / 8, row = lane % 8;
      keys.push_back(((matrix >> 1) * 8 + row) * row_bytes + (matrix & 1) * 16);
      values.push_back(((matrix & 1) * 8 + row) * row_bytes + (matrix >> 1) * 16);
      const Slot s = slot_sm70(lane);
      queries.push_back(attention_row_sm70(s.t, s.g) * row_bytes);
      keys70.push_back(s.g * row_bytes);
      values70.push_back((lane & 3) * row_bytes + 16 * (lane >> 4));
    }
    for (const auto* all : {&keys, &values, &queries, &keys70, &values70}) EXPECT_EQ(conflicts(*all), 1) << dim;
  }
}

// linear_tile's tokens: a chunk of 8 tokens takes every place once, written 16 bytes a lane and read as fragments.
TEST(CudaFragments, TokensInSharedMemoryHaveNoConflicts) {
  std::set<int> places;
  std::vector<int> written, low, high;
  for (int unit = 0; unit < 64; ++unit) {
    places.insert(token_unit(unit / 8, unit % 8));
    written.push_back(token_unit(unit / 8, unit % 8) * 16);
  }
  EXPECT_EQ(places.size(), 64U);
  EXPECT_EQ(*places.rbegin(), 63);
  for (int lane = 0; lane < 32; ++lane) {
    const Slot s = slot_sm80(lane);
    low.push_back(token_unit(s.g, 2 * s.t) * 16);
    high.push_back(token_unit(s.g, 2 * s.t + 1) * 16);
  }
  for (const auto* all : {&written, &low, &high}) EXPECT_EQ(conflicts(*all), 1);
}

}  // namespace
}  // namespace docket::kernels::cuda

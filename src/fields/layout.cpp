#include "fields/layout.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr double kCellGap = 1.8;         // a gap wider than this many line heights starts another cell
constexpr double kLineOverlap = 0.5;     // share of the lower word's height that must lie beside the line's last word
constexpr double kMaxHeightRatio = 2.6;  // a logo does not join the small print beside it

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Splits "TOTAL:12.00", "=1.00" and "ABN14"; times and ratios ("12:30") stay whole. The box is divided by characters.
void split_word(const ocr::Word& word, std::vector<Token>& out) {
  const Reader reader = word.source == ocr::Source::kTextLayer ? Reader::kTextLayer : Reader::kOcr;
  const std::string& text = word.text;
  std::size_t begin = 0;
  const auto emit = [&](std::size_t end) {
    if (end <= begin) return;
    Token token{text.substr(begin, end - begin), word.box, word.confidence, reader};
    const float width = word.box.width() / static_cast<float>(text.size());
    token.box.x0 = word.box.x0 + width * static_cast<float>(begin);
    token.box.x1 = word.box.x0 + width * static_cast<float>(end);
    out.push_back(std::move(token));
    begin = end;
  };
  if (text.size() > 4 && fold(text.substr(0, 3)) == "ABN" && is_digit(text[3])) emit(3);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '#' && i > 1 && is_letter(text[i - 1]) && is_digit(text[i + 1])) emit(i + 1);  // "INVOICE#123"
    if (text[i] != ':' && text[i] != '=') continue;
    const bool between_digits = i > 0 && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    const bool url = text[i + 1] == '/';
    if (!between_digits && !url) emit(i + 1);
  }
  emit(text.size());
}

std::vector<Token> tokens_of(const ocr::Words& words) {
  std::vector<Token> tokens;
  for (const ocr::Word& word : words.words) {
    if (!word.text.empty() && !word.box.empty()) split_word(word, tokens);
  }
  std::sort(tokens.begin(), tokens.end(), [](const Token& a, const Token& b) {
    return std::tie(a.box.x0, a.box.y0, a.box.x1, a.box.y1, a.text) <
           std::tie(b.box.x0, b.box.y0, b.box.x1, b.box.y1, b.text);
  });
  return tokens;
}

// Down per pixel to the right: the median over neighbouring words on what looks like one line.
double skew_of(const std::vector<Token>& tokens, double text_height) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const page::Box& a = tokens[i].box;
    for (std::size_t j = i + 1; j < tokens.size(); ++j) {
      const page::Box& b = tokens[j].box;
      const double gap = b.x0 - a.x1, run = b.center_x() - a.center_x();
      if (gap > 1.5 * text_height) {
        if (b.x0 - a.x1 > 4 * text_height) break;
        continue;
      }
      const double rise = b.y1 - a.y1;
      if (gap < -0.3 * text_height || run < 2 * text_height || std::abs(rise) > 0.5 * text_height) continue;
      slopes.push_back(rise / run);
    }
  }
  return slopes.size() < 8 ? 0 : median(std::move(slopes));
}

// Lines while they grow from left to right.
struct Growing {
  std::vector<Token> tokens;
  double last_top = 0, last_bottom = 0;  // of the last full-height token, deskewed
};

struct Span {
  double top, bottom;
};

// 0 when the token cannot continue the line; else the share of overlap, 0..1.
double fit(const Growing& line, const Token& token, Span span) {
  const double height = span.bottom - span.top, last_height = line.last_bottom - line.last_top;
  const double lower = std::min(height, last_height);
  if (lower <= 0 || std::max(height, last_height) > kMaxHeightRatio * lower) {
    // Punctuation is low; it belongs to the line that it lies in.
    const bool small_mark = count_letters(token.text) + count_digits(token.text) == 0 && height < last_height;
    if (!small_mark) return 0;
  }
  const page::Box& last = line.tokens.back().box;
  const double shared_x = std::min(last.x1, token.box.x1) - std::max(last.x0, token.box.x0);
  if (shared_x > 0.5 * std::min(last.width(), token.box.width())) return 0;
  const double overlap = std::min(span.bottom, line.last_bottom) - std::max(span.top, line.last_top);
  const double share = lower > 0 ? overlap / lower : 0;
  return share >= kLineOverlap ? share : 0;
}

std::vector<Growing> grow_lines(const std::vector<Token>& tokens, double skew) {
  std::vector<Growing> lines;
  for (const Token& token : tokens) {
    const double shift = skew * token.box.center_x();
    const Span span{token.box.y0 - shift, token.box.y1 - shift};
    Growing* best = nullptr;
    double best_fit = 0;
    for (Growing& line : lines) {
      const double share = fit(line, token, span);
      if (share > best_fit + 1e-9) best = &line, best_fit = share;
    }
    if (best == nullptr) best = &lines.emplace_back();
    const bool mark = count_letters(token.text) + count_digits(token.text) == 0;
    if (best->tokens.empty() || !mark) best->last_top = span.top, best->last_bottom = span.bottom;
    best->tokens.push_back(token);
  }
  return lines;
}

Line finish_line(Growing grown, int page, double skew, double text_height) {
  Line line;
  line.page = page;
  line.tokens = std::move(grown.tokens);
  std::vector<double> heights, middles;
  for (const Token& token : line.tokens) {
    heights.push_back(token.box.height());
    middles.push_back(token.box.center_y() - skew * token.box.center_x());
    line.box = page::unite(line.box, token.box);
  }
  line.height = median(heights);
  line.y = median(middles);
  line.relative_height = text_height > 0 ? line.height / text_height : 1;
  line.text = text_of(line, 0, line.tokens.size());
  line.cells.push_back({0, 1});
  for (std::size_t i = 1; i < line.tokens.size(); ++i) {
    const double gap = line.tokens[i].box.x0 - line.tokens[i - 1].box.x1;
    if (gap > kCellGap * line.height) line.cells.push_back({i, i});
    line.cells.back().last = i + 1;
  }
  return line;
}

}  // namespace

Layout lay_out(const std::vector<ocr::Words>& pages) {
  Layout layout;
  for (const ocr::Words& words : pages) {
    ++layout.pages;
    const std::vector<Token> tokens = tokens_of(words);
    std::vector<double> heights;
    for (const Token& token : tokens) {
      if (count_letters(token.text) + count_digits(token.text) > 0) heights.push_back(token.box.height());
    }
    const double text_height = median(heights);
    const double skew = skew_of(tokens, text_height);
    std::vector<Line> lines;
    for (Growing& grown : grow_lines(tokens, skew)) {
      lines.push_back(finish_line(std::move(grown), words.page_number, skew, text_height));
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
      return std::tie(a.y, a.box.x0, a.text) < std::tie(b.y, b.box.x0, b.text);
    });
    for (std::size_t i = 1; i < lines.size(); ++i) {
      lines[i].gap_above = text_height > 0 ? (lines[i].y - lines[i - 1].y) / text_height : 0;
    }
    std::move(lines.begin(), lines.end(), std::back_inserter(layout.lines));
  }
  return layout;
}

std::string text_of(const Line& line, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) text += ' ';
    text += line.tokens[i].text;
  }
  return text;
}

page::Box box_of(const Line& line, std::size_t first, std::size_t last) {
  page::Box box;
  for (std::size_t i = first; i < last; ++i) box = page::unite(box, line.tokens[i].box);
  return box;
}

Evidence evidence_of(const Line& line, std::size_t first, std::size_t last, std::string label) {
  Evidence evidence;
  evidence.reader = first < last ? line.tokens[first].reader : Reader::kNone;
  evidence.page = line.page;
  evidence.box = box_of(line, first, last);
  evidence.raw = text_of(line, first, last);
  for (std::size_t i = first; i < last; ++i) {
    const Token& token = line.tokens[i];
    if (count_letters(token.text) + count_digits(token.text) == 0) continue;
    evidence.word_confidence = std::min<double>(evidence.word_confidence, token.confidence);
  }
  evidence.label = std::move(label);
  return evidence;
}

double confidence_of(const Line& line, std::size_t first, std::size_t last) {
  double sum = 0, count = 0;
  for (std::size_t i = first; i < last; ++i) {
    const auto characters = static_cast<double>(line.tokens[i].text.size());
    sum += characters * line.tokens[i].confidence;
    count += characters;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace docket::fields

#include "page/page.h"

#include <algorithm>

namespace docket::page {

Box unite(const Box& a, const Box& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

Box apply(const Transform& t, const Box& box) {
  const std::array<double, 4> xs = {box.x0, box.x1, box.x1, box.x0};
  const std::array<double, 4> ys = {box.y0, box.y0, box.y1, box.y1};
  std::array<double, 4> out_x{};
  std::array<double, 4> out_y{};
  for (std::size_t i = 0; i < 4; ++i) {
    const double w = t[6] * xs[i] + t[7] * ys[i] + t[8];
    out_x[i] = (t[0] * xs[i] + t[1] * ys[i] + t[2]) / w;
    out_y[i] = (t[3] * xs[i] + t[4] * ys[i] + t[5]) / w;
  }
  const auto [x_low, x_high] = std::minmax_element(out_x.begin(), out_x.end());
  const auto [y_low, y_high] = std::minmax_element(out_y.begin(), out_y.end());
  return {static_cast<float>(*x_low), static_cast<float>(*y_low), static_cast<float>(*x_high),
          static_cast<float>(*y_high)};
}

}  // namespace docket::page

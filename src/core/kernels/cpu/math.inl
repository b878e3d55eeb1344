// exp, gelu and silu over Vec. Included after a vec_*.h inside its namespace.

// exp(x) to about 1e-7 relative: x = n ln 2 + r with |r| <= ln 2 / 2, Taylor to r^7, then times 2^n. 0 below -87.
inline Vec vexp(Vec x) {
  const Vec lowest = splat(-87.0F);
  const Vec clamped = vmin(vmax(x, lowest), splat(88.0F));
  const Vec n = nearest(mul(clamped, splat(1.44269504F)));
  // ln 2 in two parts, the first with few enough bits that n * part is exact.
  const Vec r = fma(n, splat(2.12194440e-4F), fma(n, splat(-0.693359375F), clamped));
  Vec p = splat(1.98412698e-4F);
  p = fma(p, r, splat(1.38888889e-3F));
  p = fma(p, r, splat(8.33333333e-3F));
  p = fma(p, r, splat(4.16666667e-2F));
  p = fma(p, r, splat(1.66666667e-1F));
  p = fma(p, r, splat(0.5F));
  p = fma(p, r, splat(1.0F));
  p = fma(p, r, splat(1.0F));
  return select_less(x, lowest, zero(), scale_by_power_of_two(p, n));
}

// gelu(x) = x Phi(x). With z = |x| / sqrt(2): Phi(-|x|) = erfc(z) / 2 and erfc(z) = exp(-z^2) t P(t), t = 1 / (1 + 0.3
// z). P is a least-maximum fit of degree 8 over z in [0, 9.3], relative error 2e-8 in exact arithmetic and 5e-7 in
// fp32, for negative x too, where 1 + erf would cancel.
inline Vec vgelu(Vec x) {
  const Vec magnitude = vabs(x);
  const Vec z = mul(magnitude, splat(0.707106781F));
  const Vec t = div(splat(1.0F), fma(z, splat(0.3F), splat(1.0F)));
  Vec p = splat(-0.12937472760677338F);
  p = fma(p, t, splat(0.4847838878631592F));
  p = fma(p, t, splat(-0.5105203986167908F));
  p = fma(p, t, splat(0.5455027222633362F));
  p = fma(p, t, splat(-0.0929422378540039F));
  p = fma(p, t, splat(0.21410392224788666F));
  p = fma(p, t, splat(0.14858007431030273F));
  p = fma(p, t, splat(0.17067597806453705F));
  p = fma(p, t, splat(0.16919071972370148F));
  const Vec tail = mul(mul(splat(0.5F), mul(p, t)), vexp(sub(zero(), mul(z, z))));  // Phi(-|x|)
  return mul(x, select_less(x, zero(), tail, sub(splat(1.0F), tail)));
}

inline Vec vsilu(Vec x) { return div(x, add(splat(1.0F), vexp(sub(zero(), x)))); }

"""From flat pages to normalised tiles on the GPU: warp, light, fading, blur, noise, JPEG blocks; the dense labels follow the warp."""
import functools

import torch
import torch.nn.functional as F

from .model import RATIOS

MEAN, STD = (.48145466, .4578275, .40821073), (.26862954, .26130258, .27577711)
SLOTS, CLASSES = 6, 96   # characters named per patch; class 0 = none, 1..95 = printable ASCII


def dct_matrix(device):
    k = torch.arange(8, device=device).float()
    m = torch.cos((2 * k[None] + 1) * k[:, None] * torch.pi / 16) * .5
    m[0] *= .5 ** .5
    return m


@functools.lru_cache(maxsize=None)
def constant(values: tuple, device, dtype=None) -> torch.Tensor:
    """Sent to the device once: a copy from the host inside a step would wait for the device, and cannot be captured."""
    return torch.tensor(values, device=device, dtype=dtype)


class Uniform:
    """Random numbers per sample, shaped [B, 1, 1, 1]; drawn many at a time, since each draw is a kernel."""
    def __init__(self, b, device, generator): self.b, self.device, self.g, self.drawn = b, device, generator, []
    def draw(self):
        if not self.drawn: self.drawn = list(torch.rand(64, self.b, 1, 1, 1, device=self.device, generator=self.g).unbind(0))
        return self.drawn.pop()
    def __call__(self, low, high): return self.draw() * (high - low) + low
    def often(self, share): return (self.draw() < share).float()


def project(m, x, y):
    """m: [B, 3, 3], x and y: [B, ...]."""
    m = m.reshape(m.shape[0], 9, *[1] * (x.dim() - 1))
    z = m[:, 6] * x + m[:, 7] * y + m[:, 8]
    return (m[:, 0] * x + m[:, 1] * y + m[:, 2]) / z, (m[:, 3] * x + m[:, 4] * y + m[:, 5]) / z


def bend(x, y, w, h, p):
    """Displacement in the paper's plane; p: [B, 12, 1...] = four waves of amplitude, frequency, phase."""
    u, v = x / w, y / h
    dx = p[:, 0] * torch.sin(p[:, 1] * v + p[:, 2]) + p[:, 3] * torch.sin(p[:, 4] * u + p[:, 5])
    dy = p[:, 6] * torch.sin(p[:, 7] * u + p[:, 8]) + p[:, 9] * torch.sin(p[:, 10] * v + p[:, 11])
    return dx, dy


def bend_params(b, w, strength, device, g):
    r = torch.rand(b, 12, device=device, generator=g)
    p = torch.empty(b, 12, device=device)
    for i, size in ((0, .014), (3, .006), (6, .012), (9, .008)):
        p[:, i] = (r[:, i] * 2 - 1) * size * strength * w
        p[:, i + 1] = 2 + 5 * r[:, i + 1]
        p[:, i + 2] = 6.3 * r[:, i + 2]
    return p


def tile_grid(ratios, n, tile, points, device):
    """Canvas coordinates of points x points places over each used tile, first and last pixel centre included: [B, n, points, points] twice."""
    cols = constant(tuple(c for _, c in RATIOS), device)[ratios - 1]
    t = torch.arange(n, device=device)[None]
    ox, oy = (t % cols[:, None]) * tile, torch.div(t, cols[:, None], rounding_mode="floor") * tile
    at = torch.linspace(.5, tile - .5, points, device=device)
    return ox[..., None, None] + at.expand(1, 1, points, points), oy[..., None, None] + at[:, None].expand(1, 1, points, points)


def widen(x, tile):
    """Coarse fields [B, n, k, k] to every pixel; linear in between, so that a plane stays exact."""
    return F.interpolate(x, (tile, tile), mode="bilinear", align_corners=True)


def photometry(X, Y, nw, nh, mode, u):
    """Coarse fields: paper = P + Q x value, ground where there is no paper, strength of the noise; mode: [B, 1, 1, 1]."""
    photo, scan = (mode == 2).float(), (mode == 1).float()
    a, b = X / nw, Y / nh
    fade = u(0, .12) * (photo + scan) + u(0, .55) * u.often(.4) * (photo + scan)
    tone = 1 - photo * u(0, .22) - scan * u(0, .05)
    light = 1 - photo * u(0, .35) * (.5 + .5 * torch.sin(u(.3, 4) * a + u(.3, 4) * b + u(0, 6.3))) - photo * u(0, .2) * (.5 + .5 * torch.sin(u(1, 9) * b - u(0, 5) * a + u(0, 6.3)))
    edge = u(-1, 1) * (a - u(.2, .8)) + u(-1, 1) * (b - u(.2, .8))
    light = light * (1 - photo * u.often(.35) * u(.15, .55) * torch.sigmoid(edge * u(12, 150)))
    fold = (b - u(.15, .85) + .05 * (a - .5)) * u(40, 200)
    light = light * (1 + photo * u.often(.35) * u(-.14, .14) * torch.tanh(fold) * torch.exp(-.1 * fold.abs()))
    glare = photo * u.often(.15) * u(.1, .4) * torch.exp(-((a - u(0, 1)) / u(.08, .3)) ** 2 - ((b - u(0, 1)) / u(.05, .25)) ** 2)
    ring = (((a - u(.1, .9)) / u(.05, .25)) ** 2 + ((b - u(.1, .9)) / u(.02, .12)) ** 2).sqrt() - 1
    pen = 1 - u.often(.12) * (photo + scan) * u(.2, .7) * torch.exp(-(ring * u(8, 25)) ** 2)
    ground = (u(.03, .75) + .1 * torch.sin(u(2, 60) * a + u(2, 30) * b) + .12 * torch.sin(u(1, 7) * b)) * photo + (1 - photo)
    lit = tone * light * pen
    return lit * fade + glare, lit * (1 - fade).clamp_min(.2), ground * light, photo * u(0, .07) + scan * u(0, .05)


def blocks(x, strength, dct):
    """JPEG's loss: quantised 8 x 8 DCT. x: [B, n, T, T] in 0..1, strength: [B, 1, 1, 1] quantiser step of the first band in 1/255."""
    b, n, t, _ = x.shape
    k, d = torch.arange(8, device=x.device), dct.to(x.dtype)
    step = ((strength / 255).reshape(b, 1, 1, 1, 1, 1) * (1 + .6 * (k[:, None] + k[None]))).transpose(3, 4).reshape(b, 1, 1, 8, 1, 8).to(x.dtype)
    y = (x.reshape(-1, 8) @ d.T).reshape(b, n, t // 8, 8, t)
    y = (d @ y).reshape(b, n, t // 8, 8, t // 8, 8)
    y = torch.round(y / step) * step
    return ((d.T @ y.reshape(b, n, t // 8, 8, t)).reshape(-1, 8) @ d).reshape(b, n, t, t)


def tiles_of(pages, sizes, to_page, p, ratios, n, fit, mode, scale, tile, g, dct):
    """pages: uint8 [B, H, W]; sizes [B, 2] = (h, w); fit [B, 2] = (nh, nw) -> normalised pixels [B, n, 3, T, T] in bf16.
    Warp and light are computed at one place in eight and widened: they are smooth, and full size would cost three times more."""
    b, H, W = pages.shape
    one = lambda t: t.reshape(b, 1, 1, 1).float()
    u, half = Uniform(b, pages.device, g), torch.bfloat16
    X, Y = tile_grid(ratios, n, tile, tile // 8 + 1, pages.device)
    h, w, nh, nw = one(sizes[:, 0]), one(sizes[:, 1]), one(fit[:, 0]), one(fit[:, 1])
    x, y = project(to_page, X, Y)
    dx, dy = bend(x, y, w, h, p.reshape(b, 12, 1, 1, 1))
    photo = one(mode) == 2
    fields = [widen(f.to(half), tile) for f in photometry(X, Y, nw, nh, one(mode), u)[:3]]
    sigma = photo.float() * u(0, .07) + (one(mode) == 1).float() * u(0, .05)
    spread = (.42 / one(scale) - .2).clamp_min(0) + (one(mode) > 0).float() * u(0, .9) * u.often(.6) / one(scale) * .8
    stretch, turn = 1 + photo.float() * u.often(.2) * u(0, 1.2), u(0, 6.3)
    grid = torch.stack([widen((x + dx) * (2 / W) - 1, tile), widen((y + dy) * (2 / H) - 1, tile)], -1).reshape(b, n * tile, tile, 2)
    source, total = pages[:, None].float(), 0
    for k in range(3):
        shift = torch.cat([spread * torch.cos(turn + 2.094 * k) * stretch * (2 / W), spread * torch.sin(turn + 2.094 * k) * (2 / H)], -1).reshape(b, 1, 1, 2)
        total = total + F.grid_sample(source, grid + shift, "bilinear", "border", align_corners=False)
    value = (total.reshape(b, n, tile, tile) / 765).to(half)
    limit = torch.cat([w * (2 / W) - 1, h * (2 / H) - 1], -1).reshape(b, 1, 1, 2)
    inside = ((grid > -1) & (grid < limit)).all(-1).reshape(b, n, tile, tile)
    noise = torch.randn(value.shape, device=value.device, dtype=half, generator=g) * sigma.to(half)
    ground = torch.where(photo, fields[2], torch.ones((), dtype=half, device=value.device))
    out = (torch.where(inside, fields[0] + fields[1] * value, ground) + noise).clamp_(0, 1)
    squeeze = (u.often(.4) * (one(mode) > 0).float()).to(half)
    out = torch.lerp(out, blocks(out, u(2, 14), dct).to(half), squeeze)
    tint = torch.stack([torch.ones_like(one(mode)), 1 - photo * u(-.02, .1), 1 - photo * u(-.04, .22)], 2)  # [B, 1, 3, 1, 1]
    fx, fy = tile_grid(ratios, n, tile, tile, pages.device)
    used = (fx[:, :, :1, :] < nw) & (fy[:, :, :, :1] < nh)
    out = ((out[:, :, None] * tint.to(half)).clamp_(0, 1) * used[:, :, None])
    mean, std = (constant(v, out.device, half).reshape(3, 1, 1) for v in (MEAN, STD))
    return (out - mean) / std


def labels_of(chars, counts, to_canvas, p, sizes, ratios, n, tile, patch):
    """chars: [B, M, 3] = x, y, class on the page -> [B, n, P, SLOTS] classes of the first characters centred in each patch."""
    b, m, _ = chars.shape
    x0, y0 = chars[..., 0], chars[..., 1]
    h, w = sizes[:, :1].float(), sizes[:, 1:].float()
    x, y, q = x0, y0, p.reshape(b, 12, 1)
    for _ in range(4):
        dx, dy = bend(x, y, w, h, q)
        x, y = x0 - dx, y0 - dy
    X, Y = project(to_canvas, x, y)
    table = constant(tuple(RATIOS), chars.device)[ratios - 1]
    rows, cols = table[:, :1], table[:, 1:]
    inside = (X >= 0) & (Y >= 0) & (X < cols * tile) & (Y < rows * tile) & (torch.arange(m, device=chars.device) < counts[:, None])
    side = tile // patch
    xi, yi = X.clamp(0, 1e5).long(), Y.clamp(0, 1e5).long()
    t = torch.div(yi, tile, rounding_mode="floor") * cols + torch.div(xi, tile, rounding_mode="floor")
    key = (t * side + torch.div(yi % tile, patch, rounding_mode="floor")) * side + torch.div(xi % tile, patch, rounding_mode="floor")
    places = n * side * side
    key = torch.where(inside, key, places)
    order = torch.sort(key, dim=1, stable=True)
    position = torch.arange(m, device=chars.device).expand(b, m)
    starts = torch.searchsorted(order.values, order.values, right=False)
    rank = position - starts
    out = torch.zeros(b, (places + 1) * SLOTS + 1, dtype=torch.long, device=chars.device)
    where = torch.where((rank < SLOTS) & (order.values < places), order.values * SLOTS + rank, (places + 1) * SLOTS)
    out.scatter_(1, where, torch.gather(chars[..., 2].long(), 1, order.indices))
    return out[:, :places * SLOTS].reshape(b, n, side * side, SLOTS)

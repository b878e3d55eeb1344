"""Flat paper to photo or scan, on the CPU: curl, folds, perspective, background, light, blur, noise, JPEG. Boxes follow the paper."""
import io
import random

import numpy as np
from PIL import Image, ImageFilter

from .render import Flat


def sample(image: np.ndarray, x: np.ndarray, y: np.ndarray, fill: float) -> np.ndarray:
    """Bilinear look-up of image[h, w] at float places; outside is fill."""
    h, w = image.shape
    padded = np.full((h + 2, w + 2), fill, np.float32)
    padded[1:-1, 1:-1] = image
    x, y = np.clip(x + 1, 0, w + .999), np.clip(y + 1, 0, h + .999)
    x0, y0 = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    top = padded[y0, x0] * (1 - fx) + padded[y0, x0 + 1] * fx
    return top * (1 - fy) + (padded[y0 + 1, x0] * (1 - fx) + padded[y0 + 1, x0 + 1] * fx) * fy


def smooth(rng, h: int, w: int, cells: int, low: float, high: float) -> np.ndarray:
    """A smooth random field of h x w between low and high."""
    grid = Image.fromarray(rng.uniform(low, high, (cells + 1, max(2, cells * w // h + 1))).astype(np.float32))
    return np.asarray(grid.resize((w, h), Image.BICUBIC))


def homography(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """3 x 3 that maps four source points to four target points."""
    rows = []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    h = np.linalg.solve(np.array(rows, np.float64), np.asarray(target, np.float64).reshape(-1))
    return np.append(h, 1).reshape(3, 3)


def apply(m: np.ndarray, x, y):
    z = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    return (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / z, (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / z


class Bend:
    """Displacement of the paper in its own plane: a slow curl and up to two folds."""
    def __init__(self, r: random.Random, w: int, h: int, strength: float):
        self.w, self.h = w, h
        self.a = [(r.uniform(-1, 1) * strength * w * .012, r.uniform(.6, 2.2), r.uniform(0, 6.3)) for _ in range(4)]

    def __call__(self, x, y):
        u, v = x / self.w, y / self.h
        (a, f, p), (b, g, q), (c, k, s), (d, m, t) = self.a
        return a * np.sin(f * 3.1 * v + p) + c * .6 * np.sin(k * 3.1 * u + s), b * np.sin(g * 3.1 * u + q) + d * .6 * np.sin(m * 3.1 * v + t)


def background(r: random.Random, rng, h: int, w: int) -> np.ndarray:
    base = smooth(rng, h, w, r.randint(2, 6), low := r.uniform(10, 120), low + r.uniform(10, 90))
    if r.random() < .4: base = base + 14 * np.sin(np.arange(w) * r.uniform(.02, .5) + smooth(rng, h, w, 4, 0, 9))
    return base + rng.normal(0, r.uniform(1, 9), (h, w)).astype(np.float32)


def shoot(flat: Flat, paper: np.ndarray, r: random.Random, scan: bool = False) -> tuple[Image.Image, list, dict]:
    """-> (RGB photo, words with boxes in the photo, field boxes in the photo). paper is the worn picture of the flat sheet."""
    rng = np.random.default_rng(r.getrandbits(32))
    h, w = paper.shape
    scale = min(1.0, 2000 / h) * r.uniform(.75, 1.15)
    edge = 0.0 if scan else r.uniform(.0, .14)
    ph, pw = int(h * scale * (1 + 2 * edge)), int(w * scale * (1 + 2 * edge))
    ph, pw = max(ph, 64), max(pw, 64)
    jitter = .004 if scan else r.choice([.01, .02, .035])
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)
    inset = np.array([[edge, edge], [-edge, edge], [-edge, -edge], [edge, -edge]]) / (1 + 2 * edge)
    target = (np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) + inset + rng.uniform(-jitter, jitter, (4, 2))) * [pw, ph]
    angle = np.deg2rad(r.gauss(0, .5 if scan else 1.6))
    centre = np.array([pw / 2, ph / 2])
    target = (target - centre) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + centre
    to_photo = homography(corners, target)
    to_paper = np.linalg.inv(to_photo)
    bend = Bend(r, w, h, 0.1 if scan else r.uniform(0, 1.2))
    yy, xx = np.mgrid[0:ph, 0:pw].astype(np.float32)
    x, y = apply(to_paper, xx, yy)
    dx, dy = bend(x, y)
    x, y = x + dx, y + dy
    inside = (x > 0) & (x < w - 1) & (y > 0) & (y < h - 1)
    soft = np.asarray(Image.fromarray(paper).filter(ImageFilter.GaussianBlur(max(0.0, .45 / scale - .3))), np.float32)
    tone = rng.uniform(205, 252) if not scan else 252
    value = sample(soft, x, y, 255) / 255
    light = smooth(rng, ph, pw, r.randint(1, 3), .93 if scan else r.uniform(.5, .9), 1.03)
    if not scan and r.random() < .35:  # a fold: a bright and a dark side
        at, wide = r.uniform(.2, .8) * h, r.uniform(3, 14)
        light = light * (1 + .12 * np.tanh((y - at) / wide) * np.exp(-np.abs(y - at) / (wide * 9)))
    if not scan and r.random() < .3:   # the photographer's shadow
        line = np.cos(a := r.uniform(0, 6.28)) * (xx / pw - r.uniform(.2, .8)) + np.sin(a) * (yy / ph - r.uniform(.2, .8))
        light = light * (1 - r.uniform(.2, .5) / (1 + np.exp((-line / r.uniform(.005, .06)).clip(-40, 40))))
    fade = r.uniform(.0, .35) if r.random() < .5 else 0
    value = tone * (fade + (1 - fade) * value)
    if not scan and r.random() < .15:  # glare
        gx, gy = r.uniform(.1, .9) * pw, r.uniform(.1, .9) * ph
        value = value + r.uniform(20, 90) * np.exp(-(((xx - gx) / (pw * r.uniform(.08, .3))) ** 2 + ((yy - gy) / (ph * r.uniform(.05, .2))) ** 2))
    grey = np.where(inside, value * light, background(r, rng, ph, pw) if not scan else 255)
    tint = np.array([1, r.uniform(.93, 1.0), r.uniform(.82, 1.0)], np.float32) if not scan and r.random() < .7 else np.ones(3, np.float32)
    rgb = grey[..., None] * tint + rng.normal(0, r.uniform(0, 3 if scan else 9), (ph, pw, 1))
    image = Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(r.choice([0, .3, .5, .8] if not scan else [0, .3])))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=r.randint(40, 92))

    def place(px, py):
        """Paper to photo: undo the bend by fixed point, then the homography."""
        u, v = np.asarray(px, np.float64), np.asarray(py, np.float64)
        for _ in range(4):
            ex, ey = bend(u, v)
            u, v = px - ex, py - ey
        return apply(to_photo, u, v)

    def box(x0, y0, x1, y1):
        bx, by = place(np.array([x0, x1, x1, x0]), np.array([y0, y0, y1, y1]))
        return [round(float(bx.min()), 1), round(float(by.min()), 1), round(float(bx.max()), 1), round(float(by.max()), 1)]

    return Image.open(buffer), [(t, *box(a, b, c, d), n) for t, a, b, c, d, n in flat.words], {k: box(*v) for k, v in flat.fields.items()}

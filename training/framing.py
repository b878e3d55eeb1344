"""Where the paper lies in the picture, and which canvas the processor picks; numpy only, one document at a time."""
import math

import numpy as np

from .model import RATIOS

MODES = {"clean": 0, "scan": 1, "photo": 2}


def canvas(h: float, w: float, tile: int) -> tuple[int, int, int]:
    """The processor's choice for a picture of h x w -> (aspect ratio id, new height, new width) (4.45 rules, float64)."""
    scales = [min(a * tile / h, b * tile / w) for a, b in RATIOS]
    up = [s for s in scales if s >= 1]
    chosen = min(up) if up else max(scales)
    ratio = min((i for i, s in enumerate(scales) if s == chosen), key=lambda i: (RATIOS[i][0] * RATIOS[i][1], i))
    ch, cw = RATIOS[ratio][0] * tile, RATIOS[ratio][1] * tile
    tw, th = min(max(w, tile), cw), min(max(h, tile), ch)
    sh, sw = th / h, tw / w
    if sw < sh: return ratio + 1, min(max(math.floor(h * sw), 1), th), tw
    return ratio + 1, th, min(max(math.floor(w * sh), 1), tw)


def homographies(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """[B, 4, 2] -> [B, 4, 2]: the 3 x 3 maps, [B, 3, 3] float64."""
    b = len(source)
    x, y, u, v = source[..., 0], source[..., 1], target[..., 0], target[..., 1]
    zero, one = np.zeros_like(x), np.ones_like(x)
    top = np.stack([x, y, one, zero, zero, zero, -u * x, -u * y], -1)
    low = np.stack([zero, zero, zero, x, y, one, -v * x, -v * y], -1)
    h = np.linalg.solve(np.concatenate([top, low], 1), np.concatenate([u, v], 1)[..., None])[..., 0]
    return np.concatenate([h, np.ones((b, 1))], 1).reshape(b, 3, 3)


def frame(rng: np.random.Generator, h: int, w: int, em: float, tile: int, whole: bool) -> dict | None:
    """A random view of flat paper h x w: corners on the canvas, ratio id, picture size; None where the text would be too small."""
    mode = rng.choice(3, p=[.25, .2, .55])
    edge = 0.0 if mode == 0 else rng.uniform(-.01, .02) if mode == 1 else rng.choice([rng.uniform(-.01, .05), rng.uniform(0, .16)], p=[.6, .4])
    zoom = rng.uniform(.8, 2.2) if whole else rng.uniform(.7, 1.3)
    ex, ey = edge * w, edge * h * (1 if h < 2 * w else .5)
    pw, ph = (w + 2 * ex) * zoom, (h + 2 * ey) * zoom
    ratio, nh, nw = canvas(round(ph), round(pw), tile)
    scale = nw / (w + 2 * ex)
    if em * scale < 7.2: return None
    corners = (np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64) + [ex, ey]) * [nw / (w + 2 * ex), nh / (h + 2 * ey)]
    if mode:
        jitter = (.003 if mode == 1 else rng.choice([.006, .015, .03])) * nw
        corners += rng.uniform(-jitter, jitter, (4, 2))
        angle = np.deg2rad(rng.normal(0, .35 if mode == 1 else 1.3))
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners = (corners - [nw / 2, nh / 2]) @ turn + [nw / 2, nh / 2]
    return dict(mode=int(mode), ratio=ratio, nh=nh, nw=nw, corners=corners, scale=scale)

"""Where the paper lies in the picture, and which canvas the processor picks; numpy only, one document at a time."""
import math

import numpy as np

from .model import RATIOS



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


def to_quad(q: np.ndarray) -> np.ndarray:
    """[B, 4, 2] corners -> the 3 x 3 maps of the unit square (0,0) (1,0) (1,1) (0,1) onto them, in closed form."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (q[:, i].T for i in range(4))
    sx, sy, dx1, dy1, dx2, dy2 = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3, x1 - x2, y1 - y2, x3 - x2, y3 - y2
    det = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    return np.stack([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, np.ones_like(g)], -1).reshape(-1, 3, 3)


def inverse(m: np.ndarray) -> np.ndarray:
    """Of [B, 3, 3], by cofactors (a stack of tiny LAPACK calls is far slower)."""
    r0, r1, r2 = m[:, 0], m[:, 1], m[:, 2]
    cols = np.stack([np.cross(r1, r2), np.cross(r2, r0), np.cross(r0, r1)], -1)
    return cols / (r0 * cols[:, :, 0]).sum(-1)[:, None, None]


def homographies(sizes: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """sizes [B, 2] = (h, w) of the paper, corners [B, 4, 2] on the canvas -> maps from paper to canvas."""
    m = to_quad(corners)
    m[:, :, 0] /= sizes[:, 1:]
    m[:, :, 1] /= sizes[:, :1]
    return m


def frame(rng: np.random.Generator, h: int, w: int, em: float, tile: int, whole: bool) -> dict | None:
    """A random view of flat paper h x w: corners on the canvas, ratio id, picture size; None where the text would be too small."""
    roll = rng.random()
    mode = 0 if roll < .25 else 1 if roll < .45 else 2   # clean, scan, photo
    edge = 0.0 if mode == 0 else rng.uniform(-.01, .02) if mode == 1 else rng.uniform(-.01, .05) if rng.random() < .6 else rng.uniform(0, .16)
    zoom = np.exp(rng.uniform(np.log(.6), np.log(2.0))) if whole else rng.uniform(.7, 1.3)   # pixels of the picture for one of the page
    stretch = rng.uniform(.84, 1.19) if rng.random() < .35 else 1.0   # narrower and wider faces than there are fonts
    ex, ey = edge * w, edge * h * (1 if h < 2 * w else .5)
    pw, ph = (w + 2 * ex) * zoom * stretch, (h + 2 * ey) * zoom
    ratio, nh, nw = canvas(round(ph), round(pw), tile)
    scale = min(nw / (w + 2 * ex), nh / (h + 2 * ey))
    if em * min(scale, zoom * 1.2) < 7.2: return None
    scale = min(scale, zoom)   # a picture of few pixels stays as unsharp when it is enlarged to its canvas
    corners = (np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64) + [ex, ey]) * [nw / (w + 2 * ex), nh / (h + 2 * ey)]
    if mode:
        jitter = (.003 if mode == 1 else (.006, .015, .03)[int(rng.integers(3))]) * nw
        corners += rng.uniform(-jitter, jitter, (4, 2))
        angle = np.deg2rad(rng.normal(0, .35 if mode == 1 else 1.3))
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners = (corners - [nw / 2, nh / 2]) @ turn + [nw / 2, nh / 2]
    return dict(mode=int(mode), ratio=ratio, nh=nh, nw=nw, corners=corners, scale=scale)

"""Draws a sheet on flat paper: a grey picture, the place of every character, word boxes and field boxes."""
import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from . import fonts
from .sheet import Field, Row, Sheet


@dataclass
class Flat:
    """Flat paper. image: uint8 [height, width], 255 = paper. chars: float32 [n, 3] of centre x, y and code point.
    lines: per drawn row (text, top, bottom, left, right); words: (text, x0, y0, x1, y1, row); fields: name -> box."""
    image: np.ndarray
    chars: np.ndarray
    lines: list
    words: list
    fields: dict


class Pen:
    """Draws on a grey canvas [height, width] and remembers where each character went."""
    def __init__(self, canvas: np.ndarray, style):
        self.canvas, self.style = canvas, style
        self.chars, self.words, self.fields = [], [], {}

    def fill(self, x0: float, y0: float, x1: float, y1: float, grey: int) -> None:
        """A rectangle, both ends included."""
        self.canvas[max(0, int(y0)):max(0, int(y1) + 1), max(0, int(x0)):max(0, int(x1) + 1)] = grey

    def blend(self, ink: np.ndarray, x: int, y: int, grey: int) -> None:
        """Puts a mask of 0..255 down with its upper left corner at (x, y), cut at the canvas' edges."""
        part = self.canvas[max(0, y):max(0, y + ink.shape[0]), max(0, x):max(0, x + ink.shape[1])]
        mask = ink[max(0, -y):max(0, -y) + part.shape[0], max(0, -x):max(0, -x) + part.shape[1]].astype(np.uint16)
        part[:] = (part * (255 - mask) + grey * mask + 127) // 255   # at most 255 * 255 + 127

    def cell(self, cell, left: float, top: float, height: float, row: int) -> tuple[float, float]:
        st, text = self.style, cell.text
        bold_path = st.face.bold if cell.bold and st.face.bold else ""
        face = fonts.glyphs(bold_path or st.face.regular, max(6, int(st.size * cell.scale)))
        size, plain = face.size, face.edges(text, cell.space * face.size)
        edges = [e * cell.wide for e in plain]
        total = edges[-1]
        x = left + cell.x * st.content - {"l": 0, "r": total, "c": total / 2}[cell.align]
        base = top + (height - face.ascent - face.descent) / 2
        grey = st.ink
        if cell.dark:
            self.fill(x - size * .4, top, x + total + size * .4, top + height, grey)
            grey = 255
        ink = face.strip(text, plain, 1 if cell.bold and not bold_path and size > 21 else 0)
        if cell.wide != 1: ink = np.asarray(Image.fromarray(ink).resize((max(1, int(ink.shape[1] * cell.wide)), ink.shape[0]), Image.BILINEAR))
        self.blend(ink, round(x - face.pad * cell.wide), round(base) - face.pad, grey)
        y0, y1 = base + face.ascent * .18, base + face.ascent * 1.12
        start = None
        for i, ch in enumerate(text + " "):
            if ch != " ":
                self.chars.append((x + (edges[i] + edges[i + 1]) / 2, base + face.ascent * .66, ord(ch)))
                start = i if start is None else start
            elif start is not None:
                self.words.append((text[start:i], x + edges[start], y0, x + edges[i], y1, row))
                start = None
        at = 0
        for part in cell.parts:
            size_ = len(part.text if isinstance(part, Field) else part)
            if isinstance(part, Field) and size_: self.fields.setdefault(part.name, [x + edges[at], y0, x + edges[at + size_], y1])
            at += size_
        return x, x + total


def row_height(row: Row, style) -> float:
    """In pixels; never so small that the face's own lines would overlap."""
    scale = max([c.scale for c in row.cells] or [2.4 if row.bars else .35])
    face = fonts.glyphs(style.face.regular, style.size)
    return max(style.size * style.leading, .93 * (face.ascent + face.descent)) * max(scale, .35)


def draw(sheet: Sheet, rows: list | None = None, window: int | None = None) -> Flat:
    """Draws all rows (or those given) at the style's size; rows too long for 2048 px are drawn smaller."""
    st, rows = sheet.style, sheet.rows if rows is None else rows
    line = st.size * st.leading
    left, above, right, below = st.blank if window is None else (0, 0, 0, 0)
    top = st.margin if window is None else 8
    height = int(sum(row_height(x, st) + x.gap * line for x in rows)) + 2 * top + above + below
    left, width = left + st.margin, st.content + 2 * st.margin + left + right
    if st.a4 and window is None: height = max(height, int(width * 1.414) if sheet.r.random() < .8 else 0)
    pen, lines, y = Pen(np.full((height, width), 255, np.uint8), st), [], float(top + above)
    for row in rows:
        y += row.gap * line
        h = row_height(row, st)
        if row.rule: pen.fill(left, y + h / 2, left + st.content, y + h / 2 + st.ink % 2, st.ink)
        if row.box: pen.fill(left - 4, y, left + st.content + 4, y + h, 205 + st.ink % 30)
        if row.bars:
            unit = max(1, int(st.content * .8 / len(row.bars)))
            x = left + (st.content - unit * len(row.bars)) / 2
            for i, module in enumerate(row.bars):
                if module == "1": pen.fill(x + i * unit, y, x + (i + 1) * unit - 1, y + h, st.ink)
        first = len(pen.words)
        ends = [pen.cell(c, left, y, h, len(lines)) for c in row.cells]
        if row.cells:
            text = " ".join(w[0] for w in sorted(pen.words[first:], key=lambda w: w[1]))
            lines.append((text, y, y + h, min(e[0] for e in ends), max(e[1] for e in ends)))
        y += h
    return Flat(pen.canvas, np.array(pen.chars, np.float32).reshape(-1, 3), lines, pen.words, pen.fields)


def weigh(flat: np.ndarray, r: random.Random) -> np.ndarray:
    """Heavier or lighter strokes than the face has: part of the darkest or lightest of four neighbours."""
    pick, out, part = (np.minimum if r.random() < .6 else np.maximum), flat.copy(), r.uniform(.25, .9)
    out[:, 1:] = pick(flat[:, 1:], flat[:, :-1])
    if r.random() < .7: out[1:] = pick(out[1:], out[:-1])
    return (flat * (1 - part) + out * part).astype(np.uint8)


# How a pen writes digits and signs: lines of points in a box of 0..1, y down; neighbours in one line are joined.
DIGITS = {"0": [(.5, 0), (.1, .3), (.1, .7), (.5, 1), (.9, .7), (.9, .3), (.5, 0)], "1": [(.3, .2), (.6, 0), (.5, 1)], "2": [(.1, .25), (.5, 0), (.9, .3), (.1, 1), (.9, .95)],
          "3": [(.1, .1), (.8, .1), (.45, .45), (.9, .7), (.5, 1), (.1, .9)], "4": [(.6, 0), (.1, .6), (.95, .6), (.7, .3), (.65, 1)], "5": [(.9, 0), (.2, .02), (.15, .45), (.7, .4), (.9, .75), (.5, 1), (.1, .9)],
          "6": [(.8, 0), (.2, .5), (.15, .85), (.5, 1), (.85, .75), (.5, .5), (.2, .7)], "7": [(.1, .05), (.9, .05), (.4, 1)], "8": [(.8, .15), (.4, 0), (.2, .25), (.8, .7), (.5, 1), (.15, .75), (.8, .2)],
          "9": [(.85, .3), (.4, .45), (.2, .2), (.55, 0), (.85, .2), (.75, 1)], ".": [(.3, .95), (.4, 1)], "/": [(.9, -.1), (.1, 1.1)], "-": [(.15, .5), (.85, .5)]}


def _written(r: random.Random, w: int, h: int) -> list[list[tuple[float, float]]]:
    """A number or date by hand, slanted and uneven, half of the time in a ring: what people note beside a total. Never truth."""
    text = r.choice([f"{r.randint(1, 300)}.{r.randint(0, 99):02}", f"{r.randint(1, 31)}/{r.randint(1, 12)}/{r.randint(15, 27)}", f"{r.randint(1, 9999)}", f"{r.randint(10, 99)}-{r.randint(1, 40)}"])
    size = r.uniform(.035, .09) * w
    x, y, slant = r.uniform(.02, .75) * w, r.uniform(.02, .94) * h, r.uniform(-.1, .45)
    lines, at = [], x
    for ch in text:
        jitter = lambda: r.uniform(-.09, .09)
        tall, drop = r.uniform(.85, 1.15), r.uniform(-.1, .1)
        lines.append([(at + size * (.55 * (u + jitter()) + slant * (1 - v)), y + size * (tall * (v + jitter()) + drop)) for u, v in DIGITS[ch]])
        at += size * (.35 if ch in ".-" else .72)
    if r.random() < .5:
        a, b = (at - x) * r.uniform(.6, .8), size * r.uniform(.9, 1.4)
        lines.append([((x + at) / 2 + a * math.cos(t * .27), y + size / 2 + b * math.sin(t * .27)) for t in range(25)])
    return lines


def _strokes(r: random.Random, w: int, h: int) -> list[list[tuple[float, float]]]:
    """A pen's lines on paper of w x h: a ring round something, a tick, a line through, or a row of scribbled signs."""
    x, y, size = r.uniform(.1, .9) * w, r.uniform(.03, .97) * h, r.uniform(.02, .06) * w
    roll = r.random()
    if roll < .25:
        a, b, turn = size * r.uniform(1.5, 4), size * r.uniform(.8, 2), r.uniform(5.6, 7.2)
        return [[(x + a * math.cos(t * turn / 24 + 2) * (1 + t * .003), y + b * math.sin(t * turn / 24 + 2)) for t in range(25)]]
    if roll < .4: return [[(x - size, y), (x - size * .4, y + size), (x + size, y - size * 1.4)]]
    if roll < .5: return [[(x - size * 5, y + r.uniform(-1, 1) * size), (x + size * 5, y)]]
    lines = []
    for i in range(r.randint(2, 9)):
        at, line = x + i * size * 1.1, [(0.0, 0.0)]
        for _ in range(r.randint(3, 7)): line.append((r.uniform(0, 1), r.uniform(-1.2, .8)))
        lines.append([(at + u * size, y + v * size) for u, v in line])
    return lines if r.random() < .6 else [[p for line in lines for p in line]]


def _stamp(r: random.Random, w: int) -> Image.Image:
    """A frame or ring with a word and perhaps a date, turned."""
    size = int(w * r.uniform(.05, .1))
    font = fonts.load(fonts.faces("train")[0].regular, max(10, size))
    text = r.choice(["PAID", "RECEIVED", "CHECKED", "POSTED", "COPY", "ENTERED", "CLAIMED"])
    long = int(font.getlength(text)) + size * 2
    image = Image.new("L", (long, size * 4 if r.random() < .5 else long))
    pen, middle = ImageDraw.Draw(image), image.height / 2
    (pen.rectangle if image.height < long else pen.ellipse)((2, 2, long - 3, image.height - 3), outline=255, width=max(2, size // 9))
    pen.text((size, middle - size * 1.1), text, fill=255, font=font)
    if r.random() < .7: pen.text((size, middle + size * .2), f"{r.randint(1, 28)} {r.choice(['JAN', 'APR', 'AUG', 'NOV'])} {r.randint(2016, 2027)}", fill=255, font=fonts.load(fonts.faces("train")[0].regular, max(8, size // 2)))
    return image.rotate(r.uniform(-40, 40), expand=True)


def mark(ink: np.ndarray, r: random.Random) -> np.ndarray:
    """What people add: pen lines and stamps over the print (none of it is truth), a punched hole."""
    h, w = ink.shape
    over = Image.new("L", (w, h))
    pen = ImageDraw.Draw(over)
    for _ in range(r.randint(1, 3)):
        for line in (_written if r.random() < .4 else _strokes)(r, w, h): pen.line(line, fill=255, width=r.randint(2, 4), joint="curve")
    if r.random() < .3:
        stamp = _stamp(r, w)
        over.paste(255, (r.randint(-stamp.width // 3, max(0, w - stamp.width // 2)), r.randint(0, max(0, h - stamp.height))), stamp)
    ink = np.maximum(ink, np.asarray(over, np.float32) * r.uniform(.3, .85))
    if r.random() < .15:
        hole, x, y = Image.new("L", (w, h)), r.choice([.05, .5, .95]) * w, r.uniform(.02, .98) * h
        ImageDraw.Draw(hole).ellipse((x - w * .025, y - w * .025, x + w * .025, y + w * .025), fill=1)
        ink = np.where(np.asarray(hole), np.float32(r.choice([0, 230])), ink)
    return ink


def wear(flat: np.ndarray, r: random.Random, kind: str) -> np.ndarray:
    """What the printer did: dots of a matrix printer, a fading thermal head, streaks, uneven ink; then now and then what people add."""
    rng = np.random.default_rng(r.getrandbits(32))
    ink = 255.0 - flat.astype(np.float32)
    h, w = flat.shape
    if kind == "d" and r.random() < .4:
        pitch = r.choice([2, 3])
        dots = np.ones((pitch, pitch), np.float32); dots[-1, :] = .35; dots[:, -1] = .35
        ink *= np.tile(dots, (h // pitch + 1, w // pitch + 1))[:h, :w]
    if r.random() < .3: ink *= np.interp(np.arange(w), np.linspace(0, w, 7), rng.uniform(.45, 1, 7)).astype(np.float32)[None]
    if r.random() < .3: ink *= np.interp(np.arange(h), np.linspace(0, h, 9), rng.uniform(.5, 1, 9)).astype(np.float32)[:, None]
    if r.random() < .12:
        for x in rng.integers(0, w, r.randint(1, 4)): ink[:, x:x + r.randint(1, 2)] *= r.uniform(.1, .6)
    if r.random() < .3:
        coarse = rng.uniform(.55, 1.1, (h // 6 + 2, w // 6 + 2)).astype(np.float32)
        ink *= np.repeat(np.repeat(coarse, 6, 0), 6, 1)[:h, :w].clip(0, 1)
    if r.random() < .2: ink = mark(ink, r)
    return (255 - ink.clip(0, 255)).astype(np.uint8)

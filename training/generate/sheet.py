"""A sheet of rows before it is drawn: cells hang on anchors across the width; fields are tagged inside their text."""
import random
from dataclasses import dataclass, field

from . import fonts

HELD_OUT = 5  # of every this many variants of a block, the last is never drawn for training


@dataclass
class Field:
    """A piece of printed text that carries a truth value; value None means 'as printed'."""
    name: str
    text: str
    value: str | None = None


@dataclass
class Cell:
    parts: list            # of str | Field
    x: float               # anchor, as a fraction of the content width
    align: str = "l"       # l | r | c
    bold: bool = False
    scale: float = 1.0
    wide: float = 1.0      # stretch across: 2 with scale 1 is a till's double width, .5 with scale 2 its double height
    dark: bool = False     # paper-coloured text on a dark band
    space: float = 0.0     # letters set apart by so much of the size

    @property
    def text(self) -> str:
        return "".join(p.text if isinstance(p, Field) else p for p in self.parts)


@dataclass
class Row:
    cells: list
    gap: float = 0.0       # extra space above, in line heights
    rule: bool = False     # a drawn line instead of text
    box: bool = False      # a shaded band behind the row
    bars: str = ""         # a bar code instead of text: its modules, '1' dark


@dataclass
class Style:
    """How one sheet is printed. Widths are in pixels at the drawing scale."""
    face: fonts.Face
    size: int
    content: int
    margin: int
    leading: float
    upper: bool
    ink: int
    columns: int
    a4: bool
    body_bold: bool = False
    blank: tuple = (0, 0, 0, 0)   # empty paper or scanner glass around: left, top, right, bottom

    def width(self, text: str, bold: bool = False, scale: float = 1.0) -> float:
        path = self.face.bold if bold and self.face.bold else self.face.regular
        return fonts.length(path, max(6, int(self.size * scale)), text)

    def fit(self, text: str, fraction: float, scale: float = 1.0) -> str:
        """The longest head of the text that fits into this fraction of the width."""
        if self.upper: text = text.upper()
        if self.width(text, self.body_bold, scale) <= fraction * self.content: return text.rstrip()
        fits, over = 0, len(text)
        while over - fits > 1:
            half = (fits + over) // 2
            if self.width(text[:half], self.body_bold, scale) <= fraction * self.content: fits = half
            else: over = half
        return text[:fits].rstrip()

    def wrap(self, text: str, fraction: float) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            trial = f"{line} {word}".strip()
            if line and self.width(trial.upper() if self.upper else trial, self.body_bold) > fraction * self.content:
                lines.append(line)
                trial = word
            line = trial
        return lines + [line]


def make_style(r: random.Random, a4: bool, split: str) -> Style:
    pool = fonts.faces(split)
    kinds = {"p": .92, "m": .08} if a4 else {"m": .56, "d": .14, "p": .3}
    kind = r.choices(list(kinds), list(kinds.values()))[0]
    face = r.choice([f for f in pool if f.kind == kind] or pool)
    columns = r.randint(72, 104) if a4 else r.choice([r.randint(26, 34), r.randint(32, 42), r.randint(38, 48)])
    size = 20 if a4 else r.randint(17, 27)
    sample = "ABCDEFGHIabcdefghijklmnopqrstuvwxyz0123456789 .$" if kind == "p" else "0"
    char = fonts.load(face.regular, size).getlength(sample) / len(sample)
    limit = 900 if a4 else 940
    content = int(char * columns)
    if a4 or content > limit:
        size = max(10, int(size * limit / content))
        content = limit if a4 else int(fonts.load(face.regular, size).getlength(sample) / len(sample) * columns)
    blank = (0, 0, 0, 0)
    if not a4 and r.random() < .16: blank = (0, r.randint(1, 12) * size, 0, r.randint(0, 14) * size)
    elif not a4 and r.random() < .06: blank = tuple(int(r.uniform(0, .5) * content) for _ in range(4))
    elif not a4 and r.random() < .05: blank = (int(r.uniform(0, .25) * content), int(r.uniform(0, .4) * content), int(r.uniform(.3, 1.2) * content), int(r.uniform(.2, 1.2) * content))   # a slip on the glass of a page scanner
    return Style(face, size, content, r.randint(30, 55) if a4 else r.randint(6, 46), r.uniform(1.1, 1.5) if a4 else r.uniform(1.0, 1.42), not a4 and r.random() < .22,
                 r.randint(0, 90) if r.random() < .8 else r.randint(90, 140), columns, a4, r.random() < .15, blank)


@dataclass
class Sheet:
    r: random.Random
    style: Style
    split: str
    rows: list = field(default_factory=list)
    truth: dict = field(default_factory=dict)
    printed: dict = field(default_factory=dict)  # field -> its text on the paper
    items: list = field(default_factory=list)
    layout: list = field(default_factory=list)   # names of the variants drawn

    def variant(self, block: str, count: int) -> int:
        """Draws a layout variant of a block; for training never a held-out one, for validation mostly."""
        held = [i for i in range(count) if i % HELD_OUT == HELD_OUT - 1]
        open_ = [i for i in range(count) if i not in held]
        choice = self.r.choice(held if held and self.split == "validation" and self.r.random() < .6 else open_)
        self.layout.append(f"{block}{choice}")
        return choice

    def cell(self, parts, x, align="l", **how) -> Cell:
        parts = [parts] if isinstance(parts, (str, Field)) else list(parts)
        if self.style.upper:
            for i, p in enumerate(parts):
                if isinstance(p, Field): p.text = p.text.upper()
                else: parts[i] = p.upper()
        how.setdefault("bold", self.style.body_bold)
        for p in parts:
            if isinstance(p, Field) and p.text:
                self.truth.setdefault(p.name, p.text if p.value is None else p.value)
                self.printed.setdefault(p.name, p.text)
        return Cell(parts, x, align, **how)

    def extent(self, c: Cell) -> tuple[float, float]:
        wide = (self.style.width(c.text, c.bold, c.scale) + c.space * self.style.size * c.scale * max(0, len(c.text) - 1)) * c.wide
        left = c.x * self.style.content - {"l": 0, "r": wide, "c": wide / 2}[c.align]
        return left, left + wide

    def row(self, *cells, gap=0.0, box=False) -> None:
        """Adds a row; a cell that would touch the one before it moves to a row of its own, one too wide is drawn smaller, one over an edge moved in."""
        cells, here, end = [c for c in cells if c.text.strip()], [], -1e9
        for c in cells:
            left, right = self.extent(c)
            if right - left > self.style.content:
                c.scale *= .99 * self.style.content / (right - left)
                left, right = self.extent(c)
            over = max(0.0, right - self.style.content) + min(0.0, left)
            if abs(over) > 1: c.x, left, right = c.x - over / self.style.content, left - over, right - over
            if left < end + .6 * self.style.width("0"):
                self.rows.append(Row(here, gap, False, box))
                here, gap = [], 0.0
            here.append(c)
            end = right
        if here: self.rows.append(Row(here, gap, False, box))

    def left(self, parts, gap=0.0, **how): self.row(self.cell(parts, 0.0, "l", **how), gap=gap)
    def right(self, parts, gap=0.0, **how): self.row(self.cell(parts, 1.0, "r", **how), gap=gap)

    def centre(self, parts, gap=0.0, **how):
        self.row(self.cell(parts, 0.5, "c", **how), gap=gap)

    def pair(self, a, b, gap=0.0, **how): self.row(self.cell(a, 0.0, "l", **how), self.cell(b, 1.0, "r", **how), gap=gap)

    def bars(self):
        """A bar code; the digits below it are text."""
        number = str(self.r.randint(10**9, 10**self.r.choice([12, 13, 18])))
        self.rows.append(Row([], .5, bars="".join(self.r.choice(["10", "110", "100", "1100", "1000"]) for _ in range(3 * len(number)))))
        if self.r.random() < .8: self.centre(number)

    def rule(self, gap=0.0):
        if self.style.a4 or self.r.random() < .12:
            self.rows.append(Row([], max(gap, .15), True))
        else:
            mark = self.r.choice("---==*_.")
            if self.r.random() < .12: mark = self.r.choice(["- ", "=-", "* ", "~"])
            count = int(self.style.content / max(1.0, self.style.width(mark)))
            if self.r.random() < .15: count = count // self.r.randint(2, 3)
            self.rows.append(Row([self.cell(mark * max(3, count), 0.0)], gap))

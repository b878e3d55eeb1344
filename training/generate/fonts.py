"""Fonts installed from the Debian packages of font_packages.txt, in families; a fifth of the families is kept for validation."""
import functools
import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOTS = ["/usr/share/fonts", "/usr/share/texmf/fonts/opentype"]
# family key -> (file name without ending, of the regular face; of the bold face or ''); 'm' = fixed pitch, 'd' = dot-matrix like, 'p' = proportional
FACES = """
m DejaVuSansMono DejaVuSansMono-Bold|m LiberationMono-Regular LiberationMono-Bold|m FreeMono FreeMonoBold|m Cousine-Regular Cousine-Bold|m Hack-Regular Hack-Bold
m FiraCode-Regular FiraCode-Bold|m Inconsolata|m Anonymous_Pro Anonymous_Pro_B|m JetBrainsMono-Regular JetBrainsMono-Bold|m agave-r-autohinted agave-b-autohinted
m Hermit-medium|m FantasqueSansMono-Regular FantasqueSansMono-Bold|p mononoki-Regular mononoki-Bold|m Monoid-Regular Monoid-Bold|m monof55|m 3270-Regular
m Courier_Prime Courier_Prime_Bold|m Courier_Prime_Sans Courier_Prime_Sans_Bold|m OCRA|m OCRB|m LeagueMono-Regular LeagueMono-Bold|m LeagueMono-Condensed LeagueMono-CondensedBold|m LeagueMono-NarrowRegular
m Go-Mono Go-Mono-Bold|m B612Mono-Regular B612Mono-Bold|m NotoMono-Regular|m NimbusMonoPS-Regular NimbusMonoPS-Bold|m texgyrecursor-regular texgyrecursor-bold
m TlwgMono TlwgMono-Bold|m TlwgTypist TlwgTypist-Bold|m cmuntt cmuntb|m cmunbtl|p GNUTypewriter|m OxygenMono-Regular
d Px_IBM_VGA8|d Px_IBM_VGA9-2x|d Px_IBM_EGA8-2x|d Px_IBM_PS2thin2|d Px_IBM_3270pc|d Px_AmstradPC1512-2y|d Px_ToshibaLCD_8x16|d Px_VGA_SquarePx|d Px_ATI_8x16|d Px_ATI_9x14|d Px_CompaqThin_8x16
d Px_Verite_9x16|d Px_PhoenixEGA_8x14|d Px_Kaypro2k-2y|d Px_TandyNew_TV-2y|d Px_IBM_ISO9|d Px_Wyse700a|d Px_AMI_BIOS-2y|d spleen-8x16|d spleen-12x24|d Px_IBM_MDA
p DejaVuSans DejaVuSans-Bold|p DejaVuSansCondensed DejaVuSansCondensed-Bold|p LiberationSans-Regular LiberationSans-Bold|p LiberationSerif-Regular LiberationSerif-Bold|p SwitzeraADF-Cond SwitzeraADF-DmBdCond
p FreeSans FreeSansBold|p FreeSerif FreeSerifBold|p Roboto-Regular Roboto-Bold|p RobotoCondensed-Regular RobotoCondensed-Bold|p OpenSans-Regular OpenSans-Bold|p Lato-Regular Lato-Bold
p Cantarell-Regular Cantarell-Bold|p Oxygen-Sans|p Inter-Regular Inter-Bold|p ClearSans-Regular ClearSans-Bold|p Cabin-Regular Cabin-Bold|p Karla-Regular Karla-Bold|p Carlito-Regular Carlito-Bold|p Caladea-Regular Caladea-Bold
p LinLibertine_R LinLibertine_RB|p LinBiolinum_R LinBiolinum_RB|p texgyreheros-regular texgyreheros-bold|p texgyreheroscn-regular texgyreheroscn-bold|p texgyreadventor-regular texgyreadventor-bold|p texgyretermes-regular texgyretermes-bold
p texgyrepagella-regular texgyrepagella-bold|p texgyreschola-regular texgyreschola-bold|p texgyrebonum-regular texgyrebonum-bold|p NimbusSans-Regular NimbusSans-Bold|p NimbusSansNarrow-Regular NimbusSansNarrow-Bold
p GenBasR GenBasB|p Vollkorn-Regular Vollkorn-Bold|p EBGaramond12-Regular|p Play-Regular Play-Bold|p Dosis-Medium Dosis-Bold|p RobotoSlab-Regular RobotoSlab-Bold|p Go-Regular Go-Bold|p B612-Regular B612-Bold
p Tuffy Tuffy_Bold|p GilliusADF-Regular GilliusADF-Bold|p SwitzeraADF-Regular SwitzeraADF-Bold|p routed-gothic|p Quattrocento-Regular Quattrocento-Bold|p cmunss cmunsx|p cmunrm cmunbx
p ComicNeue-Regular ComicNeue-Bold|p Arimo-Regular Arimo-Bold|p Tinos-Regular Tinos-Bold|p URWGothic-Book URWGothic-Demi|p C059-Roman C059-Bold|p P052-Roman P052-Bold|p URWBookman-Light URWBookman-Demi
"""


@dataclass(frozen=True)
class Face:
    kind: str
    name: str
    regular: str
    bold: str


def _files() -> dict[str, str]:
    roots = [os.environ["DOCKET_FONTS"]] if os.environ.get("DOCKET_FONTS") else ROOTS
    found = {}
    for root in roots:
        for folder, _, names in sorted(os.walk(root)):
            for name in sorted(names):
                stem, ending = os.path.splitext(name)
                if ending.lower() in (".ttf", ".otf"):
                    found.setdefault(stem.replace(' ', '_'), os.path.join(folder, name))
    return found


@functools.lru_cache(maxsize=None)
def faces(split: str) -> tuple[Face, ...]:
    """The faces of 'train' or 'validation', in a fixed order."""
    files, out = _files(), []
    for entry in re.split(r"[|\n]", FACES.strip()):
        kind, regular, *bold = entry.split()
        if regular not in files:
            continue
        held_out = hashlib.md5(regular.encode()).digest()[0] % 5 == 0
        if held_out == (split == "validation"):
            out.append(Face(kind, regular, files[regular], files.get(bold[0], "") if bold else ""))
    if not out:
        raise RuntimeError("no fonts found: install the packages listed in training/generate/font_packages.txt")
    return tuple(out)


@functools.lru_cache(maxsize=512)
def load(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


class Advances(dict):
    """Width of each character, or of what a pair is drawn closer, measured once."""
    def __init__(self, measure): self.measure = measure
    def __missing__(self, key: str) -> float:
        self[key] = found = self.measure(key)
        return found


KERNED = ("AV", "To", "P.", "Yo", "LT", "r.")   # a face that moves none of these has no kerning that FreeType's old tables give


class Glyphs:
    """The characters of one face and size, each measured and drawn once: laying out and drawing a text by FreeType anew took four
    fifths of a page's time. Hinted advances are whole pixels and lengths additive, so texts look the same. Holds no font file open."""
    def __init__(self, path: str, size: int):
        self.path, self.size, self.pad = path, size, size // 2 + 3
        self.ascent, self.descent = load(path, size).getmetrics()
        one = lambda ch: load(path, size).getlength(ch)
        self.advance = Advances(one)
        self.closer = Advances(lambda pair: one(pair) - self.advance[pair[0]] - self.advance[pair[1]])
        self.kerned = any(self.closer[pair] for pair in KERNED)
        self.drawn: dict = {}

    def edges(self, text: str, space: float = 0.0) -> list[float]:
        """Left edge of each character, and the end; space: pixels put between two."""
        x, out, last = 0.0, [], ""
        for ch in text:
            if last: x += space + (self.closer[last + ch] if self.kerned else 0.0)
            out.append(x)
            x, last = x + self.advance[ch], ch
        return out + [x]

    def length(self, text: str) -> float:
        return self.edges(text)[-1] if self.kerned else sum(map(self.advance.__getitem__, text))

    def glyph(self, ch: str, stroke: int) -> tuple[np.ndarray, int, int]:
        """Its ink [h, w], 0..255, and where that lies from the text's origin at the upper left."""
        if (ch, stroke) not in self.drawn:
            image = Image.new("L", (int(self.advance[ch]) + 2 * self.pad, self.ascent + self.descent + 2 * self.pad))
            ImageDraw.Draw(image).text((self.pad, self.pad), ch, fill=255, font=load(self.path, self.size), stroke_width=stroke)
            x0, y0, x1, y1 = image.getbbox() or (0, 0, 0, 0)
            self.drawn[ch, stroke] = np.asarray(image.crop((x0, y0, x1, y1))) if x1 else np.zeros((0, 0), np.uint8), x0 - self.pad, y0 - self.pad
        return self.drawn[ch, stroke]

    def strip(self, text: str, edges: list[float], stroke: int = 0) -> np.ndarray:
        """The text's ink with its origin at (pad, pad)."""
        out = np.zeros((self.ascent + self.descent + 2 * self.pad, round(edges[-1]) + 2 * self.pad + 1), np.uint8)
        for ch, edge in zip(text, map(round, edges)):
            if ch == " ": continue
            ink, dx, dy = self.glyph(ch, stroke)
            h, w = ink.shape
            part = out[self.pad + dy:self.pad + dy + h, self.pad + edge + dx:self.pad + edge + dx + w]
            np.maximum(part, ink[:part.shape[0], :part.shape[1]], out=part)
        return out


@functools.lru_cache(maxsize=4096)
def glyphs(path: str, size: int) -> Glyphs: return Glyphs(path, size)


@functools.lru_cache(maxsize=16384)
def length(path: str, size: int, text: str) -> float:
    """Drawn length in pixels; most texts are measured two or three times."""
    return glyphs(path, size).length(text)


if __name__ == "__main__":  # python -m training.generate.fonts DIR: copy the fonts in use, to carry them to another machine
    for split in ("train", "validation"):
        for face in faces(split):
            for path in filter(None, (face.regular, face.bold)):
                shutil.copy(path, sys.argv[1])

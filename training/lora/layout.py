"""python -m training.lora.layout --layout NAME --face FACE --kind cafe --count 300 --seed 0 [--photo] --out DIR

Dockets of one layout that training never draws, as one till prints them: a held-out face in one size, held-out variants of every
block that has some, and within a block the same choices for each docket. Business, lines, amounts, date and numbers differ.
For measuring what an adapter is worth; the files are those of training.generate."""
import argparse
import json
import os
import random

from PIL import Image

from ..generate import body, camera, fonts, header, render
from ..generate.compose import truth_of
from ..generate.document import KINDS, make_document
from ..generate.sheet import HELD_OUT, Sheet, make_style
from .documents import PRINTED


class OneLayout(Sheet):
    """A sheet whose choices are the layout's own: each block starts the same sequence for every docket."""
    name = ""

    def begin(self, block: str) -> None: self.r = random.Random(f"{self.name}/{block}")

    def variant(self, block: str, count: int) -> int:
        choice = random.Random(f"{self.name}/{block}/variant").choice([i for i in range(count) if i % HELD_OUT == HELD_OUT - 1] or range(count))
        self.layout.append(f"{block}{choice}")
        return choice


def style_of(name: str, face: str):
    r = random.Random(f"{name}/style")
    style = make_style(r, False, "validation")
    known = {f.name: f for f in fonts.faces("validation")}
    if face not in known: raise SystemExit(f"--face {face}: not a held-out face; there are {', '.join(known)}")
    style.face, style.size, style.blank, style.columns = known[face], 22, (0, 0, 0, 0), 38
    style.content = int(fonts.load(style.face.regular, style.size).getlength("0") * style.columns)
    return style


def compose(seed: int, name: str, face: str, kind: str):
    """One docket of the layout -> sheet, document, truth."""
    r = random.Random(f"{name}/document/{seed}")
    d = make_document(r, kind)
    while d.a4 or d.document_type != "tax_invoice": d = make_document(r, kind)
    s = OneLayout(r, style_of(name, face), "validation")
    s.name = name
    p = body.Printing(s, d)
    late = random.Random(f"{name}/late").random() < .4
    blocks = [("header", lambda: header.header(s, d)), ("lines", lambda: body.lines(s, d, p)), ("totals", lambda: body.totals(s, d, p)), ("tender", lambda: body.tender(s, d, p)), ("footer", lambda: body.footer(s, d))]
    blocks.insert(4 if late else 1, ("meta", lambda: header.meta(s, d)))
    for block, draw in blocks:
        s.begin(block)
        draw()
        if block in ("meta", "lines"): s.rule()
    return s, d, truth_of(s, d)


def with_raw(sheet, truth: dict) -> dict:
    """Dates and times as they stand on the paper too, as a label may say them."""
    return truth | {f"{n}_raw": sheet.printed[n] for n in PRINTED if truth.get(n)}


def write(out: str, stem: str, seed: int, name: str, face: str, kind: str, photo: bool) -> dict:
    sheet, _, truth = compose(seed, name, face, kind)
    flat = render.draw(sheet)
    r = random.Random(f"{name}/camera/{seed}")
    file = f"{stem}.jpg" if photo else f"{stem}.png"
    if photo: camera.shoot(flat, render.wear(flat.image, r, sheet.style.face.kind), r, scan=r.random() < .25)[0].save(os.path.join(out, file), "JPEG", quality=80)
    else: Image.fromarray(flat.image).quantize(16).save(os.path.join(out, file), optimize=True)
    return {"file": file, "truth": with_raw(sheet, truth)}


def main() -> None:
    a = argparse.ArgumentParser(prog="python -m training.lora.layout")
    a.add_argument("--layout", required=True, help="any name; another name is another layout"); a.add_argument("--face", required=True, help="one of the faces kept for validation")
    a.add_argument("--kind", choices=KINDS, default="cafe"); a.add_argument("--count", type=int, default=10); a.add_argument("--seed", type=int, default=0)
    a.add_argument("--photo", action="store_true"); a.add_argument("--out", required=True)
    args = a.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "truth.jsonl"), "w") as f:
        for i in range(args.count): f.write(json.dumps(write(args.out, f"{i:05}", args.seed + i, args.layout, args.face, args.kind, args.photo)) + "\n")


if __name__ == "__main__":
    main()

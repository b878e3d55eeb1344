"""python -m training.generate --split train|validation --count N --seed S [--photo] --out DIR

Writes DIR/NNNNN.png (flat) or .jpg (photo or scan), DIR/truth.jsonl ({"file", "truth": {...}}), DIR/boxes.jsonl
({"file", "words": [[text, x0, y0, x1, y1, row], ...], "fields": {name: box}, "lines": [...], "kind", "layout", "font"})."""
import argparse
import json
import os
import random

from PIL import Image

from . import camera, render
from .compose import compose
from .document import KINDS


def write_one(out: str, stem: str, seed: int, split: str, photo: bool, kind: str | None, wear: bool = True, quality: int = 0) -> tuple[dict, dict]:
    sheet, doc, truth = compose(seed, split, kind)
    flat = render.draw(sheet)
    r = random.Random(f"camera/{split}/{seed}")
    paper = render.wear(flat.image, r, sheet.style.face.kind) if wear and photo else flat.image
    if photo:
        image, words, fields = camera.shoot(flat, paper, r, scan=r.random() < .25)
        name = f"{stem}.jpg"
        image.save(os.path.join(out, name), "JPEG", quality=quality or 80)
    else:
        words, fields, name = [(t, *[round(v, 1) for v in b], n) for t, *b, n in flat.words], {k: [round(v, 1) for v in b] for k, b in flat.fields.items()}, f"{stem}.png"
        Image.fromarray(paper).quantize(16).save(os.path.join(out, name), optimize=True)
    boxes = {"file": name, "words": words, "fields": {k: v for k, v in fields.items() if not k.startswith("_")}, "lines": [t for t, *_ in flat.lines],
             "kind": doc.kind, "layout": sheet.layout, "font": sheet.style.face.name}
    return {"file": name, "truth": truth}, boxes


def main() -> None:
    a = argparse.ArgumentParser(prog="python -m training.generate")
    a.add_argument("--split", choices=["train", "validation"], default="train")
    a.add_argument("--count", type=int, default=10)
    a.add_argument("--seed", type=int, default=0, help="document i is made from seed + i")
    a.add_argument("--kind", choices=KINDS)
    a.add_argument("--photo", action="store_true", help="photographs and scans instead of flat pictures")
    a.add_argument("--out", required=True)
    args = a.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "truth.jsonl"), "w") as truths, open(os.path.join(args.out, "boxes.jsonl"), "w") as boxes:
        for i in range(args.count):
            truth, box = write_one(args.out, f"{i:05}", args.seed + i, args.split, args.photo, args.kind)
            truths.write(json.dumps(truth) + "\n")
            boxes.write(json.dumps(box) + "\n")


if __name__ == "__main__":
    main()

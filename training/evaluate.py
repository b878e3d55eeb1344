"""python -m training.evaluate CHECKPOINT DIR [...] [--limit N] [--round nf4] [--out FILE]: reads the pictures of each DIR (truth.jsonl, and boxes.jsonl
for transcripts) and reports, per field, exact / wrong / invented / missing, and the character error rate of transcripts."""
import argparse
import json
import os
import time

import numpy as np
import torch
from PIL import Image

from . import dates
from .augment import MEAN, STD
from .decode import greedy
from .export import load
from .framing import canvas
from .model import RATIOS
from .rounding import CODES, rounding_of
from .tasks import ABSENT

READ = "Transcribe this document."
FIELDS = "Extract the fields of this receipt as KEY: VALUE lines. Use NOT_FOUND for anything that is not printed."
SCORED = ["document_type", "supplier_name", "supplier_abn", "invoice_number", "invoice_date", "invoice_time", "subtotal", "gst_amount", "total_amount", "buyer_name", "buyer_abn"]


def tiles(image: Image.Image, tile: int) -> tuple[int, torch.Tensor]:
    """The processor's arithmetic: canvas, bilinear resize, black pad, normalise, cut -> (ratio id, [n, 3, T, T])."""
    image = image.convert("RGB")
    ratio, nh, nw = canvas(image.height, image.width, tile)
    rows, cols = RATIOS[ratio - 1]
    full = np.zeros((rows * tile, cols * tile, 3), np.uint8)
    full[:nh, :nw] = np.asarray(image.resize((nw, nh), Image.BILINEAR))
    x = (torch.from_numpy(full).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return ratio, x.reshape(rows, tile, cols, tile, 3).permute(0, 2, 4, 1, 3).reshape(rows * cols, 3, tile, tile)


def distance(a: str, b: str) -> int:
    """Levenshtein distance, bit-parallel (Myers) on Python's long integers."""
    if not a: return len(b)
    peq: dict = {}
    for i, ch in enumerate(a): peq[ch] = peq.get(ch, 0) | 1 << i
    mask, last, score = (1 << len(a)) - 1, 1 << (len(a) - 1), len(a)
    pv, mv = mask, 0
    for ch in b:
        eq = peq.get(ch, 0)
        xv = eq | mv
        xh = (((eq & pv) + pv) ^ pv) | eq
        ph, mh = mv | ~(xh | pv) & mask, pv & xh
        score += bool(ph & last) - bool(mh & last)
        ph, mh = (ph << 1 | 1) & mask, mh << 1 & mask
        pv, mv = mh | ~(xv | ph) & mask, ph & xv
    return score


def parse(reply: str) -> dict:
    return {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in reply.split("\n") if ":" in line)}


def verdict(field: str, want, got: str | None, us: bool) -> str:
    """exact, wrong, invented, missing, or absent (rightly nothing)."""
    got = None if got in (None, "", ABSENT) else got
    if want is None: return "absent" if got is None else "invented"
    if got is None: return "missing"
    if field.endswith("_date"): got = dates.iso(got, us)
    if field == "invoice_time":
        from re import findall
        n = [int(x) for x in findall(r"\d+", got)]
        if n and "p" in got.lower() and n[0] < 12: n[0] += 12
        if n and "a" in got.lower() and n[0] == 12: n[0] = 0
        got = ":".join(f"{x:02}" for x in (n + [0])[:3])
    return "exact" if got == str(want) else "wrong"


class Reader:
    def __init__(self, checkpoint: str, batch: int = 64, rounded: str = ""):
        self.m, self.t = load(checkpoint)
        if rounded: rounding_of(self.m, rounded).put()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.m.eval().to(self.device)
        self.batch = batch

    def replies(self, pictures: list, question: str, limit: int) -> list[str]:
        """pictures: [(ratio, tiles)] -> one reply each."""
        out = [""] * len(pictures)
        prompt, before = self.t.prompt(question), self.t.before
        for n in range(1, 5):
            rows = [i for i, (_, x) in enumerate(pictures) if len(x) == n]
            for at in range(0, len(rows), self.batch):
                part = rows[at:at + self.batch]
                pixels = torch.stack([pictures[i][1] for i in part]).to(self.device)
                ratios = torch.tensor([pictures[i][0] for i in part], device=self.device)
                for i, ids in zip(part, greedy(self.m, pixels, ratios, prompt, before, limit, self.t.eot)): out[i] = self.t.decode(ids)
        return out


def evaluate(reader: Reader, folder: str, limit: int, out) -> dict:
    rows = [json.loads(line) for line in open(os.path.join(folder, "truth.jsonl"))][:limit]
    path = os.path.join(folder, "boxes.jsonl")
    lines = {b["file"]: b["lines"] for b in map(json.loads, open(path))} if os.path.exists(path) else {}
    pictures = [tiles(Image.open(os.path.join(folder, r["file"])), reader.m.c.tile) for r in rows]
    start = time.time()
    fields = reader.replies(pictures, FIELDS, 220)
    texts = reader.replies(pictures, READ, 620)
    tally: dict = {}
    errors = total = 0
    for r, kv, text in zip(rows, fields, texts):
        got, truth = parse(kv), r["truth"]
        verdicts = {f: verdict(f, truth[f], got.get(f), truth.get("currency") == "USD") for f in SCORED if f in truth}
        for f, v in verdicts.items(): tally.setdefault(f, {}).setdefault(v, 0); tally[f][v] += 1
        want = "\n".join(" ".join(x.split()) for x in lines.get(r["file"], []))
        if want: errors += distance(want, text); total += len(want)
        if out: out.write(json.dumps({"folder": folder, "file": r["file"], "truth": {f: truth.get(f) for f in SCORED}, "fields": kv, "verdicts": verdicts, "text": text, "want": want}) + "\n")
    report = {"folder": folder, "documents": len(rows), "seconds": round(time.time() - start, 1), "character_error": round(errors / total, 4) if total else None, "fields": {}}
    for f, t in tally.items():
        there, not_there = t.get("exact", 0) + t.get("wrong", 0) + t.get("missing", 0), t.get("absent", 0) + t.get("invented", 0)
        report["fields"][f] = {"n": there, "exact": round(t.get("exact", 0) / there, 4) if there else None, "wrong": t.get("wrong", 0), "missing": t.get("missing", 0), "invented": t.get("invented", 0), "of_absent": not_there}
    return report


def show(report: dict) -> None:
    print(f"{report['folder']}: {report['documents']} documents, {report['seconds']} s, character error {report['character_error']}")
    for f, v in report["fields"].items(): print(f"  {f:16} n {v['n']:4} exact {v['exact']} wrong {v['wrong']} missing {v['missing']} invented {v['invented']}/{v['of_absent']}")


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.evaluate")
    p.add_argument("checkpoint"); p.add_argument("folders", nargs="+"); p.add_argument("--limit", type=int, default=10**9); p.add_argument("--out"); p.add_argument("--batch", type=int, default=64); p.add_argument("--round", choices=[""] + list(CODES), default="", help="read with weights rounded to 4 bits")
    a = p.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    reader = Reader(a.checkpoint, a.batch, a.round)
    out = open(a.out, "w") if a.out else None
    for folder in a.folders:
        show(evaluate(reader, folder, a.limit, out))


if __name__ == "__main__":
    main()

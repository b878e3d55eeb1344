"""python -m training.samples OUT: the six dockets of samples/, from fixed seeds of the validation split, with truth.jsonl and boxes.jsonl."""
import json
import os
import sys

from .generate import __main__ as generate
from .generate import render
from .generate.compose import compose

SAMPLES = [("supermarket", "supermarket", 48, False), ("cafe-photo", "cafe", 33, True), ("fuel-photo", "fuel", 7, True), ("tax-invoice-a4", "professional", 54, False),
           ("trades-gst-exclusive", "trades", 54, True), ("credit-note", "credit_note", 13, False)]


def text_pdf(path: str, sheet, flat) -> None:
    """The sheet as a one-page A4 PDF with a real text layer (Helvetica), each word at its place."""
    scale = min(595 / flat.image.shape[1], 842 / flat.image.shape[0])
    escape = lambda t: t.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    body = "\n".join(f"BT /F1 {max(5.0, sheet.style.size * scale * .95):.2f} Tf {(x1 - x0) * scale / max(.1, len(t) * sheet.style.size * scale * .5) * 100:.0f} Tz {x0 * scale:.2f} {842 - y1 * scale + 2:.2f} Td ({escape(t)}) Tj ET" for t, x0, y0, x1, y1, _ in flat.words)
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               f"<< /Length {len(body)} >>\nstream\n{body}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    out, offsets = "%PDF-1.4\n", []
    for i, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{i} 0 obj\n{text}\nendobj\n"
    xref = "".join(f"{o:010} 00000 n \n" for o in offsets)
    with open(path, "w", encoding="latin-1", newline="\n") as f:
        f.write(f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{xref}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n")


def main(out: str) -> None:
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "truth.jsonl"), "w") as truths, open(os.path.join(out, "boxes.jsonl"), "w") as boxes:
        for stem, kind, seed, photo in SAMPLES:
            truth, box = generate.write_one(out, stem, seed, "validation", photo, kind)
            truths.write(json.dumps(truth) + "\n")
            boxes.write(json.dumps(box) + "\n")
            if stem.endswith("a4"):
                sheet, _, _ = compose(seed, "validation", kind)
                text_pdf(os.path.join(out, f"{stem}.pdf"), sheet, render.draw(sheet))
                truths.write(json.dumps({"file": f"{stem}.pdf", "truth": truth["truth"]}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "samples")

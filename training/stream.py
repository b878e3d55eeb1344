"""Worker side of training: an endless stream of flat pages with characters, prompts and answers."""
import random

import numpy as np
import torch
from PIL import Image

from . import tasks
from .generate import render
from .generate.compose import compose
from .tokens import Tokens

PAGE_H, PAGE_W = 2160, 1040
CAPS = (640, 256, 96)        # most tokens of a transcript, a structured reply, a question, prompts included
PACK = 8


def classes(code: np.ndarray) -> np.ndarray: return np.where((code > 32) & (code < 127), code - 31, 95)


class Stream(torch.utils.data.IterableDataset):
    """Yields packs of PACK documents. level (shared double): below 1, windows of few rows; from 1 on whole documents."""
    def __init__(self, tokenizer: str, seed: int, level):
        self.tokenizer, self.seed, self.level = tokenizer, seed, level

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        worker = info.id if info else 0
        torch.set_num_threads(1)
        self.t = Tokens(self.tokenizer)
        r = random.Random(f"{self.seed}/{worker}")
        while True:
            docs = []
            while len(docs) < PACK:
                made = self.document(r)
                if made: docs.append(made)
            images = [d[0] for d in docs]
            yield (torch.from_numpy(np.concatenate([i.reshape(-1) for i in images])), torch.tensor([i.shape for i in images]),
                   torch.from_numpy(np.concatenate([d[1] for d in docs])), torch.tensor([len(d[1]) for d in docs]), [d[2:] for d in docs])

    def document(self, r: random.Random):
        level = self.level.value
        sheet, doc, truth = compose(r.getrandbits(48), "train")
        whole = r.random() < (.92 if level >= 1 else level * .3)
        if whole: flat = render.draw(sheet)
        else:
            k = r.randint(1, 4 if level < .3 else 14 if level < 1 else 10)
            at = r.randint(0, max(0, len(sheet.rows) - k))
            flat = render.draw(sheet, sheet.rows[at:at + k], window=k)
        if not len(flat.chars): return None
        paper = render.wear(flat.image, r, sheet.style.face.kind) if r.random() < .6 else flat.image
        if r.random() < .25: paper = render.weigh(paper, r)
        chars, em = flat.chars.copy(), sheet.style.size
        chars[:, 2] = classes(chars[:, 2])
        h, w = paper.shape
        shrink = min(1.0, PAGE_H / h, PAGE_W / w)
        if shrink < 1:
            paper = np.asarray(Image.fromarray(paper).resize((int(w * shrink), int(h * shrink)), Image.BILINEAR))
            chars[:, :2] *= shrink
            em *= shrink
        return paper, chars, em, whole, self.sequences(r, sheet, truth, flat, whole)

    def sequences(self, r, sheet, truth, flat, whole) -> list:
        """Per kind (0 transcript, 1 structured, 2 question): a list of (prompt length, ids)."""
        pairs = [[(r.choice(tasks.READ), tasks.transcript([t for t, *_ in flat.lines])) for _ in range(1)], [], []]
        if whole:
            pairs[1], pairs[2] = tasks.structured(r, sheet, truth, 3), tasks.questions(r, sheet, truth, 5)
        else:
            seen = {k: v for k, v in truth.items() if k in flat.fields}
            name = {"supplier_name", *(k for k in sheet.printed if k.startswith("_supplier_name"))}
            cut = 0 < len(name & flat.fields.keys()) < len(name)   # a window with part of a name of several rows
            asked = [k for k in tasks.HARD if not (cut and k == "supplier_name")]
            pairs[2] = [(r.choice(tasks.ASK[k]), tasks.value(sheet, seen, k) if k in flat.fields else tasks.ABSENT) for k in r.sample(asked, 2)]
        out = []
        for kind, found in enumerate(pairs):
            rows = []
            for question, answer in found:
                prompt = self.t.prompt(question)
                ids = prompt + self.t.encode(answer) + [self.t.eot]
                rows.append((len(prompt), np.array(ids[:CAPS[kind]], np.int16)))
            out.append(rows)
        return out

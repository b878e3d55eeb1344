"""A ring of flat pages on the device, filled by the render workers and drawn from again and again with new cameras and questions."""
import queue
import threading

import numpy as np
import torch

from . import framing
from .stream import PAGE_H, PAGE_W, Stream

SHARE = {1: 2, 2: 1.5, 3: 1.15, 4: 1}   # how many more documents a batch of fewer tiles holds


class Pool:
    def __init__(self, tokenizer: str, seed: int, level, slots: int, workers: int, device, tile: int):
        self.pages = torch.zeros(slots, PAGE_H, PAGE_W, dtype=torch.uint8, device=device)
        self.meta: list = [None] * slots
        self.slots, self.next, self.filled, self.made, self.device, self.tile = slots, 0, 0, 0, device, tile
        self.rng = np.random.default_rng(seed)
        self.waiting: dict = {n: [] for n in SHARE}
        self.inbox: queue.Queue = queue.Queue(64)
        loader = torch.utils.data.DataLoader(Stream(tokenizer, seed, level), batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)
        threading.Thread(target=self._pull, args=(loader,), daemon=True).start()

    def _pull(self, loader):
        for pack in loader: self.inbox.put(pack)

    def absorb(self, block: bool = False, most: int = 8) -> None:
        """Moves finished packs into the ring."""
        for _ in range(most):
            try: flat, shapes, chars, counts, docs = self.inbox.get(block=block)
            except queue.Empty: return
            flat, chars = flat.to(self.device, non_blocking=True), chars.to(self.device, non_blocking=True)
            at = seen = 0
            for (h, w), count, (em, whole, sequences) in zip(shapes.tolist(), counts.tolist(), docs):
                page = self.pages[self.next]
                page[:h, :w] = flat[at:at + h * w].view(h, w)
                self.meta[self.next] = (h, w, em, whole, sequences, chars[seen:seen + count])
                at, seen = at + h * w, seen + count
                self.next, self.filled, self.made = (self.next + 1) % self.slots, min(self.filled + 1, self.slots), self.made + 1
            block = False

    def restart(self) -> None:
        """Forgets all pages, for a change of curriculum."""
        self.next = self.filled = 0
        self.waiting = {n: [] for n in SHARE}

    def draw(self, size: int) -> tuple[int, list]:
        """-> (tile count, [(slot, frame)]): the next full batch, all of one tile count; size is that of four tiles."""
        while True:
            for n, waiting in self.waiting.items():
                want = int(size * SHARE[n])
                if len(waiting) >= want:
                    self.waiting[n] = waiting[want:]
                    return n, waiting[:want]
            slot = int(self.rng.integers(self.filled))
            h, w, em, whole, *_ = self.meta[slot]
            view = framing.frame(self.rng, h, w, em, self.tile, whole)
            if view is None: continue
            rows, cols = framing.RATIOS[view["ratio"] - 1]
            self.waiting[rows * cols].append((slot, view))

    def batch(self, size: int) -> dict:
        """Everything of one training step but the pixels, on the device."""
        n, picks = self.draw(size)
        metas, views, dev = [self.meta[s] for s, _ in picks], [v for _, v in picks], self.device
        most = max(len(m[5]) for m in metas)
        chars = torch.stack([torch.nn.functional.pad(m[5], (0, 0, 0, most - len(m[5]))) for m in metas])
        sizes = np.array([m[:2] for m in metas], np.float64)
        to_canvas = framing.homographies(sizes, np.stack([v["corners"] for v in views]))
        send = lambda a, dtype=torch.float32: torch.as_tensor(np.asarray(a)).to(dev, dtype, non_blocking=True)
        tall, wide = (int(v + 7) // 8 * 8 for v in sizes.max(0))
        out = dict(n=n, pages=self.pages[send([s for s, _ in picks], torch.long), :tall, :wide], chars=chars, counts=send([len(m[5]) for m in metas], torch.long), sizes=send(sizes), to_canvas=send(to_canvas),
                   to_page=send(framing.inverse(to_canvas)), ratios=send([v["ratio"] for v in views], torch.long), fit=send([(v["nh"], v["nw"]) for v in views]), mode=send([v["mode"] for v in views]), scale=send([v["scale"] for v in views]))
        out["text"] = [self.texts([m[4] for m in metas], kinds, dev) for kinds in ((0,), (1, 2))]
        return out

    def texts(self, sequences: list, kinds: tuple, dev):
        """One text of each kind for every document (another kind where it has none) -> (ids [b, kinds, T], flat places of the
        predicting positions, their targets, rows of the batch that take part or None for all), or None."""
        rows = [i for i, s in enumerate(sequences) if any(s[k] for k in kinds)]
        if len(rows) < max(1, len(sequences) // 8): return None
        chosen = []
        for i in rows:
            for k in kinds:
                found = sequences[i][k] or next(sequences[i][j] for j in kinds if sequences[i][j])
                chosen.append(found[int(self.rng.random() * len(found))])
        length = (max(len(ids) for _, ids in chosen) + 15) // 16 * 16
        ids, places, targets = np.zeros((len(chosen), length), np.int64), [], []
        for k, (start, seq) in enumerate(chosen):
            ids[k, :len(seq)] = seq
            places.append(k * length + np.arange(start - 1, len(seq) - 1))
            targets.append(seq[start:])
        send = lambda a: torch.as_tensor(a).to(dev, non_blocking=True)
        return send(ids.reshape(len(rows), len(kinds), length)), send(np.concatenate(places)), send(np.concatenate(targets).astype(np.int64)), None if len(rows) == len(sequences) else send(np.array(rows))

"""A ring of flat pages on the device, filled by the render workers and drawn from again and again with new cameras and questions."""
import queue
import threading

import numpy as np
import torch

from . import framing
from .stream import CAPS, PAGE_H, PAGE_W, Stream

CHARS = 4096                            # most characters of a page that are labelled
PREDICTED = .75                         # of a fixed text's tokens, most that count; transcripts fill half on average
SHARE = {1: 2, 2: 1.5, 3: 1.15, 4: 1}   # how many more documents a batch of fewer tiles holds


def as_is(pack):
    """A pack as the worker made it: torch would turn each of its hundred texts into a tensor, and share each as a file of its own."""
    return pack


class Pool:
    def __init__(self, tokenizer: str, seed: int, level, slots: int, workers: int, device, tile: int):
        self.pages = torch.zeros(slots, PAGE_H, PAGE_W, dtype=torch.uint8, device=device)
        self.chars = torch.zeros(slots, CHARS, 3, device=device)
        self.meta: list = [None] * slots
        self.slots, self.next, self.filled, self.made, self.device, self.tile = slots, 0, 0, 0, device, tile
        self.rng = np.random.default_rng(seed)
        self.waiting: dict = {n: [] for n in SHARE}
        self.inbox: queue.Queue = queue.Queue(64)
        loader = torch.utils.data.DataLoader(Stream(tokenizer, seed, level), batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None, collate_fn=as_is)
        threading.Thread(target=self._pull, args=(loader,), daemon=True).start()

    def _pull(self, loader):
        for flat, shapes, chars, counts, docs in loader:
            self.inbox.put((self.pinned(flat), shapes, self.pinned(chars), counts, docs))

    def pinned(self, t: torch.Tensor) -> torch.Tensor:
        """In memory the GPU copies from by itself: a copy from any other waits until the GPU has done all it was given."""
        return t.pin_memory() if torch.device(self.device).type == "cuda" else t

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
                kept = min(count, CHARS)
                self.chars[self.next, :kept] = chars[seen:seen + kept]
                self.meta[self.next] = (h, w, em, whole, sequences, kept)
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

    def batch(self, size: int, fixed: bool = False) -> dict:
        """Everything of one training step but the pixels, on the device; fixed: of the same shapes for every batch of one tile count."""
        n, picks = self.draw(size)
        metas, views = [self.meta[s] for s, _ in picks], [v for _, v in picks]
        sizes = np.array([m[:2] for m in metas], np.float64)
        to_canvas = framing.homographies(sizes, np.stack([v["corners"] for v in views]))
        most, tall, wide = (CHARS, PAGE_H, PAGE_W) if fixed else (max(m[5] for m in metas), *(int(v + 7) // 8 * 8 for v in sizes.max(0)))
        slots, send = self.send([s for s, _ in picks], torch.long), self.send
        out = dict(n=n, pages=self.pages[slots, :tall, :wide], chars=self.chars[slots, :most], counts=send([m[5] for m in metas], torch.long), sizes=send(sizes), to_canvas=send(to_canvas),
                   to_page=send(framing.inverse(to_canvas)), ratios=send([v["ratio"] for v in views], torch.long), fit=send([(v["nh"], v["nw"]) for v in views]), mode=send([v["mode"] for v in views]), scale=send([v["scale"] for v in views]))
        out["text"] = [self.texts([m[4] for m in metas], kinds, fixed) for kinds in ((0,), (1, 2))]
        return out

    def send(self, a, dtype=torch.float32) -> torch.Tensor:
        return self.pinned(torch.as_tensor(np.asarray(a)).to(dtype)).to(self.device, non_blocking=True)

    def texts(self, sequences: list, kinds: tuple, fixed: bool):
        """One text of each kind for every document (another kind where it has none, padding where it has no text) -> (ids [b, kinds, T], flat
        places of the predicting positions, their targets), or None where few documents have any. Fixed: T is the longest
        allowed and so many places count, the last of them padding with target -100."""
        if sum(any(s[k] for k in kinds) for s in sequences) < max(1, len(sequences) // 8): return None
        chosen = []
        for s in sequences:
            for k in kinds:
                found = s[k] or next((s[j] for j in kinds if s[j]), None)
                chosen.append(found[int(self.rng.random() * len(found))] if found else (1, ()))
        length = max(CAPS[k] for k in kinds) if fixed else (max(len(ids) for _, ids in chosen) + 15) // 16 * 16
        ids, places, targets = np.zeros((len(chosen), length), np.int64), [], []
        for k, (start, seq) in enumerate(chosen):
            ids[k, :len(seq)] = seq
            places.append(k * length + np.arange(start - 1, max(start, len(seq)) - 1))
            targets.append(seq[start:])
        places, targets = np.concatenate(places), np.concatenate(targets).astype(np.int64)
        if fixed:
            want = int(PREDICTED * ids.size)
            short = max(0, want - len(places))
            places, targets = (np.concatenate([t, pad])[:want] for t, pad in ((places, np.arange(short)), (targets, np.full(short, -100))))
        return self.send(ids.reshape(len(sequences), len(kinds), length), torch.long), self.send(places, torch.long), self.send(targets, torch.long)

"""python -m training.train --out DIR --seconds S [--resume DIR] [--exact-from F] ...: one resumable run on one GPU.

The schedule counts in seconds of this run: --level-until A B: windows of few rows until A, of up to 14 rows until B, then whole
documents; --decay-from D: the learning rate falls linearly to a fiftieth from D to the end; --exact-from E: the reference's
vision (every tile and appended token) from E on, before that only tiles that hold picture; --round-from R: from R on the weights are
rounded to 4 bits for every step (see rounding)."""
import argparse
import json
import multiprocessing
import os
import shutil
import time

import torch
from safetensors.torch import save_file

from . import augment, compiled
from .export import load
from .model import Config, Nano
from .muon import optimisers
from .pool import Pool
from .rounding import rounding_of
from .tokens import Tokens


def put(state: dict, path: str) -> None:
    """Writes beside and renames, so that a stop at any moment leaves a whole file."""
    save_file(state, path + ".new")
    os.chmod(path + ".new", 0o644)
    os.replace(path + ".new", path)


def save(m: Nano, head, out: str, tokenizer: str, parts: int) -> None:
    """fp16 weights in `parts` files (so that each stays small), the dense head beside them; replaced file by file."""
    state = {k: v.half().contiguous() for k, v in m.state_dict().items()}
    names, total, groups, used = list(state), sum(v.numel() for v in state.values()), [{} for _ in range(parts)], 0
    for name in names:
        groups[min(parts - 1, used * parts // total)][name] = state[name]
        used += state[name].numel()
    os.makedirs(out, exist_ok=True)
    for i, group in enumerate(groups):
        put(group, f"{out}/model{i}.safetensors")
    put({k: v.half() for k, v in head.state_dict().items()}, f"{out}/head.safetensors")
    with open(f"{out}/nano.json", "w") as f: json.dump(m.config_dict(), f)
    if not os.path.exists(f"{out}/tokenizer.json"): shutil.copy(tokenizer, f"{out}/tokenizer.json")


def text_loss(m: Nano, text, seen, blank, before: int):
    """Mean cross-entropy over the answer's tokens, and the share predicted right."""
    ids, places, targets, rows = text
    if rows is not None: seen, blank = seen[rows], None if blank is None else blank[rows]
    hidden = m.read(ids, seen, blank, before).flatten(0, 1)[places]
    return compiled.token_loss(hidden, m.language_model.lm_head.weight, targets)


class Trainer:
    def __init__(self, a):
        if a.compile: compiled.use()
        self.a, self.device = a, torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(a.seed)
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cuda.enable_cudnn_sdp(False)
        torch.multiprocessing.set_sharing_strategy("file_system")
        if a.resume:
            self.m, _ = load(a.resume)
            self.tokenizer = f"{a.resume}/tokenizer.json"
        else:
            self.m, self.tokenizer = Nano(Config(**json.loads(a.config))), a.tokenizer
        self.m.to(self.device)
        self.tokens = Tokens(self.tokenizer)
        self.head = torch.nn.Linear(self.m.c.vision_out, augment.SLOTS * augment.CLASSES).to(self.device)
        if a.resume and os.path.exists(f"{a.resume}/head.safetensors"):
            from safetensors.torch import load_file
            with torch.no_grad():   # a head of fewer characters a patch fills the first of these
                for k, v in load_file(f"{a.resume}/head.safetensors").items(): getattr(self.head, k)[:len(v)].copy_(v[:len(getattr(self.head, k))])
        self.opts = optimisers(self.m, self.head, a.lr)
        self.rounding = rounding_of(self.m, a.round)
        self.level = multiprocessing.Value("d", 0.0)
        self.gen = torch.Generator(self.device).manual_seed(a.seed)
        self.dct = augment.dct_matrix(self.device)
        self.weight = torch.ones(augment.CLASSES, device=self.device)
        self.weight[0] = .02
        self.step = self.seen = 0

    def losses(self, b: dict, exact: bool) -> dict:
        c, g = self.m.c, self.gen
        with torch.no_grad():
            strength = (b["mode"] == 2).float()[:, None] * torch.rand(len(b["mode"]), 1, device=self.device, generator=g) * 1.3
            p = augment.bend_params(len(b["mode"]), b["sizes"][:, 1], strength[:, 0], self.device, g)
            pixels = augment.tiles_of(b["pages"], b["sizes"], b["to_page"], p, b["ratios"], b["n"], b["fit"], b["mode"], b["scale"], c.tile, g, self.dct)
            labels = augment.labels_of(b["chars"], b["counts"], b["to_canvas"], p, b["sizes"], b["ratios"], b["n"], c.tile, c.patch)
        with torch.autocast(self.device.type, torch.bfloat16):
            seen, blank, raw = self.m.see(pixels, b["ratios"], exact)
            raw = raw.unflatten(1, (b["n"], -1))[:, :, 1:]
            out = dict(zip(("dense", "dense_right"), compiled.patch_loss(raw.flatten(0, 2), self.head.weight, self.head.bias, labels, self.weight)))
            for name, text in zip(("read", "fields"), b["text"]):
                if text is not None: out[name], out[name + "_right"] = text_loss(self.m, text, seen, blank, self.tokens.before)
        return out

    def rate(self, t: float) -> float:
        left = (self.a.seconds - t) / max(1.0, self.a.seconds - self.a.decay_from)
        return self.a.lr * min(1.0, (self.step + 1) / self.a.warmup) * min(1.0, max(.02, left))

    def run(self) -> None:
        a, start = self.a, time.time()
        pool = Pool(self.tokenizer, a.seed, self.level, a.slots, a.workers, self.device, self.m.c.tile)
        stage, last_save, log = -1, start, open(f"{a.out}/log.txt", "a")
        waited = 0.0
        while (t := time.time() - start) < a.seconds:
            now = 0 if t < a.level_until[0] else 1 if t < a.level_until[1] else 2
            if now != stage:
                stage, self.level.value = now, now / 2
                if stage: [pool.absorb(block=True, most=8) for _ in range(6)]; pool.restart()
                while pool.filled < min(a.first, a.slots): pool.absorb(block=True)
                waited = time.time() - start
            pool.absorb()
            exact = t >= a.exact_from
            for o in self.opts:
                for group in o.param_groups: group["lr"] = self.rate(t)
            b, rounded = pool.batch(a.batch), t >= a.round_from
            if rounded: self.rounding.put()
            try:
                out = self.losses(b, exact)
                (a.dense * out["dense"] + sum(out[k] for k in ("read", "fields") if k in out)).backward()
            except torch.OutOfMemoryError:
                print(f"out of memory with {len(b['mode'])} of {b['n']} tiles", flush=True)
                if rounded: self.rounding.take()
                for o in self.opts: o.zero_grad(set_to_none=True)
                b = out = None
                torch.cuda.empty_cache()
                a.batch = int(a.batch * .85)
                continue
            if rounded: self.rounding.take()
            for o in self.opts: o.step(); o.zero_grad(set_to_none=True)
            self.step += 1
            self.seen += len(b["mode"])
            if self.step % a.every == 0:
                values = " ".join(f"{k} {float(v):.4f}" for k, v in out.items())
                line = f"t {time.time() - start:.0f} stage {stage} step {self.step} seen {self.seen} made {pool.made} n {b['n']} exact {int(exact)} rounded {int(rounded)} lr {self.rate(t):.1e} {values}"
                print(line, flush=True); log.write(line + "\n"); log.flush()
                if t > a.hope_until and not float(out["dense_right"]) > .3: break
            if time.time() - last_save > a.save_every:
                save(self.m, self.head, a.out, self.tokenizer, a.parts)
                last_save = time.time()
        save(self.m, self.head, a.out, self.tokenizer, a.parts)
        print(f"waited {waited:.0f} s for pages; {self.seen} pictures in {self.step} steps", flush=True)


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.train")
    p.add_argument("--out", required=True); p.add_argument("--seconds", type=float, required=True)
    p.add_argument("--resume"); p.add_argument("--tokenizer", default="training/tokenizer.json"); p.add_argument("--config", default="{}")
    p.add_argument("--lr", type=float, default=2e-3); p.add_argument("--warmup", type=int, default=150); p.add_argument("--dense", type=float, default=1.0)
    p.add_argument("--level-until", type=float, nargs=2, default=(0, 0)); p.add_argument("--decay-from", type=float, default=1e9); p.add_argument("--exact-from", type=float, default=0)
    p.add_argument("--batch", type=int, default=96); p.add_argument("--slots", type=int, default=6144); p.add_argument("--workers", type=int, default=15); p.add_argument("--first", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1); p.add_argument("--every", type=int, default=50); p.add_argument("--save-every", type=float, default=90); p.add_argument("--hope-until", type=float, default=1e9, help="stop if fewer than 0.3 of the characters are named after so many seconds")
    p.add_argument("--compile", action="store_true", help="fuse the layers' small kernels: half a minute at the start, far fewer bytes moved")
    p.add_argument("--parts", type=int, default=3); p.add_argument("--round", choices=["nf4", "fp4"], default="nf4"); p.add_argument("--round-from", type=float, default=1e9)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    Trainer(a).run()
    os._exit(0)   # the render workers hold no state


if __name__ == "__main__":
    main()

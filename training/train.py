"""python -m training.train --out DIR --seconds S [--resume DIR] [--exact-from F] ...: one run on one GPU, in one sitting or several.

The schedule counts in seconds of the whole run: --head-until H: the dense head alone is trained, which an unpacked model has
not; --level-until A B: windows of few rows until A, of up to 14 rows until B, then whole documents; --decay-from D: the learning
rate falls linearly to a fiftieth from D to the end; --exact-from E: the reference's vision (every tile and appended token) from E
on, before that only tiles that hold picture; --round-from R: from R on the weights are rounded to 4 bits for every step (see rounding).

DIR holds the run as it was last saved: started again, it goes on from there; --sitting S ends after S seconds to be gone on with."""
import argparse
import json
import multiprocessing
import os
import shutil
import time

import torch
from safetensors.torch import load_file, save_file

from . import augment, compiled
from .export import load
from .model import Config, Nano
from .muon import optimisers
from .pool import Pool
from .rounding import rounding_of
from .step import Graphs, Step
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


def progress(out: str) -> dict:
    """What an earlier sitting wrote: seconds of the schedule, steps and pictures so far."""
    path = f"{out}/progress.json"
    if not os.path.exists(path): return dict(seconds=0.0, step=0, seen=0)
    with open(path) as f: return json.load(f)


class Trainer:
    def __init__(self, a):
        if a.compile: compiled.use()
        self.a, self.device, self.start = a, torch.device("cuda" if torch.cuda.is_available() else "cpu"), time.time()
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cuda.enable_cudnn_sdp(False)
        torch.multiprocessing.set_sharing_strategy("file_system")
        self.done = progress(a.out)
        self.step, self.seen, self.warm_from = self.done["step"], self.done["seen"], self.done["step"]
        self.logged = (self.seconds(), self.seen)
        self.seed = a.seed + self.step   # a later sitting sees other pages
        torch.manual_seed(self.seed)
        source = a.out if self.step else a.resume
        if source: self.m, self.tokenizer = load(source)[0], f"{source}/tokenizer.json"
        else: self.m, self.tokenizer = Nano(Config(**json.loads(a.config))), a.tokenizer
        self.m.to(self.device)
        self.tokens = Tokens(self.tokenizer)
        self.head = self.dense_head(source)
        self.opts = optimisers(self.m, self.head, a.lr)
        self.rounding = rounding_of(self.m, a.round)
        self.level = multiprocessing.Value("d", 0.0)
        self.passes = Step(self.m, self.head, self.tokens.before, a.dense, torch.Generator(self.device).manual_seed(self.seed))
        self.graphs: Graphs | None = None
        self.graph = a.graph and self.device.type == "cuda"

    def dense_head(self, source: str | None) -> torch.nn.Linear:
        """The source's, where it has one (of fewer characters a patch: it fills the first of these); after an unpacked model zeros,
        which send no gradient into the weights before --head-until has taught them."""
        head = torch.nn.Linear(self.m.c.vision_out, augment.SLOTS * augment.CLASSES).to(self.device)
        path = f"{source}/head.safetensors"
        with torch.no_grad():
            if source and os.path.exists(path):
                for k, v in load_file(path).items(): getattr(head, k)[:len(v)].copy_(v[:len(getattr(head, k))])
            elif source: head.weight.zero_(), head.bias.zero_()
        return head

    def seconds(self) -> float:
        """On the schedule, earlier sittings counted in."""
        return self.done["seconds"] + time.time() - self.start

    def rate(self, t: float) -> float:
        left = (self.a.seconds - t) / max(1.0, self.a.seconds - self.a.decay_from)
        return self.a.lr * min(1.0, (self.step - self.warm_from + 1) / self.a.warmup) * min(1.0, max(.02, left))

    def save(self) -> None:
        save(self.m, self.head, self.a.out, self.tokenizer, self.a.parts)
        with open(f"{self.a.out}/progress.json.new", "w") as f: json.dump(dict(seconds=round(self.seconds(), 1), step=self.step, seen=self.seen), f)
        os.replace(f"{self.a.out}/progress.json.new", f"{self.a.out}/progress.json")

    def gradients(self, pool: Pool, exact: bool, head_only: bool) -> tuple[dict, int]:
        """Of the next batch -> (losses, pictures); a pass that cannot be captured is launched kernel by kernel from then on."""
        a, small = self.a, self.step - self.warm_from < 3   # first kernels of a kind load code, which a capture must not
        if not self.graph or head_only or (small and not self.graphs):
            batch = pool.batch(max(4, a.batch // 8) if self.graph and not head_only else a.batch)
            return (self.passes.run_head if head_only else self.passes.run)(batch, exact), len(batch["mode"])
        batch = pool.batch(a.batch, fixed=True)
        try:
            self.graphs = self.graphs or Graphs(self.passes)
            return self.graphs.run(batch, exact), len(batch["mode"])
        except torch.OutOfMemoryError: raise
        except RuntimeError as e:
            print(f"no CUDA graph: {str(e).splitlines()[0]}", flush=True)
            self.graph, self.graphs = False, None
            self.passes.g = torch.Generator(self.device).manual_seed(self.seed + 1)   # the old one may still think it is captured
            return self.passes.run(batch, exact), len(batch["mode"])

    def shrink(self) -> None:
        """After running out of memory: drop everything and go on with smaller batches."""
        self.graphs = None
        for p in self.passes.params: p.grad = None
        torch.cuda.empty_cache()
        self.a.batch = int(self.a.batch * .85)
        print(f"out of memory; batch {self.a.batch}", flush=True)

    def stage(self, t: float) -> int: return sum(t >= until for until in self.a.level_until)

    def next_stage(self, pool: Pool, stage: int) -> None:
        self.level.value = stage / 2
        if stage and pool.filled: [pool.absorb(block=True, most=8) for _ in range(6)]; pool.restart()
        while pool.filled < min(self.a.first, self.a.slots): pool.absorb(block=True)

    def line(self, pool: Pool, t: float, out: dict, phase: str) -> str:
        """Of the log: where the run stands, pictures a second since the last line, and the losses."""
        now, (then, seen) = self.seconds(), self.logged
        self.logged = now, self.seen
        values = " ".join(f"{k} {float(v):.4f}" for k, v in out.items())
        return f"t {now:.0f} step {self.step} seen {self.seen} per_s {(self.seen - seen) / max(1e-9, now - then):.0f} made {pool.made} {phase} graph {int(bool(self.graphs))} lr {self.opts[0].param_groups[0]['lr']:.1e} {values}"

    def run(self) -> None:
        a, stage, last_save, log, waited = self.a, -1, time.time(), open(f"{self.a.out}/log.txt", "a"), 0.0
        self.level.value = self.stage(self.seconds()) / 2   # before the workers start: they work ahead
        pool = Pool(self.tokenizer, self.seed, self.level, a.slots, a.workers, self.device, self.m.c.tile)
        while (t := self.seconds()) < a.seconds and time.time() - self.start < a.sitting:
            if stage != self.stage(t):
                stage, before = self.stage(t), time.time()
                self.next_stage(pool, stage)
                waited += time.time() - before
            pool.absorb()
            exact, rounded, head_only = t >= a.exact_from, t >= a.round_from, t < a.head_until
            if head_only: self.warm_from = self.step
            for group in (g for o in self.opts for g in o.param_groups): group["lr"] = a.lr if head_only else self.rate(t)
            if rounded: self.rounding.put()
            try: out, pictures = self.gradients(pool, exact, head_only)
            except torch.OutOfMemoryError: out = None
            if rounded: self.rounding.take()
            if out is None:
                self.shrink()
                continue
            for o in self.opts[1:] if head_only else self.opts: o.step()   # the second holds the head
            self.step += 1
            self.seen += pictures
            if self.step % a.every == 0:
                line = self.line(pool, t, out, f"stage {stage} head {int(head_only)} exact {int(exact)} rounded {int(rounded)}")
                print(line, flush=True); log.write(line + "\n"); log.flush()
                if t > a.hope_until and not float(out["dense_right"]) > .3: break
            if time.time() - last_save > a.save_every:
                self.save()
                last_save = time.time()
        self.save()
        print(f"waited {waited:.0f} s for pages; {self.seen} pictures in {self.step} steps", flush=True)


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.train")
    p.add_argument("--out", required=True); p.add_argument("--seconds", type=float, required=True); p.add_argument("--sitting", type=float, default=1e9)
    p.add_argument("--resume"); p.add_argument("--tokenizer", default="training/tokenizer.json"); p.add_argument("--config", default="{}")
    p.add_argument("--lr", type=float, default=2e-3); p.add_argument("--warmup", type=int, default=150); p.add_argument("--dense", type=float, default=1.0)
    p.add_argument("--head-until", type=float, default=0); p.add_argument("--level-until", type=float, nargs=2, default=(0, 0)); p.add_argument("--decay-from", type=float, default=1e9); p.add_argument("--exact-from", type=float, default=0)
    p.add_argument("--batch", type=int, default=96); p.add_argument("--slots", type=int, default=6144); p.add_argument("--workers", type=int, default=15); p.add_argument("--first", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1); p.add_argument("--every", type=int, default=50); p.add_argument("--save-every", type=float, default=120); p.add_argument("--hope-until", type=float, default=1e9, help="stop if fewer than 0.3 of the characters are named after so many seconds")
    p.add_argument("--compile", action="store_true", help="fuse the layers' small kernels: a minute at the start, far fewer bytes moved")
    p.add_argument("--graph", action="store_true", help="capture the step as CUDA graphs: batches of fixed shapes, nothing to launch")
    p.add_argument("--parts", type=int, default=3); p.add_argument("--round", choices=["nf4", "fp4"], default="nf4"); p.add_argument("--round-from", type=float, default=1e9)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    Trainer(a).run()
    os._exit(0)   # the render workers hold no state


if __name__ == "__main__":
    main()

"""Forward and backward pass of one training step: launched kernel by kernel, or replayed as a CUDA graph (Graphs), for launching
some thousands of kernels takes the processor longer than it takes the GPU to run them."""
import torch

from . import augment, compiled
from .model import Nano


class Step:
    """The losses of a batch and their gradients. weights: how much each loss counts."""
    def __init__(self, m: Nano, head: torch.nn.Linear, before: int, dense: float, generator: torch.Generator):
        self.m, self.head, self.before, self.g, self.device = m, head, before, generator, head.weight.device
        self.weights = {"dense": dense, "read": 1.0, "fields": 1.0}
        self.params = [p for p in [*m.parameters(), *head.parameters()] if p.requires_grad]
        self.dct = augment.dct_matrix(self.device)
        self.classes = torch.ones(augment.CLASSES, device=self.device)
        self.classes[0] = .02

    def picture(self, b: dict) -> tuple:
        """-> (pixels [B, n, 3, T, T], labels [B, n, P, SLOTS]) of one random camera."""
        with torch.no_grad():
            c, g = self.m.c, self.g
            strength = (b["mode"] == 2).float()[:, None] * torch.rand(len(b["mode"]), 1, device=self.device, generator=g) * 1.3
            p = augment.bend_params(len(b["mode"]), b["sizes"][:, 1], strength[:, 0], self.device, g)
            pixels = augment.tiles_of(b["pages"], b["sizes"], b["to_page"], p, b["ratios"], b["n"], b["fit"], b["mode"], b["scale"], c.tile, g, self.dct)
            return pixels, augment.labels_of(b["chars"], b["counts"], b["to_canvas"], p, b["sizes"], b["ratios"], b["n"], c.tile, c.patch)

    def dense(self, raw, n: int, labels) -> dict:
        raw = raw.unflatten(1, (n, -1))[:, :, 1:]
        return dict(zip(("dense", "dense_right"), compiled.patch_loss(raw.flatten(0, 2), self.head.weight, self.head.bias, labels, self.classes)))

    def losses(self, b: dict, exact: bool) -> dict:
        pixels, labels = self.picture(b)
        with torch.autocast(self.device.type, torch.bfloat16):
            seen, blank, raw = self.m.see(pixels, b["ratios"], exact)
            out = self.dense(raw, b["n"], labels)
            there = {name: text for name, text in zip(("read", "fields"), b["text"]) if text is not None}
            hidden = self.m.read_all([ids for ids, *_ in there.values()], seen, blank, self.before) if there else []
            for (name, (_, places, targets)), h in zip(there.items(), hidden):
                out[name], out[name + "_right"] = compiled.token_loss(h.index_select(0, places), self.m.language_model.lm_head.weight, targets)
        return out

    def total(self, out: dict): return sum(w * out[k] for k, w in self.weights.items() if k in out)

    def run(self, b: dict, exact: bool) -> dict:
        """Leaves the gradients in .grad."""
        for p in self.params: p.grad = None
        out = self.losses(b, exact)
        self.total(out).backward()
        return {k: v.detach() for k, v in out.items()}

    def run_head(self, b: dict, exact: bool) -> dict:
        """The dense head alone, on features as they are."""
        for p in self.params: p.grad = None
        pixels, labels = self.picture(b)
        with torch.autocast(self.device.type, torch.bfloat16):
            with torch.no_grad(): raw = self.m.vision_model(pixels, b["ratios"], exact)[0]
            out = self.dense(raw, b["n"], labels)
        out["dense"].backward()
        return {k: v.detach() for k, v in out.items()}


def tensors(b: dict) -> list:
    """All tensors of a batch, in a fixed order."""
    return [v for _, v in sorted(b.items()) if isinstance(v, torch.Tensor)] + [t for text in b["text"] if text is not None for t in text]


class Graphs:
    """Step.run captured once for each tile count and replayed on batches of fixed shapes. All graphs share one memory pool: they
    never run at once. Gradients have a fixed place, so optimisers and rounding stay outside and see nothing of it."""
    def __init__(self, step: Step):
        self.step, self.kept, self.pool = step, {}, None
        for p in step.params: p.grad = torch.zeros_like(p)

    def key(self, b: dict, exact: bool) -> tuple: return exact, b["n"], *(tuple(t.shape) for t in tensors(b))

    def capture(self, b: dict, exact: bool) -> tuple:
        step, graph = self.step, torch.cuda.CUDAGraph()
        batch = {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in b.items()}
        batch["text"] = [None if text is None else tuple(t.clone() for t in text) for text in b["text"]]
        if hasattr(graph, "register_generator_state"): graph.register_generator_state(step.g)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()   # the graph's own pool cannot use what the allocator keeps
        # Other threads go on pinning pages meanwhile, which a capture of the default mode would take for an error.
        with torch.cuda.graph(graph, pool=self.pool, capture_error_mode="thread_local"):
            out = step.losses(batch, exact)
            grads = torch.autograd.grad(step.total(out), step.params, allow_unused=True)
            there = [(p.grad, g) for p, g in zip(step.params, grads) if g is not None]
            torch._foreach_copy_([p for p, _ in there], [g for _, g in there])
            for p, g in zip(step.params, grads):
                if g is None: p.grad.zero_()   # else another graph's would stay
            out = {k: v.detach() for k, v in out.items()}
        self.pool = graph.pool()
        return graph, tensors(batch), out

    def run(self, b: dict, exact: bool) -> dict:
        key = self.key(b, exact)
        if key not in self.kept: self.kept[key] = self.capture(b, exact)
        graph, mine, out = self.kept[key]
        torch._foreach_copy_(mine, tensors(b))
        graph.replay()
        return {k: v.clone() for k, v in out.items()}

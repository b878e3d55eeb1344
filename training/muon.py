"""Muon for the hidden matrices (orthogonalised momentum, scaled to the size of an AdamW step), AdamW for everything else."""
import torch

from .model import Nano


def orthogonal(g: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz iteration on a stack [k, r, c] in bf16: near-orthogonal matrices with the same row and column spaces."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall: x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        s = x @ x.transpose(1, 2)
        x = a * x + (b * s + c * s @ s) @ x
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=.95, weight_decay=.02):
        super().__init__(list(params), dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.groups: dict = {}
        for p in self.param_groups[0]["params"]: self.groups.setdefault(tuple(p.shape), []).append(p)

    @torch.no_grad()
    def step(self):
        o = self.param_groups[0]
        for shape, ps in self.groups.items():
            ps = [p for p in ps if p.grad is not None]
            if not ps: continue
            grads = [p.grad for p in ps]
            bufs = [self.state[p].setdefault("m", torch.zeros_like(p)) for p in ps]
            torch._foreach_lerp_(bufs, grads, 1 - o["momentum"])
            update = orthogonal(torch.stack(torch._foreach_lerp(grads, bufs, o["momentum"]))).float()
            torch._foreach_mul_(ps, 1 - o["lr"] * o["weight_decay"])
            torch._foreach_add_(ps, list((update * (-o["lr"] * .2 * max(shape) ** .5)).unbind(0)))


def optimisers(m: Nano, head: torch.nn.Module, lr: float) -> list:
    hidden = [p for n, p in m.named_parameters() if p.requires_grad and p.dim() == 2 and ".layers." in n]
    known = {id(p) for p in hidden}
    rest = [p for p in m.parameters() if p.requires_grad and id(p) not in known] + list(head.parameters())
    cuda = rest[0].is_cuda
    return [Muon(hidden, lr), torch.optim.AdamW(rest, lr=lr, betas=(.9, .98), weight_decay=0.0, fused=cuda)]

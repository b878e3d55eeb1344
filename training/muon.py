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
        x = torch.baddbmm(x, torch.baddbmm(s, s, s, beta=b, alpha=c), x, beta=a)
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """Matrices of one shape are stepped as a stack. A non-finite gradient counts as zero, so one bad picture cannot end a run."""
    def __init__(self, params, lr, momentum=.95, weight_decay=.02):
        super().__init__(list(params), dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.stacks: dict = {}
        for p in self.param_groups[0]["params"]: self.stacks.setdefault(tuple(p.shape), []).append(p)
        self.moments = {shape: torch.zeros(len(ps), *shape, device=ps[0].device) for shape, ps in self.stacks.items()}

    @torch.no_grad()
    def step(self):
        o = self.param_groups[0]
        for shape, ps in self.stacks.items():
            g = torch.stack([torch.zeros_like(p) if p.grad is None else p.grad for p in ps]).nan_to_num_(0.0, 0.0, 0.0)
            m = self.moments[shape].lerp_(g, 1 - o["momentum"])
            update = orthogonal(g.lerp_(m, o["momentum"])).float() * (-o["lr"] * .2 * max(shape) ** .5)
            torch._foreach_mul_(ps, 1 - o["lr"] * o["weight_decay"])
            torch._foreach_add_(ps, list(update.unbind(0)))


class Guarded(torch.optim.AdamW):
    """AdamW whose step is left out on the device, without a stop, where a gradient is not finite."""
    def step(self, closure=None):
        grads = [p.grad for g in self.param_groups for p in g["params"] if p.grad is not None]
        if grads and grads[0].is_cuda:
            self.grad_scale, self.found_inf = None, (~torch.isfinite(torch.stack(torch._foreach_norm(grads)).sum())).float()
        return super().step(closure)


def optimisers(m: Nano, head: torch.nn.Module, lr: float) -> list:
    hidden = [p for n, p in m.named_parameters() if p.requires_grad and p.dim() == 2 and ".layers." in n]
    known = {id(p) for p in hidden}
    rest = [p for p in m.parameters() if p.requires_grad and id(p) not in known] + list(head.parameters())
    cuda = rest[0].is_cuda
    return [Muon(hidden, lr), Guarded(rest, lr=lr, betas=(.9, .98), weight_decay=0.0, fused=cuda)]

"""4-bit weights while training: the values that `docket model quantize` would store, put in place of the weights for one forward
and backward pass. The gradient taken there moves the unrounded weights (the straight-through estimate), so that they
settle where rounding costs least. Arithmetic as in src/core/quant and bitsandbytes 0.48: blocks of 64, the nearest of 16
codes, absmax itself in 8 bits around its mean in groups of 256."""
import torch

BLOCK, GROUP = 64, 256
NF4 = (-1.0, -.6961928009986877, -.5250730514526367, -.39491748809814453, -.28444138169288635, -.18477343022823334, -.09105003625154495, 0.0,
       .07958029955625534, .16093020141124725, .24611230194568634, .33791524171829224, .44070982933044434, .5626170039176941, .7229568362236023, 1.0)
_FP4 = [x / 12 for x in (0, .0625, 2, 3, 4, 6, 8, 12)]
FP4 = tuple(sorted({-x for x in _FP4} | set(_FP4)))
CODES = {"nf4": NF4, "fp4": FP4}


def dynamic_map() -> torch.Tensor:
    """The 256 values absmax is rounded to: 2^i midpoints of 0.1 .. 1 times 10^(i-6) for i in 0..6, both signs, 0 and 1."""
    values = [0.0, 1.0]
    for i in range(7):
        edges = torch.linspace(.1, 1, 2 ** i + 1)
        for v in ((edges[:-1] + edges[1:]) / 2 * 10.0 ** (i - 6)).tolist(): values += [v, -v]
    return torch.tensor(sorted(values))


def nearest(x: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """The nearest entry of an ascending table."""
    return table[torch.bucketize(x, (table[1:] + table[:-1]) / 2)]


def quantised(name: str, shape: tuple) -> bool:
    """Whether `docket model quantize` stores this parameter in 4 bits: every linear but the head."""
    return name.endswith(".weight") and len(shape) == 2 and "embed" not in name and "lm_head" not in name


def int8_rows(w: torch.Tensor) -> torch.Tensor:
    """A weight as LLM.int8 keeps it: rounded to fp16, each row by its largest magnitude."""
    w = w.half().float()
    largest = w.abs().amax(1, keepdim=True)
    return torch.round(w * torch.where(largest > 0, 127 / largest, largest)) * largest / 127


class Rounding:
    """All 4-bit weights of a model as one row of blocks, so that rounding them costs a dozen kernels, not a thousand."""
    def __init__(self, weights: list[torch.Tensor], code: str = "nf4"):
        assert weights and all(w.shape[-1] % BLOCK == 0 for w in weights), "rows must be whole blocks"
        device = weights[0].device
        counts = [w.numel() // BLOCK for w in weights]
        ids = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
        within = torch.cat([torch.arange(n) for n in counts])
        firsts = torch.tensor([0] + [-(-n // GROUP) for n in counts]).cumsum(0)
        self.weights, self.sizes = weights, [w.numel() for w in weights]
        self.tensor, self.group = ids.to(device), (firsts[ids] + within // GROUP).to(device)
        self.groups, self.count = int(firsts[-1]), torch.tensor(counts, device=device, dtype=torch.float64)
        self.codes, self.map = torch.tensor(CODES[code], device=device), dynamic_map().to(device)
        self.data, self.whole = [w.data for w in weights], [torch.empty_like(w.data) for w in weights]
        self.held = False

    def scales(self, absmax: torch.Tensor) -> torch.Tensor:
        """absmax [blocks] after its own trip through 8 bits."""
        mean = torch.zeros_like(self.count).index_add_(0, self.tensor, absmax.double()) / self.count
        offset = mean.float()[self.tensor]
        centred = absmax - offset
        largest = torch.zeros(self.groups, device=absmax.device).scatter_reduce_(0, self.group, centred.abs(), "amax")[self.group]
        ratio = torch.where(largest > 0, centred / largest.clamp_min(1e-38), 0).clamp_(-1, 1)
        return torch.where(largest > 0, nearest(ratio, self.map), self.map[0]) * largest + offset

    @torch.no_grad()
    def rounded(self) -> list[torch.Tensor]:
        """What a reader of the 4-bit file would compute with, one tensor for each weight."""
        blocks = torch.cat([w.reshape(-1) for w in self.weights]).float().view(-1, BLOCK)
        absmax = blocks.abs().amax(1)
        unit = blocks * torch.where(absmax > 0, 1 / absmax, 0)[:, None]
        out = nearest(unit, self.codes) * self.scales(absmax)[:, None]
        return [t.view_as(w) for t, w in zip(out.view(-1).split(self.sizes), self.weights)]

    @torch.no_grad()
    def put(self) -> None:
        """Rounds the weights in place; take() brings the unrounded ones back."""
        assert not self.held
        torch._foreach_copy_(self.whole, self.data)
        torch._foreach_copy_(self.data, self.rounded())
        self.held = True

    @torch.no_grad()
    def take(self) -> None:
        torch._foreach_copy_(self.data, self.whole)
        self.held = False


def rounding_of(model: torch.nn.Module, code: str = "nf4", only=lambda name: True) -> Rounding:
    return Rounding([p for n, p in model.named_parameters() if quantised(n, tuple(p.shape)) and only(n)], code)

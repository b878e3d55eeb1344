"""The pass of a training step: texts side by side are texts one by one, padding counts for nothing, few kernels. Needs torch."""
import collections

import pytest

torch = pytest.importorskip("torch")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from training import augment, compiled, muon  # noqa: E402
from training.model import Config, Nano  # noqa: E402
from training.rounding import rounding_of  # noqa: E402
from training.step import Graphs, Step  # noqa: E402

SMALL = Config(tile=80, patch=20, vision_dim=64, vision_layers=3, taps=(1, 2), dim=64, layers=4, cross=(1, 2), kv_heads=1, ffn=128)
NO_KERNEL = set("view _unsafe_view reshape expand t transpose permute slice select split split_with_sizes unbind detach alias unsqueeze squeeze as_strided _reshape_alias chunk empty empty_like empty_strided".split())


class Launches(TorchDispatchMode):
    """Counts the operations below autograd that are no mere views: what a GPU would be given to run."""
    def __init__(self):
        super().__init__()
        self.seen = collections.Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket.__name__ not in NO_KERNEL: self.seen[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))

    @property
    def total(self) -> int: return sum(self.seen.values())


def model() -> Nano:
    torch.manual_seed(3)
    return Nano(SMALL)


def batch(n: int = 4, images: int = 2, padded: int = 0) -> dict:
    g = torch.Generator().manual_seed(n)
    ids = lambda k, t: torch.randint(0, 2040, (images, k, t), generator=g)
    text = lambda k, t: (ids(k, t), torch.randperm(images * k * t, generator=g)[:images * k * 7], torch.randint(0, 2040, (images * k * 7,), generator=g))
    corners = torch.eye(3).expand(images, 3, 3)
    chars = torch.cat([torch.rand(images, 30, 2, generator=g) * 100, torch.randint(1, 95, (images, 30, 1), generator=g)], -1)
    out = dict(n=n, pages=torch.randint(0, 255, (images, 130, 130), dtype=torch.uint8, generator=g), chars=chars, counts=torch.full((images,), 25), sizes=torch.full((images, 2), 120.0),
               to_canvas=corners, to_page=corners, ratios=torch.full((images,), {1: 1, 2: 5, 4: 6}[n]), fit=torch.full((images, 2), 120.0), mode=torch.tensor([0.0, 2.0] * (images // 2)), scale=torch.ones(images))
    out["text"] = [text(1, 24), text(2, 16)]
    if padded: out["text"] = [(i, torch.cat([p, torch.arange(padded)]), torch.cat([t, torch.full((padded,), -100)])) for i, p, t in out["text"]]
    return out


def step(m: Nano) -> Step:
    torch.manual_seed(5)
    return Step(m, torch.nn.Linear(SMALL.vision_out, augment.SLOTS * augment.CLASSES), 5, 2.0, torch.Generator().manual_seed(7))


@pytest.mark.parametrize("n", [1, 4])
def test_texts_side_by_side_are_texts_one_by_one(n):
    m, b = model(), batch(n)
    with torch.no_grad():
        seen, blank, _ = m.see(torch.randn(2, n, 3, SMALL.tile, SMALL.tile), b["ratios"])
        together = m.read_all([text[0] for text in b["text"]], seen, blank, 5)
        for (ids, *_), got in zip(b["text"], together):
            assert (got - m.read(ids, seen, blank, 5).flatten(0, 1)).abs().max() < 1e-5
            for k in range(ids.shape[1]):
                alone = m.read(ids[:, k:k + 1], seen, blank, 5)
                assert (got.view(*ids.shape, -1)[:, k] - alone).abs().max() < 1e-5


def test_padding_changes_neither_loss_nor_gradient():
    outs, grads = [], []
    for padded in (0, 9):
        s = step(model())
        outs.append(s.run(batch(padded=padded), True))
        grads.append([p.grad.clone() for p in s.params if p.grad is not None])
    assert outs[0].keys() == outs[1].keys() == {"dense", "dense_right", "read", "read_right", "fields", "fields_right"}
    for k in outs[0]: assert abs(outs[0][k] - outs[1][k]) < 1e-5
    assert all((a - b).abs().max() <= 1e-5 + 1e-3 * b.abs().max() for a, b in zip(*grads))


def test_the_shares_predicted_right_leave_padding_out():
    hidden, weight = torch.eye(4, 8), torch.eye(6, 8)
    loss, right = compiled.token_loss(hidden, weight, torch.tensor([0, 1, 3, -100]))
    assert abs(right - 2 / 3) < 1e-6
    assert abs(loss - torch.nn.functional.cross_entropy(hidden[:3] @ weight.T, torch.tensor([0, 1, 3]))) < 1e-6


def test_a_step_launches_few_kernels():
    """Seen: 1,612, 137 and 42."""
    s = step(model())
    b, opts, rounding = batch(), muon.optimisers(s.m, s.head, 1e-3), rounding_of(s.m)
    with Launches() as passes: s.run(b, True)
    with Launches() as muons: opts[0].step()
    with Launches() as rounds: rounding.put(), rounding.take()
    assert passes.total < 1800 and muons.total < 180 and rounds.total < 60


def test_head_alone_moves_no_other_weight():
    s = step(model())
    s.run_head(batch(), True)
    assert s.head.weight.grad.abs().max() > 0
    assert all(p.grad is None for p in s.m.parameters())


def test_newton_schulz_gives_nearly_orthogonal_rows():
    x = torch.randn(3, 32, 64, generator=torch.Generator().manual_seed(2))
    y = muon.orthogonal(x).float()
    values = torch.linalg.svdvals(y)
    assert .5 < values.min() and values.max() < 1.35
    u, _, v = torch.linalg.svd(x, full_matrices=False)
    assert ((u @ v) * y).sum() / y.norm() / (u @ v).norm() > .95


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need a GPU")
@pytest.mark.parametrize("n", [1, 4])
def test_a_replayed_graph_gives_the_losses_and_gradients_of_a_plain_pass(n):
    """Clean pictures: the random numbers, which come from other places of the stream, then change nothing."""
    torch.manual_seed(5)
    m = model().cuda()
    s = Step(m, torch.nn.Linear(SMALL.vision_out, augment.SLOTS * augment.CLASSES).cuda(), 5, 2.0, torch.Generator("cuda").manual_seed(7))
    put = lambda b: {k: v.cuda() if isinstance(v, torch.Tensor) else v for k, v in b.items() if k != "text"} | {"text": [tuple(t.cuda() for t in text) for text in b["text"]]}
    first, second = put(batch(n)), put(batch(n))
    first["mode"].zero_(), second["mode"].zero_()
    second["pages"] = second["pages"].flip(1)
    plain = [s.run(b, True) for b in (first, second)]
    wanted = [p.grad.clone() for p in s.params]
    graphs = Graphs(s)
    for _ in range(2): replayed = [graphs.run(b, True) for b in (first, second)]
    for a, b in zip(plain, replayed):
        for k in a: assert abs(float(a[k]) - float(b[k])) < 2e-3 * (1 + abs(float(a[k]))), k
    assert len(graphs.kept) == 1 and plain[0]["dense"] != plain[1]["dense"]
    for p, want in zip(s.params, wanted): assert (p.grad - want).norm() <= .02 * want.norm() + 1e-4

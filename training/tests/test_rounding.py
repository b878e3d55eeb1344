"""Training rounds to what a 4-bit file holds. Golden: tests/golden/data/tiny-nf4, written by bitsandbytes 0.48's own definition. Needs torch."""
import json
import os

import pytest

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")

from training import rounding  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(__file__), "../../tests/golden/data")


def read(folder: str) -> dict:
    out = {}
    for name in sorted(os.listdir(os.path.join(GOLDEN, folder))):
        if name.endswith(".safetensors"): out.update(safetensors_torch.load_file(os.path.join(GOLDEN, folder, name)))
    return out


def stored(q: dict, name: str) -> torch.Tensor:
    """The values of a 4-bit tensor with double quantisation, by the format's definition."""
    state = json.loads(bytes(next(v for k, v in q.items() if k.startswith(f"{name}.quant_state.")).tolist()).decode())
    packed = q[name].reshape(-1)
    codes = q[f"{name}.quant_map"][torch.stack([packed >> 4, packed & 15], 1).reshape(-1).long()]
    absmax = q[f"{name}.absmax"].long()
    scale = q[f"{name}.nested_quant_map"][absmax] * q[f"{name}.nested_absmax"].repeat_interleave(256)[:len(absmax)] + state["nested_offset"]
    return (codes * scale.repeat_interleave(64)).reshape(state["shape"])


def test_rounded_weights_are_those_of_the_file():
    q, plain = read("tiny-nf4"), read("tiny")
    names = sorted(k[:-len(".quant_map")] for k in q if k.endswith(".weight.quant_map"))
    assert len(names) > 20
    assert set(names) == {k for k, v in plain.items() if rounding.quantised(k, tuple(v.shape))}
    got = rounding.Rounding([plain[n].float() for n in names]).rounded()
    wrong = total = 0
    for name, tensor in zip(names, got):
        want = stored(q, name)
        wrong, total = wrong + int(((tensor - want).abs() > 1e-5 * want.abs().max()).sum()), total + want.numel()
    assert wrong <= total * 1e-5   # a value on the midpoint of two codes may go either way


def test_one_weight_alone_rounds_as_among_others():
    """Scales of scales never mix tensors."""
    g = torch.Generator().manual_seed(4)
    weights = [torch.randn(*shape, generator=g) * s for shape, s in (((3, 64), .1), ((300, 128), 1.0), ((1, 64), 5.0), ((129, 256), .01))]
    for together, w in zip(rounding.Rounding(weights).rounded(), weights):
        assert torch.equal(together, rounding.Rounding([w]).rounded()[0])


def test_zero_blocks_and_both_codes():
    w = torch.zeros(2, 64)
    w[1] = torch.linspace(-1, 1, 64)
    for code in ("nf4", "fp4"):
        out = rounding.Rounding([w], code).rounded()[0]
        assert not out[0].any() and len(set(out[1].tolist())) <= 16
        assert (out[1] - w[1]).abs().max() < .2


def test_take_brings_the_weights_back_and_gradients_reach_them():
    layer = torch.nn.Linear(64, 5, bias=False)
    before = layer.weight.detach().clone()
    r = rounding.Rounding([layer.weight])
    r.put()
    rounded = layer.weight.detach().clone()
    layer(torch.ones(1, 64)).sum().backward()
    r.take()
    assert torch.equal(layer.weight, before) and not torch.equal(rounded, before)
    assert torch.equal(layer.weight.grad, torch.ones(5, 64))


def test_int8_rows_are_within_half_a_step():
    w = torch.randn(7, 100, generator=torch.Generator().manual_seed(1))
    w[3] = 0
    step = w.abs().amax(1, keepdim=True) / 127
    assert ((rounding.int8_rows(w) - w).abs() <= step * .5 + 1e-3).all()

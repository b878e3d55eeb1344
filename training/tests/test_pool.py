"""Batches of the ring: of one shape where a graph needs it, and then with the same texts to predict. Needs torch and a font."""
import multiprocessing
import os

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import pool, step, stream  # noqa: E402

TOKENIZER = os.path.join(os.path.dirname(__file__), "../tokenizer.json")


@pytest.fixture(scope="module")
def ring():
    p = pool.Pool(TOKENIZER, 3, multiprocessing.Value("d", 1.0), 16, 0, "cpu", 480)
    while p.filled < 8: p.absorb(block=True, most=1)
    return p


def test_fixed_batches_of_a_tile_count_have_one_shape(ring):
    shapes: dict = {}
    for _ in range(6):
        b = ring.batch(2, fixed=True)
        shapes.setdefault(b["n"], set()).add(tuple(tuple(t.shape) for t in step.tensors(b)))
        (ids, places, targets), (both, *_) = b["text"]
        assert ids.shape[1:] == (1, stream.CAPS[0]) and both.shape[1:] == (2, stream.CAPS[1])
        there = targets >= 0
        assert there.any() and not there.all() and torch.equal(ids.reshape(-1)[places[there] + 1], targets[there])   # a place predicts what follows it
    assert all(len(s) == 1 for s in shapes.values())


def test_padding_is_all_that_fixed_texts_add(ring):
    sequences = [m[4] for m in ring.meta if m] + [[[], [], []]]   # and a document without any text
    ring.rng = np.random.default_rng(4)
    ids, places, targets = ring.texts(sequences, (1, 2), False)
    ring.rng = np.random.default_rng(4)
    wide, more, padded = ring.texts(sequences, (1, 2), True)
    there, t, w = padded >= 0, ids.shape[2], wide.shape[2]
    assert torch.equal(wide[:, :, :t], ids) and not wide[:, :, t:].any() and not ids[-1].any()
    assert torch.equal(padded[there], targets)
    assert torch.equal(more[there] // w, places // t) and torch.equal(more[there] % w, places % t)


def test_kept_characters_are_those_of_the_page(ring):
    for slot, m in enumerate(ring.meta):
        if m: assert m[5] > 0 and (ring.chars[slot, :m[5], 2] > 0).all()

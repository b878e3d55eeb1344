"""Views of a page: the paper fills the canvas it is given, text stays legible, small pictures stay unsharp. Needs NumPy and torch."""
import numpy as np
import pytest

pytest.importorskip("torch")
from training import framing  # noqa: E402


def views(h: int, w: int, em: float, count: int = 400) -> list[dict]:
    rng = np.random.default_rng(5)
    return [v for _ in range(count) if (v := framing.frame(rng, h, w, em, 480, True))]


def test_clean_views_lie_on_their_canvas_exactly():
    for v in views(900, 420, 22):
        rows, cols = framing.RATIOS[v["ratio"] - 1]
        assert v["nh"] <= rows * 480 and v["nw"] <= cols * 480
        if v["mode"] == 0: assert np.allclose(v["corners"], [[0, 0], [v["nw"], 0], [v["nw"], v["nh"]], [0, v["nh"]]])


def test_text_is_never_smaller_than_legible_and_sharpness_never_above_the_picture():
    seen = views(1386, 980, 14)
    assert len(seen) > 200
    for v in seen:
        assert 14 * v["scale"] >= 7.2 / 1.2 - 1e-9 and v["scale"] <= 2.0
    assert min(v["scale"] for v in seen) < .66 < max(v["scale"] for v in seen)


def test_some_views_are_stretched():
    aspect = np.array([v["nh"] / v["nw"] / (900 / 420) for v in views(900, 420, 22) if v["mode"] == 0])
    assert .2 < np.mean(np.abs(aspect - 1) > .02) < .5 and aspect.min() > .8 and aspect.max() < 1.22

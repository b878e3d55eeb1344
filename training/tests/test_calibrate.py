"""python -m pytest training/tests/test_calibrate.py"""
import math
import random

from training.calibrate import __main__ as calibrate


def overconfident(n: int, a: float, b: float, seed: int = 7) -> list[tuple[float, bool]]:
    """Values whose true probability is logistic(a + b logit(confidence))."""
    draw = random.Random(seed)
    out = []
    for _ in range(n):
        confidence = draw.uniform(0.5, 0.99)
        out.append((confidence, draw.random() < calibrate.logistic(a + b * calibrate.logit(confidence))))
    return out


def test_known_constants_come_back():
    a, b = calibrate.fit(overconfident(20000, -0.8, 0.6))
    assert abs(a + 0.8) < 0.1 and abs(b - 0.6) < 0.08


def test_few_values_change_little():
    a, b = calibrate.fit(overconfident(3, -0.8, 0.6))
    assert abs(a) < 0.8 and abs(b - 1) < 0.5


def test_a_row_becomes_what_gives_the_new_confidence():
    text = "// head\nCALIBRATION(kTotalAmount, 1.2, 1.6, 0.5, 0.5)\n"
    values = overconfident(4000, -0.8, 0.6)
    changed, report = calibrate.refit(text, {"total_amount": values, "gst_amount": values[:10]})
    assert len(report) == 1 and changed.startswith("// head\n")
    slope, offset, reading, threshold = (float(x) for x in calibrate.ROW.match(changed.split("\n")[1]).groups()[1:])
    a, b = calibrate.fit(values)
    x = 1.3  # any raw log-odds at a word confidence of 0.9
    assert math.isclose(offset + slope * x, a + b * (1.6 + 1.2 * x), abs_tol=0.02)
    assert math.isclose(reading, b * 0.5, abs_tol=0.006) and threshold == 0.5
    assert calibrate.ece(values, a, b) < 0.5 * calibrate.ece(values)


def test_what_is_calibrated_is_kept():
    text = "CALIBRATION(kTotalAmount, 1.2, 1.6, 0.5, 0.5)\n"
    values = [(0.75, i % 4 != 0) for i in range(400)]
    changed, report = calibrate.refit(text, {"total_amount": values})
    assert changed == text and report[0].endswith("kept as it is")


def test_a_field_without_a_row_starts_from_the_default():
    changed, _ = calibrate.refit("// head\n", {"supplier_phone": overconfident(4000, -0.8, 0.6)})
    assert changed.split("\n")[1].startswith("CALIBRATION(kSupplierPhone, ")

"""The generator is deterministic and its truth adds up. Needs Pillow, NumPy and one of the listed fonts; no torch."""
import json
from decimal import Decimal

import pytest

from training.generate import identity, money, render
from training.generate.compose import compose
from training.generate.document import KINDS

PUBLISHED = ["51824753556", "88000014675", "45004189708", "26008672179", "90196565019"]
DOCUMENTS = [(seed, split, kind) for kind in KINDS for split in ("train", "validation") for seed in range(12)]


def cents(text: str) -> int: return int(Decimal(text) * 100)


def test_published_abns_pass_and_every_changed_digit_fails():
    for abn in PUBLISHED:
        assert identity.abn_valid(abn)
        for i in range(11):
            for digit in "0123456789".replace(abn[i], ""):
                assert not identity.abn_valid(abn[:i] + digit + abn[i + 1:])


def test_gst_vectors():
    assert [money.gst_inside(c) for c in (8250, 100000, 1403, 3560, 5, 6, -2200)] == [750, 9091, 128, 324, 0, 1, -200]
    assert [money.gst_on(c) for c in (7500, 90909, 1275, 148740)] == [750, 9091, 128, 14874]
    assert [money.cash_rounded(c) for c in (9611, 9612, 9613, 9618, -1002, 3)] == [9610, 9610, 9615, 9620, -1000, 5]


def test_same_arguments_same_document():
    for seed, split, kind in DOCUMENTS[::17]:
        (a, _, truth_a), (b, _, truth_b) = compose(seed, split, kind), compose(seed, split, kind)
        assert json.dumps(truth_a) == json.dumps(truth_b)
        assert (render.draw(a).image == render.draw(b).image).all()


@pytest.mark.parametrize("seed,split,kind", DOCUMENTS)
def test_truth_adds_up(seed, split, kind):
    _, d, truth = compose(seed, split, kind)
    lines = sum(cents(i["amount"]) for i in truth["line_items"])
    assert lines + d.surcharge + d.discount + (0 if d.inclusive else d.gst) == d.total
    assert cents(truth["total_amount"]) == d.total + (d.rounding if d.rounded_total else 0)
    if truth["subtotal"]: assert cents(truth["subtotal"]) == lines
    if truth["supplier_abn"]: assert identity.abn_valid(truth["supplier_abn"])
    if truth.get("buyer_abn"): assert identity.abn_valid(truth["buyer_abn"])
    if truth.get("supplier_acn"): assert identity.acn_valid(truth["supplier_acn"])
    if d.currency == "AUD" and truth["gst_amount"]:
        taxed = d.taxable()
        want = money.gst_inside(taxed) if d.inclusive else money.gst_on(taxed)
        assert abs(cents(truth["gst_amount"]) - want) <= 5 * (len(d.items) + 1) // 11 + 1
    if "payments" in truth and "cash_rounding" in truth:
        assert sum(cents(p["amount"]) for p in truth["payments"]) - cents(truth.get("change", "0")) == d.total + cents(truth["cash_rounding"])


def test_truth_is_on_the_paper():
    """What truth says as printed text stands in the drawn rows, and every field has a box inside the picture."""
    for seed, split, kind in DOCUMENTS[::5]:
        sheet, _, truth = compose(seed, split, kind)
        flat = render.draw(sheet)
        text = "\n".join(t for t, *_ in flat.lines)
        for name in ("supplier_name", "invoice_number", "supplier_phone"):
            if truth[name]: assert " ".join(truth[name].split()) in " ".join(text.split())
        for item in truth["line_items"]:
            assert item["description"].split()[0] in text
        h, w = flat.image.shape
        for x0, y0, x1, y1 in flat.fields.values():
            assert -2 <= x0 < x1 <= w + 2 and -2 <= y0 < y1 <= h + 2


def test_validation_draws_fonts_and_layouts_that_training_never_sees():
    seen = {split: (set(), set()) for split in ("train", "validation")}
    for seed in range(150):
        for split in seen:
            sheet, _, _ = compose(seed, split)
            seen[split][0].add(sheet.style.face.name)
            seen[split][1].update(sheet.layout)
    assert not seen["train"][0] & seen["validation"][0]
    assert seen["validation"][1] - seen["train"][1] >= {"header4", "meta4", "lines4", "totals4", "order4"}


def test_heavier_strokes_darken_and_lighter_ones_fade_within_bounds():
    import random

    import numpy as np
    flat = np.full((40, 40), 255, np.uint8)
    flat[10:30, 10:30] = 0
    seen = set()
    for seed in range(20):
        out = render.weigh(flat, random.Random(seed))
        assert (out == render.weigh(flat, random.Random(seed))).all() and out.shape == flat.shape
        assert (out[15:25, 15:25] == 0).all() and (out[:8] == 255).all()   # only edges move
        seen.add(np.sign(int(out.sum()) - int(flat.sum())))
    assert seen == {-1, 1}


def test_a_refund_in_cash_is_cash_and_gives_no_change():
    seen = set()
    for seed in range(400):
        _, d, truth = compose(seed, "train", "credit_note")
        for said, payment in zip(truth.get("payments", []), d.payments):
            assert ("CASH" in payment.method) == (said["method"] == "cash")
            seen.add(said["method"])
        assert "change" not in truth
    assert seen == {"cash", "card", "gift_card"}


def test_three_in_five_documents_are_australian_and_a_rounded_total_is_the_total():
    kinds = {"AUD": 0, "MYR": 0, "USD": 0}
    rounded = 0
    for seed in range(400):
        _, d, truth = compose(seed, "train")
        kinds[truth["currency"]] += 1
        if d.rounded_total and d.rounding:
            rounded += 1
            assert cents(truth["total_amount"]) == d.total + cents(truth["cash_rounding"])
    assert kinds["AUD"] >= 240 and kinds["MYR"] and kinds["USD"] and rounded


def test_pen_marks_and_stamps_leave_most_of_the_print():
    import random

    import numpy as np
    ink = np.zeros((900, 500), np.float32)
    ink[::20, 40:460] = 255
    for seed in range(30):
        out = render.mark(ink.copy(), random.Random(seed))
        assert (out == render.mark(ink.copy(), random.Random(seed))).all() and out.shape == ink.shape
        changed = (out != ink).mean()
        assert 0 < changed < .1


def test_text_of_kept_characters_looks_as_freetype_draws_it_whole():
    import numpy as np
    from PIL import Image, ImageDraw

    from training.generate import fonts
    text, checked = "AVATAR To You: $12.50 (GST) r.f.", 0
    for face in fonts.faces("train")[::3]:
        for size in (13, 22):
            kept, font = fonts.glyphs(face.regular, size), fonts.load(face.regular, size)
            edges = kept.edges(text)
            assert abs(edges[-1] - font.getlength(text)) < 1e-6 and abs(kept.length(text) - edges[-1]) < 1e-6
            ink = kept.strip(text, edges)
            whole = Image.new("L", ink.shape[::-1])
            ImageDraw.Draw(whole).text((kept.pad, kept.pad), text, fill=255, font=font)
            differ = np.abs(ink.astype(int) - np.asarray(whole)) > 40
            assert differ.sum() <= .02 * (ink > 0).sum() + 2, face.name   # where neighbours overlap, sums against maxima
            checked += 1
    assert checked


def test_letters_set_apart_stay_one_word_and_keep_their_places():
    import random

    from training.generate.sheet import Field, Sheet, make_style
    s = Sheet(random.Random(3), make_style(random.Random(3), False, "train"), "train")
    s.centre(Field("supplier_name", "Bunty Books"), space=.3)
    s.centre("Bunty Books")
    flat = render.draw(s)
    (apart, *_), (plain, *_) = flat.lines
    assert apart == plain == "Bunty Books" and [w[0] for w in flat.words] == ["Bunty", "Books"] * 2
    wide = [flat.chars[i + 9, 0] - flat.chars[i, 0] for i in (0, 10)]
    assert wide[0] > wide[1] + 8 * .3 * .9 * s.style.size
    assert flat.fields["supplier_name"][2] - flat.fields["supplier_name"][0] > wide[0]


def test_a_slip_on_a_scanner_glass_and_letters_set_apart_happen():
    wide = apart = 0
    for seed in range(300):
        sheet, d, _ = compose(seed, "train")
        left, above, right, below = sheet.style.blank
        wide += right > .55 * sheet.style.content
        apart += any(c.space for row in sheet.rows for c in row.cells)
    assert 3 <= wide <= 30 and 5 <= apart <= 60


def test_what_a_pen_writes_is_a_few_lines_near_the_paper():
    import random
    for seed in range(40):
        lines = render._written(random.Random(seed), 500, 900)
        assert 2 <= len(lines) <= 12
        assert all(-120 < x < 800 and -80 < y < 1100 for line in lines for x, y in line)

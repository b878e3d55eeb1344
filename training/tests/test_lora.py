"""What an adapter is taught, and how before and after are counted. No torch, no engine."""
import datetime
import json
import os

import pytest

from training.lora import __main__ as main, documents, forms, report
from training.lora.documents import ABSENT, BadData, Labelled, Teacher, answer, questions

PROMPTS = os.path.join(os.path.dirname(__file__), "..", "..", "prompts")


@pytest.mark.parametrize("printed, again", [
    ("03/05/2024", "27/11/2019"), ("3/05/24", "27/11/19"), ("3/5/2024", "27/11/2019"), ("2024-05-03", "2019-11-27"), ("03.05.24", "27.11.19"), ("03MAY24", "27NOV19"), ("3-May-24", "27-Nov-19"),
    ("3 May 2024", "27 Nov 2019"), ("Fri 03/05/24", "Wed 27/11/19"), ("FRI 03/05/24", "WED 27/11/19"), ("May 3, 2024", "Nov 27, 2019"), ("3rd May 2024", "27th Nov 2019"), ("03 May '24", "27 Nov '19")])
def test_a_date_is_printed_again_in_the_form_of_another(printed, again):
    form = forms.date_form(printed)
    assert form.text_of("2024-05-03") == printed
    assert form.text(datetime.date(2019, 11, 27)) == again


def test_months_in_full_keep_their_length():
    assert forms.date_form("3 JANUARY 2024").text_of("2019-11-27") == "27 NOVEMBER 2019"
    assert forms.date_form("05/03/2024", month_first=True).text_of("2019-11-27") == "11/27/2019"


@pytest.mark.parametrize("text", ["", "NOT_FOUND", "3/2024", "TOTAL 12.50", "1/2/3/4", "123/4/2024", "12 Cats 2024", "2024"])
def test_what_is_no_date_has_no_form(text): assert forms.date_form(text) is None


@pytest.mark.parametrize("printed, again", [("09:05", "16:39"), ("9:05 AM", "4:39 PM"), ("09:05am", "04:39pm"), ("9.05am", "4.39pm"), ("09:05:00", "16:39:07"), ("9:05:00 AM", "4:39:07 PM")])
def test_a_time_is_printed_again_in_the_form_of_another(printed, again):
    form = forms.time_form(printed)
    assert forms.printed_time(form, "09:05:00") == printed and forms.printed_time(form, "16:39:07") == again
    assert forms.printed_time(forms.time_form("11:59 pm"), "00:10") == "12:10 am" and forms.time_form("25") is None


def test_a_folder_settles_what_one_reading_leaves_open():
    found = forms.settle([forms.date_form(t) for t in ["3/05/24", "13/10/24"] + ["4/12/24"] * 10 + ["NOT_FOUND"]])
    assert [f.text_of("2021-02-01") for f in (found[1], found[-1])] == ["1/02/21", "1/02/21"]
    assert forms.settle([forms.date_form("3/05/24"), forms.date_form("2024-05-03"), None])[2] is None   # two voices: not known
    assert forms.settle([None, None]) == [None, None]
    misread = [forms.date_form(t) for t in ("3/05/24", "1.05.24", "7-05-24", "NOT_FOUND")]   # the first alone agrees with its label
    assert [f.text_of("2021-02-01") for f in forms.settle(misread, [True, False, False, False])] == ["1/02/21"] * 4


def test_the_models_reading_gives_the_form_and_the_label_the_value():
    class Reader:
        """Says the same dates for each question, as a model that misreads digits."""
        def say_all(self, paths, question): return [{"1": "3/5/24", "2": "13/10/24", "3": "9/9/99", "4": "NOT_FOUND"}[os.path.basename(p)] for p in paths]

    rows = [documents.Labelled(f"/x/{i + 1}", {"invoice_date": d}) for i, d in enumerate(("2024-05-03", "2024-10-13", "2023-01-02", "2022-02-01"))]
    main.say_printed(Reader(), rows, documents.Teacher(questions(PROMPTS), "nano"))
    assert [d.printed for d in rows] == [{"invoice_date": t} for t in ("3/5/24", "13/10/24", "2/1/23", "1/2/22")]
    american = [documents.Labelled("/x/1", {"invoice_date": "2024-03-05"}), documents.Labelled("/x/4", {"invoice_date": "2022-12-01"})]
    main.say_printed(Reader(), american, documents.Teacher(questions(PROMPTS), "nano"))
    assert [d.printed["invoice_date"] for d in american] == ["3/5/24", "12/1/22"]


def folder(path, rows):
    (path / "a.png").write_bytes(b"x")
    (path / "truth.jsonl").write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return str(path)


def test_truth_is_read_and_faults_name_their_line(tmp_path):
    read = documents.read(folder(tmp_path, [{"file": "a.png", "truth": {"total_amount": "1.00", "invoice_date": "2024-05-03", "invoice_date_raw": "3/5/24"}}, ""]))
    assert [d.printed for d in read] == [{"invoice_date": "3/5/24"}] and os.path.exists(read[0].path)
    for rows, part in (([{"file": "b.png", "truth": {}}], "b.png is missing"), (["{"], "line 1: is no JSON"), ([{"file": "a.png"}], 'expected "file" and "truth"'), ([], "holds no documents")):
        with pytest.raises(BadData, match=part): documents.read(folder(tmp_path, rows))
    (tmp_path / "c.pdf").write_bytes(b"x")
    with pytest.raises(BadData, match="no picture"): documents.read(folder(tmp_path, [{"file": "c.pdf", "truth": {}}]))


def test_a_correction_revises_the_lines_before_it(tmp_path):
    first = {"file": "a.png", "partial": True, "truth": {"total_amount": "1.00", "due_date": "2024-05-03", "due_date_raw": "3/5/24"}}
    read = documents.read(folder(tmp_path, [first, {"file": "a.png", "version": 2, "truth": {"total_amount": "2.00", "due_date": None, "due_date_raw": None}}]))
    assert [(d.truth["total_amount"], answer(d, "due_date"), d.printed, d.partial) for d in read] == [("2.00", ABSENT, {}, True)]
    report.write_truth(str(tmp_path / "out.jsonl"), read, ["total_amount", "due_date"])
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {"file": str(tmp_path / "a.png"), "partial": True, "truth": {"total_amount": "2.00", "due_date": None}}
    for rows in ([first, {"file": "a.png", "version": 3, "truth": {}}], [{"file": "a.png", "version": 2, "truth": {}}]):
        with pytest.raises(BadData, match="expected version [12]"): documents.read(folder(tmp_path, rows))


def test_documents_kept_for_testing_stay_so_when_the_folder_grows():
    some = [Labelled(f"/x/{i}.png", {}) for i in range(200)]
    taught, tested = documents.split(some, .2, 0)
    assert 20 < len(tested) < 60 and not set(d.path for d in taught) & set(d.path for d in tested)
    assert set(d.path for d in documents.split(some[:100], .2, 0)[1]) == set(d.path for d in tested) & set(d.path for d in some[:100])


def test_answers_are_what_is_printed_not_found_or_not_asked_for():
    d = Labelled("/x/1.png", {"total_amount": "5.50", "supplier_abn": None, "invoice_date": "2024-05-03", "invoice_time": "09:05:00", "line_items": [], "payments": [{"method": "card"}]}, {"invoice_date": "03/05/24"})
    assert [answer(d, n) for n in ("total_amount", "supplier_abn", "invoice_date", "invoice_time", "line_items", "payment_method", "gst_amount")] == ["5.50", ABSENT, "03/05/24", None, None, "card", None]
    asked, said = Teacher(questions(PROMPTS), "nano").fields(d)
    assert said == "SUPPLIER_ABN: NOT_FOUND\nINVOICE_DATE: 03/05/24\nTOTAL_AMOUNT: 5.50"
    assert "SUPPLIER_ABN, INVOICE_DATE, TOTAL_AMOUNT." in asked and "{keys}" not in asked
    with pytest.raises(BadData, match="has none of"): Teacher(questions(PROMPTS), "nano").fields(Labelled("/x/2.png", {"shoe_size": 44}))


def test_the_engines_first_question_is_taught_most_and_each_family_has_its_own():
    import random
    nano, big = Teacher(questions(PROMPTS), "nano"), Teacher(questions(PROMPTS), "instruct")
    assert "any" in nano.first.kinds and nano.first.family == "any" and big.first.family == "instruct"
    d = Labelled("/x/1.png", {n: "1" for n in nano.first.fields if n not in documents.PRINTED})
    drawn = [nano.draw(random.Random(i), d)[0] for i in range(200)]
    first = nano.fields(d)[0]
    assert 100 < drawn.count(first) < 170 and len(set(drawn)) > 8
    assert nano.draw(random.Random(3), d) == nano.draw(random.Random(3), d)


def test_before_and_after_count_wrong_missing_and_invented():
    said = lambda right, invented: {"fields": [{"field": "total_amount", "n": 10, "normalised": right, "invented": 0, "without_truth": 0}, {"field": "supplier_abn", "n": 0, "normalised": 0, "invented": invented, "without_truth": 10},
                                               {"field": "website", "n": 10, "normalised": 0, "invented": 0, "without_truth": 0}]}
    before, after = (report.counts(said(*x), ["total_amount", "supplier_abn"]) for x in ((6, 4), (9, 1)))
    assert report.error(before) == 8 / 20 and report.error(after) == 2 / 20
    text = report.table("test", before, after)
    assert "| total_amount | 6 of 10 (60.0 %) | 9 of 10 (90.0 %) |" in text and "40.0 % before, 10.0 % after, 75 % fewer" in text
    assert "website" not in text


def test_one_layout_is_one_layout_and_its_truth_is_printed():
    layout = pytest.importorskip("training.lora.layout")
    from training.generate import fonts
    face = fonts.faces("validation")[0].name
    sheets = [layout.compose(seed, "c", face, "cafe") for seed in range(6)]
    assert len({tuple(s.layout) for s, _, _ in sheets}) == 1 and len({t["supplier_name"] for _, _, t in sheets}) == 6
    assert layout.compose(3, "c", face, "cafe")[2] == sheets[3][2]
    for s, d, truth in sheets:
        text = "\n".join(c.text for row in s.rows for c in row.cells)
        assert truth["total_amount"] in text.replace(",", "") and s.printed["invoice_date"] in text and truth["document_type"] == "tax_invoice"

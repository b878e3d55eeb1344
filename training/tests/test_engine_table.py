"""How strings are counted as present in a transcript. Hand-made cases; no engine, no torch."""
from training.engine_table import date_present, total_present


def test_totals_are_whole_numbers():
    assert total_present("TOTAL RM 33.90", "33.90") and total_present("1,234.50", "1234.50") and total_present("(12.00)", "-12.00")
    for text in ("133.90", "33.905", "33.9", "3.90", "1.33.90", ""): assert not total_present(text, "33.90")


def test_dates_in_any_printed_form():
    for text in ("12-01-19 10:22", "Date : 12/01/2019", "12 Jan 2019", "12JAN2019", "2019-01-12", "12.01.2019"): assert date_present(text, "2019-01-12"), text
    assert date_present("01/12/2019", "2019-01-12", month_first=True)
    for text in ("13/01/2019", "12 2019", "no date", "01/12/2019"): assert not date_present(text, "2019-01-12"), text

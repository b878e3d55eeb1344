"""Puts blocks together into a sheet, and gathers the truth of what was printed."""
import random

from . import a4, body, foreign, header
from .document import Document, make_document
from .sheet import Sheet, make_style

CORE = ["document_type", "supplier_name", "supplier_abn", "supplier_address", "supplier_phone", "invoice_number", "invoice_date", "invoice_time", "due_date",
        "buyer_name", "buyer_abn", "subtotal", "discount_total", "surcharge_total", "gst_amount", "total_amount"]


def docket(s: Sheet, d: Document, p) -> None:
    r, order = s.r, s.variant("order", 6)
    (foreign.head if d.currency != "AUD" else header.header)(s, d)
    late = order in (2, 5) or (order == 3 and d.currency == "MYR")
    if not late: header.meta(s, d)
    if r.random() < .6: s.rule()
    body.lines(s, d, p)
    if r.random() < .6: s.rule()
    if d.currency == "AUD":
        body.totals(s, d, p)
        body.tender(s, d, p)
        body.tax_table(s, d, p)
    elif d.currency == "USD": foreign.totals_us(s, d, p)
    else:
        foreign.totals_my(s, d, p)
        if order == 3: s.rule(); header.meta(s, d)
        foreign.summary_my(s, d, p)
    if order == 2: s.rule(); header.meta(s, d)
    body.eftpos(s, d, p)
    if order == 5: header.meta(s, d)
    (body.footer if d.currency == "AUD" else foreign.foot)(s, d)


def page(s: Sheet, d: Document, p) -> None:
    (a4.top)(s, d)
    a4.table(s, d, p)
    a4.totals(s, d, p)
    a4.bottom(s, d)


def truth_of(s: Sheet, d: Document) -> dict:
    """The project's field names; what is not printed is null for the core fields and left out for the rest."""
    truth = {k: None for k in CORE}
    truth.update({k: v for k, v in s.truth.items() if not k.startswith("_") and v != ""})
    truth["document_type"], truth["currency"] = d.document_type, d.currency
    truth["prices_include_gst"] = d.inclusive
    truth["tax_invoice_wording"] = d.document_type == "tax_invoice"
    truth["line_items"] = s.items
    return truth


def compose(seed: int, split: str, kind: str | None = None) -> tuple[Sheet, Document, dict]:
    """One document, wholly determined by its arguments and the fonts installed."""
    r = random.Random(f"{split}/{seed}")
    d = make_document(r, kind)
    if d.currency != "AUD": d.a4 = False
    s = Sheet(r, make_style(r, d.a4, split), split)
    p = body.Printing(s, d)
    (page if d.a4 else docket)(s, d, p)
    return s, d, truth_of(s, d)

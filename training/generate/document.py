"""The content of one document: parties, lines, arithmetic. Everything printed later comes from here, so truth is exact."""
import datetime
import random
from dataclasses import dataclass, field

from . import identity, items, money, words

KINDS = ["supermarket", "cafe", "restaurant", "fuel", "hardware", "retail", "pharmacy", "trades", "transport", "parking", "accommodation", "professional",
         "credit_note", "quote", "foreign_my", "foreign_us"]
WEIGHTS = [14, 9, 8, 8, 8, 8, 4, 9, 4, 4, 4, 8, 4, 3, 26, 14]
A4_SHARE = {"trades": .75, "professional": .85, "quote": .85, "credit_note": .5, "accommodation": .5, "transport": .2, "retail": .12, "hardware": .1}
CARDS = ["VISA", "MASTERCARD", "EFTPOS", "AMEX", "VISA DEBIT", "DEBIT MASTERCARD", "EFT", "CARD", "CREDIT CARD", "Visa Credit", "Mastercard"]


@dataclass
class Payment:
    method: str          # as printed
    kind: str            # cash, card, eftpos, gift_card, bnpl, bank_transfer
    amount: int
    last4: str = ""
    account: str = ""


@dataclass
class Document:
    kind: str
    trade: str
    a4: bool
    document_type: str
    currency: str
    supplier: identity.Party
    buyer: identity.Party | None
    date: datetime.date
    time: datetime.time
    number: str
    items: list
    inclusive: bool = True
    gst_shown: bool = True
    gst: int = 0
    tax_rate: str = "10%"
    subtotal: int = 0
    discount: int = 0
    surcharge: int = 0
    surcharge_text: str = ""
    tip: int = 0
    total: int = 0
    rounding: int = 0
    rounded_total: bool = False   # the total printed last is the rounded one, as Malaysian tills do
    change: int = 0
    paid: bool = True
    payments: list = field(default_factory=list)
    due_date: datetime.date | None = None
    order_number: str = ""
    original_number: str = ""
    store: str = ""
    register: str = ""
    operator: str = ""
    bsb: str = ""
    account: str = ""
    tax_words: bool = True

    def taxable(self) -> int:
        """Sum of the taxable lines as printed, surcharge and discount with them (both only occur where all lines are taxable)."""
        return sum(i.amount for i in self.items if i.gst_code == "GST") + self.surcharge + self.discount

    def mixed(self) -> bool: return len({i.gst_code for i in self.items}) > 1


def _number(r):
    return r.choice([f"{r.randint(1, 999999)}", f"{r.randint(0, 99999):05}", f"INV-{r.randint(1, 99999):04}", f"INV{r.randint(100, 999999)}", f"{r.choice('ABCDEFGHJKLMNPRSTW')}{r.randint(1000, 999999)}",
                     f"{r.randint(2018, 2027)}-{r.randint(1, 9999):04}", f"{r.randint(1, 99):02}/{r.randint(1, 99999):05}", f"{r.randint(10**9, 10**12)}", f"{r.choice('ABCS')}-{r.randint(1, 9999999):07}"])


def _settle(r: random.Random, d: Document) -> None:
    """Payments that add up to the total, with cash rounding, change and split tenders."""
    if d.kind == "quote" or (d.a4 and r.random() < .65) or d.total <= 0:
        d.paid = False
        return
    last4 = f"{r.randint(0, 9999):04}" if r.random() < .6 else ""
    card = lambda cents: Payment(r.choice(CARDS), "card", cents, last4, r.choice(["", "", "SAV", "CHQ", "CR"]))
    roll = r.random()
    if roll < (.7 if d.currency == "MYR" else .24) and d.total < 40000:
        due = money.cash_rounded(d.total) if d.currency in ("AUD", "MYR") else d.total
        d.rounding = due - d.total
        note = next((n for n in (500, 1000, 2000, 5000, 10000, 20000, 50000) if n >= due and r.random() < .7), (due + 999) // 1000 * 1000)
        tendered = due if r.random() < .25 else note
        d.payments, d.change = [Payment(r.choice(["CASH", "Cash", "Cash Tendered", "CASH TENDER"]), "cash", tendered)], tendered - due
    elif roll < .32 and d.total > 400:
        part = r.randint(1, d.total // 100 - 1) * 100
        first = Payment(r.choice(["GIFT CARD", "Gift Card", "VOUCHER"]), "gift_card", part) if r.random() < .4 else card(part)
        d.payments = [first, card(d.total - part)]
    elif roll < .36:
        d.payments = [Payment(r.choice(["AFTERPAY", "PAYPAL", "ZIP PAY"]), "bnpl", d.total)]
    else:
        d.payments = [card(d.total)]


def _charge(r: random.Random, d: Document, all_taxed: bool) -> None:
    """Discount, surcharge, GST and total of the finished lines."""
    lines = sum(i.amount for i in d.items)
    if all_taxed and r.random() < .12 and lines > 500:
        d.discount = -min(lines // 2, r.choice([money.percent_of(lines, 100), money.percent_of(lines, 50), r.randint(1, 10) * 100]))
    if all_taxed and d.trade in ("cafe", "restaurant", "retail", "transport", "accommodation") and r.random() < .25:
        tenths, text = r.choice([(100, "Sunday Surcharge 10%"), (150, "Public Holiday 15%"), (15, "Card Surcharge 1.5%"), (12, "CC Fee 1.2%"), (19, "Surcharge 1.9%")])
        if d.currency == "MYR": tenths = 100
        if d.currency != "USD": d.surcharge, d.surcharge_text = money.percent_of(lines + d.discount, tenths), text
    d.subtotal = lines
    if d.currency == "AUD":
        if d.inclusive:
            per_line = r.random() < .15 and not (d.surcharge or d.discount)
            d.gst = sum(money.gst_inside(i.amount) for i in d.items if i.gst_code == "GST") if per_line else money.gst_inside(d.taxable())
            d.total = lines + d.surcharge + d.discount
        else:
            d.gst = money.gst_on(d.taxable())
            d.total = lines + d.surcharge + d.discount + d.gst
    else:
        tenths = int(round(float(d.tax_rate[:-1]) * 10))
        if d.inclusive:
            d.gst = round(d.taxable() * tenths / (1000 + tenths))
            d.total = lines + d.discount + d.surcharge
        else:
            d.gst = money.percent_of(d.taxable(), tenths)
            d.total = lines + d.discount + d.surcharge + d.gst


def _lines(r: random.Random, d: Document) -> bool:
    """Fills the lines; -> all of them taxable."""
    count = {"parking": 1, "fuel": r.choice([1, 1, 1, 2, 3]), "transport": r.randint(1, 4), "supermarket": r.randint(1, 18), "professional": r.randint(1, 7), "accommodation": r.randint(1, 5)}.get(d.trade, r.randint(1, 9))
    if r.random() < .06: count += r.randint(3, 14)
    d.items = [items.make_item(r, d.trade) for _ in range(count)]
    if d.trade == "fuel": d.items[0] = items.fuel_item(r)
    if d.trade in ("professional", "trades", "retail") and r.random() < .12:
        for i in r.sample(d.items, max(1, len(d.items) // 3)): i.gst_code = "FRE"
    elif d.trade not in ("supermarket", "pharmacy", "fuel") or r.random() < .2:
        for i in d.items: i.gst_code = "GST"
    for i in d.items:
        if d.trade in ("supermarket", "hardware", "retail") and i.amount > 300 and r.random() < .08:
            i.discount = -min(i.amount // 2, r.choice([50, 100, 150, 200, i.amount // 5, i.amount // 4]))
            i.amount += i.discount
    return all(i.gst_code == "GST" for i in d.items)


def make_document(r: random.Random, kind: str | None = None) -> Document:
    kind = kind or r.choices(KINDS, WEIGHTS)[0]
    trade = kind
    if kind == "credit_note": trade = r.choice(["retail", "hardware", "trades", "professional", "supermarket"])
    if kind == "quote": trade = r.choice(["trades", "professional"])
    if kind.startswith("foreign"): trade = r.choice(["supermarket", "cafe", "restaurant", "hardware", "retail", "pharmacy"])
    a4 = r.random() < A4_SHARE.get(kind, .03)
    date = datetime.date(2016, 1, 1) + datetime.timedelta(days=r.randint(0, 366 * 11))
    d = Document(kind, trade, a4, "tax_invoice", {"foreign_my": "MYR", "foreign_us": "USD"}.get(kind, "AUD"), identity.make_party(r, trade), None, date,
                 datetime.time(r.randint(5, 23), r.randint(0, 59), r.randint(0, 59)), _number(r), [])
    if kind.startswith("foreign"):
        d.tax_rate = r.choice(["6%", "6%", "0%", "10%"]) if kind == "foreign_my" else r.choice(["6%", "7%", "8.5%", "5.3%", "9.5%", "8%"])
        d.inclusive = kind == "foreign_my" and r.random() < .7
        d.document_type = r.choice(["tax_invoice", "receipt", "invoice"]) if kind == "foreign_my" else "receipt"
        d.supplier.abn = d.supplier.acn = ""
    else:
        d.inclusive = r.random() >= (.55 if a4 else .04)
    all_taxed = _lines(r, d)
    if not d.inclusive and d.currency == "AUD":
        for i in d.items:
            if i.unit == "L": d.inclusive = True
    if kind == "credit_note":
        d.document_type = "credit_note"
        d.original_number = _number(r)
        for i in d.items: i.amount, i.quantity, i.discount = -i.amount, -i.quantity, -i.discount
        lines = sum(i.amount for i in d.items)
        d.subtotal = lines
        d.gst = money.gst_inside(d.taxable()) if d.inclusive else money.gst_on(d.taxable())
        d.total = lines if d.inclusive else lines + d.gst
        method, way = r.choice([(c, "card") for c in CARDS] + [("CASH", "cash"), ("CASH REFUND", "cash"), ("STORE CREDIT", "gift_card")])
        d.payments = [Payment(method, way, d.total)] if r.random() < .6 else []
        d.paid = bool(d.payments)
    else:
        _charge(r, d, all_taxed)
        if kind == "quote": d.document_type = "quote"
        _settle(r, d)
    if d.currency == "AUD" and kind not in ("quote", "credit_note"):
        roll = r.random()
        d.tax_words = roll < .84
        if not d.tax_words:
            d.document_type = "invoice" if a4 else r.choice(["receipt", "receipt", "invoice"])
        if r.random() < (.03 if d.tax_words else .3): d.supplier.abn, d.supplier.acn, d.gst_shown = "", "", r.random() < .3
    else:
        d.tax_words = d.document_type == "tax_invoice"
    if d.currency == "AUD" and r.random() < .08: d.gst_shown = False
    if not d.inclusive: d.gst_shown = True
    _particulars(r, d, a4)
    return d


def _particulars(r: random.Random, d: Document, a4: bool) -> None:
    """Buyer, due date, order number, register and bank details."""
    if a4 or d.total >= 100000 or r.random() < .04:
        d.buyer = identity.make_buyer(r)
    if a4 and not d.paid and d.kind != "credit_note" and r.random() < .8:
        d.due_date = d.date + datetime.timedelta(days=r.choice([7, 14, 14, 21, 30, 30, 45, 60]))
    if a4 and r.random() < .3: d.order_number = r.choice([f"PO{r.randint(100, 99999)}", f"PO-{r.randint(1000, 9999)}", f"{r.randint(10000, 999999)}", f"4500{r.randint(0, 999999):06}"])
    if not a4:
        if r.random() < .4: d.store = f"{r.randint(1, 9999):04}" if r.random() < .6 else str(r.randint(1, 999))
        if r.random() < .5: d.register = f"{r.randint(1, 99):0{r.choice([1, 2, 3])}}"
        if r.random() < .45: d.operator = r.choice([r.choice(words.FIRST), str(r.randint(1, 999)), words.coin(r, 2), f"{r.choice(words.FIRST)} {r.choice('ABCDEFGHJKLM')}"])
    if a4 and not d.paid and d.kind not in ("credit_note", "quote") and r.random() < .75:
        d.bsb, d.account = f"{r.randint(10, 99):02}{r.randint(0, 9)}-{r.randint(0, 999):03}"[-7:], f"{r.randint(10**5, 10**9 - 1)}"

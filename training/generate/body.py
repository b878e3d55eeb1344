"""Middle blocks of a docket: the lines sold, the totals and the tender."""
from . import money, words
from .sheet import Field, Sheet


class Printing:
    """How this document prints amounts: sign, grouping, negatives, the GST mark and its legend."""
    def __init__(self, s: Sheet, d):
        r = self.r = s.r
        self.sign = r.choice(["", "", "$"]) if d.currency != "MYR" else r.choice(["", "", "RM", "RM "])
        self.total_sign = self.sign or r.choice(["", "$", "$"] if d.currency != "MYR" else ["", "RM ", "RM"])
        self.negative = r.choice(["-{}"] * 5 + ["({})", "{}-", "{}CR"])
        self.group = r.random() < .8
        self.mark, self.inverted, self.after, self.currency = "", False, r.random() < .6, d.currency
        self.codes = ()
        if d.currency == "MYR" and d.tax_rate != "0%" and r.random() < .6: self.codes, self.after = r.choice([("SR", "ZRL"), ("S", "Z"), ("SR", "ZR"), ("S", "")]), True
        if d.mixed() or (d.currency == "AUD" and r.random() < .12) or (d.currency == "USD" and r.random() < .3):
            self.mark, self.inverted = r.choice("%#*+^GT"), r.random() < .3

    def amount(self, cents: int) -> str: return money.printed(cents, self.sign, self.group, self.negative)
    def total(self, cents: int) -> str: return money.printed(cents, self.total_sign, self.group, self.negative)

    def marked(self, item) -> str:
        if self.codes: return self.codes[item.gst_code != "GST"]
        return self.mark if self.mark and (item.gst_code == "GST") != self.inverted else ""

    def legend(self) -> str:
        if self.inverted: return self.r.choice([f"{self.mark} indicates non-taxable items", f"{self.mark} = GST free", f"{self.mark} GST Free Item", f"Items marked {self.mark} are GST free"])
        return self.r.choice([f"{self.mark} indicates taxable items", f"{self.mark} = Taxable item", f"{self.mark} = GST applies", f"Items marked {self.mark} include GST", f"{self.mark} Taxable Items"])


def quantity_text(item, unit: bool = False) -> str:
    q = item.quantity
    text = f"{q / 1000:.3f}" if item.unit in ("kg", "L") and item.unit == "kg" else (f"{q / 1000:.2f}" if item.unit == "L" else (f"{q // 1000}" if q % 1000 == 0 else f"{q / 1000:.2f}".rstrip("0")))
    return text + (item.unit if unit and item.unit != "ea" else "")


def price_text(item, sign: str = "") -> str:
    if item.unit == "L": return f"{sign}{item.unit_price / 10000:.3f}"
    return f"{sign}{item.unit_price // 100}.{item.unit_price % 100:02}"


def record(s: Sheet, description: str, item, shown_quantity: bool, shown_price: bool, code: str = "") -> None:
    entry = {"description": description, "amount": money.decimal(item.amount), "gst_code": item.gst_code}
    if code: entry["code"] = code
    if shown_quantity: entry["quantity"] = quantity_text(item)
    if shown_price: entry["unit_price"] = price_text(item) if item.unit == "L" else money.decimal(item.unit_price)
    if item.unit != "ea" and shown_quantity: entry["unit"] = item.unit
    if item.discount: entry["discount"] = money.decimal(item.discount)
    s.items.append(entry)


def one_line(s: Sheet, d, p: Printing, item, v: int, shout: bool) -> None:
    """One item in the manner v of the fifteen; a fuel line always shows litres and price."""
    r, text = s.r, item.description.upper() if shout else item.description
    amount = p.amount(item.amount - item.discount)
    many = abs(item.quantity) != 1000
    mark = p.marked(item)
    front, back = ("", f" {mark}") if p.after else (f"{mark} " if mark else "", "")
    if not mark: back = ""
    room = max(.3, 1 - (s.style.width(amount + back) + 3 * s.style.width("0")) / s.style.content)
    fit = lambda t, f=room: s.style.fit(t, f).strip()
    if item.unit == "L":
        name = fit(text)
        s.left(r.choice(["Pump {} ", "PUMP {:02} ", "Pump: {} "]).format(r.randint(1, 16)) + fit(text, .6))
        name = fit(text, .6)
        lit, price = Field("litres", f"{item.quantity / 1000:.2f}"), Field("price_per_litre", price_text(item), f"{item.unit_price / 10000:.3f}")
        s.truth.setdefault("fuel_grade", name)
        cents = r.random() < .3
        if cents: price = Field("price_per_litre", f"{item.unit_price / 100:.1f}", f"{item.unit_price / 10000:.3f}")
        s.pair([lit, r.choice([" L @ ", "L @ ", " litres @ ", " L x "]), "" if cents else r.choice(["$", ""]), price, r.choice([" c/L", "cpl"]) if cents else r.choice(["/L", " /L", ""])], amount + back)
        record(s, name, item, True, True)
        return
    if v == 1 and not many: v = 0
    if v in (0, 5):
        name = fit(front + (f"{quantity_text(item)} " if many else "") + text)
        s.pair(name, amount + back)
        record(s, name[len(front) + (len(quantity_text(item)) + 1 if many else 0):], item, many, False)
    elif v in (1, 2):
        name = fit(front + text)
        if many:
            at = r.choice(["{} @ {}", "{} x {}", "{} @ {} EACH", "Qty {} @ {} each", "{} X {}"]).format(quantity_text(item, True), price_text(item, r.choice(["$", p.sign.strip()])))
            if v == 1: s.left(name); s.pair("  " + at, amount + back)
            else: s.pair(name, amount + back); s.left("  " + at)
        else: s.pair(name, amount + back)
        record(s, name[len(front):], item, many, many)
    elif v in (3, 8):
        name = fit(front + text, .52)
        s.row(s.cell(name, 0), s.cell(quantity_text(item), .64, "r"), s.cell(amount + back, 1, "r"))
        record(s, name[len(front):], item, True, False)
    elif v in (4, 9):
        code = item.code[:8]
        name = fit(f"{code} {front}{text}")
        s.pair(name, amount + back)
        record(s, name[len(code) + 1 + len(front):], item, False, False, code)
    elif v == 6:
        s.left(fit(front + text, .95))
        name = fit(front + text, .95)[len(front):]
        s.row(s.cell(item.code, .03), s.cell(f"{quantity_text(item)} x {price_text(item)}", .72, "r") if s.style.columns > 34 else s.cell(f"x{quantity_text(item)}", .72, "r"), s.cell(amount + back, 1, "r"))
        record(s, name, item, True, s.style.columns > 34, item.code)
    elif v in (11, 14):  # name, code, then number times price
        name = fit(front + text, .95)
        s.left(name)
        code = item.code
        times = f"{quantity_text(item)} {r.choice('Xx*')} {price_text(item)}"
        if v == 11: s.left(code); s.row(s.cell(times, .72, "r"), s.cell(amount + back, 1, "r"))
        else: s.row(s.cell(code, 0), s.cell(times, .74, "r"), s.cell(amount + back, 1, "r"))
        record(s, name[len(front):], item, True, True, code)
    elif v == 12:  # columns on the code's row, name below
        code, name = item.code[:8], fit(text, .95)
        s.row(s.cell(code, 0), s.cell(quantity_text(item), .42, "r"), s.cell(price_text(item), .66, "r"), s.cell(amount, .9 if back else 1, "r"), s.cell(back.strip(), 1, "r"))
        s.left(name)
        record(s, name, item, True, True, code)
    elif v == 13:  # number, name, wishes below
        name = fit(text, room - .12)
        s.row(s.cell(quantity_text(item), 0), s.cell(name, .1), s.cell(amount + back, 1, "r"))
        record(s, name, item, True, False)
        for _ in range(r.choice([0, 0, 1, 1, 2, 3])): s.left(r.choice(["    ", "   + ", "  :", "   - "]) + fit(r.choice(["Take Away", "No Onion", "Add Cheese", "Extra Sauce", "Medium Rare", "No Ice", "Less Sugar", "Side Salad", "Gluten Free", "Hot", "On the side", words.coin(r)]), .6))
    elif v == 7:
        q = quantity_text(item)
        name = fit(text, room - .12)
        s.row(s.cell(q, 0), s.cell(front + name, .1), s.cell(amount + back, 1, "r"))
        record(s, name, item, True, False)
    else:
        name = fit(front + text, .9)
        s.left(name)
        s.row(s.cell(quantity_text(item, True), .12), s.cell(price_text(item), .55, "r"), s.cell(amount + back, 1, "r"))
        record(s, name[len(front):], item, True, True)
    if item.discount:
        s.pair("  " + fit(r.choice(["Discount", "Less discount", "Special saving", "Member price", "Markdown"]), .6), p.amount(item.discount))


def lines(s: Sheet, d, p: Printing) -> None:
    r, v = s.r, s.variant("lines", 15)
    shout = r.random() < .45
    if v in (3, 8) and r.random() < .7: s.row(s.cell(r.choice(["Item", "ITEM", "Description"]), 0), s.cell(r.choice(["Qty", "QTY"]), .64, "r"), s.cell(r.choice(["Amount", "Price", "TOTAL", "AMT"]), 1, "r"))
    elif v == 12:
        s.row(s.cell(r.choice(["Item", "ITEM", "Code"]), 0, bold=True), s.cell(r.choice(["Qty", "QTY"]), .42, "r", bold=True), s.cell(r.choice(["S/Price", "U/P", "Price", "U.Price"]), .66, "r", bold=True), s.cell(r.choice(["Amount", "AMT", "Total"]) + ("(RM)" if d.currency == "MYR" and s.style.columns > 36 else ""), 1, "r", bold=True))
        if r.random() < .6: s.rule()
    elif v in (0, 7, 13) and r.random() < .25: s.pair(r.choice(["Description", "ITEM", "Qty Item"]), r.choice(["Amount", "$", "Price"]))
    for item in d.items: one_line(s, d, p, item, v, shout)


TOTAL = ["TOTAL", "Total", "TOTAL", "Total", "TOTAL AUD", "Total Due", "AMOUNT DUE", "TOTAL inc GST", "Total (INCL GST)", "Total:", "Amount Payable", "Sale Total", "TOTAL DUE", "Balance Due", "GRAND TOTAL", "Total Amount", "TOTAL SALE", "Total AUD"]
SUBTOTAL = ["SUBTOTAL", "Sub Total", "Subtotal", "SUB-TOTAL", "Sub-total:", "Subtotal:"]
GST_IN = ["GST", "GST Included", "Includes GST", "TOTAL GST", "Incl. GST of", "GST INCLUDED IN TOTAL", "GST Incl", "Includes GST of", "GST amount", "GST included in the total", "Total includes GST", "GST (10%)", "Tax (GST)"]
GST_EX = ["GST", "GST 10%", "Plus GST", "GST (10%)", "Add GST", "G.S.T.", "GST @ 10%", "Total GST"]


def tax_line(s: Sheet, d, p: Printing) -> None:
    r = s.r
    if d.currency == "USD":
        s.pair(r.choice(["Tax", "Sales Tax", "TAX", f"Tax {d.tax_rate}", "SALES TAX", "TAX1"]), Field("tax_amount", p.amount(d.gst), money.decimal(d.gst)))
        return
    label = r.choice(GST_EX if not d.inclusive else GST_IN) if d.currency == "AUD" else r.choice(["GST {}", "GST @{}", "Total GST {}", "Gst Amt {}"]).format(d.tax_rate)
    field = Field("gst_amount", p.amount(d.gst), money.decimal(d.gst))
    if label.endswith(" of") and r.random() < .6: s.left([label + " ", field])
    else: s.pair(label, field)


def totals(s: Sheet, d, p: Printing) -> None:
    r, v = s.r, s.variant("totals", 6)
    count = sum(1 if i.quantity % 1000 else abs(i.quantity) // 1000 for i in d.items)
    sub = d.subtotal
    if not d.inclusive or d.discount or d.surcharge or r.random() < .4:
        label = r.choice(SUBTOTAL + ([f"{count} SUBTOTAL", f"{count} items Subtotal"] if d.currency == "AUD" else []))
        s.pair(label, Field("subtotal", p.amount(sub), money.decimal(sub)))
    if d.discount: s.pair(r.choice(["Discount", "DISCOUNT", "Less Discount", "Member Discount", "Promo", "Loyalty discount"]), Field("discount_total", p.amount(d.discount), money.decimal(d.discount)))
    if d.surcharge: s.pair(s.style.fit(d.surcharge_text, .7), Field("surcharge_total", p.amount(d.surcharge), money.decimal(d.surcharge)))
    taxed = d.gst_shown and not (d.currency == "MYR" and d.tax_rate == "0%")
    before = taxed and (not d.inclusive or (v in (2, 4) and r.random() < .8))
    if before: tax_line(s, d, p)
    if v == 5: s.rule()
    label = r.choice(TOTAL if d.currency == "AUD" else ["TOTAL", "Total", "Total Amount", "TOTAL DUE", "Amount Due", "Grand Total", "Nett Total", "Total Sales", "Total (RM)" if d.currency == "MYR" else "TOTAL:", "Balance", "Total Sales (Inclusive of GST)" if d.currency == "MYR" else "Order Total"])
    if d.document_type == "credit_note" and r.random() < .6: label = r.choice(["TOTAL CREDIT", "Refund Total", "Total Refund", "Credit Total"])
    if r.random() < .12 and d.currency == "AUD": label = f"Total for {count} items:"
    label = s.style.fit(label, .62)
    big = r.choice([1, 1, 1, 1.3, 1.6]) if s.style.width(label + p.total(d.total)) * 1.7 < s.style.content else 1.0
    s.row(s.cell(label, 0, "l", scale=big, bold=r.random() < .6), s.cell(Field("total_amount", p.total(d.total), money.decimal(d.total)), 1, "r", scale=big, bold=r.random() < .6), gap=r.choice([0, 0, .3]))
    if taxed and not before: tax_line(s, d, p)
    if p.mark and d.currency == "AUD" and r.random() < .85:
        s.left(s.style.fit(p.legend(), 1))
        if d.mixed() and r.random() < .4: s.pair(r.choice(["Taxable total", "Total taxable", "GST items"]), Field("taxable_total", p.amount(d.taxable()), money.decimal(d.taxable())))
    if d.currency == "AUD" and d.inclusive and not d.mixed() and r.random() < .08:
        s.truth["gst_statement"] = "true"
        s.left(s.style.fit(r.choice(["Total price includes GST", "All prices include GST", "Prices include GST where applicable"]), 1))


def tender(s: Sheet, d, p: Printing) -> None:
    r = s.r
    if not d.payments: return
    paid = []
    for pay in d.payments:
        label = s.style.fit(pay.method, .6)
        s.pair(label, p.amount(pay.amount) if r.random() < .8 else p.total(pay.amount))
        entry = {"method": pay.kind, "amount": money.decimal(pay.amount)}
        if pay.last4 and r.random() < .5:
            s.left([r.choice(["CARD NO: ", "Card: ", ""]), r.choice(["XXXX XXXX XXXX ", "************", "xxxxxxxxxxxx", "XXXXXXXXXXXX-", f"{r.randint(400000, 559999)}XXXXXX"]), pay.last4] + ([f" {pay.account}"] if pay.account else []))
            entry["card_last4"] = pay.last4
        paid.append(entry)
    s.truth["payments"] = paid
    if d.rounding and r.random() < .9: s.pair(r.choice(["Rounding", "ROUNDING", "Rounding Adj", "Cash Rounding"]), Field("cash_rounding", p.amount(d.rounding), money.decimal(d.rounding)))
    if d.payments[0].kind == "cash" and d.total > 0 and (d.change or r.random() < .5): s.pair(r.choice(["Change", "CHANGE", "Change Due", "CHANGE GIVEN"]), Field("change", p.amount(d.change), money.decimal(d.change)))


def eftpos(s: Sheet, d, p: Printing) -> None:
    """The card slip: its date, numbers and total are decoys or repeat what stands above."""
    r = s.r
    from .header import date_text
    cards = [x for x in d.payments if x.kind == "card"]
    if not cards or r.random() > .45: return
    amount, rows = cards[-1].amount, []
    s.rule(gap=.3)
    if r.random() < .4: s.centre(r.choice(["EFTPOS", "CUSTOMER COPY", "*** EFTPOS RECEIPT ***", "TYRO PAYMENTS" if r.random() < .3 else words.coin(r).upper() + " BANK", "CARDHOLDER COPY"]))
    rows = [("TERMINAL ID", f"{r.randint(10**6, 10**8)}"), ("MERCH ID", f"{r.randint(10**7, 10**10)}"), ("RRN", f"{r.randint(10**9, 10**12)}"), ("STAN", f"{r.randint(0, 999999):06}"), ("AID", f"A00000000{r.randint(10000, 99999)}"),
            ("AUTH", f"{r.randint(0, 999999):06}"), ("ATC", f"{r.randint(0, 9999):04}"), (r.choice(["CREDIT ACCOUNT", "CHQ ACCOUNT", "SAVINGS", "VISA CREDIT"]), ""), ("TVR", "0000008000")]
    for label, text in r.sample(rows, r.randint(1, 6)): s.pair(label, text) if text else s.left(label)
    if r.random() < .4: s.left(date_text(r, d.date) + f" {d.time.hour:02}:{d.time.minute:02}")
    s.pair("PURCHASE", p.amount(amount))
    if r.random() < .6: s.pair(r.choice(["TOTAL AUD", "TOTAL", "TOTAL  AUD"]) if d.currency == "AUD" else "TOTAL", p.total(amount))
    s.left(r.choice(["APPROVED 00", "APPROVED - 00", "(00) APPROVED", "APPROVED"])) if r.random() < .7 else s.centre("APPROVED")


THANKS = ["Thank you", "THANK YOU FOR SHOPPING WITH US", "Please come again", "Have a great day", "Retain for tax purposes", "Please retain this receipt", "Thanks for your visit!", "See you next time", "No refunds without receipt", "Exchange within 14 days with receipt", "Goods sold are not returnable", "Follow us online", "Customer copy"]


def footer(s: Sheet, d) -> None:
    r = s.r
    for _ in range(r.randint(0, 4)):
        kind = r.random()
        if kind < .5: s.centre(s.style.fit(r.choice(THANKS), 1))
        elif kind < .62: s.centre(s.style.fit(f"Earn {r.randint(1, 900)} points - member {r.randint(10**7, 10**9)}", 1))
        elif kind < .72: s.left(f"{r.choice(['Valid until', 'Offer ends', 'Return by', 'Member since'])} {d.date.day:02}/{d.date.month:02}/{d.date.year + r.randint(1, 2)}")
        elif kind < .82: s.centre(f"You saved ${r.randint(0, 20)}.{r.randint(0, 99):02} today")
        elif kind < .9: s.centre(s.style.fit(" ".join(words.coin(r) for _ in range(r.randint(2, 6))), 1))
        else: s.centre(f"{r.randint(10**10, 10**13)}")


def tax_table(s: Sheet, d, p: Printing) -> None:
    """GST by tax letter."""
    r = s.r
    if d.gst == 0 or not d.gst_shown or r.random() > .05: return
    s.row(s.cell(r.choice(["GST Summary", "Tax", "Code"]), 0), s.cell(r.choice(["Amount", "Net"]), .62, "r"), s.cell(r.choice(["Tax", "GST"]), 1, "r"), gap=.3)
    base = d.total - d.gst if not d.mixed() else d.taxable() - (d.gst if d.inclusive else 0)
    s.row(s.cell(r.choice(["SR", "S", "A", "T"]) + " " + d.tax_rate, 0), s.cell(money.decimal(base), .62, "r"), s.cell(money.decimal(d.gst), 1, "r"))

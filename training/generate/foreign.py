"""Blocks of Malaysian and US dockets: company head, totals with rounding and tax summary, diner's check."""
from . import body, header, money, words
from .sheet import Field, Sheet

STATES_MY = "SELANGOR JOHOR PENANG PERAK MELAKA SABAH SARAWAK KEDAH PAHANG KELANTAN".split() + ["KUALA LUMPUR", "SELANGOR DARUL EHSAN", "NEGERI SEMBILAN", "W.P. KUALA LUMPUR"]
GREETINGS_US = ["WELCOME", "Welcome to our store", "OPEN 8:00AM TO 9:00PM DAILY", "Dine In", "TO GO", "Dinner", "Lunch", "GUEST CHECK", "Take Out", "SALE", "Thanks for dining with us", "Self Checkout", "CUSTOMER RECEIPT"]
SURVEY = ["Tell us about your visit", "Scan the code to win", "Take our survey within 7 days", "Your opinion matters", "Save paper, go digital", "We value your feedback", "Follow us for weekly deals", "Ask about our catering", "Now hiring",
          "Items may be returned within 30 days", "Return policy on reverse", "Gratuity not included", "Suggested tip is before tax"]
THANKS_MY = ["Thank You, Please Come Again", "GOODS SOLD ARE NOT RETURNABLE", "Goods sold are not refundable or exchangeable", "THANK YOU & PLEASE COME AGAIN", "Terima kasih, sila datang lagi", "Exchange within 7 days with receipt",
             "NO CASH REFUND", "Please keep this bill for warranty", "E. & O.E.", "Price includes GST", "This is a computer generated receipt", "Member points are not awarded on promotion items"]


def address_my(r) -> list[str]:
    """Two to five rows, the last with postcode and town."""
    place = lambda: r.choice([words.coin(r, 2), r.choice(words.MALAY), f"{r.choice(words.MALAY)} {r.choice(words.MALAY)}", r.choice(words.STREETS)])
    number = f"{r.choice(['NO.', 'NO. ', 'LOT ', 'No ', '', 'NO:', 'UNIT ', 'PT '])}{r.randint(1, 1999)}{r.choice(['', '', 'A', '-1', '-G', '-1-2', ' & ' + str(r.randint(10, 99))])}"
    road = f"{r.choice(['JALAN', 'JALAN', 'JLN', 'LORONG', 'LEBUH', 'PERSIARAN'])} {place()}{r.choice(['', f' {r.randint(1, 30)}', f' {r.randint(1, 30)}/{r.randint(1, 40)}', f' U{r.randint(1, 20)}/{r.randint(1, 30)}'])}"
    area = [f"{r.choice(['TAMAN', 'BANDAR', 'KAMPUNG', 'DESA', 'SEKSYEN ' + str(r.randint(1, 30)) + ',', 'PUSAT BANDAR', 'KAWASAN PERINDUSTRIAN'])} {place()}"] if r.random() < .8 else []
    town = f"{r.randint(10000, 98999)} {r.choice(words.PLACES[:23]) if r.random() < .5 else place()}"
    rows = [f"{number}, {road}"] if r.random() < .7 else [number, road]
    rows += area
    if r.random() < .7: rows += [f"{town}, {r.choice(STATES_MY)}"]
    else: rows += [town, r.choice(STATES_MY)]
    tail = r.choice([",", ",", ""])
    return [x + tail for x in rows[:-1]] + [rows[-1] + r.choice([".", ""])]


def phone_my(r) -> str:
    return r.choice([f"0{r.randint(3, 9)}-{r.randint(1000, 9999)} {r.randint(1000, 9999)}", f"0{r.randint(3, 9)}-{r.randint(1000000, 99999999)}", f"01{r.randint(0, 9)}-{r.randint(1000000, 99999999)}", f"(60{r.randint(3, 9)}) {r.randint(1000, 9999)} {r.randint(1000, 9999)}", f"0{r.randint(3, 9)} - {r.randint(1000, 9999)} {r.randint(1000, 9999)}"])


def address_us(r) -> list[str]:
    road = f"{r.randint(1, 19999)} {r.choice(['N ', 'S ', 'E ', 'W ', '', '', ''])}{r.choice([words.coin(r), r.choice(words.STREETS), r.choice(words.SURNAMES), f'{r.randint(1, 120)}th'])} {r.choice(['St', 'Ave', 'Blvd', 'Rd', 'Street', 'Avenue', 'Pkwy', 'Hwy', 'Drive', 'Ln'])}"
    town = f"{r.choice([words.coin(r), r.choice(words.PLACES), r.choice(words.SURNAMES) + r.choice(['ville', ' City', ' Falls', 'burg', ' Springs'])])}, {r.choice(words.US_STATES)} {r.randint(10000, 99500)}{r.choice(['', '', '', '-' + str(r.randint(1000, 9999))])}"
    return ([road, town] if r.random() < .85 else [road, f"Suite {r.randint(1, 900)}", town])


def _address(s: Sheet, rows: list[str], place) -> None:
    for i, text in enumerate(rows): place(Field(f"_address{i}", s.style.fit(text, 1)))
    s.truth["supplier_address"] = " ".join(s.truth.pop(f"_address{i}") for i in range(len(rows)))


def head(s: Sheet, d) -> None:
    """Name, company number, address, contacts, tax number and title, in one of six orders."""
    r, my, v = s.r, d.currency == "MYR", s.variant("foreignhead", 6)
    place = s.left if v == 3 else s.centre
    name = words.company(r, "my" if my else "us", d.trade)
    name = name.upper() if r.random() < (.75 if my else .55) else name
    shout = r.random() < (.7 if my else .35)
    case = (lambda t: t.upper()) if shout else (lambda t: t.title() if my else t)
    title = header.title(r, d)
    if r.random() > .8 or not title: title, d.document_type = "", "receipt"
    if d.document_type == "tax_invoice" and "TAX INVOICE" not in title.upper(): d.document_type = "receipt"
    if my and r.random() < .12: place(Field("supplier_trading_name", s.style.fit(words.company(r, "us", d.trade).upper(), .5, 1.8)), scale=1.8, bold=True, dark=r.random() < .4)
    if not my and v == 2: place(r.choice(GREETINGS_US))
    header.name_rows(s, "supplier_name", name, place)
    reg = r.choice(["({})", "({})", "{}", "(Co. Reg. No: {})", "CO.REG.NO : {}", "(CO. REG : {})", "Reg No: {}", "ROC NO: {}"]).format(r.choice([f"{r.randint(10000, 1299999)}-{r.choice('ADHKMPTUVWX')}", f"{r.randint(10000, 1299999)}{r.choice('ADHKMPTUVWX')}", f"{r.choice(['JM', 'SA', 'PG', '00'])}{r.randint(100000, 9999999)}-{r.choice('ADHKMPTUVWX')}"]))
    tax = r.choice(["GST ID: ", "GST Reg No: ", "GST NO : ", "GST ID NO: ", "(GST ID No : ", "GST ID. NO : ", "GST REG NO ", "GST No.:"]) + f"00{r.randint(0, 9999999999):010}"
    taxed = my and d.tax_rate != "0%"
    if my and r.random() < .8: place(s.style.fit(reg, 1))
    if taxed and v == 2: place(s.style.fit(tax, 1))
    if r.random() < .95: _address(s, [case(t) for t in (address_my(r) if my else address_us(r))], place)
    if r.random() < .75:
        number = phone_my(r) if my else r.choice([f"({r.randint(200, 989)}) {r.randint(200, 999)}-{r.randint(0, 9999):04}", f"{r.randint(200, 989)}-{r.randint(200, 999)}-{r.randint(0, 9999):04}", f"({r.randint(200, 989)}){r.randint(200, 999)}-{r.randint(0, 9999):04}"])
        label = r.choice(["TEL: ", "Tel : ", "TEL NO: ", "Phone:", "TEL : ", "T: "]) if my else r.choice(["", "", "", "Phone: ", "Tel: ", "PH: "])
        fax = ["  ", r.choice(["FAX: ", "Fax : "]), phone_my(r)] if my and r.random() < .3 else []
        if s.style.width("".join([label, number, *fax])) * 1.1 < s.style.content: place([label, Field("supplier_phone", number), *fax])
        else: place(Field("supplier_phone", number))
    if my and r.random() < .15: place(s.style.fit(f"{words.slug(name)}@{words.slug(words.coin(r))}.com", 1))
    if taxed and v != 2 and r.random() < .85: place(s.style.fit(tax, 1))
    if not my and r.random() < .3: place(r.choice(GREETINGS_US))
    if not my and r.random() < .25: place([r.choice(["Store ", "Store #", "ST# ", "Store: "]), Field("store_id", f"{r.randint(1, 9999):04}")])
    if title:
        if r.random() < .2: s.rule()
        wide = r.choice([1, 1, 1, 2, .5])
        place(title, gap=r.choice([0, .4, .8]), bold=r.random() < .5, dark=place == s.centre and r.random() < .1, wide=wide, scale={2: 1, .5: 2}.get(wide, r.choice([1, 1, 1.4])))
        if r.random() < .2: s.rule()


class Column:
    """How the totals stand: label and amount at the two edges, with a currency column, after colons, or drawn in from the left."""
    def __init__(self, s: Sheet, d, p):
        r = s.r
        self.s, self.p, self.kind = s, p, s.variant("column", 6)
        self.colon = r.choice(["", "", ":", " :"])
        self.x = r.uniform(.62, .7)

    def line(self, label: str, cents: int, field: str = "", **how) -> None:
        s, p, r, plain = self.s, self.p, self.s.r, money.printed(cents, "", self.p.group, self.p.negative)
        text = plain if self.kind in (1, 4) else p.amount(cents)
        value = Field(field, text, money.decimal(cents)) if field else text
        scale = how.get("scale", 1) * how.get("wide", 1)
        room = .55 if self.kind in (1, 3, 4) else .7
        label, *more = s.style.wrap(label, room / scale) if r.random() < .5 else [label]   # a long label goes on below, or is cut off
        label = s.style.fit(label, room, scale).rstrip(" :") + self.colon * (not more)
        if self.kind in (1, 4) and scale < 1.5: s.row(s.cell(label, 0 if self.kind == 1 else .12, **how), s.cell("RM" if p.sign.startswith("RM") or p.currency == "MYR" else "$", self.x, "l", **how), s.cell(value, 1, "r", **how))
        elif self.kind == 2: s.row(s.cell(label, self.x, "r", **how), s.cell(value, 1, "r", **how))
        elif self.kind == 3: s.row(s.cell(label, .1, "l", **how), s.cell(value, .95, "r", **how))
        else: s.pair(label, value, **how)
        for i, text in enumerate(more): s.row(s.cell(s.style.fit(text, room, scale) + self.colon * (i == len(more) - 1), self.x if self.kind == 2 else .12 if self.kind == 4 else .1 if self.kind == 3 else 0, "r" if self.kind == 2 else "l", **how))


def large(r) -> dict:
    """How a till prints what matters: plain, bold, larger, twice as wide or twice as high."""
    return r.choice([{}, {}, {"bold": True}, {"bold": True}, {"scale": 1.3, "bold": True}, {"scale": 1.6}, {"wide": 2.0}, {"scale": 2.0, "wide": .5}, {"scale": 1.8, "wide": .6, "bold": True}, {"scale": 2.0}])


def totals_my(s: Sheet, d, p) -> None:
    r, c = s.r, Column(s, d, p)
    count = len(d.items)
    pieces = sum(1 if i.quantity % 1000 else abs(i.quantity) // 1000 for i in d.items)
    taxed = d.gst_shown and d.tax_rate != "0%"
    roll = r.random()
    if roll < .15: s.pair(r.choice(["Item(s) : {}", "Items: {}"]).format(count), r.choice(["Qty(s) : {}", "Qty: {}"]).format(pieces))
    elif roll < .4: s.left(r.choice(["Total Qty: {}", "TOTAL QTY : {}", "Item Count {}", "No. of Items: {}", "Total Items = {}", "TOTAL QUANTITY  {}"]).format(pieces))
    zeros = r.random() < .45
    net = d.total - d.gst
    if not d.inclusive: c.line(r.choice(["Sub Total", "SUBTOTAL", "Total Excl. GST", "Total Sales (Excluding GST)", "Sub-Total", "Total (Excl GST)"]), d.subtotal, "subtotal")
    elif r.random() < .5:
        if taxed and r.random() < .5 and not d.discount: c.line(r.choice(["Total Sales (Excluding GST)", "Total Excl. GST", "(Excluded GST) Sub Total", "TOTAL EXCL.GST"]), net)
        else: c.line(r.choice(["Sub Total", "SUB-TOTAL", "Subtotal", "SUB TOTAL", "Sub Total Incl. GST"]), d.subtotal, "subtotal")
    if d.discount or (zeros and r.random() < .7): c.line(r.choice(["Discount", "DISCOUNT", "Disc", "Total Discount", "Less Discount"]), d.discount, "discount_total")
    if d.surcharge: c.line(r.choice(["Service Charge 10%", "Svc Chrg 10%", "10% Service Charge", "SERVICE CHARGE"]), d.surcharge, "surcharge_total")
    if taxed and (not d.inclusive or r.random() < .4): c.line(r.choice(["Total GST", "GST {}", "GST @{}", "ADD : GST @ {}", "GST payable ({})", "Tax {}", "Total GST @ {}"]).format(d.tax_rate), d.gst, "gst_amount")
    rounded = d.rounding != 0 and r.random() < .9 or (d.rounding == 0 and zeros)
    incl = taxed and r.random() < .6
    big = large(r)
    if rounded:
        d.rounded_total = r.random() < .85
        if not d.rounded_total or r.random() < .6: c.line(r.choice(["Total Sales (Inclusive of GST)", "Total Incl. GST {}", "TOTAL INCL. GST@{}", "Total (Inclusive GST)"]).format(d.tax_rate) if incl else r.choice(["TOTAL", "Total", "Total Amount", "Total Sales"]), d.total, "" if d.rounded_total else "total_amount", **({} if d.rounded_total else big))
        c.line(r.choice(["ROUNDING ADJUSTMENT", "Rounding Adjustment", "Rounding", "Rounding Adj", "Round Adj", "ROUNDING"]), d.rounding, "cash_rounding")
        if d.rounded_total: c.line(r.choice(["TOTAL", "Total", "TOTAL ROUNDED", "Total Rounded", "NET TOTAL", "Grand Total", "Nett Total", "AMOUNT DUE", "Total After Rounding", "Due", "TOTAL AMOUNT", "Total Payable"]), d.total + d.rounding, "total_amount", **big)
    else:
        c.line(r.choice(["Total Sales (Inclusive of GST)", "Total Incl. GST {}", "TOTAL SALES (INCLUSIVE GST)", "TOTAL INCL.GST@{}", "Total (Incl.GST)", "Total with GST @ {}"]).format(d.tax_rate) if incl
               else r.choice(["TOTAL", "Total", "Grand Total", "Total Sales", "NET TOTAL", "Amount Due", "TOTAL AMOUNT", "Amt Due", "Total RM", "TOTAL:"]), d.total, "total_amount", **big)
    tender(s, d, p, c, big if r.random() < .35 else {})
    if taxed and d.inclusive and "gst_amount" not in s.truth and r.random() < .25:
        s.left([r.choice(["(Total Included GST @ {} : ", "(Bill Inclusive of {} GST : ", "GST {} Included In Total : "]).format(d.tax_rate), Field("gst_amount", money.decimal(d.gst))])


def tender(s: Sheet, d, p, c: Column, how: dict) -> None:
    r, paid = s.r, []
    for pay in d.payments:
        label = r.choice(["CASH", "Cash", "Cash", "CASH", "Cash Tendered", "PAYMENT CASH", "CASH RM"] if d.currency == "MYR" else ["CASH", "Cash", "Cash Tend", "CASH TENDERED"]) if pay.kind == "cash" else pay.method
        c.line(label, pay.amount, **how)
        entry = {"method": pay.kind, "amount": money.decimal(pay.amount)}
        if pay.last4 and r.random() < .5:
            s.left([r.choice(["CARD NO: ", "Card #: ", "Acct: ", "Account # ", ""]), r.choice(["XXXXXXXXXXXX", "************", "xxxxxxxxxxxx", "XXXX XXXX XXXX "]), pay.last4])
            entry["card_last4"] = pay.last4
        paid.append(entry)
    if paid: s.truth["payments"] = paid
    if d.payments and d.payments[0].kind == "cash" and (d.change or r.random() < .7): c.line(r.choice(["CHANGE", "Change", "Change Due", "CHANGE", "Balance"] if d.currency == "MYR" else ["CHANGE", "Change", "Change Due", "CHANGE DUE"]), d.change, "change", **how)


def summary_my(s: Sheet, d, p) -> None:
    """The table of tax codes below the tender."""
    r = s.r
    if d.tax_rate == "0%" or not d.gst_shown or r.random() > .65: return
    free = sum(i.amount for i in d.items if i.gst_code != "GST")
    base = d.taxable() - (d.gst if d.inclusive else 0)
    v = s.variant("summary", 5)
    s.rule(gap=.3) if r.random() < .4 else None
    codes = p.codes if p.codes and p.codes[1] else r.choice([("SR", "ZRL"), ("S", "Z"), ("SR", "ZR"), ("T", "N")])
    rate = d.tax_rate.rstrip("%")
    heads = r.choice([("GST Summary", "Amount(RM)", "Tax(RM)"), ("GST ANALYSIS", "AMT (RM)", "TAX (RM)"), ("Tax Code", "Amt (RM)", "Tax (RM)"), ("GST Summary", "Amount (RM)", "GST (RM)"), ("CODE", "AMOUNT", "TAX"), ("GST Rate", "Amt Excl", "Tax")])
    if v in (1, 3): s.centre(r.choice(["GST SUMMARY", "GST Summary", "GST ANALYSIS"]), bold=r.random() < .5)
    form = r.choice(["{} = {}%", "{} @ {}%", "{} ({}%)", "{}={}%"]) if v != 1 else "{}"
    wide = v == 1
    row = lambda a, b, c, e, **how: s.row(*[s.cell(a, 0, **how)] + ([s.cell(b, .38, "r", **how)] if wide else []), s.cell(c, .7, "r", **how), s.cell(e, 1, "r", **how))
    row(heads[0] if v not in (1, 3) else r.choice(["Tax Code", "Code"]), "%", heads[1], heads[2], bold=r.random() < .4)
    seen = {"gst_amount": "gst_amount" in s.truth}
    row(form.format(codes[0], rate), rate, money.decimal(base), Field("gst_amount", money.decimal(d.gst)))
    if free or r.random() < .4: row(form.format(codes[1], "0"), "0", money.decimal(free), "0.00")
    if v in (1, 2) and r.random() < .7: row(r.choice(["Total :", "TOTAL"]), "", money.decimal(base + free), money.decimal(d.gst), bold=r.random() < .5)
    if seen["gst_amount"] and r.random() < .2: s.rule()


def totals_us(s: Sheet, d, p) -> None:
    r, c = s.r, Column(s, d, p)
    count = sum(1 if i.quantity % 1000 else abs(i.quantity) // 1000 for i in d.items)
    diner = d.trade in ("restaurant", "cafe")
    if r.random() < .85: c.line(r.choice(["SUBTOTAL", "Subtotal", "Sub Total", "SUB TOTAL", "Sub-Total"] + ["Food Total", "Food Sub-Total"] * diner), d.subtotal, "subtotal")
    if d.discount: c.line(r.choice(["Discount", "COUPON", "Savings", "Member Savings", "Promo"]), d.discount, "discount_total")
    c.line(r.choice(["Tax", "TAX", "Sales Tax", "SALES TAX", f"Tax {d.tax_rate}", f"TAX 1  {d.tax_rate}", "State Tax", f"{d.tax_rate} Sales Tax", "Tax Total", "HST", "VAT"]), d.gst, "tax_amount")
    c.line(r.choice(["TOTAL", "Total", "TOTAL:", "Total Due", "AMOUNT DUE", "Grand Total", "BALANCE DUE", "Order Total", "Total:", "Amt Due", "**** BALANCE"]), d.total, "total_amount", **large(r))
    if d.payments: tender(s, d, p, c, {})
    if r.random() < .2: s.centre(r.choice(["# ITEMS SOLD {}", "Items: {}", "ITEMS SOLD {}", "TOTAL NUMBER OF ITEMS = {}"]).format(count))
    if diner and d.payments and d.payments[-1].kind == "card" and r.random() < .5:
        blank = "_" * r.randint(8, 12)
        for label in ("TIP", "TOTAL"): s.left(f"{label}{r.choice([':', ' $', ''])} {blank}", gap=.5)
        if r.random() < .6: s.left("x" + "_" * r.randint(14, 20), gap=.6); s.left(r.choice(["Signature", "Customer Signature", "I agree to pay the above total"]))
    if diner and r.random() < .3:
        s.centre(r.choice(["Suggested Gratuity", "Tip Guide", "SUGGESTED TIPS"]))
        for percent in r.sample([15, 18, 20, 22, 25], r.randint(2, 4)): s.centre(f"{percent}% {r.choice(['=', 'is', '-'])} ${money.decimal(money.percent_of(d.subtotal, percent * 10))}")


def foot(s: Sheet, d) -> None:
    r = s.r
    pool = THANKS_MY if d.currency == "MYR" else SURVEY + body.THANKS
    if r.random() < .25: s.bars()
    for _ in range(r.randint(0, 5)): s.centre(s.style.fit(r.choice(pool).upper() if r.random() < .4 else r.choice(pool), 1), gap=r.choice([0, 0, .5]))
    if r.random() < .12: s.centre(s.style.fit(f"www.{words.slug(words.coin(r) + words.coin(r))}.com", 1))
    if r.random() < .15: s.bars()

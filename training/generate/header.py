"""Top blocks of a docket: supplier, registration, title, and the line of date, time and numbers."""
from . import identity, words
from .sheet import Field, Sheet

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def date_text(r, d, style: str = "au") -> str:
    """One of many printed forms; 'us' is month first."""
    D, M, Y, y = d.day, d.month, d.year, d.year % 100
    name, short = MONTHS[M - 1], MONTHS[M - 1][:3]
    if style == "us":
        return r.choice([f"{M:02}/{D:02}/{Y}", f"{M:02}/{D:02}/{y:02}", f"{M}/{D}/{Y}", f"{M:02}-{D:02}-{Y}", f"{M}/{D}/{y:02}", f"{short} {D}, {Y}", f"{short}{D:02}'{y:02}", f"{M:02}/{D:02}/{Y}", f"{M:02}/{D:02}/{y:02}", f"{M:02}-{D:02}-{y:02}", f"{short.upper()} {D:02}, {y:02}", f"{D:02}-{short}-{Y}", f"{short}.{D:02}'{y:02}"])
    forms = [f"{D:02}/{M:02}/{Y}"] * 6 + [f"{D:02}/{M:02}/{y:02}"] * 3 + [
        f"{D}/{M:02}/{Y}", f"{D}/{M}/{Y}", f"{D}/{M}/{y:02}", f"{D:02}/{short}/{Y}", f"{D:02} {short} '{y:02}", f"{D:02}-{M:02}-{Y}", f"{D:02}-{M:02}-{y:02}", f"{D:02}.{M:02}.{y:02}", f"{D:02}.{M:02}.{Y}", f"{Y}-{M:02}-{D:02}", f"{D} {short} {Y}", f"{D:02} {short.upper()} {Y}",
        f"{D:02}{short.upper()}{y:02}", f"{D}-{short}-{y:02}", f"{D:02}-{short}-{Y}", f"{D} {name} {Y}", f"{name} {D}, {Y}", f"{short} {D} {Y}", f"{D:02} {short} {y:02}", f"{Y}/{M:02}/{D:02}", f"{D}{'st' if D in (1, 21, 31) else 'nd' if D in (2, 22) else 'rd' if D in (3, 23) else 'th'} {name} {Y}"]
    text = r.choice(forms)
    if r.random() < .12:
        day = DAYS[d.weekday()]
        text = f"{r.choice([day, day[:3], day[:3].upper()])}{r.choice([' ', ', ', ' '])}{text}"
    return text


def time_text(r, t) -> str:
    h12, ap = (t.hour - 1) % 12 + 1, "PM" if t.hour >= 12 else "AM"
    return r.choice([f"{t.hour:02}:{t.minute:02}"] * 4 + [f"{t.hour:02}:{t.minute:02}:{t.second:02}"] * 3 + [f"{h12}:{t.minute:02} {ap}", f"{h12:02}:{t.minute:02}{ap.lower()}", f"{h12:02}:{t.minute:02}{ap}", f"{h12}:{t.minute:02}:{t.second:02} {ap}", f"{h12:02}:{t.minute:02}:{t.second:02} {ap}", f"{h12}.{t.minute:02}{ap.lower()}"])


def time_field(r, d):
    text = time_text(r, d.time)
    return Field("invoice_time", text, f"{d.time.hour:02}:{d.time.minute:02}:{d.time.second if text.count(':') == 2 else 0:02}")


def date_field(r, d):
    return Field("invoice_date", date_text(r, d.date, "us" if d.currency == "USD" else "au"), d.date.isoformat())


def abn_field(r, party): return Field("supplier_abn", identity.abn_printed(r, party.abn), party.abn)
def abn_label(r): return r.choice(["ABN ", "ABN: ", "ABN ", "ABN: ", "A.B.N. ", "ABN No. ", "ABN No: ", "ABN Number: ", "ABN", "A.B.N: ", "Abn "])


def title(r, d) -> str:
    if d.document_type == "credit_note": return r.choice(["CREDIT NOTE", "Credit Note", "ADJUSTMENT NOTE", "Adjustment Note", "REFUND - CREDIT NOTE", "Tax Credit Note"])
    if d.document_type == "quote": return r.choice(["QUOTE", "Quotation", "ESTIMATE", "Quote", "QUOTATION"])
    if d.document_type == "tax_invoice": return r.choice(["TAX INVOICE", "Tax Invoice", "TAX INVOICE", "Tax Invoice", "TAX INVOICE / RECEIPT", "*** TAX INVOICE ***", "Tax Invoice/Receipt"] + (["SIMPLIFIED TAX INVOICE", "Simplified Tax Invoice", "-TAX INVOICE-", "TAX INVOICE", "Tax Invoice :"] if d.currency == "MYR" else []))
    if d.document_type == "invoice": return r.choice(["INVOICE", "Invoice", "CASH SALE" if d.currency == "MYR" else "INVOICE"])
    return r.choice(["", "RECEIPT", "Receipt", "SALES RECEIPT", "Official Receipt", "CUSTOMER COPY", "CASH RECEIPT"])


def name_rows(s: Sheet, field: str, text: str, place) -> None:
    """The supplier's name, large or plain, on as many rows as it needs; now and then its letters set apart. Truth joins the rows."""
    r, bold, dark = s.r, s.r.random() < .6, s.r.random() < .03
    scale, wide = r.choice([(1, 1), (1, 1), (1, 1), (1.25, 1), (1.5, 1), (1.9, 1), (2.3, 1), (2, .5), (1.7, .7), (1, 2), (1, 1.5)])
    fraction = r.choice([1, 1, 1, .8, .6]) / scale / wide
    rows = s.style.wrap(text, fraction)
    if len(rows) > 3 or max(s.style.width(t.upper() if s.style.upper else t, s.style.body_bold or bold) for t in rows) * scale * wide > s.style.content:
        scale, wide, rows = 1.0, 1.0, s.style.wrap(text, 1)
    rows = [s.style.fit(t, 1) for t in rows]
    space = r.choice([.15, .3, .5]) if r.random() < .08 else 0.0   # letters set apart; a row that grows too wide is drawn smaller
    for i, t in enumerate(rows): place(Field(field if i == 0 else f"_{field}{i}", t), scale=scale, wide=wide, bold=bold, dark=dark, space=space)
    s.truth[field] = " ".join([s.truth[field]] + [s.truth.pop(f"_{field}{i}") for i in range(1, len(rows))])
    s.printed[field] = s.truth[field]


def header(s: Sheet, d) -> None:
    """Name, address, contacts and ABN in one of eleven arrangements."""
    r, p, v = s.r, d.supplier, s.variant("header", 11)
    place = s.left if v in (3, 7) else s.centre
    name = p.trading_name if r.random() < .3 else p.name
    shown = name.upper() if r.random() < .5 else name
    abn = lambda: place([abn_label(r), abn_field(r, p)]) if p.abn else None
    acn = lambda: place(["ACN ", Field("supplier_acn", f"{p.acn[:3]} {p.acn[3:6]} {p.acn[6:]}", p.acn)]) if p.acn and r.random() < .18 else None
    head = title(r, d)
    if v == 5 and head: place(head, bold=True, scale=r.choice([1, 1.4]) if place == s.centre else 1.0)
    if v in (6, 9) and r.random() < .5: place(r.choice(["Welcome to", "WELCOME", "*" * 12, "Store copy", "DUPLICATE"]))
    name_rows(s, "supplier_name", shown, place)
    if p.trading_name != name and r.random() < .4: place([r.choice(["", "", "T/A ", "trading as "]), Field("supplier_trading_name", s.style.fit(p.trading_name, .7))])
    if v in (1, 4): abn()
    if d.store and r.random() < .6: place([r.choice(["Store ", "Store: ", "STORE #", "Branch "]), Field("store_id", d.store), " - " + p.suburb if r.random() < .5 else ""])
    if r.random() < .85:
        one = r.random() < .25
        if one: place(Field("supplier_address", s.style.fit(f"{p.street}, {p.suburb} {p.state} {p.postcode}", 1)))
        else:
            place(Field("_street", s.style.fit(p.street, 1)))
            place(Field("_suburb", s.style.fit(r.choice(["{} {} {}", "{}, {} {}", "{} {}, {}"]).format(p.suburb.upper() if r.random() < .4 else p.suburb, p.state, p.postcode), 1)))
            s.truth["supplier_address"] = f"{s.truth.pop('_street')} {s.truth.pop('_suburb')}"
    if r.random() < .6: place([r.choice(["Ph: ", "Phone: ", "Tel: ", "Tel ", "PH ", "Ph ", "T: ", ""]), Field("supplier_phone", p.phone)])
    if r.random() < .12: place(Field("supplier_email", s.style.fit(p.email, 1)))
    if r.random() < .18: place(Field("supplier_website", s.style.fit(p.website, 1)))
    if v == 10 and head and p.abn: place([head, r.choice([" - ", " ", "  "]), abn_label(r), abn_field(r, p)])
    else:
        if v not in (1, 4): abn()
        acn()
        if head and v != 5: place(head, gap=r.choice([0, .4]), bold=r.random() < .5, scale=r.choice([1, 1, 1.3]) if place == s.centre else 1.0)


def meta(s: Sheet, d) -> None:
    """Date, time, receipt number, register and operator in one of fifteen arrangements."""
    r, v = s.r, s.variant("meta", 15)
    date, time = date_field(r, d), time_field(r, d)
    label = r.choice(["Receipt", "Receipt No", "Invoice", "Invoice No", "Docket", "Trans", "Order", "Receipt #", "Inv#", "TXN", "Ref", "Check"] + (["Doc No.", "Bill No", "Invoice #", "Receipt#", "INV No.", "Slip", "Trans #", "Tax Invoice"] if d.currency == "MYR" else ["Chk", "Check #", "Order #", "Ticket", "Tran", "Bill #"] if d.currency == "USD" else []))
    number = Field("invoice_number", s.style.fit(d.number, .5))
    shown = r.random() < .75
    register, operator = Field("register_id", d.register), Field("operator", s.style.fit(d.operator, .4) if d.operator else "")
    reg, ops = r.choice(["POS ", "Register: ", "Reg ", "Till ", "Terminal: ", "TILL: "]), r.choice(["Operator: ", "Served by ", "Cashier: ", "Clerk ", "Server: ", "You were served by "])
    if d.original_number: s.left([r.choice(["Original invoice: ", "Orig Inv ", "Credit for invoice "]), Field("original_invoice_number", d.original_number)])
    colon = r.choice([": ", " ", ":", " : "])
    if v in (0, 6): s.left([date, r.choice([" ", "  ", " - "]), time])
    elif v == 1: s.pair(date, time)
    elif v in (2, 7): s.left([r.choice(["Date", "DATE"]), colon, date]); r.random() < .7 and s.left([r.choice(["Time", "TIME"]), colon, time])
    elif v == 3: s.pair([r.choice(["Date", "DATE"]), colon, date], [r.choice(["Time", "TIME"]), colon, time] if r.random() < .6 else time)
    elif v == 4 and d.register and shown: s.left([reg, register, " ", r.choice(["TRANS ", "TR "]), number, "  ", time, " ", date]); shown = False; d.register = ""
    elif v == 5: s.centre([date, "  ", time])
    elif v == 11:  # labels in one column, colons in the next
        x = r.uniform(.24, .36)
        rows = [(label, number)] * shown + [(r.choice(["Date", "DATE"]), date), (r.choice(["Time", "TIME"]), time)] + [("Cashier", operator)] * bool(d.operator) + [(r.choice(["Terminal", "POS No", "Counter"]), register)] * bool(d.register)
        if r.random() < .5: r.shuffle(rows)
        for name, value in rows: s.row(s.cell(s.style.fit(name.upper() if r.random() < .2 else name, x - .04), 0), s.cell([": ", value], x))
        shown, d.register, d.operator = False, "", ""
    elif v == 12:  # two columns of facts
        x = r.uniform(.58, .64)
        if r.random() < .4: s.left("CASH"); s.rule()
        s.row(s.cell([label, colon, number] if shown else r.choice(["Terminal : 01", "POS No.: 1"]), 0), s.cell([r.choice(["Date", "DATE"]), colon, date], x))
        s.row(s.cell(["Cashier", colon, operator] if d.operator else r.choice(["Cashier : USER", "Salesperson :", "Counter 1"]), 0), s.cell([r.choice(["Time", "TIME"]), colon, time], x))
        if r.random() < .5: s.row(s.cell("Salesperson :", 0), s.cell("Ref. :", x))
        shown, d.operator = False, ""
    elif v == 13:  # a waiter's check
        s.pair(["Server: ", operator] if d.operator else f"Server: {r.choice(words.FIRST)}", date)
        s.pair(f"Table {r.randint(1, 99)}{r.choice(['', '/1', '/2'])}", time)
        s.pair(f"Guests: {r.randint(1, 9)}", number if shown else f"#{r.randint(1, 999)}")
        shown, d.operator = False, ""
    elif v == 14:  # one closing row
        s.left([date, " ", time, "  ", f"SH{r.randint(1, 9):02} ", *(["R", number] if shown and len(d.number) < 10 else [])])
        shown = shown and len(d.number) >= 10
    elif v == 8 and shown: s.pair([label, colon, number], date); shown = False
    elif v == 9 and shown: s.pair([label + " ", number], [date, " ", time]); shown = False
    else: s.pair(r.choice(["Date", "Invoice Date", "Date of issue", "Trans Date", "Sale date"]), date); r.random() < .5 and s.pair("Time", time)
    if shown: (s.pair(label, number) if v in (4, 10) else s.left([label, colon, number]))
    if d.register and d.operator and r.random() < .5: s.pair([reg, register], [ops, operator])
    else:
        if d.register: s.left([reg, register])
        if d.operator: s.left([ops, operator])
    if d.trade == "restaurant" and r.random() < .5: s.left(r.choice(["Table: {}", "TABLE {}", "Table {} Covers 2", "Pax: {}"]).format(r.randint(1, 60)))
    if d.buyer and r.random() < .9:
        s.left([r.choice(["Customer: ", "Sold to: ", "Bill To: "]), Field("buyer_name", s.style.fit(d.buyer.name, .6))])
        if d.buyer.abn: s.left(["ABN: ", Field("buyer_abn", identity.abn_printed(r, d.buyer.abn), d.buyer.abn)])

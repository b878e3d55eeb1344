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
        return r.choice([f"{M:02}/{D:02}/{Y}", f"{M:02}/{D:02}/{y:02}", f"{M}/{D}/{Y}", f"{M:02}-{D:02}-{Y}", f"{M}/{D}/{y:02}", f"{short} {D}, {Y}", f"{short}.{D:02}'{y:02}"])
    forms = [f"{D:02}/{M:02}/{Y}"] * 6 + [f"{D:02}/{M:02}/{y:02}"] * 3 + [
        f"{D}/{M:02}/{Y}", f"{D}/{M}/{y:02}", f"{D:02}-{M:02}-{Y}", f"{D:02}-{M:02}-{y:02}", f"{D:02}.{M:02}.{y:02}", f"{D:02}.{M:02}.{Y}", f"{Y}-{M:02}-{D:02}", f"{D} {short} {Y}", f"{D:02} {short.upper()} {Y}",
        f"{D:02}{short.upper()}{y:02}", f"{D}-{short}-{y:02}", f"{D:02}-{short}-{Y}", f"{D} {name} {Y}", f"{name} {D}, {Y}", f"{short} {D} {Y}", f"{D:02} {short} {y:02}", f"{Y}/{M:02}/{D:02}", f"{D}{'st' if D in (1, 21, 31) else 'nd' if D in (2, 22) else 'rd' if D in (3, 23) else 'th'} {name} {Y}"]
    text = r.choice(forms)
    if r.random() < .12:
        day = DAYS[d.weekday()]
        text = f"{r.choice([day, day[:3], day[:3].upper()])}{r.choice([' ', ', ', ' '])}{text}"
    return text


def time_text(r, t) -> str:
    h12, ap = (t.hour - 1) % 12 + 1, "PM" if t.hour >= 12 else "AM"
    return r.choice([f"{t.hour:02}:{t.minute:02}"] * 4 + [f"{t.hour:02}:{t.minute:02}:{t.second:02}"] * 3 + [f"{h12}:{t.minute:02} {ap}", f"{h12:02}:{t.minute:02}{ap.lower()}", f"{h12:02}:{t.minute:02}:{t.second:02} {ap}", f"{h12}.{t.minute:02}{ap.lower()}"])


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
    if d.document_type == "tax_invoice": return r.choice(["TAX INVOICE", "Tax Invoice", "TAX INVOICE", "Tax Invoice", "TAX INVOICE / RECEIPT", "*** TAX INVOICE ***", "Tax Invoice/Receipt"] + (["SIMPLIFIED TAX INVOICE"] if d.currency == "MYR" else []))
    if d.document_type == "invoice": return r.choice(["INVOICE", "Invoice", "CASH SALE" if d.currency == "MYR" else "INVOICE"])
    return r.choice(["", "RECEIPT", "Receipt", "SALES RECEIPT", "Official Receipt", "CUSTOMER COPY", "CASH RECEIPT"])


def foreign_party(r, d) -> list[str]:
    """Address and registration lines of a Malaysian or US shop."""
    if d.currency == "MYR":
        place, state = words.coin(r), r.choice("SELANGOR JOHOR PENANG PERAK MELAKA SABAH KEDAH".split() + ["KUALA LUMPUR"])
        lines = [f"{r.choice(['NO.', 'LOT', 'No'])} {r.randint(1, 199)}{r.choice(['', 'A', '-1', '-G'])}, JALAN {place.upper()} {r.randint(1, 30)}{r.choice(['', '/' + str(r.randint(1, 30))])},", f"TAMAN {words.coin(r).upper()},", f"{r.randint(10000, 98999)} {words.coin(r).upper()}, {state}."]
        lines.append(r.choice(["TEL: ", "Tel : ", "TEL NO: ", "Phone:"]) + r.choice([f"0{r.randint(3, 9)}-{r.randint(1000, 9999)} {r.randint(1000, 9999)}", f"01{r.randint(0, 9)}-{r.randint(1000000, 9999999)}"]))
        if d.tax_rate != "0%": lines.append(r.choice(["GST ID: ", "GST Reg No: ", "GST NO : ", "GST ID NO: "]) + f"00{r.randint(0, 9999999999):010}")
        lines.insert(0, f"({r.choice(['', 'Co. Reg. ', 'CO.REG.NO: ', 'Reg No: '])}{r.randint(10000, 1299999)}-{r.choice('ADHKMPTUVWX')})")
        return lines
    return [f"{r.randint(1, 9999)} {r.choice(['N', 'S', 'E', 'W', ''])} {words.coin(r)} {r.choice(['St', 'Ave', 'Blvd', 'Rd'])}".replace("  ", " "), f"{words.coin(r)}, {r.choice(words.US_STATES)} {r.randint(10000, 99500)}", r.choice([f"({r.randint(200, 989)}) {r.randint(200, 999)}-{r.randint(0, 9999):04}", f"{r.randint(200, 989)}-{r.randint(200, 999)}-{r.randint(0, 9999):04}"])]


def name_rows(s: Sheet, field: str, text: str, place) -> None:
    """The supplier's name, large or plain, on as many rows as it needs; now and then spaced out. Truth joins the rows."""
    r, bold = s.r, s.r.random() < .6
    scale = r.choice([1, 1, 1, 1.25, 1.5, 1.9, 2.3])
    fraction = r.choice([1, 1, 1, .8, .6]) / scale
    rows = s.style.wrap(text, fraction)
    if len(rows) > 3 or max(s.style.width(t.upper() if s.style.upper else t, s.style.body_bold or bold) for t in rows) * scale > s.style.content:
        scale, rows = 1.0, s.style.wrap(text, 1)
    rows = [s.style.fit(t, 1) for t in rows]
    for i, t in enumerate(rows): place(Field(field if i == 0 else f"_{field}{i}", t), scale=scale, bold=bold)
    s.truth[field] = " ".join([s.truth[field]] + [s.truth.pop(f"_{field}{i}") for i in range(1, len(rows))])
    s.printed[field] = s.truth[field]


def foreign_header(s: Sheet, d) -> None:
    r = s.r
    place = s.centre if r.random() < .8 else s.left
    name = words.company(r, "my" if d.currency == "MYR" else "us", d.trade)
    name_rows(s, "supplier_name", name.upper() if r.random() < .75 else name, place)
    for line in foreign_party(r, d):
        if r.random() < .85: place(s.style.fit(line, 1))
    head = title(r, d)
    if r.random() < .6 and head: place(head, gap=.4)
    elif d.document_type != "receipt": d.document_type = "receipt"


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
    """Date, time, receipt number, register and operator in one of eleven arrangements."""
    r, v = s.r, s.variant("meta", 11)
    date, time = date_field(r, d), time_field(r, d)
    label = r.choice(["Receipt", "Receipt No", "Invoice", "Invoice No", "Docket", "Trans", "Order", "Receipt #", "Inv#", "TXN", "Ref", "Check"])
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

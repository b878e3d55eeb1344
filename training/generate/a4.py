"""Invoices on a full page: letterhead, parties side by side, a table of lines, a block of totals, remittance."""
from . import body, header, identity, money, words
from .sheet import Field, Sheet


def _letterhead(s: Sheet, d) -> list:
    """Cells of the supplier's block, top to bottom, as lists of parts."""
    r, p = s.r, d.supplier
    out = []
    if r.random() < .7:
        if r.random() < .5: out += [[Field("_street", p.street)], [Field("_suburb", f"{p.suburb} {p.state} {p.postcode}")]]
        else: out += [[Field("supplier_address", f"{p.street}, {p.suburb} {p.state} {p.postcode}")]]
    if p.abn: out.insert(r.choice([0, len(out)]), [header.abn_label(r), header.abn_field(r, p)])
    if p.acn and r.random() < .3: out.append(["ACN ", Field("supplier_acn", f"{p.acn[:3]} {p.acn[3:6]} {p.acn[6:]}", p.acn)])
    if r.random() < .7: out.append([r.choice(["Phone: ", "Ph ", "T ", "Tel: "]), Field("supplier_phone", p.phone)])
    if r.random() < .6: out.append([r.choice(["Email: ", "E ", ""]), Field("supplier_email", p.email)])
    if r.random() < .4: out.append([Field("supplier_website", p.website)])
    return out


def _facts(s: Sheet, d) -> list:
    """(label, Field) pairs of the invoice's particulars."""
    r = s.r
    number = r.choice(["Invoice No", "Invoice Number", "Invoice #", "Invoice", "Reference", "Tax Invoice No"]) if d.document_type not in ("quote", "credit_note") else ("Quote No" if d.document_type == "quote" else "Credit Note No")
    dates = {"quote": ["Quote Date", "Date"], "credit_note": ["Date", "Credit date", "Date of issue"]}.get(d.document_type, ["Invoice Date", "Date", "Date of Issue", "Tax invoice date", "Issue Date"])
    out = [(number, Field("invoice_number", d.number)), (r.choice(dates), header.date_field(r, d))]
    if r.random() < .4: out.reverse()
    if d.due_date: out.append((r.choice(["Due Date", "Payment Due", "Due", "Pay by"]), Field("due_date", header.date_text(r, d.due_date), d.due_date.isoformat())))
    if d.order_number: out.append((r.choice(["Purchase Order", "PO Number", "Your Order", "PO No"]), Field("purchase_order", d.order_number)))
    if d.original_number: out.append((r.choice(["Original Invoice", "Credit for Invoice", "Applies to"]), Field("original_invoice_number", d.original_number)))
    if r.random() < .2: out.append((r.choice(["Terms", "Job", "Account", "Customer ID"]), Field("_other", r.choice(["14 days", "30 days EOM", words.coin(r), f"{r.randint(100, 9999)}"]))))
    return out


def _bill_to(s: Sheet, d) -> list:
    r, b = s.r, d.buyer
    if not b: return []
    out = [[r.choice(["Bill To:", "Bill to", "Sold To", "Customer:", "Invoice to:", "To:", "Client"])], [Field("buyer_name", b.name)]]
    if r.random() < .75: out += [[b.street], [f"{b.suburb} {b.state} {b.postcode}"]]
    if b.abn: out.append([r.choice(["ABN ", "ABN: "]), Field("buyer_abn", identity.abn_printed(r, b.abn), b.abn)])
    return out


def _side_by_side(s: Sheet, left: list, right: list, x: float, pairs: bool) -> None:
    """Two blocks on shared baselines; with pairs the right one is (label, value)."""
    for i in range(max(len(left), len(right))):
        cells = []
        if i < len(left): cells.append(s.cell(left[i], 0))
        if i < len(right):
            if pairs: cells += [s.cell(right[i][0] + s.r.choice([":", ":", ""]), x), s.cell(right[i][1], 1.0, "r")]
            else: cells.append(s.cell(right[i], x))
        s.row(*cells)


def top(s: Sheet, d) -> None:
    r, v = s.r, s.variant("a4top", 6)
    name, head = d.supplier.name if r.random() < .75 else d.supplier.trading_name, header.title(r, d)
    big = r.uniform(1.3, 2.1)
    big = max(.9, min(big, .6 * s.style.content / s.style.width(name, True)))
    shown = Field("supplier_name", s.style.fit(name, .6, big))
    if v in (0, 3): s.row(s.cell(shown, 0, "l", bold=True, scale=big), s.cell(head, 1, "r", bold=True, scale=r.uniform(1.2, 1.9)))
    elif v == 1: s.centre(shown, bold=True, scale=big); s.centre(head, bold=True, scale=1.3)
    elif v == 4: s.left(head, bold=True, scale=1.8); s.left(shown, gap=.4, bold=r.random() < .6, scale=min(big, 1.5))
    elif v == 5: s.right(shown, bold=True, scale=big); s.left(head, bold=True, scale=1.5)
    else: s.left(shown, bold=True, scale=big); s.right(head, bold=True, scale=1.5)
    block, facts, buyer = _letterhead(s, d), _facts(s, d), _bill_to(s, d)
    if v in (0, 4): _side_by_side(s, block, facts, r.uniform(.52, .62), True); s.rule(.6); _side_by_side(s, buyer, [], .5, False)
    elif v == 1: [s.centre(b) for b in block]; s.rule(.4); _side_by_side(s, buyer, facts, r.uniform(.55, .65), True)
    elif v == 3: _side_by_side(s, block, buyer, .55, False); s.rule(.5); _row_of_facts(s, facts)
    elif v == 5: [s.right(b) for b in block]; s.rule(.3); [s.left(b) for b in buyer]; [s.left([label + ": ", f]) for label, f in facts]
    else: [s.left(b) for b in block]; s.rule(.5); _side_by_side(s, buyer, facts, r.uniform(.55, .65), True)
    if "_street" in s.truth: s.truth["supplier_address"] = f"{s.truth.pop('_street')} {s.truth.pop('_suburb')}"
    s.truth.pop("_other", None)


def _row_of_facts(s: Sheet, facts: list) -> None:
    step = 1 / len(facts)
    s.row(*[s.cell(label, i * step, bold=True) for i, (label, _) in enumerate(facts)], box=True)
    s.row(*[s.cell(f, i * step) for i, (_, f) in enumerate(facts)])


def table(s: Sheet, d, p) -> None:
    """The lines under a heading row; columns depend on the variant."""
    r, v = s.r, s.variant("a4table", 6)
    columns = {0: ["d", "q", "p", "a"], 1: ["d", "a"], 2: ["q", "d", "p", "a"], 3: ["d", "q", "p", "t", "a"], 4: ["c", "d", "q", "p", "a"], 5: ["c", "d", "q", "t", "a"]}[v]
    right = {"q": .58, "p": .73, "t": .85, "a": 1.0}
    left = {"c": 0.0, "d": .14 if columns[0] in "cq" and columns[0] != "d" else 0.0}
    if columns[0] == "q": right["q"] = .09
    names = {"d": r.choice(["Description", "Item", "Details", "Description of services"]), "q": r.choice(["Qty", "Quantity", "Hours" if d.trade == "professional" else "Qty"]), "p": r.choice(["Unit Price", "Rate", "Price"]),
             "t": r.choice(["GST", "Tax"]), "a": r.choice(["Amount", "Total", "Amount AUD", "Line Total"]) + ("" if d.inclusive else r.choice(["", " ex GST"])), "c": r.choice(["Code", "Item No"])}
    at = lambda k, text, **how: s.cell(text, right[k], "r", **how) if k in right else s.cell(text, left[k], **how)
    s.row(*[at(k, names[k], bold=True) for k in columns], gap=.8, box=r.random() < .5)
    if r.random() < .6: s.rule()
    room = (.5 if "q" in columns[1:] else .66 if "p" in columns else .8) - left["d"]
    for item in d.items:
        wrapped = s.style.wrap(item.description, room)
        tax = money.decimal(abs(money.gst_inside(item.amount) if d.inclusive else money.gst_on(item.amount)) if item.gst_code == "GST" else 0) if r.random() < .5 else ("GST" if item.gst_code == "GST" else "FRE")
        text = {"d": wrapped[0], "q": body.quantity_text(item), "p": body.price_text(item, p.sign), "t": tax, "a": p.amount(item.amount), "c": item.code[:9]}
        s.row(*[at(k, text[k]) for k in columns], gap=r.choice([0, .15]))
        for more in wrapped[1:]: s.row(s.cell(more, left["d"]))
        body.record(s, " ".join(wrapped), item, "q" in columns, "p" in columns, text["c"] if "c" in columns else "")


def totals(s: Sheet, d, p) -> None:
    r = s.r
    x = r.uniform(.55, .7)
    line = lambda label, f, **how: s.row(s.cell(label, x, **how), s.cell(f, 1, "r", **how))
    s.rule(.3)
    if not d.inclusive or d.discount or d.surcharge or r.random() < .6: line(r.choice(body.SUBTOTAL + ["Total ex GST"] * (not d.inclusive)), Field("subtotal", p.amount(d.subtotal), money.decimal(d.subtotal)))
    if d.discount: line(r.choice(["Discount", "Less discount"]), Field("discount_total", p.amount(d.discount), money.decimal(d.discount)))
    if d.surcharge: line(d.surcharge_text, Field("surcharge_total", p.amount(d.surcharge), money.decimal(d.surcharge)))
    gst = Field("gst_amount", p.amount(d.gst), money.decimal(d.gst))
    late = d.inclusive and r.random() < .4
    if d.gst_shown and not late: line(r.choice(body.GST_IN if d.inclusive else body.GST_EX), gst)
    line(r.choice(["Total", "TOTAL", "Total AUD", "Amount Due", "TOTAL DUE", "Total (inc GST)", "Balance Due", "Invoice Total", "Total inc GST"]) if d.document_type != "credit_note" else r.choice(["Total Credit", "TOTAL", "Credit Total"]),
         Field("total_amount", p.total(d.total), money.decimal(d.total)), bold=True, scale=r.choice([1, 1.15, 1.3]))
    if d.gst_shown and late: line(r.choice(body.GST_IN), gst)
    if d.paid and d.payments:
        s.truth["payments"] = [{"method": q.kind, "amount": money.decimal(q.amount)} for q in d.payments]
        for q in d.payments: line(r.choice(["Paid - ", "Payment: ", "Less paid "]) + q.method.title(), p.amount(q.amount))
        if d.document_type == "tax_invoice" and not d.rounding: line(r.choice(["Balance due", "Amount owing", "Balance"]), Field("amount_due", p.amount(0), "0.00"))


def bottom(s: Sheet, d) -> None:
    r = s.r
    if d.bsb:
        s.left(r.choice(["Payment Details", "How to pay", "Direct Deposit", "Please pay to:", "EFT Details"]), gap=1.0, bold=True)
        name, bsb, acc = Field("bank_account_name", d.supplier.name), Field("bank_bsb", d.bsb), Field("bank_account", d.account)
        if r.random() < .5: s.left(["Account Name: ", name]); s.left(["BSB: ", bsb]); s.left(["Account: ", acc])
        else: s.left([r.choice(["Bank: ", "Name: "]), name, "   BSB ", bsb, "   Acc ", acc])
    for _ in range(r.randint(0, 3)):
        s.left(s.style.fit(r.choice(["Please use the invoice number as reference.", "Payment is due within 14 days of the invoice date.", "Thank you for your business.", "Late payments may incur interest of 2% per month.", "All work is guaranteed for 12 months.", "This quote is valid for 30 days.",
                                     f"Questions? Call {words.person(r)} on {words.phone(r, 'NSW')}", f"Delivery date {header.date_text(r, d.date)}", f"Licence No. {r.randint(10000, 399999)}C", f"{words.coin(r)} {words.coin(r)} {words.coin(r)} {words.coin(r)}"]), 1), gap=r.choice([0, .5]))

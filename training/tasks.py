"""Questions in varied wording, and their exact answers, for one document. Values are as printed, except: money is a plain
decimal, an ABN eleven digits. What is not on the paper is NOT_FOUND (null in JSON)."""
import json
import random

ALL = ["document_type", "supplier_name", "supplier_abn", "invoice_number", "invoice_date", "invoice_time", "due_date", "buyer_name", "buyer_abn",
       "subtotal", "gst_amount", "total_amount", "payment_method"]
MORE = ["supplier_address", "supplier_phone", "supplier_email", "supplier_website", "supplier_acn", "store_id", "register_id", "operator", "purchase_order", "discount_total", "surcharge_total",
        "tax_amount", "cash_rounding", "change", "original_invoice_number", "litres", "price_per_litre", "currency", "bank_bsb", "bank_account", "card_last4"]
ABSENT = "NOT_FOUND"
AS_PRINTED = ("invoice_date", "due_date", "invoice_time")

READ = ["Transcribe this document.", "Read all text, line by line.", "What does this docket say?", "OCR", "Write out every line of the receipt.", "Give the full text.", "Transcript please",
        "Read the receipt and return its text.", "Copy all printed text from the picture.", "Full transcript, one line per line.", "Extract the text.", "Please read this image."]
VERBS = ["Extract", "Read", "List", "Give me", "Return", "Find", "Please extract", "Report", "Get", "Write"]
OBJECTS = ["the fields of this receipt", "the details of this docket", "the data of this tax invoice", "the key information", "all fields", "the details", "the values", "what this document says"]
FORM_KV = ["as KEY: VALUE lines", "as KEY: VALUE", "one KEY: VALUE per line", "in the form KEY: VALUE", "as key-value lines"]
FORM_JSON = ["as JSON", "in JSON", "as a JSON object", "as one JSON object", "JSON only"]
ABSENT_HINT = ["", "", " Use NOT_FOUND for anything that is not printed.", " Write NOT_FOUND if a field is missing.", " Missing = NOT_FOUND."]
ASK = {
    "document_type": ["What type of document is this?", "Document type?", "What kind of document is it?", "Classify this document."],
    "supplier_name": ["Who is the supplier?", "What is the name of the store?", "Which business issued this?", "Store name?", "Supplier name?", "Who sold this?"],
    "supplier_abn": ["What is the ABN?", "What is the supplier's ABN?", "ABN?", "Give the ABN of the seller.", "Which ABN is printed?"],
    "invoice_date": ["What is the date?", "When was this issued?", "Invoice date?", "Date of purchase?", "What date is printed?"],
    "invoice_time": ["What time was it?", "Time?", "At what time was this printed?"],
    "invoice_number": ["What is the invoice number?", "Receipt number?", "Invoice no?", "Which document number is printed?"],
    "total_amount": ["What is the total?", "Total amount?", "How much was paid in total?", "What is the amount due?", "Total including GST?", "How much is it?"],
    "gst_amount": ["How much GST is included?", "GST?", "What is the GST amount?", "GST amount?", "How much GST was charged?"],
    "subtotal": ["What is the subtotal?", "Subtotal?"], "due_date": ["When is it due?", "Due date?", "When must it be paid?"],
    "buyer_name": ["Who is the customer?", "Buyer name?", "Who is it billed to?"], "buyer_abn": ["What is the buyer's ABN?", "ABN of the customer?"],
    "payment_method": ["How was it paid?", "Payment method?", "What was the tender?"],
    "supplier_address": ["What is the address of the store?", "Supplier address?", "Where is the business?"], "supplier_phone": ["What is the phone number?", "Phone?"],
    "supplier_email": ["What is the email address?", "Email?"], "supplier_website": ["Website?", "What is the web address?"], "tax_amount": ["How much sales tax?", "Sales tax?"],
    "purchase_order": ["What is the purchase order number?", "PO number?"], "original_invoice_number": ["Which invoice does this credit?", "Original invoice number?"],
    "surcharge_total": ["Is there a surcharge, and how much?", "Surcharge?"], "discount_total": ["How much discount?", "Discount?"], "change": ["How much change was given?", "Change?"],
    "litres": ["How many litres?", "Litres?"], "price_per_litre": ["What is the price per litre?"], "bank_bsb": ["What is the BSB?", "BSB?"], "bank_account": ["Which bank account number?", "Account number?"],
    "card_last4": ["What are the last digits of the card?"], "operator": ["Who served?", "Operator?"], "currency": ["Which currency?"],
}
HARD = ["supplier_abn", "invoice_date", "total_amount", "gst_amount", "supplier_name", "invoice_number"]


def transcript(lines: list[str]) -> str: return "\n".join(" ".join(line.split()) for line in lines)


def value(sheet, truth: dict, name: str) -> str:
    """The answer for a field, or NOT_FOUND."""
    if name in AS_PRINTED: return sheet.printed.get(name, ABSENT)
    if name == "payment_method": return " | ".join(dict.fromkeys(p["method"] for p in truth.get("payments", []))) or ABSENT
    if name == "card_last4": return next((p["card_last4"] for p in truth.get("payments", []) if "card_last4" in p), ABSENT)
    found = truth.get(name)
    return ABSENT if found is None else str(found)


def _wording(r: random.Random, forms: list[str], keys: list[str] | None, upper: bool) -> str:
    text = f"{r.choice(VERBS)} {r.choice(OBJECTS)}" if r.random() < .9 else r.choice(["Fields", "Data", "Extract"])
    form = r.choice(forms)
    if keys is None: text = f"{text} {form}."
    else:
        names = [k.upper() if upper else k for k in keys]
        listed = r.choice([", ", ", ", "\n", " "]).join(names)
        text = r.choice([f"{text} {form}: {listed}.", f"{text} {form}.\nKeys: {listed}", f"{text} {form} with these keys: {listed}.", f"{text} ({form}): {listed}"])
    text += r.choice(ABSENT_HINT)
    return text if r.random() < .9 else text.lower()


def structured(r: random.Random, sheet, truth: dict, count: int) -> list[tuple[str, str]]:
    out = []
    for _ in range(count):
        keys, roll = None, r.random()
        if r.random() < .5:
            pool = ALL * 3 + MORE + HARD * 3
            keys = list(dict.fromkeys(r.choice(pool) for _ in range(r.randint(2, 12))))
            if r.random() < .5: keys.sort(key=(ALL + MORE).index)
        names = keys or ALL
        if roll < .62:
            out.append((_wording(r, FORM_KV, keys, True), "\n".join(f"{k.upper()}: {value(sheet, truth, k)}" for k in names)))
        elif roll < .84:
            data = {k: None if (v := value(sheet, truth, k)) == ABSENT else v for k in names}
            out.append((_wording(r, FORM_JSON, keys, False), json.dumps(data, ensure_ascii=False)))
        else:
            items = truth["line_items"]
            if not 0 < len(items) <= 12: continue
            question = f"{r.choice(VERBS)} {r.choice(['the items', 'the line items', 'what was bought', 'the lines sold'])} {r.choice(['as lists', 'with DESCRIPTION, QUANTITY and AMOUNT', 'as DESCRIPTION, QUANTITY, AMOUNT lists'])}."
            out.append((question, "\n".join(f"{k.upper()}: " + " | ".join(str(i.get(k, ABSENT)) for i in items) for k in ("description", "quantity", "amount"))))
    return out


def questions(r: random.Random, sheet, truth: dict, count: int) -> list[tuple[str, str]]:
    names = list(ASK)
    out = []
    for _ in range(count):
        name = r.choice(HARD if r.random() < .6 else names)
        answer = value(sheet, truth, name)
        if r.random() < .06:
            thing = ASK[name][-1].rstrip("?")
            out.append((f"Is this printed: {name}?" if r.random() < .5 else f"Is there an answer to this: {thing}?", "No" if answer == ABSENT else "Yes"))
        else:
            text = r.choice(ASK[name])
            out.append((text if r.random() < .85 else text.lower() if r.random() < .5 else f"{text} Answer with the value only." , answer))
    return out

"""Valid ABNs and ACNs, and the parties on a document."""
import random
from dataclasses import dataclass

from . import words

ABN_WEIGHTS = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
ACN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)


def abn_valid(abn: str) -> bool:
    if len(abn) != 11 or not abn.isdigit() or abn[0] == "0":
        return False
    digits = [int(c) for c in abn]
    digits[0] -= 1
    return sum(d * w for d, w in zip(digits, ABN_WEIGHTS)) % 89 == 0


def acn_valid(acn: str) -> bool:
    if len(acn) != 9 or not acn.isdigit():
        return False
    return (10 - sum(int(c) * w for c, w in zip(acn, ACN_WEIGHTS)) % 10) % 10 == int(acn[8])


def make_acn(r: random.Random) -> str:
    body = f"{r.choice([0, 0, 1, 1, 6]) * 100_000_00 + r.randint(0, 9_999_999):08}"[-8:]
    return body + str((10 - sum(int(c) * w for c, w in zip(body, ACN_WEIGHTS)) % 10) % 10)


def abn_of(tail: str) -> str:
    """The ABN that ends with these nine digits: its two leading digits follow from the check sum."""
    total = sum(int(c) * w for c, w in zip(tail, ABN_WEIGHTS[2:]))
    return f"{10 + (-total) % 89}{tail}"


def make_abn(r: random.Random) -> str: return abn_of(f"{r.randint(0, 999_999_999):09}")


def abn_printed(r: random.Random, abn: str) -> str:
    spaced = f"{abn[:2]} {abn[2:5]} {abn[5:8]} {abn[8:]}"
    return r.choice([spaced] * 7 + [abn, abn, spaced.replace(" ", "-"), spaced.replace(" ", "."), f"{abn[:2]} {abn[2:]}"])


@dataclass
class Party:
    """A supplier or buyer; every text is as it may be printed, abn and acn are digits or ''."""
    name: str
    trading_name: str
    abn: str
    acn: str
    street: str
    suburb: str
    state: str
    postcode: str
    phone: str
    email: str
    website: str


def make_party(r: random.Random, kind: str) -> Party:
    trading = words.trade_name(r, kind)
    company = r.random() < .6
    acn = make_acn(r) if company else ""
    suffix = r.choice(["Pty Ltd", "Pty Ltd", "Pty. Ltd.", "P/L", "Pty Limited", "Limited"])
    legal = f"{trading} {suffix}" if company and r.random() < .6 else (f"{words.coin(r)} {r.choice(['Holdings', 'Enterprises', 'Trading', 'Retail', 'Investments', 'Group'])} {suffix}" if company else words.person(r))
    if any(form in trading for form in ("Pty", "P/L")): legal = trading
    suburb, state, postcode = words.suburb(r)
    host = f"{words.slug(trading)}.{r.choice(['com.au', 'com.au', 'com.au', 'net.au', 'com', 'au'])}"
    email = f"{r.choice(['info', 'accounts', 'sales', 'hello', 'admin', 'office', words.slug(words.surname(r))])}@{host}"
    return Party(trading, legal, abn_of(acn) if acn and r.random() < .95 else make_abn(r), acn, words.street(r), suburb, state, postcode,
                 words.phone(r, state), email, r.choice(["www.", "", "https://www."]) + host)


def make_buyer(r: random.Random) -> Party:
    buyer = make_party(r, "professional")
    if r.random() < .4:
        buyer.name, buyer.abn, buyer.acn = words.person(r), "", ""
    elif r.random() < .4:
        buyer.name = buyer.trading_name
    if r.random() < .6:
        buyer.abn = ""
    return buyer

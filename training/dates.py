"""Reads a printed date for scoring: day first unless told otherwise; what it cannot read stays as it is."""
import datetime
import re

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def iso(text: str, month_first: bool = False) -> str:
    t = text.lower().strip()
    name = re.search(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", t)
    numbers = [int(n) for n in re.findall(r"\d+", t[: t.find(":") - 2] if ":" in t else t)]
    try:
        if name:
            month, (a, b) = MONTHS.index(name[1]) + 1, numbers[:2]
            day, year = (b, a) if a > 31 else (a, b)
        elif len(numbers) >= 3:
            a, b, c = numbers[:3]
            if a > 31: year, month, day = a, b, c
            else:
                year = c
                month, day = (a, b) if (month_first and a <= 12) or b > 12 else (b, a)
        else: return text
        return datetime.date(year + 2000 if year < 100 else year, month, day).isoformat()
    except (ValueError, IndexError): return text

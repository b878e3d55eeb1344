"""How a date or a time is printed, seen from one reading of it, and the same form of another value. Labels say 2024-05-21; a model
that answers as printed has to be taught "21/05/24" where the paper says that."""
import datetime
import re
from collections import Counter
from dataclasses import dataclass, replace

MONTHS = "january february march april may june july august september october november december".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
TOKEN = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]")


def cased(word: str, like: str) -> str:
    """`word` as long (three letters or whole) and in the case of `like`."""
    word = word if len(like) > 3 else word[:3]
    return word.upper() if like.isupper() else word.lower() if like.islower() else word.capitalize()


def padding(digits: str) -> bool | None: return False if len(digits) == 1 else True if digits[0] == "0" else None


@dataclass(frozen=True)
class DateForm:
    parts: tuple                  # literals and ("D" | "M" | "Y" | "y" | "month" | "weekday" | "th", example)
    padded: bool | None = None    # day 05 or 5; None: this reading does not tell
    padded_month: bool | None = None

    def text(self, d: datetime.date) -> str:
        two = lambda n, padded: str(n) if padded is False else f"{n:02}"
        th = "th" if 10 < d.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
        made = {"D": lambda _: two(d.day, self.padded), "M": lambda _: two(d.month, self.padded_month), "Y": lambda _: f"{d.year:04}", "y": lambda _: f"{d.year % 100:02}", "month": lambda like: cased(MONTHS[d.month - 1], like),
                "weekday": lambda like: cased(DAYS[d.weekday()], like), "th": lambda like: th.upper() if like.isupper() else th}
        return "".join(p if isinstance(p, str) else made[p[0]](p[1]) for p in self.parts)


    def text_of(self, iso: str) -> str: return self.text(datetime.date.fromisoformat(iso))


def date_form(reading: str, month_first: bool = False) -> DateForm | None:
    """The form of a printed date; None when it is no date. The digits may be misread: only the form counts."""
    parts, numbers, named = [], [], False
    for token in TOKEN.findall(reading.strip()):
        low = token.lower()
        month = next((m for m in MONTHS if low in (m, m[:3])), None)
        if token.isdigit():
            numbers.append((len(parts), token))
            parts.append(token)
        elif month and not named: named = True; parts.append(("month", token))
        elif any(low in (d, d[:3]) for d in DAYS): parts.append(("weekday", token))
        elif low in ("st", "nd", "rd", "th") and numbers: parts.append(("th", token))
        elif token.isalpha(): return None
        else: parts.append(token)
    if len(numbers) != (2 if named else 3) or any(len(n) not in (1, 2, 4) for _, n in numbers): return None
    year_first = len(numbers[0][1]) == 4
    order = (["Y", "D"] if year_first else ["D", "Y"]) if named else ["Y", "M", "D"] if year_first else ["M", "D", "Y"] if month_first else ["D", "M", "Y"]
    told = {}
    for letter, (at, digits) in zip(order, numbers):
        if letter == "Y" and len(digits) == 1 or letter != "Y" and len(digits) == 4: return None
        parts[at] = ("y" if letter == "Y" and len(digits) == 2 else letter, digits)
        told[letter] = padding(digits)
    return DateForm(tuple(p if isinstance(p, str) else (p[0], "" if p[0] in "DMYy" else p[1]) for p in parts), told["D"], told.get("M"))


@dataclass(frozen=True)
class TimeForm:
    separator: str
    seconds: bool
    half: str                     # "" for 24 hours, else what stands between and the letters: " PM", "pm"
    padded: bool | None = None

    def text(self, hour: int, minute: int, second: int) -> str:
        shown = (hour - 1) % 12 + 1 if self.half else hour
        out = (f"{shown:02}" if self.padded is not False else str(shown)) + f"{self.separator}{minute:02}" + (f"{self.separator}{second:02}" if self.seconds else "")
        if not self.half: return out
        letters = "PM" if hour >= 12 else "AM"
        return out + (" " if self.half[0] == " " else "") + (letters.lower() if self.half.strip().islower() else letters)


def time_form(reading: str) -> TimeForm | None:
    found = re.fullmatch(r"(\d{1,2})([:.])(\d\d)(?:\2(\d\d))?( ?[AaPp][Mm])?", reading.strip())
    if not found: return None
    hour, separator, _, second, half = found.groups()
    return TimeForm(separator, second is not None, half or "", padding(hour))


def settle(forms: list, sure: list[bool] | None = None) -> list:
    """One form a document (None: not known). What a reading leaves open follows the others; and where the sure ones (whose reading is
    the label in that form; without any, all) speak with one voice, nine of ten, the rest is printed so too."""
    sure = sure if sure and any(sure) else [f is not None for f in forms]
    known = [f for f, s in zip(forms, sure) if f is not None and s]
    if not known: return forms
    settled = list(forms)
    for part in [p for p in ("padded", "padded_month") if hasattr(known[0], p)]:
        told = Counter(getattr(f, part) for f in known if getattr(f, part) is not None)
        most = told[True] >= told[False]
        settled = [f if f is None or getattr(f, part) is not None else replace(f, **{part: most}) for f in settled]
    common, count = Counter(f for f, s in zip(settled, sure) if f and s).most_common(1)[0]
    one_voice = count >= .9 * len(known)
    return [f if s or not one_voice else common for f, s in zip(settled, sure)]


def printed_date(form: DateForm, iso: str) -> str: return form.text_of(iso)


def printed_time(form: TimeForm, value: str) -> str:
    hour, minute, second = (list(map(int, value.split(":"))) + [0])[:3]
    return form.text(hour, minute, second)

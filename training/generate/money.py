"""Integer-cent arithmetic of Australian GST, and the printed forms of amounts."""


def gst_inside(cents: int) -> int:
    """GST contained in an inclusive taxable amount: a nearest-cent eleventh."""
    return (cents + 5) // 11 if cents >= 0 else -((-cents + 5) // 11)


def gst_on(cents: int) -> int:
    """GST to add to an exclusive taxable amount: a nearest-cent tenth, half up."""
    return (cents + 5) // 10 if cents >= 0 else -((-cents + 5) // 10)


def percent_of(cents: int, tenths: int) -> int:
    """tenths of a percent of an amount, half up: percent_of(1000, 15) is 15 (1.5 % of $10)."""
    return (cents * tenths + 500) // 1000


def cash_rounded(cents: int) -> int:
    """To the nearest five cents, as cash totals are."""
    return (cents + 2) // 5 * 5 if cents >= 0 else -((-cents + 2) // 5 * 5)


def decimal(cents: int) -> str:
    """1234 -> '12.34', the project's form in truth files."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def printed(cents: int, sign: str = "$", group: bool = True, negative: str = "-{}") -> str:
    """The form on paper: printed(-123456, '$') -> '-$1,234.56'; negative may be '({})', '{}-' or '{}CR'."""
    body = f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}" if group else f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
    return negative.format(body) if cents < 0 else body

"""What stands in a cell of a marketplace's file, and what of it the database can hold."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

BEYOND = 10**10
CENT = Decimal("0.01")
YEARS = range(1970, 3000)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")


def number_in(text: str) -> Decimal | None:
    """The number a cell without commas holds, nothing being 0; None where it is none, or beyond any price."""
    try:
        found = Decimal(text or 0)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < BEYOND else None


def without_commas(text: str) -> str:
    """`12,000` and the `12,50` of half of Europe, as a point says them; other commas stay, and make it no number."""
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    return text.replace(",", ".") if _COMMA.fullmatch(text) else text


def price_of(number: Decimal) -> Decimal | None:
    """In hundredths, as prices are kept; None for one below 0 or beyond any price."""
    if not number.is_finite() or not 0 <= number < BEYOND:
        return None
    found = number.quantize(CENT)
    return found if found < BEYOND else None


def storable_moment(found: datetime | None) -> datetime | None:
    """None too for a year that no order is of: the first and the last have moments without a name in another zone."""
    return found if found and found.year in YEARS else None

"""What stands in a cell of a marketplace's file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

BEYOND = 10**10


def number_in(text: str) -> Decimal | None:
    """The number a cell without commas holds, nothing being 0; None where it is none, or beyond any price."""
    try:
        found = Decimal(text or 0)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < BEYOND else None

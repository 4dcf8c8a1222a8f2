"""Amounts of money that an account could hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.core.errors import Problem
from erp.core.money import decimals_of

MAX_AMOUNT = Decimal(10) ** 11


def money_problems(amount: Decimal, currency: str, name: str, line: int | None = None) -> Iterator[Problem]:
    """An amount that no account could hold, or with more decimals than its currency has."""
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        yield Problem("too_large", _("This amount is too large. Check for a typing error."), name, line)
    elif amount != round(amount, decimals_of(currency)):
        message = _("Amounts in %(currency)s have no decimals.") % {"currency": currency}
        if decimals_of(currency):
            message = _("Amounts in %(currency)s have at most two decimals.") % {"currency": currency}
        yield Problem("decimals", message, name, line)

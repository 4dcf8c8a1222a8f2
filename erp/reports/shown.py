"""The values of a report as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import ngettext

from erp.core.templatetags.jangbu import money
from erp.reports.tables import DAY, DAYS, MONEY, NUMBER, PERCENT, TEXT

NOTHING = "–"


def shown(value: Any, kind: str, currency: str) -> str:
    """A dash where there is no value: never a zero that nobody counted."""
    if value is None or value == "":
        return NOTHING
    if kind == TEXT:
        return str(value)
    if kind == MONEY:
        return money(Decimal(value), currency)
    if kind == PERCENT:
        return f"{number_format(float(value) * 100, decimal_pos=1 if abs(value) < 0.1 and value else 0)}%"
    if kind == NUMBER:
        return number_format(float(value), decimal_pos=1, force_grouping=True)
    if kind == DAYS:
        n = int(value)
        return ngettext("%(n)s day", "%(n)s days", n) % {"n": number_format(n, force_grouping=True)}
    if kind == DAY:
        return date_format(value, "SHORT_DATE_FORMAT")
    return number_format(int(value), force_grouping=True)

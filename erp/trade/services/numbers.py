"""Numbers of papers: without gaps, per brand, series and business day."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import F

from catalog.days import business_day
from catalog.models import Brand
from erp.trade.models import Counter


@transaction.atomic
def next_number(*, brand: Brand, series: str, day: date | None = None) -> tuple[date, int]:
    """The business day and the next number of a series on it. Whoever else wants one waits until we commit.

    Called inside the transaction that writes the paper: rolled back with it, the number is given to the next one.
    """
    day = day or business_day(brand)
    Counter.objects.bulk_create([Counter(brand=brand, series=series, day=day)], ignore_conflicts=True)
    mine = Counter.objects.filter(brand=brand, series=series, day=day)
    mine.update(last=F("last") + 1)
    return day, mine.values_list("last", flat=True).get()


def paper_number(*, brand: Brand, series: str) -> str:
    """The next number as people write it: `PO-261121-003`."""
    day, number = next_number(brand=brand, series=series)
    return f"{series}-{day:%y%m%d}-{number:03}"

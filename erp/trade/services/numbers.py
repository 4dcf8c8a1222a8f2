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


class Numbers:
    """Numbers of a series for several papers of one transaction; those that are not taken are given back by `close`."""

    def __init__(self, *, brand: Brand, series: str, most: int) -> None:
        day = business_day(brand)
        Counter.objects.bulk_create([Counter(brand=brand, series=series, day=day)], ignore_conflicts=True)
        self._mine = Counter.objects.filter(brand=brand, series=series, day=day)
        self._mine.update(last=F("last") + most)
        self._last = self._mine.values_list("last", flat=True).get()
        self._next, self._shape = self._last - most + 1, f"{series}-{day:%y%m%d}-"

    def take(self) -> str:
        number, self._next = self._next, self._next + 1
        return f"{self._shape}{number:03}"

    def close(self) -> None:
        self._mine.update(last=F("last") - (self._last - self._next + 1))


def paper_number(*, brand: Brand, series: str) -> str:
    """The next number as people write it: `PO-261121-003`."""
    day, number = next_number(brand=brand, series=series)
    return f"{series}-{day:%y%m%d}-{number:03}"

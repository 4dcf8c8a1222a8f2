"""Keeping the sums that reports are read from up with the ledger."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Brand
from erp.reports.models import DailyFlow, Rollup
from erp.reports.sql.rollup import add_flows, settled_id

# Movement ids summed up in one transaction.
CHUNK = 250_000


def roll_up(*, brand: Brand) -> int:
    """Sums up the movements that have come since, and gives the id it came to. Safe to repeat, and for two at once.

    Whatever is not summed up yet is read from the ledger by every report, so this decides how fast a report is and
    never what it says. Where the brand's clock was set to other days meanwhile, all is summed up anew.
    """
    settled = settled_id()
    reached = _advance(brand, settled)
    while settled is not None and reached < settled:
        reached = _advance(brand, settled)
    return reached


@transaction.atomic
def rebuild(*, brand: Brand) -> None:
    """Throws the sums of a brand away; the next `roll_up` makes them anew."""
    rollup = _locked(brand)
    DailyFlow.objects.filter(brand=brand).delete()
    Rollup.objects.filter(pk=rollup.pk).delete()


@transaction.atomic
def _advance(brand: Brand, settled: int | None) -> int:
    rollup = _locked(brand)
    if (rollup.time_zone, rollup.day_ends_at) != (brand.time_zone, brand.day_ends_at):
        DailyFlow.objects.filter(brand=brand).delete()
        rollup.movement_id, rollup.time_zone, rollup.day_ends_at = 0, brand.time_zone, brand.day_ends_at
    if settled is not None and settled > rollup.movement_id:
        until = min(rollup.movement_id + CHUNK, settled)
        add_flows(brand, rollup.movement_id, until)
        rollup.movement_id = until
    rollup.save()
    return rollup.movement_id


def _locked(brand: Brand) -> Rollup:
    """The brand's row, made where there is none, and held: of two at once the second goes on where the first ended."""
    clock = {"time_zone": brand.time_zone, "day_ends_at": brand.day_ends_at}
    rollup, _created = Rollup.objects.select_for_update().get_or_create(brand=brand, defaults=clock)
    return rollup

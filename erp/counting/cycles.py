"""Which variants to count today: what turns over most money is counted monthly, the rest less often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, Sum
from django.utils import timezone

from catalog.models import Brand, Product, Variant
from erp.counting.models import CountLine, StockCount
from erp.inventory.costs import average_costs
from erp.inventory.models import Balance, Location, MovementKind, StockMovement

TODAY = 30
TURNOVER_DAYS = 90


class Class(NamedTuple):
    """The variants that together make this share of the turnover, those before included; each is counted so often."""

    name: str
    share: Decimal
    every: timedelta


CLASSES = (
    Class("A", Decimal("0.80"), timedelta(days=30)),
    Class("B", Decimal("0.95"), timedelta(days=91)),
    Class("C", Decimal(1), timedelta(days=365)),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A variant whose count is due. `shipped` pieces left the place in the last 90 days; `turnover` is their worth."""

    variant_id: int
    group: Class
    shipped: int
    turnover: Decimal
    counted_at: datetime | None

    def lateness(self, now: datetime) -> float:
        """1 and more: due. What was never counted is later than all that was."""
        return (now - self.counted_at) / self.group.every if self.counted_at else float("inf")


def proposals(brand: Brand, location: Location, *, limit: int = TODAY) -> list[Proposal]:
    """What is due at a place: never counted first, then the latest by its class, the highest turnover first."""
    now = timezone.now()
    shipped = _shipped(brand, location, now)
    held = Balance.objects.filter(location=location, on_hand__gt=0).values_list("variant_id", flat=True)
    wanted = {*held, *shipped}
    drafts = Variant.objects.filter(pk__in=wanted, product__status=Product.Status.DRAFT).values_list("pk", flat=True)
    ranked = _ranked(sorted(wanted.difference(drafts)), shipped, _worth(brand, wanted))
    counted = _last_counted(location)
    found = [
        Proposal(pk, group, shipped.get(pk, 0), turnover, counted.get(pk)) for pk, turnover, group in _classed(ranked)
    ]
    due = [proposal for proposal in found if proposal.lateness(now) >= 1]
    return sorted(due, key=lambda p: (-p.lateness(now), -p.turnover, -p.shipped, p.variant_id))[:limit]


def _shipped(brand: Brand, location: Location, now: datetime) -> dict[int, int]:
    """Pieces that left the place for customers, by variant; what was taken back does not count."""
    recent = StockMovement.objects.of(brand).filter(
        occurred_at__gte=now - timedelta(days=TURNOVER_DAYS), kind=MovementKind.SHIPMENT, source=location
    )
    sums = recent.filter(reversed_by=None).order_by().values("variant_id").annotate(pieces=Sum("quantity"))
    return {row["variant_id"]: row["pieces"] for row in sums}


def _worth(brand: Brand, variants: Iterable[int]) -> Mapping[int, Decimal]:
    """What a piece is worth: its average cost, else its price; 1 where neither is known, so that pieces decide."""
    wanted = list(variants)
    prices = Variant.objects.filter(pk__in=wanted, product__price__gt=0).values_list("pk", "product__price")
    return (
        dict.fromkeys(wanted, Decimal(1)) | {pk: price for pk, price in prices if price} | average_costs(brand, wanted)
    )


def _ranked(
    variants: Iterable[int], shipped: Mapping[int, int], worth: Mapping[int, Decimal]
) -> list[tuple[int, Decimal]]:
    rows = [(pk, shipped.get(pk, 0) * worth[pk]) for pk in variants]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _classed(ranked: list[tuple[int, Decimal]]) -> Iterable[tuple[int, Decimal, Class]]:
    """A variant is of the class in which its turnover begins, so that the largest one is always of the first."""
    total = sum((turnover for _pk, turnover in ranked), Decimal(0))
    before = Decimal(0)
    for pk, turnover in ranked:
        share = before / total if total and turnover else Decimal(1)
        yield pk, turnover, next((group for group in CLASSES if share < group.share), CLASSES[-1])
        before += turnover


def _last_counted(location: Location) -> dict[int, datetime]:
    lines = CountLine.objects.counted().filter(count__location=location, count__state=StockCount.State.POSTED)
    return dict(lines.order_by().values_list("variant_id").annotate(Max("counted_at")))

"""What sales brought in: of every paper that moved goods and names a price, beside the pieces that no paper priced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, IntegerField, Q, Sum, When
from django.utils.translation import ngettext

from erp.inventory.models import MovementKind, StockMovement
from erp.reports.scope import Scope, unknown_costs
from erp.reports.sql.sums import Span
from erp.reports.tables import ratio
from erp.trade.models import ReturnLine, ShipmentLine, SlipLine

_AMOUNT: Any = DecimalField(max_digits=24, decimal_places=2)


@dataclass
class Earned:
    """By variant: the pieces that had a price, and what they brought in, in the brand's currency; returns taken off."""

    pieces: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    revenue: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    costs: dict[int, Decimal] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, rows: Iterable[tuple[int, int | None, Decimal | None]], sign: int = 1) -> None:
        for variant, pieces, amount in rows:
            self.pieces[variant] += sign * (pieces or 0)
            self.revenue[variant] += sign * (amount or 0)

    def of(self, variants: Collection[int]) -> dict[str, Any]:
        """Revenue, cost and margin of some variants; None where no paper has a price, or nothing a cost.

        revenue - uncosted - cost = margin: what brought in the `uncosted` part has no known cost.
        """
        priced = [pk for pk in variants if self.pieces.get(pk) or self.revenue.get(pk)]
        known = [pk for pk in priced if pk in self.costs]
        revenue = sum((self.revenue[pk] for pk in priced), Decimal(0)) if priced else None
        cost = sum((self.pieces[pk] * self.costs[pk] for pk in known), Decimal(0)) if known else None
        costed = sum((self.revenue[pk] for pk in known), Decimal(0))
        margin = costed - cost if cost is not None else None
        uncosted = revenue - costed if revenue is not None and len(known) < len(priced) else None
        return {
            "revenue": revenue, "uncosted": uncosted, "cost": cost, "margin": margin, "rate": ratio(margin, costed),
        }  # fmt: skip


def earned(scope: Scope) -> Earned:
    """What was earned in the scope's span. Prices in another currency than the brand's are not mixed in."""
    found = Earned(costs=scope.costs(scope.span.end))
    shipped = ShipmentLine.objects.filter(movement__brand=scope.brand, line__order__currency=scope.brand.currency)
    shipped = _of(scope, shipped, "line__variant", "movement__source")
    price = F("quantity") * F("line__unit_price")
    found.add(_sums(_during(shipped, scope.span, "movement__occurred_at"), "line__variant", price))
    reversals = StockMovement.objects.of(scope.brand).filter(kind=MovementKind.REVERSAL)
    undone = _during(reversals, scope.span, "occurred_at").order_by().values("reverses")
    found.add(_sums(shipped.filter(movement__in=undone), "line__variant", price), -1)
    _add_returns(scope, found)
    _add_slips(scope, found)
    unpriced = _unpriced(scope, found)
    found.notes = [*unpriced, *unknown_costs({pk: n for pk, n in found.pieces.items() if n > 0}, found.costs)]
    return found


def _add_returns(scope: Scope, found: Earned) -> None:
    """What came back, and what went out in exchange, on the day it did; a return that was taken back is no return."""
    lines = _of(scope, ReturnLine.objects.filter(note__brand=scope.brand), "variant", "location")
    lines = lines.filter(note__currency=scope.brand.currency)
    price = F("quantity") * F("unit_price")
    for chosen, posting, sign in (
        (~Q(kind=ReturnLine.Kind.SENT), "note__posting", -1),
        (Q(kind=ReturnLine.Kind.SENT), "note__sent", 1),
    ):
        rows = lines.filter(chosen)
        found.add(_sums(_during(rows, scope.span, f"{posting}__occurred_at"), "variant", price), sign)
        undone = _during(rows.filter(note__taken_back_at__isnull=False), scope.span, "note__taken_back_at")
        found.add(_sums(undone, "variant", price), -sign)


def _add_slips(scope: Scope, found: Earned) -> None:
    """Slips of samples that were sold and of consignment: those that neither an order nor a return wrote."""
    lines = SlipLine.objects.filter(
        slip__brand=scope.brand, slip__currency=scope.brand.currency, slip__posting__isnull=False, slip__order=None,
        slip__return_note=None, slip__shipment=None, slip__reverses__return_note=None, slip__reverses__shipment=None,
    )  # fmt: skip
    lines = _of(scope, lines, "variant", None)
    lines = _during(lines, scope.span, "slip__posting__occurred_at")
    pieces = Case(When(amount__lt=0, then=-F("quantity")), default=F("quantity"), output_field=IntegerField())
    found.add(_sums(lines, "variant", F("amount"), pieces))


def _of(scope: Scope, rows: Any, variant: str, place: str | None) -> Any:
    if scope.wanted is not None:
        rows = rows.filter(**{f"{variant}__in": scope.wanted})
    if scope.location:
        rows = rows.filter(**{place: scope.location}) if place else rows.none()
    return rows


def _during(rows: Any, span: Span, moment: str) -> Any:
    if span.start:
        rows = rows.filter(**{f"{moment}__gte": span.start})
    return rows.filter(**{f"{moment}__lt": span.end}) if span.end else rows


def _sums(rows: Any, variant: str, amount: Any, pieces: Any = None) -> Any:
    grouped = (
        rows.order_by()
        .values(variant)
        .annotate(n=Sum(pieces or F("quantity")), money=Sum(amount, output_field=_AMOUNT))
    )
    return grouped.values_list(variant, "n", "money")


def _unpriced(scope: Scope, found: Earned) -> list[str]:
    sold = scope.sold()
    missing = sum(max(pieces - found.pieces.get(pk, 0), 0) for pk, pieces in sold.items())
    if not missing:
        return []
    words = ngettext(
        "%(n)s piece was sold without an order or slip: it has no price, and is in no revenue or margin here.",
        "%(n)s pieces were sold without an order or slip: they have no price, and are in no revenue or margin here.",
        missing,
    )
    return [words % {"n": f"{missing:,}"}]

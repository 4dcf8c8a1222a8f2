"""What a report is asked about, and the numbers that several reports need of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import ngettext

from catalog.days import business_day
from catalog.models import Brand, Category, Product, Variant
from erp.inventory.models import Balance, CostEntry, Location, VariantCost
from erp.reports.models import Flow
from erp.reports.sql.sums import DELTA, Flows, Narrowing, Span, last_rolled_up
from erp.reports.tables import Line

Pieces = dict[int, int]


@dataclass
class Scope:
    """Made of a valid form, and used inside one `snapshot`. `options` are what only single reports know."""

    brand: Brand
    span: Span = field(default_factory=Span)
    first: date | None = None
    last: date | None = None
    product: Product | None = None
    category: Category | None = None
    location: Location | None = None
    by: str = "product"
    options: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return business_day(self.brand)

    @cached_property
    def mark(self) -> int:
        return last_rolled_up(self.brand)

    @cached_property
    def owners(self) -> dict[int, int]:
        """The product of each variant that is asked about."""
        variants = Variant.objects.of(self.brand)
        if self.product:
            variants = variants.filter(product=self.product)
        if self.category:
            variants = variants.filter(product__category=self.category)
        return dict(variants.order_by().values_list("pk", "product_id"))

    @property
    def wanted(self) -> Collection[int] | None:
        """The variants for a query; None: all of the brand."""
        return list(self.owners) if self.product or self.category else None

    @cached_property
    def ours(self) -> list[int]:
        """The places whose stock is counted."""
        if self.location:
            return [self.location.pk]
        return list(Location.objects.of(self.brand).internal().values_list("pk", flat=True))

    def flows(self, span: Span | None = None, *, counted: bool = False) -> Flows:
        """Flows in the report's span, or another; `counted`: only where stock is, so that they add up to it."""
        locations = self.ours if counted or self.location else None
        narrowing = Narrowing(self.wanted, locations)
        return Flows(self.brand, span or self.span, narrowing, mark=self.mark)

    def by_flow(self, span: Span | None = None, *, counted: bool = False) -> dict[str, Pieces]:
        """The pieces of each flow by variant."""
        found: dict[str, Pieces] = defaultdict(lambda: defaultdict(int))
        rows = self.flows(span, counted=counted).sums("f.flow, f.variant_id, SUM(f.pieces)", "f.flow, f.variant_id")
        for flow, variant, pieces in rows:
            if variant in self.owners:
                found[flow][variant] = int(pieces)
        return found

    def sold(self, span: Span | None = None) -> Pieces:
        """Pieces sold by variant; what came back is taken off."""
        flows = self.by_flow(span)
        sold: Pieces = defaultdict(int, flows[Flow.SOLD])
        for variant, pieces in flows[Flow.RETURNED].items():
            sold[variant] -= pieces
        return sold

    def on_hand(self, moment: datetime | None = None) -> Pieces:
        """What was there at a moment by variant: what is there now, less what moved since. None: now."""
        balances = Balance.objects.filter(location__in=self.ours)
        if self.wanted is not None:
            balances = balances.filter(variant__in=self.owners)
        rows = balances.order_by().values_list("variant").annotate(n=Sum("on_hand"))
        held: Pieces = defaultdict(int, {pk: n for pk, n in rows if pk in self.owners})
        if moment is not None:
            for variant, delta in self._since(moment):
                held[variant] -= int(delta)
        return held

    def _since(self, moment: datetime) -> list[tuple[int, int]]:
        rows = self.flows(Span(moment, None), counted=True).sums(f"f.variant_id, SUM({DELTA})", "f.variant_id")
        return [row for row in rows if row[0] in self.owners]

    def costs(self, moment: datetime | None = None) -> dict[int, Decimal]:
        """The average cost of a piece of each variant, as it was at a moment; one whose cost is unknown is absent."""
        if moment is None or moment >= timezone.now():
            return dict(VariantCost.objects.of(self.brand).values_list("variant", "average"))
        before = CostEntry.objects.of(self.brand).filter(movement__occurred_at__lt=moment)
        latest = before.order_by().values("variant").annotate(pk_of_last=Max("pk")).values("pk_of_last")
        return dict(CostEntry.objects.filter(pk__in=latest).order_by().values_list("variant", "average_after"))

    def grouped(self, variants: Mapping[int, Any] | Collection[int]) -> dict[int, list[int]]:
        """The variants of each line: those of a product, or each by itself."""
        groups: dict[int, list[int]] = defaultdict(list)
        for variant in variants:
            groups[variant if self.by == "variant" else self.owners[variant]].append(variant)
        return groups

    def line(self, key: int, values: dict[str, Any]) -> Line:
        if self.by == "variant":
            return Line(values, variant=key, product=self.owners[key], address={"variant": key})
        return Line(values, product=key, address={"product": key})

    @property
    def days(self) -> int:
        """How many business days the span has."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


def valued(variants: Collection[int], pieces: Mapping[int, int], costs: Mapping[int, Decimal]) -> Decimal | None:
    """What the pieces cost; those of unknown cost are left out, and None says that this is all of them."""
    known = [pieces[pk] * costs[pk] for pk in variants if pieces.get(pk) and pk in costs]
    if known or not any(pieces.get(pk) for pk in variants):
        return sum(known, Decimal(0))
    return None


def unknown_costs(pieces: Mapping[int, int], costs: Mapping[int, Decimal]) -> list[str]:
    """The sentence about pieces that no value counts, if there are any."""
    missing = {pk: n for pk, n in pieces.items() if n and pk not in costs}
    if not missing:
        return []
    words = ngettext(
        "Cost unknown: %(n)s variant (%(pieces)s pieces). It is in no value here; enter its cost when you receive it.",
        "Cost unknown: %(n)s variants (%(pieces)s pieces). They are in no value here; "
        "enter their cost when you receive them.",
        len(missing),
    )
    return [words % {"n": f"{len(missing):,}", "pieces": f"{sum(missing.values()):,}"}]

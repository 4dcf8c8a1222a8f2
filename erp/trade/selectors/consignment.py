"""Goods at partners: what lies there, since when, and what was sold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from catalog.models import Brand, Variant
from erp.inventory.models import Balance, StockMovement
from erp.trade.models import ConsignmentSale, Partner, SlipLine


@dataclass(frozen=True, slots=True)
class There:
    """One variant at a partner. `since` is when the oldest of the pieces that lie there came."""

    variant: Variant
    on_hand: int
    since: datetime | None


def partners_with_goods(brand: Brand) -> Any:
    """Partners that goods were ever sent to, with the pieces that lie there."""
    rows = Partner.objects.of(brand).filter(location__isnull=False)
    pieces = Coalesce(Sum("location__balances__on_hand"), 0)
    styles = Count("location__balances__variant__product", filter=Q(location__balances__on_hand__gt=0), distinct=True)
    return rows.annotate(pieces=pieces, styles=styles).order_by("-pieces", "name", "pk")


def goods_at(partner: Partner) -> list[There]:
    """What lies at a partner, product by product."""
    held = Balance.objects.filter(location=partner.location_id or 0, on_hand__gt=0)
    order = ("variant__product__pk", "variant__colour__position", "variant__size__position", "variant")
    rows = held.select_related("variant__product", "variant__colour", "variant__size").order_by(*order)
    balances = list(rows.prefetch_related("variant__product__images"))
    since = _since(partner.location_id or 0, {balance.variant_id: balance.on_hand for balance in balances})
    return [There(balance.variant, balance.on_hand, since.get(balance.variant_id)) for balance in balances]


def _since(location: int, on_hand: dict[int, int]) -> dict[int, datetime]:
    """When the oldest piece that is still there came, if the first to come is the first to go."""
    arrivals = StockMovement.objects.filter(destination=location, variant__in=on_hand, reversed_by=None)
    arrivals = arrivals.exclude(reverses__isnull=False).order_by("-pk")
    left, found = dict(on_hand), {}
    for variant, quantity, moment in arrivals.values_list("variant", "quantity", "occurred_at").iterator():
        if left[variant] > 0:
            left[variant] -= quantity
            found[variant] = moment
    return found


def agreed_prices(partner: Partner) -> dict[int, Decimal]:
    """What the partner last paid for one piece of each product."""
    lines = SlipLine.objects.filter(slip__consignment_sale__partner=partner, slip__reversed_by=None)
    rows = lines.order_by("pk").values_list("variant__product", "unit_price")
    return dict(rows)


def sales_of(partner: Partner) -> Any:
    """What was reported, newest first, with its pieces."""
    rows = ConsignmentSale.objects.filter(partner=partner).select_related("slip", "created_by")
    return rows.annotate(pieces=Coalesce(Sum("slip__lines__quantity"), 0)).order_by("-pk")


def sold_pieces(partner: Partner) -> int:
    standing = ConsignmentSale.objects.filter(partner=partner, taken_back_at=None)
    return standing.aggregate(n=Coalesce(Sum("slip__lines__quantity"), 0))["n"]


def by_product(rows: list[There]) -> list[tuple[Any, list[There]]]:
    """The goods product by product, for a page."""
    found: defaultdict[int, list[There]] = defaultdict(list)
    for row in rows:
        found[row.variant.product_id].append(row)
    return [(group[0].variant.product, group) for group in found.values()]

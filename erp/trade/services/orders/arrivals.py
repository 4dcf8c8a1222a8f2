"""Goods that arrived, offered to those who wait for them: the oldest debt first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Balance
from erp.trade.models import Order, OrderLine
from erp.trade.services.orders.locked import State
from erp.trade.services.orders.place import reserve_waiting

MOST = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that waits for `waiting` pieces, of which `owed` are paid for; `offered` of what is available are its."""

    line: OrderLine
    waiting: int
    owed: int
    available: int
    offered: int


def offer_arrivals(brand: Brand, variants: Collection[int] | None = None) -> list[Proposal]:
    """Who waits for what that is in stock now, at the place each order ships from: owed goods first, then the oldest
    order. Nothing is written."""
    waiting = _waiting(brand, variants)
    spots = {(line.variant_id, line.order.location_id) for line in waiting}
    rows = Balance.objects.filter(
        variant__in={variant for variant, _place in spots}, location__in={place for _variant, place in spots}
    )
    left = {(row.variant_id, row.location_id): row.available for row in rows}
    proposals = []
    for line in waiting:
        spot = (line.variant_id, line.order.location_id)
        available = left.get(spot, 0)
        offered = min(line.waiting, available)
        if available:
            proposals.append(Proposal(line, line.waiting, min(line.owed, line.waiting), available, offered))
            left[spot] = available - offered
    return proposals


def _waiting(brand: Brand, variants: Collection[int] | None) -> list[OrderLine]:
    """The lines of open orders that nothing is held for, in the order of their claims."""
    open_lines = OrderLine.objects.filter(
        Q(quantity__gt=F("shipped") + F("cancelled") + F("reserved")),
        order__brand=brand,
        order__state__in=[State.OPEN, State.PICKED],
    )
    if variants is not None:
        open_lines = open_lines.filter(variant__in=variants)
    in_stock = Balance.objects.filter(location__brand=brand, on_hand__gt=F("reserved")).values("variant")
    rows = open_lines.filter(variant__in=in_stock).select_related(
        "order__buyer", "variant__product", "variant__colour", "variant__size"
    )
    claims = rows.order_by(F("owed_since").asc(nulls_last=True), "order__placed_at", "pk")
    return list(claims.prefetch_related("variant__product__images")[:MOST])


def allocate(
    *, brand: Brand, quantities: Mapping[int, int], actor: User, idempotency_key: str
) -> tuple[int, list[tuple[Order, DomainError]]]:
    """Holds so many pieces for each line (by its pk), order by order in the order of their claims, and answers how many
    pieces are held now and which orders were refused. Less is held where somebody took the goods meanwhile."""
    wanted: defaultdict[int, dict[int, int]] = defaultdict(dict)
    found = OrderLine.objects.filter(pk__in=quantities, order__brand=brand)
    by_claim = found.order_by(F("owed_since").asc(nulls_last=True), "order__placed_at", "pk")
    claims = list(by_claim.values_list("pk", "order_id"))
    for pk, order_id in claims:
        wanted[order_id][pk] = quantities[pk]
    if len(claims) < len(quantities):
        message = _("There is no such line to hold goods for. Load the list again.")
        raise DomainError("unknown_line", message, [Problem("unknown_line", message, "lines")])
    orders = Order.objects.of(brand).in_bulk(wanted)
    held, refused = 0, []
    for order_id, lines in wanted.items():
        order = orders[order_id]
        try:
            step = reserve_waiting(order=order, quantities=lines, actor=actor, idempotency_key=idempotency_key)
            held += step.pieces
        except DomainError as error:
            refused.append((order, error))
    return held, refused


def age_in_days(line: OrderLine) -> int:
    """For how many days pieces have been owed."""
    return (timezone.now() - line.owed_since).days if line.owed_since else 0

"""Orders in one press: sold over the counter, or taken in from a marketplace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Unpack

from django.db import transaction
from django.utils import timezone

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.trade.models import Order, OrderEvent, Shipment
from erp.trade.services.orders.entries import Entry
from erp.trade.services.orders.locked import State, note_step, open_desk
from erp.trade.services.orders.place import place_order
from erp.trade.services.orders.ship import ship_order
from erp.trade.services.orders.write import Heading, create_order


@transaction.atomic
def sell_now(
    *,
    brand: Brand,
    actor: User,
    idempotency_key: str,
    entries: Sequence[Entry],
    shortage: str = "",
    paid: Decimal = Decimal(0),
    method: str = "cash",
    **heading: Unpack[Heading],
) -> Order:
    """Order, shipment, slip and payment in one transaction: the goods go over the counter now.

    Pieces that are not in stock refuse the sale with every line that is short, unless `shortage` (`owed`, `wait` or
    `cancel`) says what becomes of them. The same key gives the first sale again.
    """
    order = create_order(brand=brand, actor=actor, idempotency_key=idempotency_key, entries=entries, **heading)
    if order.replayed:
        return order
    sell_order(order=order, actor=actor, idempotency_key="sell", shortage=shortage, paid=paid, method=method)
    order.refresh_from_db()
    return order


@transaction.atomic
def sell_order(
    *, order: Order, actor: User, idempotency_key: str, shortage: str = "", paid: Decimal = Decimal(0), method: str
) -> Shipment:
    """Places a draft and ships it at once; see `sell_now`."""
    lines = list(order.lines.values_list("pk", "quantity"))
    if shortage:
        place_order(order=order, actor=actor)
        quantities = dict(order.lines.values_list("pk", "reserved"))
    else:
        _open_unreserved(order, actor)
        quantities = dict(lines)
    return ship_order(
        order=order,
        actor=actor,
        idempotency_key=idempotency_key,
        quantities=quantities,
        shortages={pk: shortage for pk, _quantity in lines} if shortage else None,
        paid=paid,
        method=method,
        note=order.note,
    )


def _open_unreserved(order: Order, actor: User) -> None:
    """What leaves in the same breath need not be held first."""
    desk = open_desk(order)
    if desk.order.state == State.DRAFT:
        desk.order.state, desk.order.placed_at = State.OPEN, timezone.now()
        desk.save()
        note_step(desk.order, OrderEvent.Kind.PLACED, actor)


@transaction.atomic
def take_order(
    *,
    brand: Brand,
    actor: User,
    idempotency_key: str,
    entries: Sequence[Entry],
    partial: bool = False,
    **heading: Unpack[Heading],
) -> Order:
    """An order that is placed as it is written, such as one of a marketplace: all of its goods are held at once, or
    with `partial` those in stock. With `expires_at` they go back on sale unless it is paid by then."""
    order = create_order(brand=brand, actor=actor, idempotency_key=idempotency_key, entries=entries, **heading)
    return order if order.replayed else place_order(order=order, actor=actor, partial=partial)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What became of one order of many: its shipment, or why not."""

    order: Order
    shipment: Shipment | None = None
    error: DomainError | None = None


def ship_orders(*, orders: Iterable[Order], actor: User, idempotency_key: str) -> list[Shipped]:
    """Ships what is held of each order, each in a transaction of its own; what fails leaves the others alone."""
    return [_ship_one(order, actor, idempotency_key) for order in orders]


def _ship_one(order: Order, actor: User, key: str) -> Shipped:
    try:
        return Shipped(order, shipment=ship_order(order=order, actor=actor, idempotency_key=key))
    except DomainError as error:
        return Shipped(order, error=error)

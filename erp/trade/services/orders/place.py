"""Placing an order holds what is in stock; picking takes it off the shelf."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from erp.core.models import User
from erp.inventory.services import Claim, reserve
from erp.trade.models import Order, OrderEvent
from erp.trade.services.once import fingerprint_of
from erp.trade.services.orders.locked import (
    Desk,
    State,
    fresh_key,
    note_step,
    open_desk,
    refuse_state,
    step_of,
)


@transaction.atomic
def place_order(*, order: Order, actor: User, partial: bool = True) -> Order:
    """A draft becomes an order: what is in stock is held for it, the rest waits. Placed before, it stays as it is.

    Without `partial` all pieces are held, or the order is refused with every line that is short.
    """
    desk = open_desk(order)
    if desk.order.is_open:
        return desk.order
    if desk.order.state != State.DRAFT:
        raise refuse_state(desk.order, "not_a_draft")
    desk.order.state, desk.order.placed_at = State.OPEN, timezone.now()
    held = hold(desk, {pk: line.quantity for pk, line in desk.lines.items()}, actor, partial=partial)
    desk.save()
    note_step(desk.order, OrderEvent.Kind.PLACED, actor, pieces=held)
    return desk.order


@transaction.atomic
def reserve_waiting(
    *, order: Order, actor: User, idempotency_key: str, quantities: Mapping[int, int] | None = None
) -> OrderEvent:
    """Holds pieces for lines that wait: so many of each line, or all that is there for the order."""
    desk = open_desk(order)
    print_of = fingerprint_of("reserve", sorted((quantities or {}).items()))
    if before := step_of(desk.order, idempotency_key, print_of):
        return before
    if not desk.order.is_open:
        raise refuse_state(desk.order, "not_open")
    waiting = {pk: line.waiting for pk, line in desk.lines.items()}
    wanted = waiting if quantities is None else desk.quantities(quantities, waiting)
    held = hold(desk, wanted, actor, partial=True)
    desk.save()
    return note_step(desk.order, OrderEvent.Kind.RESERVED, actor, pieces=held, key=idempotency_key, print_of=print_of)


@transaction.atomic
def pick_order(*, order: Order, quantities: Mapping[int, int], actor: User) -> Order:
    """Says how many pieces of each line are off the shelf, of those that are held for it. Saying it again changes
    nothing; a line that is not named has none."""
    desk = open_desk(order)
    if not desk.order.is_open:
        raise refuse_state(desk.order, "not_open")
    picked = desk.quantities(quantities, {pk: line.reserved for pk, line in desk.lines.items()})
    if picked != {pk: line.picked for pk, line in desk.lines.items() if line.picked}:
        for pk, line in desk.lines.items():
            line.picked = picked.get(pk, 0)
        desk.save()
        note_step(desk.order, OrderEvent.Kind.PICKED, actor, pieces=sum(picked.values()))
    return desk.order


def hold(desk: Desk, wanted: Mapping[int, int], actor: User, *, partial: bool) -> int:
    """Reserves pieces for lines of a locked order and answers how many there were."""
    order = desk.order
    claims = [
        Claim(desk.lines[pk].variant_id, quantity, order.location_id, line=desk.numbers[pk])
        for pk, quantity in wanted.items()
        if quantity
    ]
    if not claims:
        return 0
    made = reserve(
        brand=order.brand,
        claims=claims,
        actor=actor,
        idempotency_key=fresh_key(),
        reference=order.number,
        partial=partial,
    )
    return sum(reservation.quantity for reservation in made)

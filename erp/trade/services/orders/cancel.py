"""Giving up an order or some of its pieces: what was held is released, once, and what was owed is credited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.services import release
from erp.trade.models import Order, OrderEvent, OrderLine, Slip, SlipLine
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
from erp.trade.services.slips import SlipEntry, issue_slip

EXPIRED_AT_ONCE = 500


@transaction.atomic
def cancel_order(
    *, order: Order, actor: User, idempotency_key: str, quantities: Mapping[int, int] | None = None, note: str = ""
) -> Order:
    """Cancels so many open pieces of each line (by its pk), or all that is open. Cancelled before: nothing happens."""
    desk = open_desk(order)
    print_of = fingerprint_of("cancel", None if quantities is None else sorted(quantities.items()), note)
    if step_of(desk.order, idempotency_key, print_of):
        return desk.order
    if quantities is None and desk.order.state == State.CANCELLED:
        return desk.order
    if desk.order.state in (State.CANCELLED, State.SHIPPED):
        raise refuse_state(desk.order, "not_open")
    open_now = {pk: line.open for pk, line in desk.lines.items()}
    dropped = open_now if quantities is None else desk.quantities(quantities, open_now)
    if not sum(dropped.values()):
        message = _("Type how many pieces are cancelled.")
        raise DomainError("nothing_to_cancel", message, [Problem("nothing_to_cancel", message, "lines")])
    _leave_draft(desk, dropped)
    drop(desk, dropped, actor, note)
    desk.save()
    pieces = sum(dropped.values())
    note_step(
        desk.order, OrderEvent.Kind.CANCELLED, actor, pieces=pieces, note=note, key=idempotency_key, print_of=print_of
    )
    return desk.order


@transaction.atomic
def confirm_order(*, order: Order, actor: User) -> Order:
    """It is paid: what is held for it does not expire any more. Said again, nothing happens."""
    desk = open_desk(order)
    if desk.order.state == State.CANCELLED:
        message = _("This order was given up before it was paid, and its goods went back on sale. Order them anew.")
        raise DomainError("not_open", message, [Problem("not_open", message, "state")], status=409)
    if desk.order.expires_at is not None:
        desk.order.expires_at = None
        desk.save()
        note_step(desk.order, OrderEvent.Kind.CONFIRMED, actor)
    return desk.order


@transaction.atomic
def expire_order(*, order: Order, moment: datetime | None = None) -> bool:
    """Gives up an order whose time is over, unless it was paid, shipped or cancelled meanwhile."""
    desk = open_desk(order)
    due = desk.order.expires_at is not None and desk.order.expires_at <= (moment or timezone.now())
    if not due or not desk.order.is_open:
        return False
    open_now = {pk: line.open for pk, line in desk.lines.items()}
    desk.order.expires_at = None
    drop(desk, open_now, None)
    desk.save()
    note_step(desk.order, OrderEvent.Kind.EXPIRED, None, pieces=sum(open_now.values()))
    return True


def expire_orders() -> int:
    """Gives up every order whose time is over, each in a transaction of its own, and answers how many."""
    due = Order.objects.filter(expires_at__lte=timezone.now(), state__in=[State.OPEN, State.PICKED])
    return sum(expire_order(order=order) for order in due.order_by("expires_at", "pk")[:EXPIRED_AT_ONCE])


def drop(desk: Desk, quantities: Mapping[int, int], actor: User | None, note: str = "") -> None:
    """Cancels pieces of a locked order: first those that wait, then those that are held; the billed ones last, whose
    money goes back to the buyer's account."""
    given_back: dict[int, int | None] = {}
    credited: list[SlipEntry] = []
    for pk, quantity in quantities.items():
        line = desk.lines[pk]
        if not quantity:
            continue
        held = sum(row.open for row in desk.held[pk])
        given_back |= _releases(desk, pk, held - (line.open - quantity))
        billed = max(quantity - (line.open - line.owed), 0)
        line.cancelled += quantity
        line.billed -= billed
        if billed:
            credited.append(_credit(line, billed))
    if given_back:
        release(brand=desk.order.brand, quantities=given_back)
    if credited and desk.order.buyer and actor:
        issue_slip(
            buyer=desk.order.buyer,
            kind=Slip.Kind.CREDIT,
            entries=credited,
            actor=actor,
            idempotency_key=fresh_key(),
            order=desk.order,
            deliver_to=desk.order.deliver_to,
            note=note or _("Owed goods cancelled"),
        )


def _releases(desk: Desk, pk: int, surplus: int) -> dict[int, int | None]:
    """The reservations that give back what is held beyond what stays open, the youngest first."""
    found: dict[int, int | None] = {}
    for row in reversed(desk.held[pk]):
        taken = min(row.open, surplus)
        if taken <= 0:
            break
        found[row.pk] = taken
        surplus -= taken
    return found


def _credit(line: OrderLine, quantity: int) -> SlipEntry:
    kind = SlipLine.Kind.RETURNED
    return SlipEntry(variant=line.variant, kind=kind, quantity=quantity, unit_price=line.unit_price, line=line)


def _leave_draft(desk: Desk, dropped: Mapping[int, int]) -> None:
    """A draft is given up whole: a part of it is changed by editing it."""
    if desk.order.state == State.DRAFT:
        if any(line.open != dropped.get(pk, 0) for pk, line in desk.lines.items()):
            raise refuse_state(desk.order, "not_open")
        desk.order.state = State.OPEN

"""Goods that a buyer orders on top of an order that is placed already."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.trade.models import Order, OrderEvent, OrderLine
from erp.trade.services.once import check_key, fingerprint_of
from erp.trade.services.orders.entries import Entry, Explosion
from erp.trade.services.orders.locked import note_step, open_desk, refuse_state, step_of
from erp.trade.services.orders.place import hold
from erp.trade.services.orders.write import body_of, write_lines


@transaction.atomic
def add_to_order(*, order: Order, entries: Sequence[Entry], actor: User, idempotency_key: str) -> OrderEvent:
    """More goods for an open order: what is in stock is held for them, the rest waits.

    What is on it already counts up, at its price. An order that a marketplace numbered is changed there.
    """
    check_key(idempotency_key)
    desk = open_desk(order)
    print_of = fingerprint_of("add", body_of(entries))
    if before := step_of(desk.order, idempotency_key, print_of):
        return before
    if not desk.order.is_open:
        raise refuse_state(desk.order, "not_open")
    if desk.order.channel_number:
        message = _("This order is %(channel)s's. Change it there.") % {"channel": desk.order.channel_name}
        raise DomainError("of_channel", message, [Problem("of_channel", message, "state")], status=409)
    was = {pk: line.quantity for pk, line in desk.lines.items()}
    lines = Explosion(desk.order.brand, entries, desk.lines.values()).lines.values()
    OrderLine.objects.bulk_update([line for line in lines if line.pk], ["quantity"], batch_size=500)
    write_lines(desk.order, [line for line in lines if not line.pk])
    desk = open_desk(order)
    more = {pk: line.quantity - was.get(pk, 0) for pk, line in desk.lines.items()}
    hold(desk, more, actor, partial=True)
    desk.save()
    pieces = sum(more.values())
    return note_step(desk.order, OrderEvent.Kind.ADDED, actor, pieces=pieces, key=idempotency_key, print_of=print_of)

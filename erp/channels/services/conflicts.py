"""What a person decides of an order: ours or theirs, given up, tried again."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.channels.formats.orders import SaidLine, SaidOrder
from erp.channels.models import ChannelOrder, ChannelOrderLine
from erp.channels.services.intake import Goods, State, content_of, lines_of, locked, settle, state_of
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.trade.models import Order
from erp.trade.services.orders import cancel_order


def told_lines(order: ChannelOrder) -> list[SaidLine]:
    """What the marketplace said last, where it was something else."""
    return [
        SaidLine(sku, title, options, quantity, Decimal(price), line_number)
        for sku, title, options, quantity, price, line_number in order.contradiction.get("lines", ())
    ]


@transaction.atomic
def keep_ours(*, order: ChannelOrder, actor: User) -> ChannelOrder:
    """What we hold stays. The marketplace may say the other thing again without being asked about."""
    row = _contradicted(order)
    if row.contradiction.get("lines"):
        row.fingerprint, row.contradiction = content_of(told_lines(row)), {}
    row.problem, row.state = "", state_of(row)  # that it is given up there stays noted, and is no news again
    row.save()
    return row


@transaction.atomic
def take_theirs(*, order: ChannelOrder, actor: User) -> ChannelOrder:
    """Ours is cancelled, its goods go back on sale, and what the marketplace said last is taken in instead.

    Refused once goods went out: those come back first, as a return.
    """
    row = _contradicted(order)
    if row.order and row.order.lines.filter(shipped__gt=0).exists():
        message = _("Goods of this order went out. Take them back as a return, then keep ours.")
        raise DomainError("already_shipped", message, [Problem("already_shipped", message, "order")], status=409)
    _cancel_ours(row, actor)
    said = told_lines(row)
    row.lines.all().delete()
    goods = Goods(row.channel, [SaidOrder(row.number, lines=said)])
    ChannelOrderLine.objects.bulk_create(lines_of(row, said, goods))
    row.revision += 1 if row.order else 0
    row.order, row.fingerprint, row.contradiction = None, content_of(said), {}
    row.state, row.problem = State.UNKNOWN, ""
    row.save()
    return settle(order=row, actor=actor)


@transaction.atomic
def cancel_channel_order(*, order: ChannelOrder, actor: User) -> ChannelOrder:
    """Given up here; what is held for it goes back on sale. The marketplace has to be told there."""
    row = locked(order)
    if row.state in (State.CANCELLED, State.SHIPPED):
        message = _("Nothing of this order is open any more.")
        raise DomainError("not_open", message, [Problem("not_open", message, "state")], status=409)
    _cancel_ours(row, actor)
    row.state, row.problem, row.contradiction = State.CANCELLED, "", {}
    row.save()
    return row


def follow_order(order: Order) -> None:
    """Our order went on: what is shipped or cancelled here is so there."""
    found = ChannelOrder.objects.select_for_update(of=("self",), no_key=True).filter(order=order)
    row = found.exclude(state=State.CONFLICT).first()
    if row is None:
        return
    row.order = order
    state = state_of(row)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state", "updated_at"])


def _contradicted(order: ChannelOrder) -> ChannelOrder:
    row = locked(order)
    if row.state != State.CONFLICT:
        message = _("This order is settled already.")
        raise DomainError("not_contradicted", message, [Problem("not_contradicted", message, "state")], status=409)
    return row


def _cancel_ours(row: ChannelOrder, actor: User) -> None:
    if row.order and row.order.is_open:
        cancel_order(order=row.order, actor=actor, idempotency_key=f"channel-cancel-{row.pk}-{row.revision}")

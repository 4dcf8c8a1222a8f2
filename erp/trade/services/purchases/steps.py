"""What becomes of a purchase order: it is sent, closed, opened again, or cancelled. Taken twice, a step is one step."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.trade.models import PurchaseOrder
from erp.trade.services.purchases.locked import AWAITED, State, follow_lines, lock_purchase, refuse_state, state_of


@transaction.atomic
def order_purchase(*, order: PurchaseOrder) -> PurchaseOrder:
    """The draft was sent to the supplier: its pieces are on order from now on."""
    order = lock_purchase(order)
    if order.state in AWAITED:
        return order
    if order.state != State.DRAFT:
        raise refuse_state(order)
    order.state, order.ordered_at = State.ORDERED, timezone.now()
    follow_lines(order, order.lines.all())
    return order


@transaction.atomic
def close_purchase(*, order: PurchaseOrder) -> PurchaseOrder:
    """Nothing more is expected, although less came than was ordered."""
    order = lock_purchase(order)
    if order.state == State.CLOSED:
        return order
    if order.state not in AWAITED:
        raise refuse_state(order)
    order.state = State.CLOSED
    order.save(update_fields=["state", "updated_at"])
    return order


@transaction.atomic
def reopen_purchase(*, order: PurchaseOrder) -> PurchaseOrder:
    """More is expected after all of an order that was closed or cancelled."""
    order = lock_purchase(order)
    if order.state not in (State.CLOSED, State.CANCELLED):
        return order
    order.ordered_at = order.ordered_at or timezone.now()
    order.state = state_of(order.lines.all())
    order.save(update_fields=["state", "ordered_at", "updated_at"])
    return order


@transaction.atomic
def cancel_purchase(*, order: PurchaseOrder) -> PurchaseOrder:
    """Takes an order off of which nothing came. One that was delivered in part is closed instead."""
    order = lock_purchase(order)
    if order.state == State.CANCELLED:
        return order
    if order.lines.filter(received__gt=0).exists():
        message = _("Some of this order has come. Close it instead: what came stays, and nothing more is expected.")
        raise DomainError("has_come", message, [Problem("has_come", message, "state")], status=409)
    if order.state not in (State.DRAFT, *AWAITED):
        raise refuse_state(order)
    order.state = State.CANCELLED
    order.save(update_fields=["state", "updated_at"])
    return order

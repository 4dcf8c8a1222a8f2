"""A purchase order under lock, and the state that follows from what came.

Locks in one order everywhere: the purchase order's row, balances, the counter of delivery numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.trade.models import PurchaseLine, PurchaseOrder

State = PurchaseOrder.State
# Something is still expected.
AWAITED = (State.ORDERED, State.PARTIAL)
# What came decides between these; the others were decided by a person.
_FOLLOWING = (State.ORDERED, State.PARTIAL, State.RECEIVED)


def lock_purchase(order: PurchaseOrder) -> PurchaseOrder:
    """Locks the order and reads it anew. Call it first of all in a transaction."""
    rows = PurchaseOrder.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("brand", "supplier", "location").get(pk=order.pk)


def follow_lines(order: PurchaseOrder, lines: Iterable[PurchaseLine]) -> None:
    """Writes the state that the lines of a locked order lead to."""
    if order.state in _FOLLOWING:
        order.state = state_of(lines)
    order.save(update_fields=["state", "ordered_at", "updated_at"])


def state_of(lines: Iterable[PurchaseLine]) -> State:
    rows = list(lines)
    if not any(line.received for line in rows):
        return State.ORDERED
    return State.PARTIAL if any(line.to_come for line in rows) else State.RECEIVED


def refuse_state(order: PurchaseOrder) -> DomainError:
    """What a person reads whose step comes too late or too early."""
    words = {
        State.DRAFT: _("This order is a draft. Send it to the supplier first."),
        State.CANCELLED: _("This order was cancelled."),
        State.CLOSED: _("This order was closed. Open it again first if more is expected."),
        State.RECEIVED: _("Everything on this order has come."),
    }
    message = words.get(State(order.state), _("Load the order again: somebody went on with it."))
    return DomainError("wrong_state", message, [Problem("wrong_state", message, "state")], status=409)

"""An order under lock, and the steps that were taken with it.

Locks in one order everywhere: the order's row, its reservations, balances, the buyer's account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem, idempotency_conflict
from erp.core.models import User
from erp.inventory.models import Balance, Reservation
from erp.inventory.querysets import of_reference
from erp.trade.models import Order, OrderEvent, OrderLine, Shipment

State = Order.State
_COUNTED = ("reserved", "picked", "shipped", "cancelled", "billed", "owed_since")


def fresh_key() -> str:
    """For what a step writes to the ledger: the step itself is what is taken once."""
    return uuid4().hex


class Desk:
    """The lines of a locked order by pk, the number people know each by, and what is held for it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        rows = order.lines.select_related("variant").order_by("pk")
        self.lines: dict[int, OrderLine] = {line.pk: line for line in rows}
        self.numbers = {pk: number for number, pk in enumerate(self.lines, start=1)}
        for line in self.lines.values():
            line.order = order
        self._before = {pk: self._counts(line) for pk, line in self.lines.items()}
        self.read_held()

    def read_held(self) -> None:
        """What is held for each line now, under lock: nobody else gives it back meanwhile."""
        rows = Reservation.objects.of(self.order.brand_id).open().filter(of_reference(self.order.number))
        pks = {number: pk for pk, number in self.numbers.items()}
        self.held: defaultdict[int, list[Reservation]] = defaultdict(list)
        for row in rows.select_for_update(no_key=True).order_by("pk"):
            pk = pks.get(row.line, 0)
            if pk and self.lines[pk].variant_id == row.variant_id:
                self.held[pk].append(row)

    def quantities(self, asked: Mapping[int, int], most: Mapping[int, int]) -> dict[int, int]:
        """What was asked of each line, in the order of the lines; more than `most` of one is refused."""
        unknown = _("This order has no such line.")
        problems = [self._problem("unknown_line", unknown, None) for _pk in asked.keys() - most]
        for pk, limit in most.items():
            quantity = asked.get(pk, 0)
            if type(quantity) is not int or not 0 <= quantity <= limit:
                message = _("At most %(most)s here. Load the order again, then type 0 to %(most)s.") % {"most": limit}
                problems.append(self._problem("too_many", message, pk))
        if problems:
            raise DomainError(problems[0].code, _("Nothing was changed, for the reasons below."), problems)
        return {pk: asked[pk] for pk in self.lines if asked.get(pk)}

    def hold_balances(self) -> None:
        """Locks the balances of every line at once, in their order, for a step that changes them in two turns."""
        variants = {line.variant_id for line in self.lines.values()}
        rows = Balance.objects.filter(variant__in=variants, location=self.order.location_id).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))

    def save(self) -> None:
        """Writes the lines that changed, what is held for them, and the state that follows."""
        self.read_held()
        for pk, line in self.lines.items():
            line.reserved = sum(row.open for row in self.held[pk])
            line.picked = min(line.picked, line.reserved)
            line.owed_since = (line.owed_since or timezone.now()) if line.owed else None
        changed = [line for pk, line in self.lines.items() if self._counts(line) != self._before[pk]]
        OrderLine.objects.bulk_update(changed, _COUNTED)
        self._before |= {line.pk: self._counts(line) for line in changed}
        self.order.state = self._state()
        self.order.save(update_fields=["state", "placed_at", "expires_at", "updated_at"])

    def _state(self) -> str:
        if self.order.state == State.DRAFT:
            return State.DRAFT
        lines = self.lines.values()
        if not any(line.open for line in lines):
            return State.SHIPPED if any(line.shipped for line in lines) else State.CANCELLED
        return State.PICKED if any(line.picked for line in lines) else State.OPEN

    def _problem(self, code: str, message: str, pk: int | None) -> Problem:
        return Problem(code, message, "quantity", self.numbers[pk] if pk else None)

    @staticmethod
    def _counts(line: OrderLine) -> tuple[Any, ...]:
        return tuple(getattr(line, name) for name in _COUNTED)


def open_desk(order: Order) -> Desk:
    """Locks the order and reads it anew. Call it first of all in a transaction."""
    locked = Order.objects.select_for_update(of=("self",), no_key=True).select_related("brand", "buyer", "location")
    return Desk(locked.get(pk=order.pk))


def lock_orders(pks: Iterable[int]) -> None:
    list(Order.objects.filter(pk__in=list(pks)).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def step_of(order: Order, key: str, print_of: str) -> OrderEvent | None:
    """The step that was taken with this key before; with other content it is refused."""
    found = order.events.filter(idempotency_key=key).select_related("shipment").first() if key else None
    if found and found.fingerprint != print_of:
        raise idempotency_conflict()
    return found


def note_step(
    order: Order,
    kind: str,
    actor: User | None,
    *,
    pieces: int = 0,
    note: str = "",
    key: str = "",
    print_of: str = "",
    shipment: Shipment | None = None,
) -> OrderEvent:
    return OrderEvent.objects.create(
        order=order,
        kind=kind,
        actor=actor,
        pieces=pieces,
        note=note[:200],
        idempotency_key=key,
        fingerprint=print_of,
        shipment=shipment,
    )


def refuse_state(order: Order, wanted: str) -> DomainError:
    """What a person reads whose step comes too late or too early."""
    words = {
        State.DRAFT: _("This order is a draft. Place it first."),
        State.CANCELLED: _("This order was cancelled. Nothing of it is open any more."),
        State.SHIPPED: _("Everything of this order has gone out. Nothing of it is open any more."),
    }
    message = words.get(State(order.state), _("Load the order again: somebody went on with it."))
    return DomainError(wanted, message, [Problem(wanted, message, "state")], status=409)

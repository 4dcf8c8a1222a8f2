"""Shipping an order, all or a part: the goods leave, the slip is written, and what is short is owed, waits or is
cancelled. One transaction: all of it happens, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import MovementKind, Posting
from erp.inventory.services import Line, post_movements
from erp.trade.models import Order, OrderEvent, OrderLine, Shipment, ShipmentLine, Slip, SlipLine
from erp.trade.services.once import fingerprint_of
from erp.trade.services.orders.cancel import drop
from erp.trade.services.orders.locked import (
    Desk,
    fresh_key,
    note_step,
    open_desk,
    refuse_state,
    step_of,
)
from erp.trade.services.slips import SlipEntry, issue_slip
from erp.trade.services.tracking import checked_tracking


class Shortage(models.TextChoices):
    """What becomes of the pieces of a line that do not go out now."""

    WAIT = "wait", gettext_lazy("Wait")  # neither billed nor sent
    OWED = "owed", gettext_lazy("Owed")  # billed now, sent later (미송)
    CANCEL = "cancel", gettext_lazy("Cancel")


@transaction.atomic
def ship_order(
    *,
    order: Order,
    actor: User,
    idempotency_key: str,
    quantities: Mapping[int, int] | None = None,
    shortages: Mapping[int, str] | None = None,
    paid: Decimal = Decimal(0),
    method: str = "cash",
    note: str = "",
    courier: str = "",
    tracking_number: str = "",
) -> Shipment:
    """Sends so many pieces of each line (by its pk); None: what is picked, else all that is held.

    First from what is held for the line, then from what is available. `shortages` says by line what becomes of the
    rest, which else waits. The same key again gives the first shipment, `replayed`.
    """
    desk = open_desk(order)
    asked = None if quantities is None else sorted(quantities.items())
    courier, tracking_number = checked_tracking(courier, tracking_number)
    parcel = [courier, tracking_number] if courier else []
    print_of = fingerprint_of("ship", asked, sorted((shortages or {}).items()), str(paid), method, note, *parcel)
    if before := step_of(desk.order, idempotency_key, print_of):
        assert before.shipment is not None
        before.shipment.replayed = True
        return before.shipment
    if not desk.order.is_open:
        raise refuse_state(desk.order, "not_open")
    wanted = desk.quantities(_all_ready(desk) if quantities is None else quantities, _open(desk))
    rest = _rest(desk, wanted, shortages or {})
    _refuse_without_buyer(desk.order, rest, paid)
    if any(choice == Shortage.CANCEL for choice in rest.values()):
        desk.hold_balances()
    shipment, entries = _send(desk, wanted, actor, note)
    _carry(shipment, courier, tracking_number)
    entries += _bill_owed(desk, [pk for pk, choice in rest.items() if choice == Shortage.OWED])
    if not entries:
        message = _("There is nothing to ship. Type how many pieces go out.")
        raise DomainError("nothing_to_ship", message, [Problem("nothing_to_ship", message, "lines")])
    desk.read_held()
    cancelled = [pk for pk, choice in rest.items() if choice == Shortage.CANCEL]
    drop(desk, {pk: desk.lines[pk].open for pk in cancelled}, actor)
    desk.order.expires_at = None
    _write_slip(shipment, desk.order, entries, paid=paid, method=method, note=note)
    desk.save()
    kind = OrderEvent.Kind.SHIPPED if shipment.posting else OrderEvent.Kind.BILLED
    pieces = sum(wanted.values()) or sum(entry.quantity for entry in entries)
    note_step(
        desk.order, kind, actor, pieces=pieces, note=note, key=idempotency_key, print_of=print_of, shipment=shipment
    )
    return shipment


def _carry(shipment: Shipment, courier: str, tracking_number: str) -> None:
    """Who carries it; of goods that are billed only, nobody does."""
    if courier and shipment.posting:
        shipment.courier, shipment.tracking_number = courier, tracking_number
        shipment.save(update_fields=["courier", "tracking_number"])


def _write_slip(
    shipment: Shipment, order: Order, entries: list[SlipEntry], *, paid: Decimal, method: str, note: str
) -> None:
    if order.buyer is None:
        return
    shipment.slip = issue_slip(
        buyer=order.buyer,
        kind=Slip.Kind.SALE,
        entries=entries,
        actor=shipment.actor,
        idempotency_key=fresh_key(),
        order=order,
        posting=shipment.posting,
        deliver_to=order.deliver_to,
        paid=paid,
        method=method,
        note=note,
    )
    shipment.save(update_fields=["slip"])


def _open(desk: Desk) -> dict[int, int]:
    return {pk: line.open for pk, line in desk.lines.items()}


def _all_ready(desk: Desk) -> dict[int, int]:
    picked = {pk: line.picked for pk, line in desk.lines.items() if line.picked}
    return picked or {pk: line.reserved for pk, line in desk.lines.items()}


def _rest(desk: Desk, wanted: Mapping[int, int], shortages: Mapping[int, str]) -> dict[int, str]:
    """What was chosen for the lines that do not go out whole."""
    problems = [
        Problem("unknown_choice", _("Choose what becomes of these pieces: owed, wait or cancel."), "shortages")
        for pk, choice in shortages.items()
        if pk not in desk.lines or choice not in Shortage.values
    ]
    if problems:
        raise DomainError("unknown_choice", problems[0].message, problems)
    return {pk: shortages.get(pk, Shortage.WAIT) for pk, line in desk.lines.items() if line.open > wanted.get(pk, 0)}


def _refuse_without_buyer(order: Order, rest: Mapping[int, str], paid: Decimal) -> None:
    if order.buyer is not None:
        return
    if Shortage.OWED in rest.values():
        message = _("Goods can be owed to a buyer only. Let these pieces wait, or cancel them.")
        raise DomainError("owed_needs_buyer", message, [Problem("owed_needs_buyer", message, "shortages")])
    if paid:
        message = _("Payments are kept on the account of a buyer, and this order has none.")
        raise DomainError("paid_needs_buyer", message, [Problem("paid_needs_buyer", message, "paid")])


def _send(desk: Desk, wanted: Mapping[int, int], actor: User, note: str) -> tuple[Shipment, list[SlipEntry]]:
    """The goods leave the house; what the slip says of them."""
    parts = [(pk, line) for pk, quantity in wanted.items() for line in _parts(desk, pk, quantity)]
    posting = _post(desk.order, [line for _pk, line in parts], actor, note) if parts else None
    shipment = Shipment.objects.create(order=desk.order, posting=posting, actor=actor)
    entries: dict[tuple[int, str], int] = {}
    rows = []
    movements = posting.movements.order_by("pk") if posting else ()
    for (pk, part), movement in zip(parts, movements, strict=True):
        line = desk.lines[pk]
        delivered = min(part.quantity, line.owed)
        rows.append(
            ShipmentLine(shipment=shipment, line=line, movement=movement, quantity=part.quantity, delivered=delivered)
        )
        line.shipped += part.quantity
        line.picked = max(line.picked - part.quantity, 0)
        if desk.order.buyer_id:
            line.billed += part.quantity - delivered
        for kind, quantity in ((Kind.SOLD, part.quantity - delivered), (Kind.DELIVERED, delivered)):
            entries[pk, kind] = entries.get((pk, kind), 0) + quantity
    ShipmentLine.objects.bulk_create(rows)
    return shipment, [_entry(desk.lines[pk], kind, n) for (pk, kind), n in entries.items() if n]


Kind = SlipLine.Kind


def _parts(desk: Desk, pk: int, quantity: int) -> list[Line]:
    """The lines for the ledger: out of what is held, then of what is there."""
    order, line, number, left = desk.order, desk.lines[pk], desk.numbers[pk], quantity
    parts = []
    for row in desk.held[pk]:
        if taken := min(row.open, left):
            parts.append(Line(line.variant_id, taken, row.location_id, "customer", line=number, reservation_id=row.pk))
            left -= taken
    if left:
        parts.append(Line(line.variant_id, left, order.location_id, "customer", line=number))
    return parts


def _post(order: Order, lines: list[Line], actor: User, note: str) -> Posting:
    try:
        return post_movements(
            brand=order.brand,
            kind=MovementKind.SHIPMENT,
            lines=lines,
            actor=actor,
            idempotency_key=fresh_key(),
            reference=order.number,
            note=note,
        )
    except DomainError as error:
        if error.code != "insufficient_stock":
            raise
        message = _("Nothing was shipped: there is too little of what is named below. Ship less, or let it wait.")
        raise DomainError(error.code, message, error.problems, status=error.status) from error


def _bill_owed(desk: Desk, pks: list[int]) -> list[SlipEntry]:
    """What is open of these lines is billed now and delivered later."""
    entries = []
    for pk in pks:
        line = desk.lines[pk]
        unbilled = line.open - line.owed
        line.billed += unbilled
        if unbilled:
            entries.append(_entry(line, Kind.OWED, unbilled))
    return entries


def _entry(line: OrderLine, kind: str, quantity: int) -> SlipEntry:
    return SlipEntry(variant=line.variant, kind=kind, quantity=quantity, unit_price=line.unit_price, line=line)

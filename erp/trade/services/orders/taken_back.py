"""A shipment whose posting was taken back, wherever that was asked for: its order and its slip follow in the same
transaction, so that there is neither stock nor debt of goods that never left."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.inventory.models import Posting
from erp.inventory.signals import reversed_by, reversing
from erp.trade.models import OrderEvent, Shipment, ShipmentLine, Slip, SlipLine
from erp.trade.services.orders.locked import Desk, fresh_key, lock_orders, note_step, open_desk
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.services.slips import SlipEntry, issue_slip


@receiver(reversing)
def lock_order_of(sender: Any, *, posting: Posting, **kwargs: Any) -> None:
    lock_orders(Shipment.objects.filter(posting=posting).values_list("order", flat=True))


@receiver(reversed_by)
def follow(sender: Any, *, posting: Posting, reversal: Posting, **kwargs: Any) -> None:
    """Takes what came back off the lines, and the money with it.

    The whole of a shipment takes its slip back, payment and owed goods included; a part of it gets a credit note.
    """
    shipment = Shipment.objects.select_related("order", "slip").filter(posting=posting).first()
    if shipment is None:
        return
    desk = open_desk(shipment.order)
    rows = list(shipment.lines.filter(movement__reversed_by__posting=reversal).order_by("pk"))
    standing = shipment.lines.exclude(movement__reversed_by__isnull=False).exists()
    whole = not standing and len(rows) == shipment.lines.count()
    credited = _credited(shipment, rows, whole=whole)
    for row in rows:
        line = desk.lines[row.line_id]
        line.shipped -= row.quantity
        if row.delivered:
            line.owed_since = line.owed_since or _billed_at(shipment, row)
    for pk, quantity in credited.items():
        desk.lines[pk].billed -= quantity
    _refuse_contradictions(desk, shipment)
    desk.save()
    shipment.reversal = reversal
    shipment.save(update_fields=["reversal"])
    _take_back_money(desk, shipment, credited, whole=whole)
    pieces = sum(row.quantity for row in rows)
    kind = OrderEvent.Kind.TAKEN_BACK
    note_step(desk.order, kind, reversal.actor, pieces=pieces, note=reversal.note, shipment=shipment)


def _billed_at(shipment: Shipment, row: ShipmentLine) -> datetime | None:
    """When pieces were billed as owed that this shipment delivered: their debt is as old as before."""
    slips = Slip.objects.filter(lines__line=row.line_id, lines__kind=SlipLine.Kind.OWED, reversed_by__isnull=True)
    before = slips.filter(recorded_at__lte=shipment.recorded_at).order_by("-recorded_at")
    return before.values_list("recorded_at", flat=True).first()


def _credited(shipment: Shipment, rows: list[ShipmentLine], *, whole: bool) -> dict[int, int]:
    """The billed pieces of each line that are not billed any more."""
    found: defaultdict[int, int] = defaultdict(int)
    if shipment.slip is None:
        return found
    for row in rows:
        found[row.line_id] += row.quantity - row.delivered
    if whole:
        owed = shipment.slip.lines.filter(kind=SlipLine.Kind.OWED, line__isnull=False)
        for pk, quantity in owed.values_list("line", "quantity"):
            found[pk] += quantity
    return {pk: quantity for pk, quantity in found.items() if quantity}


def _refuse_contradictions(desk: Desk, shipment: Shipment) -> None:
    """What was done since with the same pieces is taken back first."""
    problems = []
    for pk, line in desk.lines.items():
        if line.shipped < line.returned:
            message = _("%(sku)s: some of these pieces came back as a return. Take the return back first.")
        elif line.billed < (line.shipped if shipment.slip else 0):
            message = _("%(sku)s: pieces owed on this slip were delivered or cancelled since. Take that back first.")
        else:
            continue
        problems.append(Problem("went_on", message % {"sku": line.variant.sku}, "quantity", desk.numbers[pk]))
    if problems:
        raise DomainError("went_on", _("Nothing was reversed, for the reasons below."), problems, status=409)


def _take_back_money(desk: Desk, shipment: Shipment, credited: dict[int, int], *, whole: bool) -> None:
    reversal, slip, buyer = shipment.reversal, shipment.slip, desk.order.buyer
    if slip is None or buyer is None or reversal is None:
        return
    if whole:
        key = fresh_key()
        take_back_slip(slip=slip, actor=reversal.actor, idempotency_key=key, posting=reversal, note=reversal.note)
    elif credited:
        lines = [(desk.lines[pk], quantity) for pk, quantity in credited.items()]
        kind = SlipLine.Kind.RETURNED
        issue_slip(
            buyer=buyer,
            kind=Slip.Kind.CREDIT,
            entries=[SlipEntry(line.variant, kind, n, line.unit_price, line) for line, n in lines],
            actor=reversal.actor,
            idempotency_key=fresh_key(),
            order=desk.order,
            posting=reversal,
            deliver_to=desk.order.deliver_to,
            note=reversal.note,
        )

"""What came of a purchase order: one delivery, one posting of the ledger, and the costs of its pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import uuid4

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.models import Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Location, Posting
from erp.inventory.services import receive, reverse_posting
from erp.inventory.services.lines import is_id, quantity_message, text_problems
from erp.trade.models import Delivery, DeliveryLine, PurchaseLine, PurchaseOrder
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.purchases.lines import MOST_LINES, cost_problems, too_many
from erp.trade.services.purchases.locked import AWAITED, State, follow_lines, lock_purchase, refuse_state

SERIES = "RCV"
OVER = "over_delivery"
_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Arrival:
    """So many pieces of a variant came. `unit_cost`, in the order's currency, where it is another than the order's."""

    variant_id: int
    quantity: int
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Receipt:
    """A delivery before it is written, to an order under lock."""

    order: PurchaseOrder
    arrivals: Sequence[Arrival]
    place: Location
    actor: User
    key: str
    content: str
    allow_over: bool
    note: str
    occurred_at: datetime | None


@transaction.atomic
def receive_delivery(
    *,
    order: PurchaseOrder,
    arrivals: Sequence[Arrival],
    actor: User,
    idempotency_key: str,
    location: Location | None = None,
    allow_over: bool = False,
    note: str = "",
    occurred_at: datetime | None = None,
) -> Delivery:
    """Takes in what came, at `location` (the order's own unless given), and moves the average costs.

    More than was ordered, and what was not ordered at all, is refused (`over_delivery`, every line named by its place
    from 1) unless `allow_over`. The same key with the same content answers the first delivery, `replayed`.
    """
    check_key(idempotency_key)
    order = lock_purchase(order)
    said = [
        (a.variant_id, a.quantity, a.unit_cost if a.unit_cost is None else a.unit_cost.normalize()) for a in arrivals
    ]
    content = fingerprint_of(order.pk, said, location and location.pk, note, occurred_at and str(occurred_at))
    mine = (
        Delivery.objects.of(order.brand_id).filter(idempotency_key=idempotency_key).select_related("order", "posting")
    )
    place = location or order.location
    receipt = _Receipt(order, arrivals, place, actor, idempotency_key, content, allow_over, note, occurred_at)
    return once(mine.first, content, lambda: _write(receipt))


def take_back_delivery(*, delivery: Delivery, actor: User, note: str = "") -> Posting:
    """Takes back all that a delivery brought; its order follows the ledger: see `taken_back`. Refused where goods have
    gone on. The key is the posting's own, as on its page: taken back once, by whichever button."""
    key = f"reverse:{delivery.posting.public_id}"
    return reverse_posting(posting=delivery.posting, actor=actor, idempotency_key=key, note=note)


def own_cost(order: PurchaseOrder, cost: Decimal) -> Decimal:
    """What a piece cost in the brand's own currency."""
    return (cost * order.exchange_rate).quantize(_STEP, ROUND_HALF_EVEN)


def _write(receipt: _Receipt) -> Delivery:
    order = receipt.order
    if order.state not in (*AWAITED, State.RECEIVED):
        raise refuse_state(order)
    lines = {line.variant_id: line for line in order.lines.select_related("variant")}
    _check(receipt, lines)
    for arrival in receipt.arrivals:
        if arrival.variant_id not in lines:  # came without having been ordered
            lines[arrival.variant_id] = PurchaseLine.objects.create(
                order=order, variant_id=arrival.variant_id, quantity=0, unit_cost=arrival.unit_cost
            )
    costs = {
        a.variant_id: lines[a.variant_id].unit_cost if a.unit_cost is None else a.unit_cost for a in receipt.arrivals
    }
    delivery = Delivery.objects.create(
        brand=order.brand,
        order=order,
        posting=_post(receipt, costs),
        number=paper_number(brand=order.brand, series=SERIES),
        note=receipt.note,
        created_by=receipt.actor,
        idempotency_key=receipt.key,
        fingerprint=receipt.content,
    )
    rows = []
    for arrival in receipt.arrivals:
        line = lines[arrival.variant_id]
        line.received += arrival.quantity
        row = DeliveryLine(delivery=delivery, line=line, quantity=arrival.quantity, unit_cost=costs[arrival.variant_id])
        rows.append(row)
    DeliveryLine.objects.bulk_create(rows, batch_size=500)
    PurchaseLine.objects.bulk_update([row.line for row in rows], ["received"], batch_size=500)
    follow_lines(order, lines.values())
    return delivery


def _post(receipt: _Receipt, costs: Mapping[int, Decimal | None]) -> Posting:
    order = receipt.order
    return receive(
        brand=order.brand,
        location=receipt.place,
        quantities={arrival.variant_id: arrival.quantity for arrival in receipt.arrivals},
        unit_costs={pk: own_cost(order, cost) for pk, cost in costs.items() if cost is not None},
        actor=receipt.actor,
        idempotency_key=uuid4().hex,  # the delivery is what is written once
        reference=order.number,
        note=receipt.note,
        occurred_at=receipt.occurred_at,
    )


def _check(receipt: _Receipt, lines: Mapping[int, PurchaseLine]) -> None:
    problems = list(text_problems("", receipt.note))
    if not receipt.arrivals:
        problems.append(Problem("no_lines", _("There is nothing to post. Enter at least one quantity."), "lines"))
    if len(receipt.arrivals) > MOST_LINES:
        raise DomainError("too_many_lines", too_many().message, [too_many()])
    seen: set[int] = set()
    for number, arrival in enumerate(receipt.arrivals, start=1):
        problems += _arrival_problems(number, arrival, seen)
    if not problems:
        problems += _foreign(receipt, lines)
    if not problems and not receipt.allow_over:
        problems += _over(receipt.arrivals, lines)
    if problems:
        codes = {problem.code for problem in problems}
        message = _("Nothing was posted. Mend the lines named below and send it again.")
        if codes == {OVER}:
            message = _("More came than was ordered. Check the numbers, and confirm them if they are right.")
        raise DomainError(codes.pop() if len(codes) == 1 else "lines_refused", message, problems)


def _arrival_problems(number: int, arrival: Arrival, seen: set[int]) -> Iterator[Problem]:
    if message := quantity_message(arrival.quantity):
        yield Problem("invalid_quantity", message, "quantity", number)
    if arrival.unit_cost is not None:
        yield from cost_problems(arrival.unit_cost, number)
    if arrival.variant_id in seen:
        message = _("This variant is on the delivery twice. Give it one line.")
        yield Problem("twice", message, "variant", number)
    seen.add(arrival.variant_id)


def _foreign(receipt: _Receipt, lines: Mapping[int, PurchaseLine]) -> Iterator[Problem]:
    """What is neither on the order nor a variant of the brand."""
    others = {a.variant_id for a in receipt.arrivals if a.variant_id not in lines and is_id(a.variant_id)}
    known = set(Variant.objects.of(receipt.order.brand_id).filter(pk__in=others).values_list("pk", flat=True))
    for number, arrival in enumerate(receipt.arrivals, start=1):
        if arrival.variant_id not in lines and arrival.variant_id not in known:
            message = _("There is no such variant. Check the SKU or scan the barcode again.")
            yield Problem("unknown_variant", message, "variant", number)


def _over(arrivals: Sequence[Arrival], lines: Mapping[int, PurchaseLine]) -> Iterator[Problem]:
    for number, arrival in enumerate(arrivals, start=1):
        line = lines.get(arrival.variant_id)
        words = {"n": number_format(line.to_come if line else 0, force_grouping=True)}
        if line is None or not line.quantity:
            yield Problem(OVER, _("Not on this order."), "quantity", number)
        elif arrival.quantity > line.to_come:
            yield Problem(OVER, _("Only %(n)s still to come.") % words, "quantity", number)

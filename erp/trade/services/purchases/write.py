"""Writing a purchase order down, and changing it while nothing of it is settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from catalog.models.brand import Currency
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Location
from erp.inventory.services.lines import text_problems
from erp.trade.models import Partner, PurchaseLine, PurchaseOrder
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.purchases.lines import PurchaseEntry, check_entries
from erp.trade.services.purchases.locked import State, follow_lines, lock_purchase, refuse_state

SERIES = "PO"
CHANGEABLE = (State.DRAFT, State.ORDERED, State.PARTIAL, State.RECEIVED)
MOST_RATE = Decimal(10) ** 6
RATE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PurchaseHeading:
    """What an order says besides its lines. `exchange_rate`: the brand's currency for one unit of the order's."""

    supplier: Partner
    location: Location
    currency: str
    exchange_rate: Decimal = Decimal(1)
    expected_on: date | None = None
    note: str = ""


@transaction.atomic
def create_purchase(
    *,
    brand: Brand,
    heading: PurchaseHeading,
    entries: Sequence[PurchaseEntry],
    actor: User,
    idempotency_key: str,
) -> PurchaseOrder:
    """A draft of an order. The same key with the same content answers the first one, `replayed`.

    Raises DomainError with everything that is wrong with the heading, or else with the lines, named from 1.
    """
    check_key(idempotency_key)
    _check(brand, heading, entries)
    content = fingerprint_of(_content(heading), [_line_content(entry) for entry in entries])
    mine = PurchaseOrder.objects.of(brand).filter(idempotency_key=idempotency_key)

    def write() -> PurchaseOrder:
        order = PurchaseOrder.objects.create(
            brand=brand,
            number=paper_number(brand=brand, series=SERIES),
            created_by=actor,
            idempotency_key=idempotency_key,
            fingerprint=content,
            **_fields(heading),
        )
        rows = [
            PurchaseLine(order=order, variant_id=e.variant_id, quantity=e.quantity, unit_cost=e.unit_cost)
            for e in entries
        ]
        PurchaseLine.objects.bulk_create(rows, batch_size=500)
        return order

    return once(mine.first, content, write)


@transaction.atomic
def update_purchase(
    *, order: PurchaseOrder, heading: PurchaseHeading, entries: Sequence[PurchaseEntry]
) -> PurchaseOrder:
    """Makes the order say what is given, while it is a draft or under way. What came of a line stays with it: a line
    left out that was delivered is kept with nothing ordered. Costs count for what comes from now on."""
    order = lock_purchase(order)
    if order.state not in CHANGEABLE:
        raise refuse_state(order)
    _check(order.brand, heading, entries)
    deliveries = order.deliveries.exists()
    if deliveries and heading.currency != order.currency:
        message = _("Goods came at costs in %(currency)s, so it stays.") % {"currency": order.currency}
        raise DomainError("currency_in_use", message, [Problem("currency_in_use", message, "currency")], status=409)
    for name, value in _fields(heading).items():
        setattr(order, name, value)
    order.save()
    lines = _rewrite(order, entries)
    follow_lines(order, lines)
    return order


def _rewrite(order: PurchaseOrder, entries: Sequence[PurchaseEntry]) -> list[PurchaseLine]:
    kept = {line.variant_id: line for line in order.lines.all()}
    delivered = set(order.lines.filter(deliveries__isnull=False).values_list("variant", flat=True))
    wanted = {entry.variant_id for entry in entries}
    gone = [line.pk for variant, line in kept.items() if variant not in wanted and variant not in delivered]
    PurchaseLine.objects.filter(pk__in=gone).delete()
    changed: list[PurchaseLine] = []
    added: list[PurchaseLine] = []
    for variant in delivered - wanted:
        kept[variant].quantity = 0
        changed.append(kept[variant])
    for entry in entries:
        line = kept.get(entry.variant_id)
        if line is None:
            line = PurchaseLine(order=order, variant_id=entry.variant_id)
        line.quantity, line.unit_cost = entry.quantity, entry.unit_cost
        (changed if line.pk else added).append(line)
    PurchaseLine.objects.bulk_update(changed, ["quantity", "unit_cost"], batch_size=500)
    PurchaseLine.objects.bulk_create(added, batch_size=500)
    return [*changed, *added]


def _check(brand: Brand, heading: PurchaseHeading, entries: Sequence[PurchaseEntry]) -> None:
    problems = list(_heading_problems(brand, heading))
    if problems:
        raise DomainError(problems[0].code, _("Some of the entries need mending."), problems)
    check_entries(brand, entries)


def _heading_problems(brand: Brand, heading: PurchaseHeading) -> Iterator[Problem]:
    supplier, place = heading.supplier, heading.location
    if supplier.brand_id != brand.pk or not supplier.is_supplier or not supplier.is_active:
        yield Problem("unknown_supplier", _("Choose a supplier of the list."), "supplier")
    if place.brand_id != brand.pk or not place.is_internal or not place.is_active:
        yield Problem("unknown_location", _("There is no such location. Choose one of the list."), "location")
    if heading.currency not in Currency.values:
        yield Problem("unknown_currency", _("Choose a currency of the list."), "currency")
    yield from _rate_problems(brand, heading)
    yield from text_problems("", heading.note)


def _rate_problems(brand: Brand, heading: PurchaseHeading) -> Iterator[Problem]:
    rate = heading.exchange_rate
    if not rate.is_finite() or not 0 < rate <= MOST_RATE or rate != round(rate, RATE_DECIMALS):
        message = _("An exchange rate is more than 0, with at most %(most)s decimals.") % {"most": RATE_DECIMALS}
        yield Problem("invalid_rate", message, "exchange_rate")
    elif heading.currency == brand.currency and rate != 1:
        message = _("This is the brand's own currency: the rate is 1.")
        yield Problem("invalid_rate", message, "exchange_rate")


def _fields(heading: PurchaseHeading) -> dict[str, object]:
    return {name: getattr(heading, name) for name in PurchaseHeading.__dataclass_fields__}


def _content(heading: PurchaseHeading) -> tuple[object, ...]:
    rate = heading.exchange_rate.normalize()
    return (heading.supplier.pk, heading.location.pk, heading.currency, rate, heading.expected_on, heading.note)


def _line_content(entry: PurchaseEntry) -> tuple[object, ...]:
    cost = entry.unit_cost
    return (*list(asdict(entry).values())[:2], None if cost is None else cost.normalize())

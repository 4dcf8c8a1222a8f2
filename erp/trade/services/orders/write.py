"""Writing an order down: as a draft, which holds nothing yet and may be changed until it is placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Location
from erp.inventory.services.lines import storable, text_problems
from erp.trade.models import Channel, DeliverTo, Order, OrderLine, Partner
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.orders.entries import Entry, Explosion
from erp.trade.services.orders.locked import State, open_desk, refuse_state

SERIES = "SO"
_TEXT_LIMITS = {
    name: getattr(Order, name).field.max_length for name in ("customer_name", "channel_name", "channel_number")
}
SELLABLE = (Location.Kind.WAREHOUSE, Location.Kind.SHOP)


class Heading(TypedDict):
    """What an order says besides its lines."""

    location: Location
    buyer: NotRequired[Partner | None]
    deliver_to: NotRequired[DeliverTo | None]
    customer_name: NotRequired[str]
    channel: NotRequired[str]
    channel_name: NotRequired[str]
    channel_number: NotRequired[str]
    note: NotRequired[str]
    expires_at: NotRequired[datetime | None]


@transaction.atomic
def create_order(
    *, brand: Brand, actor: User, idempotency_key: str, entries: Sequence[Entry], **heading: Unpack[Heading]
) -> Order:
    """A draft with its lines; packs are exploded into their variants.

    The same key gives the first order again, `replayed`, and so does the same number of the same marketplace; with
    other content either is refused with 409.
    """
    check_key(idempotency_key)
    order = Order(brand=brand, currency=brand.currency, created_by=actor, idempotency_key=idempotency_key, **heading)
    content = order.fingerprint = content_of(entries, heading)
    if (first := _of_number(order)) is not None:
        return _same_number(first, content)
    keyed = Order.objects.of(brand).filter(idempotency_key=idempotency_key)
    return once(lambda: keyed.first() or _of_number(order), content, lambda: _write(order, entries))


@transaction.atomic
def update_order(*, order: Order, entries: Sequence[Entry], **heading: Unpack[Heading]) -> Order:
    """Replaces what a draft says. What was placed is changed by shipping and cancelling only."""
    draft = open_desk(order).order
    if draft.state != State.DRAFT:
        raise refuse_state(draft, "not_a_draft")
    for name, value in heading.items():
        setattr(draft, name, value)
    lines = _lines(draft, entries)
    draft.save()
    draft.lines.all().delete()
    write_lines(draft, lines)
    return draft


def _write(order: Order, entries: Sequence[Entry]) -> Order:
    lines = _lines(order, entries)
    order.number = paper_number(brand=order.brand, series=SERIES)
    order.save()
    write_lines(order, lines)
    return order


def write_lines(order: Order, lines: list[OrderLine]) -> None:
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines, batch_size=500)


def _lines(order: Order, entries: Sequence[Entry]) -> list[OrderLine]:
    """The lines, after all that is wrong with the heading was named."""
    refuse_heading(order)
    return list(Explosion(order.brand, entries).lines.values())


def refuse_heading(order: Order) -> None:
    """Raises DomainError with all that is wrong with an order besides its lines."""
    problems = list(_heading_problems(order))
    if problems:
        raise DomainError(problems[0].code, _("Nothing was saved, for the reasons below."), problems)


def _heading_problems(order: Order) -> Iterator[Problem]:
    if order.location.brand_id != order.brand_id or order.location.kind not in SELLABLE:
        yield Problem("unknown_location", _("There is no such location. Choose one of the list."), "location")
    elif not order.location.is_active:
        message = _("This location is closed. Choose another, or open it again in its settings.")
        yield Problem("closed_location", message, "location")
    yield from _people_problems(order)
    if order.channel not in Channel.values:
        yield Problem("unknown_channel", _("Choose where the order came from."), "channel")
    if order.channel_number and not order.channel_name:
        message = _("Name the marketplace that this number is of.")
        yield Problem("required", message, "channel_name")
    for name, most in _TEXT_LIMITS.items():
        text = getattr(order, name)
        if len(text) > most or not storable(text):
            yield Problem("too_long", _("At most %(most)s characters here.") % {"most": most}, name)
    yield from text_problems("", order.note)
    if order.expires_at is not None and order.expires_at <= timezone.now():
        yield Problem("in_the_past", _("This time is over already. Choose a later one."), "expires_at")


def _people_problems(order: Order) -> Iterator[Problem]:
    buyer, shop = order.buyer, order.deliver_to
    if buyer is None and order.channel == Channel.WHOLESALE:
        yield Problem("required", _("Choose the buyer."), "buyer")
    if buyer is not None and (buyer.brand_id != order.brand_id or not buyer.is_buyer):
        yield Problem("unknown_buyer", _("There is no such buyer. Choose one of the list."), "buyer")
    elif buyer is not None and not buyer.is_active:
        yield Problem("closed_buyer", _("This buyer is no longer in use. Open them again first."), "buyer")
    if shop is not None and shop.partner_id != order.buyer_id:
        yield Problem("other_shop", _("This shop belongs to another buyer. Choose one of the list."), "deliver_to")


def content_of(entries: Sequence[Entry], heading: Any) -> str:
    """What must be equal for a repeated order to be a repetition."""
    said = sorted(
        (name, getattr(value, "pk", value))
        for name, value in heading.items()
        if value not in (None, "") and name != "expires_at"  # counted from each request anew
    )
    return fingerprint_of("order", said, body_of(entries))


def body_of(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """The lines of a request, as they are compared with those of its repetition."""
    return [(e.variant_id, e.pack_id, e.quantity, e.unit_price and e.unit_price.normalize()) for e in entries]


def _of_number(order: Order) -> Order | None:
    """The order that a marketplace sent before under the same number."""
    mine = Order.objects.of(order.brand).filter(channel_name=order.channel_name, channel_number=order.channel_number)
    return mine.first() if order.channel_number else None


def _same_number(first: Order, content: str) -> Order:
    if first.fingerprint != content:
        message = _("Order %(number)s of %(channel)s is here already, with other content. Cancel it there first.")
        words = {"number": first.channel_number, "channel": first.channel_name}
        problem = Problem("order_conflict", message % words, "channel_number")
        raise DomainError("order_conflict", message % words, [problem], status=409)
    first.replayed = True
    return first

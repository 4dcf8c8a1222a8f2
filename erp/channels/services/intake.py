"""Orders of marketplaces become ours: once by their number, their goods held, unknown goods parked until matched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.skus import normal_sku
from erp.channels.formats.orders import SaidLine, SaidOrder
from erp.channels.models import Channel, ChannelOrder, ChannelOrderLine, SkuMatch
from erp.channels.services.announcing import announce_taken
from erp.channels.services.places import Places
from erp.channels.services.shipped_there import ship_here
from erp.core.errors import DomainError, Problem
from erp.core.models import User, touch
from erp.trade.models import Order
from erp.trade.services.once import fingerprint_of
from erp.trade.services.orders import Entry, Wanted, cancel_order, confirm_order, take_orders

State = ChannelOrder.State
CHUNK = 200
# What may become ours when it is tried again.
WAITING = (State.UNKNOWN, State.SHORT, State.PROBLEM)
# What may, if a person says so.
MAY_BE_TAKEN = (*WAITING, State.GONE)
OF_ORDER: dict[str, str] = {Order.State.SHIPPED: State.SHIPPED, Order.State.CANCELLED: State.CANCELLED}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one order that a marketplace told."""

    order: ChannelOrder
    news: bool  # whether it changed anything


def take_orders_in(*, channel: Channel, said: Sequence[SaidOrder], actor: User) -> list[Taken]:
    """Takes in every order by itself: what is wrong with one leaves the others alone. Told again, nothing happens."""
    chunks = (said[start : start + CHUNK] for start in range(0, len(said), CHUNK))
    return [taken for chunk in chunks for taken in _take_chunk(channel, chunk, actor)]


def _take_chunk(channel: Channel, said: Sequence[SaidOrder], actor: User) -> list[Taken]:
    """A chunk in a transaction of its own. One that another upload took meanwhile is found when it is tried again."""
    try:
        return _in_one(channel, said, actor)
    except IntegrityError:
        return _in_one(channel, said, actor)


@transaction.atomic
def _in_one(channel: Channel, said: Sequence[SaidOrder], actor: User) -> list[Taken]:
    rows = ChannelOrder.objects.select_for_update(of=("self",)).filter(
        channel=channel, number__in=[o.number for o in said]
    )
    known = {row.number: row for row in rows.select_related("order", "channel").order_by("pk")}
    unique = {order.number: order for order in reversed(said) if order.number not in known}
    fresh = _write_new(channel, list(reversed(unique.values())))
    _place_new(channel, [row for row in fresh.values() if row.state == State.UNKNOWN], actor)
    taken = []
    for order in said:
        if unique.get(order.number) is order:
            taken.append(Taken(fresh[order.number], True))
        else:
            taken.append(_told_again(known.get(order.number) or fresh[order.number], order, actor))
    return taken


def _write_new(channel: Channel, said: Sequence[SaidOrder]) -> dict[str, ChannelOrder]:
    """The orders as they were told, with the variants their goods are known to be."""
    goods = Goods(channel, said)
    rows = ChannelOrder.objects.bulk_create(
        ChannelOrder(
            channel=channel,
            number=order.number,
            fingerprint=content_of(order.lines),
            customer_name=order.customer_name,
            placed_at=order.placed_at,
            is_paid=order.is_paid,
            currency=order.currency,
            state=_first_state(order),
        )
        for order in said
    )
    lines = [line for row, order in zip(rows, said, strict=True) for line in lines_of(row, order.lines, goods)]
    ChannelOrderLine.objects.bulk_create(lines, batch_size=500)
    return {row.number: row for row in rows}


def _first_state(said: SaidOrder) -> str:
    """What was sent before we were told lies on no shelf: held for it would be a piece of somebody else's."""
    if said.is_cancelled:
        return State.CANCELLED
    return State.GONE if said.is_sent else State.UNKNOWN


def _place_new(channel: Channel, rows: Sequence[ChannelOrder], actor: User) -> None:
    """Makes our orders of those whose goods are all known; the others wait to be matched, or to be looked at."""
    by_order: defaultdict[int, list[ChannelOrderLine]] = defaultdict(list)
    for line in ChannelOrderLine.objects.filter(order__in=rows).order_by("number"):
        by_order[line.order_id].append(line)
    ready = [
        row
        for row in rows
        if row.currency in ("", channel.currency) and all(line.variant_id for line in by_order[row.pk])
    ]
    places = Places(channel, {line.variant_id or 0 for row in ready for line in by_order[row.pk]})
    outcomes = take_orders(
        brand=channel.brand,
        actor=actor,
        channel_name=channel.name,
        currency=channel.currency,
        wanted=[_wanted(row, by_order[row.pk], places) for row in ready],
    )
    for row, outcome in zip(ready, outcomes, strict=True):
        row.order, row.problem = outcome.order, _reason(outcome.error) if outcome.error else ""
        row.state = State.TAKEN if outcome.order else _refused_as(outcome.error)
    for row in set(rows) - set(ready):
        _park(channel, row)
    for row in rows:
        row.updated_at = timezone.now()
    ChannelOrder.objects.bulk_update(rows, ["order", "state", "problem", "updated_at"], batch_size=500)
    announce_taken(ready)


def _park(channel: Channel, row: ChannelOrder) -> None:
    """Nothing is dropped: what cannot be ours yet says why."""
    if row.currency in ("", channel.currency):
        row.state, row.problem = State.UNKNOWN, _("Say which variants these are.")
        return
    message = _("This order is in %(told)s and the channel sells in %(currency)s. Mend the channel, then try again.")
    row.state, row.problem = State.PROBLEM, message % {"told": row.currency, "currency": channel.currency}


def _refused_as(error: DomainError | None) -> str:
    return State.SHORT if error and error.code == "insufficient_stock" else State.PROBLEM


def _number(row: ChannelOrder) -> str:
    """The number our order goes by: one that was taken over anew is another order of ours."""
    return f"{row.number[:74]} ({row.revision + 1})" if row.revision else row.number


def _key(row: ChannelOrder) -> str:
    return f"channel-{row.channel_id}-{row.pk}" + (f"-{row.revision}" if row.revision else "")


class Goods:
    """Which variant each SKU of some orders means: as people matched it, else our SKU, else our barcode."""

    def __init__(self, channel: Channel, said: Iterable[SaidOrder]) -> None:
        skus = {line.known_as for order in said for line in order.lines}
        normal = {sku: normal_sku(sku) for sku in skus}
        variants = Variant.objects.of(channel.brand)
        by_sku = {v.sku: v for v in variants.filter(sku__in=set(normal.values()))}
        by_barcode = {v.barcode: v for v in variants.filter(barcode__in=skus)}
        matched = {
            m.sku: m.variant for m in SkuMatch.objects.filter(channel=channel, sku__in=skus).select_related("variant")
        }
        self.found = {sku: matched.get(sku) or by_sku.get(normal[sku]) or by_barcode.get(sku) for sku in skus}

    def of(self, sku: str) -> Variant | None:
        return self.found.get(sku)


def _told_again(made: ChannelOrder, said: SaidOrder, actor: User) -> Taken:
    """What may change of an order that is known: it is paid now, or given up. Other goods are for a person."""
    if said.is_cancelled:
        return Taken(made, _give_up(made, actor))
    if made.state == State.GONE:
        return Taken(made, False)
    paid = _paid(made, said, actor)
    if made.fingerprint != content_of(said.lines):
        return Taken(made, _contradicted(made, said) or paid)
    changed = [paid, _agreed_again(made), _went_out(made, said, actor)]
    return Taken(made, any(changed))


def lines_of(made: ChannelOrder, lines: Iterable[SaidLine], goods: Goods) -> list[ChannelOrderLine]:
    return [
        ChannelOrderLine(
            order=made,
            number=number,
            sku=line.sku,
            title=line.title,
            options=line.options,
            quantity=line.quantity,
            unit_price=line.unit_price,
            line_number=line.line_number,
            known_as=line.known_as,
            variant=goods.of(line.known_as),
        )
        for number, line in enumerate(lines, start=1)
    ]


def locked(order: ChannelOrder) -> ChannelOrder:
    rows = ChannelOrder.objects.select_for_update(of=("self",))
    return rows.select_related("channel__brand", "channel__location", "order").get(pk=order.pk)


@transaction.atomic
def settle(*, order: ChannelOrder, actor: User) -> ChannelOrder:
    """Makes our order of one that waited for its goods to be matched, or to come. What is short is told, not sold."""
    row = locked(order)
    if row.state in MAY_BE_TAKEN:
        _place_new(row.channel, [row], actor)
    return row


def _paid(made: ChannelOrder, said: SaidOrder, actor: User) -> bool:
    if made.is_paid or not said.is_paid:
        return False
    made.is_paid = True
    if made.order and made.order.state == Order.State.CANCELLED:
        # Its goods went back on sale: whether to hold others for it, a person says.
        made.order, made.revision, made.state = None, made.revision + 1, State.PROBLEM
        made.problem = _("This order was paid after it was given up here. Try again to hold its goods, or cancel it.")
    elif made.order:
        confirm_order(order=made.order, actor=actor)
    made.save()
    return True


def _give_up(made: ChannelOrder, actor: User) -> bool:
    """The marketplace cancelled or refunded it. What went out already has to come back: a person looks at it."""
    shipped = made.order is not None and any(line.shipped for line in made.order.lines.all())
    if shipped and made.state != State.CANCELLED:
        told = {"cancelled": True}
        if made.contradiction == told:
            return False
        made.problem = _("The marketplace gave this order up after goods went out. Take them back when they arrive.")
        made.state, made.contradiction = State.CONFLICT, told
    elif made.state == State.CANCELLED:
        return False
    else:
        if made.order:
            cancel_order(order=made.order, actor=actor, idempotency_key=f"channel-cancel-{made.pk}-{made.revision}")
        made.state, made.problem, made.contradiction = State.CANCELLED, "", {}
    made.save()
    return True


def _went_out(made: ChannelOrder, said: SaidOrder, actor: User) -> bool:
    """Sent from the marketplace's own side: what we hold for it leaves our stock too."""
    if not said.is_sent or made.state != State.TAKEN:
        return False
    ship_here(made, actor)
    return True


def _agreed_again(made: ChannelOrder) -> bool:
    """The marketplace tells what we know after all: nothing is left to be settled."""
    if made.state != State.CONFLICT or not made.contradiction.get("lines"):
        return False
    made.contradiction, made.problem, made.state = {}, "", state_of(made)
    made.save()
    return True


def state_of(made: ChannelOrder) -> str:
    """Where an order stands by its goods and by our own order."""
    if made.order is None:
        known = not made.lines.filter(variant=None).exists()
        return State.SHORT if known else State.UNKNOWN
    return OF_ORDER.get(made.order.state, State.TAKEN)


def _contradicted(made: ChannelOrder, said: SaidOrder) -> bool:
    """The same number with other goods: what we hold stays, and a person looks at both."""
    lines = [
        [line.sku, line.title, line.options, line.quantity, str(line.unit_price), line.line_number]
        for line in said.lines
    ]
    if made.contradiction.get("lines") == lines:
        return False
    made.contradiction = {"lines": lines}
    made.problem = _("The marketplace told this order again with other goods. Compare them and keep one.")
    made.state = State.CONFLICT
    made.save()
    return True


@transaction.atomic
def match_sku(*, channel: Channel, sku: str, variant: Variant, actor: User) -> int:
    """Says what a SKU of the marketplace means, from now on and for the orders that wait. Gives how many went on."""
    if variant.brand_id != channel.brand_id:
        message = _("There is no such variant. Check the SKU or scan the barcode again.")
        raise DomainError("unknown_variant", message, [Problem("unknown_variant", message, "variant")])
    SkuMatch.objects.update_or_create(channel=channel, sku=sku, defaults={"variant": variant, "created_by": actor})
    waiting = ChannelOrderLine.objects.filter(order__channel=channel, known_as=sku, variant=None)
    orders = sorted(set(waiting.values_list("order_id", flat=True)))
    waiting.update(variant=variant)
    touch(ChannelOrder.objects.filter(pk__in=orders))
    return sum(_settle_chunk(orders[start : start + CHUNK], actor) for start in range(0, len(orders), CHUNK))


def _settle_chunk(keys: Sequence[int], actor: User) -> int:
    """Orders whose goods may all be known by now. Gives how many became ours."""
    rows = ChannelOrder.objects.select_for_update(of=("self",)).filter(pk__in=keys, state=State.UNKNOWN)
    found = list(rows.select_related("channel__brand", "channel__location", "order").order_by("pk"))
    if found:
        _place_new(found[0].channel, found, actor)
    return sum(1 for row in found if row.state == State.TAKEN)


@transaction.atomic
def forget_sku(*, match: SkuMatch) -> None:
    """What people said a SKU means holds no more: orders that wait ask anew what it is. What was taken in stays."""
    channel, sku = match.channel, match.sku
    match.delete()
    said = SaidOrder("", lines=[SaidLine(sku, "", "", 1, Decimal(0))])
    known = Goods(channel, [said]).of(sku)
    waiting = ChannelOrder.objects.filter(channel=channel, order=None, state__in=WAITING, lines__known_as=sku)
    pks = set(waiting.values_list("pk", flat=True))
    rows = list(ChannelOrder.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))
    ChannelOrderLine.objects.filter(order__in=rows, known_as=sku).update(variant=known)
    for row in rows:
        if known is None:
            _park(channel, row)
        row.save(update_fields=["state", "problem", "updated_at"])


def unknown_skus(channel: Channel) -> QuerySet[Any, dict[str, Any]]:
    """What waits to be matched, the most wanted first: SKU, what the marketplace calls it, orders and pieces."""
    rows = ChannelOrderLine.objects.filter(order__channel=channel, order__state=State.UNKNOWN, variant=None)
    told: Any = rows.order_by().values(key=F("known_as"))
    sums = {"orders": Count("order", distinct=True), "pieces": Sum("quantity")}
    names = {name: Max(name) for name in ("sku", "title", "options")}
    return told.annotate(**names, **sums).order_by("-orders", "key")


def content_of(lines: Iterable[SaidLine]) -> str:
    """Equal for the same goods, in whatever order, and whether a price is told as 12000 or as 12000.00."""
    return fingerprint_of(sorted((line.known_as, line.quantity, f"{line.unit_price:.2f}") for line in lines))


def _wanted(row: ChannelOrder, lines: Sequence[ChannelOrderLine], places: Places) -> Wanted:
    entries = _entries(lines)
    pieces = Counter[int]()
    for entry in entries:
        pieces[entry.variant_id or 0] += entry.quantity
    return Wanted(_number(row), entries, places.take(pieces), _key(row), row.customer_name)


def _entries(lines: Sequence[ChannelOrderLine]) -> list[Entry]:
    """A variant that is on the order twice counts up."""
    sums: Counter[tuple[int, Any]] = Counter()
    for line in lines:
        sums[line.variant_id or 0, line.unit_price] += line.quantity
    return [Entry(variant_id=variant, quantity=count, unit_price=price) for (variant, price), count in sums.items()]


def _reason(error: DomainError) -> str:
    return str(error.problems[0].message if error.problems else error.message)[:300]

"""Orders of a marketplace by the hundred: each held whole or refused by itself, in the statements of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.models import Location
from erp.inventory.services import Claim, Hold, reserve_many
from erp.trade.models import Channel, Order, OrderEvent, OrderLine
from erp.trade.services.numbers import Numbers
from erp.trade.services.orders.entries import Entry, Explosion, Goods
from erp.trade.services.orders.locked import State, fresh_key
from erp.trade.services.orders.write import SERIES, content_of, refuse_heading


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as a marketplace tells it: its number there, its goods and where they are taken from, for whom, and
    until when it waits for money."""

    channel_number: str
    entries: Sequence[Entry]
    location: Location
    idempotency_key: str
    customer_name: str = ""
    expires_at: datetime | None = None


@dataclass(slots=True)
class Outcome:
    """What became of one: the order, or why there is none."""

    order: Order | None = None
    error: DomainError | None = None


@dataclass(slots=True)
class _Draft:
    place: int
    order: Order
    lines: list[OrderLine]


@transaction.atomic
def take_orders(
    *,
    brand: Brand,
    actor: User,
    channel_name: str,
    wanted: Sequence[Wanted],
    currency: str = "",
) -> list[Outcome]:
    """Places many new orders; all of an order's goods are held, or it is refused with each that is short. Prices are
    in `currency`, else the brand's.

    Raises IntegrityError where a number or a key was used before: the caller sends new ones only.
    """
    outcomes = [Outcome() for _order in wanted]
    goods = Goods(brand, (entry for order in wanted for entry in order.entries))
    drafts = []
    for place, one in enumerate(wanted):
        try:
            drafts.append(_draft(place, one, brand, actor, channel_name, goods, currency or brand.currency))
        except DomainError as error:
            outcomes[place].error = error
    if not drafts:
        return outcomes
    numbers = Numbers(brand=brand, series=SERIES, most=len(drafts))

    def number_of(place: int) -> str:
        drafts[place].order.number = numbers.take()
        return drafts[place].order.number

    holds = [Hold(_claims(draft), fresh_key(), draft.order.expires_at) for draft in drafts]
    refusals = reserve_many(brand=brand, holds=holds, actor=actor, reference_of=number_of)
    numbers.close()
    held = []
    for draft, problems in zip(drafts, refusals, strict=True):
        if problems:
            message = _("Nothing was reserved. Mend the lines named below and send it again.")
            outcomes[draft.place].error = DomainError(problems[0].code, message, problems)
        else:
            outcomes[draft.place].order = draft.order
            held.append(draft)
    _write(held, actor)
    return outcomes


def _draft(
    place: int,
    one: Wanted,
    brand: Brand,
    actor: User,
    channel_name: str,
    goods: Goods,
    currency: str,
) -> _Draft:
    heading = {
        "location": one.location,
        "customer_name": one.customer_name,
        "channel": Channel.ONLINE,
        "channel_name": channel_name,
        "channel_number": one.channel_number,
        "expires_at": one.expires_at,
    }
    order = Order(brand=brand, currency=currency, created_by=actor, idempotency_key=one.idempotency_key, **heading)
    order.fingerprint = content_of(one.entries, heading)
    order.state, order.placed_at = State.OPEN, timezone.now()
    refuse_heading(order)
    return _Draft(place, order, list(Explosion(brand, one.entries, goods=goods).lines.values()))


def _claims(draft: _Draft) -> list[Claim]:
    return [Claim(line.variant_id, line.quantity, draft.order.location_id) for line in draft.lines]


def _write(drafts: Sequence[_Draft], actor: User) -> None:
    Order.objects.bulk_create([draft.order for draft in drafts])
    lines = []
    for draft in drafts:
        for line in draft.lines:
            line.order, line.reserved = draft.order, line.quantity
            lines.append(line)
    OrderLine.objects.bulk_create(lines, batch_size=500)
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order=draft.order,
            kind=OrderEvent.Kind.PLACED,
            actor=actor,
            pieces=sum(line.quantity for line in draft.lines),
        )
        for draft in drafts
    )

"""What shops deliver to us: kept before it is acknowledged, worked off in the background, the same again ignored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog.models import Membership, Role
from erp.channels.formats.orders import SaidOrder
from erp.channels.formats.signed_orders import read_signed
from erp.channels.live.shopify.orders import read_order
from erp.channels.models import Channel, Connection, Inbound
from erp.channels.services.intake import Taken, take_orders_in
from erp.channels.services.shipped_there import follow_shipping
from erp.core.audit import acting
from erp.core.errors import DomainError, idempotency_conflict
from erp.core.models import User

Kind, State = Inbound.Kind, Inbound.State
WORK_TASK = "erp.channels.tasks.work_off_inbound"
STALLED = timedelta(minutes=3)
MOST_ATTEMPTS = 5
# So long a delivery that is sent again is known.
KEPT = timedelta(days=180)

log = structlog.get_logger(__name__)


def take_inbound(
    *, channel: Channel, kind: str, key: str, body: bytes, topic: str = "", event: str = ""
) -> tuple[Inbound, bool]:
    """Keeps a delivery whose signature was found right, and queues it; True where it is news.

    The same `key`, or the same body under another key, is the delivery that is there. Raises DomainError
    `idempotency_conflict` for a key that came with another body.
    """
    digest = hashlib.sha256(body).hexdigest()
    made = Inbound(
        channel=channel, kind=kind, key=key[:80], event=event[:80], topic=topic[:40], digest=digest, body=body,
        size=len(body),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
            _enqueue(made.pk)
    except IntegrityError:
        rows = Inbound.objects.filter(channel=channel).defer("body")
        known = rows.filter(digest=digest).first()
        if known is None:
            rows.get(key=made.key)  # or the refusal was about something else
            raise idempotency_conflict() from None
        retry_inbound(inbound=known)
        return known, False
    return made, True


def work_off(*, inbound_id: int) -> str:
    """Takes its orders in. Gives the state it came to; safe to run twice: an order is known by its number."""
    inbound = _claim(inbound_id)
    if inbound is None:
        return Inbound.objects.filter(pk=inbound_id).values_list("state", flat=True).first() or ""
    person = person_of(inbound.channel)
    try:
        with translation.override(person.language), acting(person):
            results = WORKERS[inbound.kind](inbound, person)
    except DomainError as error:
        _write(inbound, state=State.FAILED, problem=str(error.message)[:300])
    except Exception:
        log.exception("inbound_failed", inbound=inbound.pk)
        with translation.override(person.language):
            words = _("Something unexpected stopped this. It is tried again.")
        _write(inbound, state=State.FAILED if inbound.attempts >= MOST_ATTEMPTS else State.WAITING, problem=words)
    else:
        _write(inbound, state=State.DONE, problem="", results=results, body=b"")
    return Inbound.objects.values_list("state", flat=True).get(pk=inbound_id)


def sweep_inbound() -> int:
    """Queues what a kill left behind. Gives how many."""
    lost = Inbound.objects.filter(state=State.WAITING, updated_at__lte=timezone.now() - STALLED)
    keys = list(lost.values_list("pk", flat=True))
    for pk in keys:
        _enqueue(pk)
    return len(keys)


@transaction.atomic
def retry_inbound(*, inbound: Inbound) -> None:
    """Tries once more what stopped."""
    mine = Inbound.objects.filter(pk=inbound.pk, state=State.FAILED)
    if mine.update(state=State.WAITING, attempts=0, problem="", updated_at=timezone.now()):
        _enqueue(inbound.pk)


def forget_inbound(*, kept: timedelta = KEPT) -> int:
    old = Inbound.objects.exclude(state=State.WAITING).filter(created_at__lte=timezone.now() - kept)
    return old.delete()[0]


def person_of(channel: Channel) -> User:
    """In whose name a channel's own orders are taken in: whoever connected it, or gave it its key, else its owner."""
    connection = Connection.objects.filter(channel=channel).select_related("created_by").first()
    if connection:
        return connection.created_by
    row = channel.credentials.filter(kind="webhook").select_related("set_by").first()
    if row and row.set_by:
        return row.set_by
    owners = Membership.objects.filter(brand=channel.brand_id, role=Role.OWNER)
    return owners.select_related("user").order_by("pk")[0].user


def _claim(inbound_id: int) -> Inbound | None:
    """One worker at a time; a dead one's work is free again after a while."""
    now = timezone.now()
    free = Q(attempts=0) | Q(updated_at__lte=now - STALLED)
    mine = Inbound.objects.filter(free, pk=inbound_id, state=State.WAITING)
    if not mine.update(attempts=F("attempts") + 1, updated_at=now):
        return None
    return Inbound.objects.select_related("channel__brand", "channel__location").get(pk=inbound_id)


def _work_off_shopify(inbound: Inbound, person: User) -> list[dict[str, Any]]:
    try:
        payload = json.loads(bytes(inbound.body))
    except (ValueError, RecursionError):
        payload = None
    told = read_order(payload)
    _write(inbound, number=told.order.number, told_at=told.at)
    done = Inbound.objects.filter(channel=inbound.channel, number=told.order.number, state=State.DONE)
    if told.at and done.filter(told_at__gt=told.at).exists():  # they come out of order: what was said later holds
        return [{"number": told.order.number, "state": "older", "problem": ""}]
    results = _take(inbound.channel, [told.order], person)
    if told.is_fulfilled or told.tracking_number:
        follow_shipping(channel=inbound.channel, told=told, person=person)
    return results


def _work_off_orders(inbound: Inbound, person: User) -> list[dict[str, Any]]:
    return _take(inbound.channel, read_signed(bytes(inbound.body)), person)


Worker = Callable[[Inbound, User], list[dict[str, Any]]]
WORKERS: dict[str, Worker] = {Kind.SHOPIFY: _work_off_shopify, Kind.ORDERS: _work_off_orders}


def _take(channel: Channel, said: list[SaidOrder], person: User) -> list[dict[str, Any]]:
    return [_result(taken) for taken in take_orders_in(channel=channel, said=said, actor=person)]


def _result(taken: Taken) -> dict[str, Any]:
    order = taken.order
    return {"number": order.number, "state": str(order.state), "news": taken.news, "problem": order.problem}


def _write(inbound: Inbound, **values: Any) -> None:
    Inbound.objects.filter(pk=inbound.pk).update(updated_at=timezone.now(), **values)


def _enqueue(pk: int) -> None:
    """A broker that is down loses nothing: the sweep works it off."""
    transaction.on_commit(lambda: async_task(WORK_TASK, pk, q_options={"save": False}), robust=True)

"""Tracking numbers to a marketplace that is spoken to directly: a shipment a job, told once, tried again for hours."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from erp.channels.live.adapter import Goods, Parcel
from erp.channels.live.pace import Pace
from erp.channels.live.registry import live
from erp.channels.live.trouble import Lacking, LockedOut, Passing, Refused
from erp.channels.models import Channel, ChannelOrder, Connection, Fulfilment
from erp.channels.services.connections import adapter_of
from erp.channels.services.parcels import courier_there, untold_shipments
from erp.channels.templates import tracking_template
from erp.core.errors import DomainError
from erp.trade.models import Shipment

State = Fulfilment.State
RUN_TASK = "erp.channels.tasks.tell_parcel"
# While a worker is at it nobody else takes it up; one that died leaves it to be taken after this.
LEASE = timedelta(minutes=3)
MOST_FAILURES = 8
MOST_AT_ONCE = 500

log = structlog.get_logger(__name__)


@transaction.atomic
def follow_shipment(shipment: Shipment) -> None:
    """A shipment got a number, or another one: its marketplace is told, where it is spoken to by itself.

    Of orders from before the shop was connected nobody knows whether they are that shop's: files tell of them.
    """
    if not shipment.tracking_number or shipment.posting_id is None or shipment.reversal_id:
        return
    order = ChannelOrder.objects.filter(order=shipment.order_id).select_related("channel__connection").first()
    connection = getattr(order.channel, "connection", None) if order else None
    if order is None or connection is None or order.created_at < connection.created_at:
        return
    if connection.is_automatic and live(order.channel.kind):
        _queue(order.channel, shipment)


@transaction.atomic
def note_told(*, channel: Channel, shipment: Shipment, ids: list[str]) -> None:
    """The number came from the marketplace itself."""
    told = {"courier": shipment.courier, "tracking_number": shipment.tracking_number, "external_ids": ids}
    fresh = {"channel": channel, "state": State.DONE, "failures": 0, "not_before": None, "problem": ""}
    Fulfilment.objects.update_or_create(shipment=shipment, defaults=told | fresh)


@transaction.atomic
def tell_untold(*, channel: Channel) -> int:
    """Queues what left of the orders since the shop was connected, and was not told; gives how many."""
    connection = Connection.objects.get(channel=channel)
    ours = untold_shipments(channel).filter(order__channel_order__created_at__gte=connection.created_at)
    rows = list(ours[:MOST_AT_ONCE])
    for shipment in rows:
        _queue(channel, shipment)
    return len(rows)


@transaction.atomic
def retry_parcels(*, channel: Channel) -> int:
    """Tries once more what stopped; gives how many."""
    rows = list(Fulfilment.objects.select_for_update().filter(channel=channel, state=State.FAILED).order_by("pk"))
    for row in rows:
        _wait(row)
    return len(rows)


def tell_parcel(*, fulfilment_id: int, pace: Pace | None = None) -> str:
    """Tells one shipment. Gives the state it came to; safe to run twice: what is there is counted first."""
    row = _claim(fulfilment_id)
    if row is None:
        return Fulfilment.objects.filter(pk=fulfilment_id).values_list("state", flat=True).first() or ""
    connection = Connection.objects.filter(channel=row.channel).select_related("created_by").first()
    with translation.override(connection.created_by.language if connection else None):
        try:
            _tell(row, bool(connection and connection.tells_customers), pace)
        except Passing as error:
            _later(row, str(error), error.wait)
        except Lacking:
            _stop(row, _("The access token lacks a right: it needs to read orders and to write fulfilments."))
        except Refused as error:
            _stop(row, str(error))
        except (LockedOut, DomainError) as error:
            _hold(row, str(error))
        except Exception:
            log.exception("parcel_failed", fulfilment=row.pk)
            _later(row, _("Something unexpected stopped this. It is tried again."), 0.0)
    return Fulfilment.objects.values_list("state", flat=True).get(pk=fulfilment_id)


def sweep_parcels() -> int:
    """Queues what waited long enough, where its shop can be reached. Gives how many."""
    due = Q(not_before=None) | Q(not_before__lte=timezone.now())
    rows = Fulfilment.objects.filter(due, state=State.WAITING, channel__is_active=True)
    pks = list(rows.filter(channel__connection__problem="").values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in pks:
        _enqueue(pk)
    return len(pks)


def _queue(channel: Channel, shipment: Shipment) -> None:
    row, made = Fulfilment.objects.select_for_update().get_or_create(shipment=shipment, defaults={"channel": channel})
    told = (row.courier, row.tracking_number) == (shipment.courier, shipment.tracking_number)
    if made:
        _enqueue(row.pk)
    elif row.state != State.WAITING and not told:  # what waits is told with the number of the moment
        _wait(row)


def _wait(row: Fulfilment) -> None:
    row.state, row.failures, row.not_before, row.problem = State.WAITING, 0, None, ""
    row.save()
    _enqueue(row.pk)


def _claim(fulfilment_id: int) -> Fulfilment | None:
    now = timezone.now()
    due = Q(not_before=None) | Q(not_before__lte=now)
    mine = Fulfilment.objects.filter(due, pk=fulfilment_id, state=State.WAITING)
    if not mine.update(not_before=now + LEASE, updated_at=now):
        return None
    return Fulfilment.objects.select_related("channel", "shipment__order__channel_order").get(pk=fulfilment_id)


def _tell(row: Fulfilment, mails: bool, pace: Pace | None) -> None:
    shipment = row.shipment
    ids = row.external_ids
    if shipment.tracking_number and not shipment.reversal_id:
        ids = adapter_of(row.channel, pace=pace).send_parcel(_parcel(row, mails))
    _done(row, ids)


def _parcel(row: Fulfilment, mails: bool) -> Parcel:
    shipment, order = row.shipment, row.shipment.order.channel_order
    others = Fulfilment.objects.filter(shipment__order=shipment.order_id).exclude(pk=row.pk)
    return Parcel(
        order_number=order.number,
        goods=_goods(shipment, order),
        courier=courier_there(tracking_template(row.channel.kind), shipment.courier),
        tracking_number=shipment.tracking_number,
        known_as=row.external_ids,
        others=frozenset(name for names in others.values_list("external_ids", flat=True) for name in names),
        mails=mails,
    )


def _goods(shipment: Shipment, order: ChannelOrder) -> list[Goods]:
    """What left, by the names of the order's lines. Goods that a person added here are none of the marketplace's."""
    pieces: defaultdict[int, int] = defaultdict(int)
    for line in shipment.lines.select_related("line"):
        pieces[line.line.variant_id] += line.quantity
    names: defaultdict[int, set[str]] = defaultdict(set)
    for told in order.lines.exclude(variant=None):
        names[told.variant_id or 0].add(told.sku or told.title)
    goods = [Goods(frozenset(names[variant]), count) for variant, count in pieces.items() if variant in names]
    if not goods:
        raise Refused(_("Nothing of this shipment is on the marketplace's order."))
    return goods


@transaction.atomic
def _done(row: Fulfilment, ids: list[str]) -> None:
    """Told; where the number was changed meanwhile, it goes on with that."""
    current = Fulfilment.objects.select_for_update().get(pk=row.pk)
    now: Any = Shipment.objects.get(pk=row.shipment_id)
    current.external_ids = ids
    current.courier, current.tracking_number = row.shipment.courier, row.shipment.tracking_number
    if (now.courier, now.tracking_number) != (current.courier, current.tracking_number) and now.tracking_number:
        _wait(current)
        return
    current.state, current.failures, current.not_before, current.problem = State.DONE, 0, None, ""
    current.save()


def _later(row: Fulfilment, words: str, wait: float) -> None:
    failures = row.failures + 1
    if failures >= MOST_FAILURES:
        _stop(row, words)
        return
    pause = max(wait, min(15 * 2**failures, 3_600))
    _write(row, failures=F("failures") + 1, problem=words[:300], not_before=timezone.now() + timedelta(seconds=pause))


def _stop(row: Fulfilment, words: str) -> None:
    """A person mends it, and tries again."""
    _write(row, state=State.FAILED, problem=words[:300], not_before=None)


def _hold(row: Fulfilment, words: str) -> None:
    """It goes on by itself once a person mended the connection."""
    _write(row, problem=words[:300], not_before=None)
    Connection.objects.filter(channel=row.channel).update(problem=words[:300])


def _write(row: Fulfilment, **values: Any) -> None:
    Fulfilment.objects.filter(pk=row.pk, state=State.WAITING).update(updated_at=timezone.now(), **values)


def _enqueue(pk: int) -> None:
    """A broker that is down loses nothing: the sweep tells it."""
    transaction.on_commit(partial(async_task, RUN_TASK, pk, q_options={"save": False}), robust=True)

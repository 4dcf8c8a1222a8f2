"""What a brand's own systems are to be told: written with what it tells of, in the same transaction; sent after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django_q.tasks import async_task

from catalog.models import Brand, Variant
from erp.channels.models import WebhookDelivery, WebhookEndpoint
from erp.channels.models.hooks import Event
from erp.channels.services.asked import Asked
from erp.inventory.models import Balance, StockMovement

__all__ = ["Event", "announce", "announce_stock", "catch_up_stock", "content_of", "enqueue"]

DELIVER_TASK = "erp.channels.tasks.deliver_due"
State = WebhookDelivery.State
LOOKED_BACK = 500
# Most brands have no systems of their own.
listened_to = Asked(lambda brand_id: WebhookEndpoint.objects.filter(brand=brand_id, is_active=True).exists())


@transaction.atomic
def announce(*, brand: Brand, event: str, contents: Iterable[Mapping[str, Any]]) -> int:
    """Each content to each endpoint that wants such events. Gives how many deliveries that makes.

    Called inside the transaction of the change: both are there, or neither.
    """
    endpoints = _listening(brand.pk, event)
    if not endpoints:
        return 0
    rows = [
        WebhookDelivery(endpoint=endpoint, event=event, payload=dict(content))
        for content in contents
        for endpoint in endpoints
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=500)
    enqueue(endpoints)
    return len(rows)


def announce_stock(brand_id: int, variants: Collection[int]) -> int:
    """That what is free of some variants changed. Of one that waits to be told already, nothing more is written.

    Called after the commit, as `inventory.signals.stock_changed` is; `catch_up_stock` makes good what a kill in
    between took away.
    """
    if not listened_to(brand_id):
        return 0
    endpoints = _listening(brand_id, Event.STOCK_CHANGED)
    return _write_stock(endpoints, variants)


def catch_up_stock(*, settled: timedelta = timedelta(minutes=1)) -> int:
    """Tells of variants that moved lately and that nothing was told of since. Gives how many deliveries that makes."""
    now = timezone.now()
    count = 0
    for endpoint in WebhookEndpoint.objects.filter(is_active=True):
        if Event.STOCK_CHANGED in endpoint.events:
            moved = StockMovement.objects.filter(brand=endpoint.brand_id).order_by("-id")[:LOOKED_BACK]
            last: dict[int, datetime] = {}
            for variant, moment in moved.values_list("variant", "recorded_at"):
                if endpoint.created_at < moment < now - settled:
                    last.setdefault(variant, moment)
            count += _write_stock([endpoint], _untold(endpoint, last))
    return count


def content_of(delivery: WebhookDelivery) -> dict[str, Any]:
    """What a delivery tells; of stock, the truth of this moment."""
    if delivery.payload is None:
        variant = Variant.objects.select_related("product").get(pk=int(delivery.subject))
        sums = Balance.objects.filter(variant=variant, location__is_active=True).aggregate(
            pieces=Sum("on_hand", default=0), free=Sum(F("on_hand") - F("reserved"), default=0)
        )
        return {
            "sku": variant.sku,
            "barcode": variant.barcode,
            "style_number": variant.product.style_number,
            "on_hand": sums["pieces"],
            "available": sums["free"],
        }
    return delivery.payload


def enqueue(endpoints: Iterable[WebhookEndpoint]) -> None:
    for pk in {endpoint.pk for endpoint in endpoints}:
        transaction.on_commit(partial(async_task, DELIVER_TASK, pk, q_options={"save": False}))


def _listening(brand_id: int, event: str) -> list[WebhookEndpoint]:
    rows = WebhookEndpoint.objects.filter(brand=brand_id, is_active=True)
    return [row for row in rows if event in row.events]


def _write_stock(endpoints: Sequence[WebhookEndpoint], variants: Collection[int]) -> int:
    rows = [
        WebhookDelivery(endpoint=endpoint, event=Event.STOCK_CHANGED, subject=str(variant))
        for variant in sorted(variants)
        for endpoint in endpoints
    ]
    with transaction.atomic():
        WebhookDelivery.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        if rows:
            enqueue(endpoints)
    return len(rows)


def _untold(endpoint: WebhookEndpoint, last: Mapping[int, datetime]) -> list[int]:
    """Variants of which no delivery was written since they moved, nor told after that."""
    subjects = [str(variant) for variant in last]
    rows = WebhookDelivery.objects.filter(endpoint=endpoint, event=Event.STOCK_CHANGED, subject__in=subjects)
    told: dict[int, datetime] = {}
    for subject, happened, tried, state in rows.values_list("subject", "happened_at", "tried_at", "state"):
        moments = [happened, tried, timezone.now() if state == State.WAITING and tried is None else None]
        told[int(subject)] = max(moment for moment in [*moments, told.get(int(subject))] if moment)
    return [variant for variant, moment in last.items() if variant not in told or told[variant] < moment]

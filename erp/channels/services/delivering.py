"""Webhooks on their way: each until it is taken, for a day; then it is kept for a person."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone, translation

from erp.channels.live.hook import Outcome, body_of, deliver
from erp.channels.models import WebhookDelivery, WebhookEndpoint
from erp.channels.sealing import unseal
from erp.channels.services.outbox import content_of, enqueue
from erp.core.errors import DomainError

State = WebhookDelivery.State
# Seconds after each attempt in vain: half a minute, doubling to four hours. In all a day and some.
FIRST_PAUSE, LONGEST_PAUSE = 30, 4 * 3_600
MOST_ATTEMPTS = 14
# While one is under way nobody else takes it; a worker that died in it leaves it to be taken after this.
LEASE = timedelta(minutes=2)
STEP_SECONDS = 45
# An endpoint that nothing was taken by for so long is paused.
PATIENCE = timedelta(days=3)
KEPT = timedelta(days=30)
GONE = 410

log = structlog.get_logger(__name__)


def deliver_due(
    *, endpoint_id: int, send: Callable[..., Outcome] = deliver, jitter: Callable[[], float] = random.random,
    seconds: float = STEP_SECONDS,
) -> int:  # fmt: skip
    """Sends what is due of an endpoint, the oldest first, for some seconds; queues the rest. Gives how many were tried.

    Safe to run twice and beside itself: each delivery is taken by one worker at a time.
    """
    end, count = time.monotonic() + seconds, 0
    while delivery := _next(endpoint_id):
        outcome = _try(delivery, send)
        _note(delivery, outcome, jitter)
        count += 1
        if time.monotonic() > end:
            enqueue([delivery.endpoint])
            break
    return count


def sweep() -> int:
    """Queues every endpoint that something is due of. Gives how many."""
    due = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=State.WAITING, next_at__lte=timezone.now())
    waiting = list(WebhookEndpoint.objects.filter(Exists(due), is_active=True))
    enqueue(waiting)
    return len(waiting)


def forget_deliveries(*, kept: timedelta = KEPT) -> int:
    """Removes what was delivered or given up long ago."""
    old = WebhookDelivery.objects.exclude(state=State.WAITING).filter(happened_at__lte=timezone.now() - kept)
    return old.delete()[0]


def pause_after(attempts: int, jitter: float) -> timedelta:
    """`jitter` from 0 to 1 spreads those that failed together."""
    seconds = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return timedelta(seconds=seconds * (0.8 + 0.4 * jitter))


@transaction.atomic
def _next(endpoint_id: int) -> WebhookDelivery | None:
    """Takes the oldest that is due, and fixes what it says: a repetition says the same."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(
        endpoint=endpoint_id, endpoint__is_active=True, state=State.WAITING, next_at__lte=now
    )
    rows = due.select_for_update(of=("self",), skip_locked=True).select_related("endpoint__brand")
    delivery = rows.order_by("next_at", "pk").first()
    if delivery is None:
        return None
    delivery.attempts += 1
    WebhookDelivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1, next_at=now + LEASE, tried_at=now)
    delivery.tried_at = now
    if delivery.payload is None:
        # After the row counts as tried: a change from now on writes another delivery.
        delivery.payload = content_of(delivery)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(payload=delivery.payload)
    return delivery


def _try(delivery: WebhookDelivery, send: Callable[..., Outcome]) -> Outcome:
    endpoint = delivery.endpoint
    with translation.override(endpoint.created_by.language if endpoint.created_by else settings.LANGUAGE_CODE):
        try:
            key = unseal(bytes(endpoint.sealed))
        except DomainError as error:
            return Outcome(None, 0, "", str(error))
        name = str(delivery.public_id)
        content = {
            "id": name,
            "event": delivery.event,
            "happened_at": delivery.happened_at.isoformat(),
            "brand": endpoint.brand.slug,
            "data": delivery.payload,
        }
        return send(url=endpoint.url, key=key, name=name, event=delivery.event, body=body_of(content))


@transaction.atomic
def _note(delivery: WebhookDelivery, outcome: Outcome, jitter: Callable[[], float]) -> None:
    """What came of an attempt. The endpoint's row is locked first, as by everybody who changes both."""
    now = timezone.now()
    endpoint = WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery.endpoint_id)
    row = WebhookDelivery.objects.filter(pk=delivery.pk)
    row.update(
        status=outcome.status, duration=outcome.milliseconds, answer=outcome.answer, problem=outcome.problem[:300]
    )
    if not outcome.problem:
        row.update(state=State.DELIVERED)
        if endpoint.failing_since:
            _mark(endpoint, failing_since=None, problem="")
        return
    if delivery.attempts >= MOST_ATTEMPTS:
        row.update(state=State.DEAD)
    else:
        row.update(next_at=now + pause_after(delivery.attempts, jitter()))
    since = endpoint.failing_since or now
    stop = outcome.status == GONE or now - since >= PATIENCE
    _mark(endpoint, failing_since=since, problem=outcome.problem[:300], is_active=endpoint.is_active and not stop)
    if stop:
        log.warning("webhook_paused", endpoint=endpoint.pk, brand=endpoint.brand_id, status=outcome.status)


def _mark(endpoint: WebhookEndpoint, **values: object) -> None:
    """By columns: nobody's edit is written over."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(updated_at=timezone.now(), **values)

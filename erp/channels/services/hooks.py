"""Webhooks of a brand: made, changed, paused, tried, and what was given up sent again."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from catalog.services.saving import refuse, save_clean
from erp.channels.live.guard import Forbidden, check_url
from erp.channels.models import WebhookDelivery, WebhookEndpoint
from erp.channels.models.hooks import CHOSEN, Event
from erp.channels.sealing import seal
from erp.channels.services.credentials import hint_of, new_key
from erp.channels.services.outbox import enqueue
from erp.core.audit import by_actor
from erp.core.errors import DomainError
from erp.core.models import User

State = WebhookDelivery.State
MOST_ENDPOINTS = 20


@by_actor
@transaction.atomic
def create_endpoint(
    *, brand: Brand, name: str, url: str, events: Collection[str], actor: User
) -> tuple[WebhookEndpoint, str]:
    """A new webhook and its key, which is seen this once."""
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    if WebhookEndpoint.objects.of(brand).count() >= MOST_ENDPOINTS:
        words = _("A brand has at most %(most)s webhooks. Delete one first.") % {"most": MOST_ENDPOINTS}
        raise DomainError("too_many", words, status=409)
    row, key = WebhookEndpoint(brand=brand, created_by=actor), new_key()
    _give_key(row, key)
    _say(row, name, url, events)
    save_clean(row)
    return row, key


@by_actor
@transaction.atomic
def update_endpoint(
    *, endpoint: WebhookEndpoint, name: str, url: str, events: Collection[str], actor: User
) -> WebhookEndpoint:
    row = _locked(endpoint)
    _say(row, name, url, events)
    save_clean(row, ["name", "url", "events"])
    return row


@by_actor
@transaction.atomic
def renew_key(*, endpoint: WebhookEndpoint, actor: User) -> str:
    """A new key in place of the one before, from the next delivery on. It is seen this once."""
    row, key = _locked(endpoint), new_key()
    _give_key(row, key)
    row.save(update_fields=["sealed", "hint", "keyed_at", "updated_at"])
    return key


@by_actor
@transaction.atomic
def pause_endpoint(*, endpoint: WebhookEndpoint, actor: User) -> WebhookEndpoint:
    """Nothing is sent, and nothing new is written down for it; what waits stays."""
    row = _locked(endpoint)
    row.is_active, row.failing_since, row.problem = False, None, ""
    row.save(update_fields=["is_active", "failing_since", "problem", "updated_at"])
    return row


@by_actor
@transaction.atomic
def resume_endpoint(*, endpoint: WebhookEndpoint, actor: User) -> WebhookEndpoint:
    row = _locked(endpoint)
    row.is_active, row.failing_since, row.problem = True, None, ""
    row.save(update_fields=["is_active", "failing_since", "problem", "updated_at"])
    row.deliveries.filter(state=State.WAITING).update(next_at=timezone.now())
    enqueue([row])
    return row


@by_actor
@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint, actor: User) -> None:
    """With its deliveries."""
    _locked(endpoint).delete()


@transaction.atomic
def try_endpoint(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A delivery to see whether it arrives, whatever the endpoint chose."""
    if not endpoint.is_active:
        raise DomainError("paused", _("This webhook is paused. Resume it first."), status=409)
    content = {"message": "Jangbu", "webhook": endpoint.name}
    made = WebhookDelivery.objects.create(endpoint=endpoint, event=Event.TEST, payload=content)
    enqueue([endpoint])
    return made


@transaction.atomic
def replay(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Sends one again, under its own Webhook-Id: a receiver that took it already does nothing."""
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("endpoint")
    row = rows.get(pk=delivery.pk)
    if row.state != State.WAITING:
        _wait_again(WebhookDelivery.objects.filter(pk=row.pk))
        enqueue([row.endpoint])
    row.refresh_from_db()
    return row


@transaction.atomic
def replay_dead(*, endpoint: WebhookEndpoint) -> int:
    """Sends again all that was given up. Gives how many."""
    count = _wait_again(endpoint.deliveries.filter(state=State.DEAD))
    if count:
        enqueue([endpoint])
    return count


def _wait_again(rows: object) -> int:
    """They were tried before: `attempts` stays above 0, or they would clash with what waits for its first attempt."""
    return rows.update(state=State.WAITING, attempts=1, next_at=timezone.now())  # type: ignore[attr-defined]


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=endpoint.pk)


def _give_key(row: WebhookEndpoint, key: str) -> None:
    row.sealed, row.hint, row.keyed_at = seal(key), hint_of(key), timezone.now()


def _say(row: WebhookEndpoint, name: str, url: str, events: Collection[str]) -> None:
    known = {value for value, _label in CHOSEN}
    if not events or not set(events) <= known:
        raise refuse("no_events", _("Choose at least one thing to be told of."), "events")
    try:
        check_url(url.strip())
    except Forbidden as error:
        raise refuse("bad_url", str(error), "url") from error
    row.name, row.url, row.events = name.strip(), url.strip(), sorted(set(events))

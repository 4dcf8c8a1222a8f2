"""Listings to a marketplace that is spoken to directly, in the background: one after the other, and again after a kill.

Every step may be done twice: the marketplace knows its product by id or handle, its stock is compared and set.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from erp.channels.live.adapter import Adapter
from erp.channels.live.pace import Pace
from erp.channels.live.trouble import LockedOut, Passing
from erp.channels.models import Channel, ChannelListing, Connection, Push
from erp.channels.resolving import of_channel
from erp.channels.services.connections import adapter_of
from erp.channels.services.push_one import push_listing
from erp.core.errors import DomainError, Problem
from erp.core.models import User

State, Status = Push.State, ChannelListing.Status
RUN_TASK = "erp.channels.tasks.run_push"
# Far below the time limit of a job: other jobs get their turn in between.
STEP_SECONDS = 45
# A question to the marketplace is given up after less; a listing is several.
STALLED = timedelta(minutes=3)
MOST_FAILURES = 8
CHUNK = 10

log = structlog.get_logger(__name__)


@transaction.atomic
def start_push(*, channel: Channel, actor: User | None = None, everything: bool = False) -> Push:
    """Queues what is ready or changed, or everything; the push that is under way already, if there is one.

    Raises DomainError `not_connected` where the shop or a place of it is missing.
    """
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    adapter_of(channel)
    if not channel.connection.place_id:
        message = _("Choose first which place of the shop holds your stock.")
        raise DomainError("no_place", message, [Problem("no_place", message, "place")], status=409)
    push = Push.objects.filter(channel=channel, state__in=Push.UNDER_WAY).first()
    if push is None:
        push = Push(channel=channel, created_by=actor, everything=everything)
        push.total = wanted(push).count()
        push.save()
        enqueue(push)
    return push


def wanted(push: Push) -> Any:
    """The listings that a push sends. What was never sent goes when a person says so, not by itself."""
    rows = of_channel(push.channel).exclude(status=Status.DRAFT).filter(pk__gt=push.last_listing).order_by("pk")
    if push.everything:
        return rows
    if push.created_by_id:
        return rows.filter(Q(external_id="") | Q(stale_since__isnull=False) | Q(status=Status.ERROR))
    due = Q(push_after=None) | Q(push_after__lte=timezone.now())
    return rows.filter(due, stale_since__isnull=False).exclude(external_id="")


def run_push(*, push_id: int, pace: Pace | None = None, seconds: float = STEP_SECONDS) -> str:
    """Sends for some seconds and queues the rest. Gives the state it came to; safe to run twice."""
    push = _claim(push_id)
    if push is None:
        return Push.objects.filter(pk=push_id).values_list("state", flat=True).first() or ""
    person = push.created_by or push.channel.connection.created_by
    with translation.override(person.language):
        try:
            _run(push, pace, time.monotonic() + seconds)
        except Passing as error:
            _later(push, str(error), error.wait)
        except (LockedOut, DomainError) as error:
            _stop(push, str(error))
        except Exception:
            log.exception("push_failed", push=push.pk, listing=push.last_listing)
            _later(push, _("Something unexpected stopped this. It is tried again."), 0.0)
    return Push.objects.values_list("state", flat=True).get(pk=push_id)


def push_changes() -> int:
    """Queues a push for every channel of which something changed since it was told. Gives how many."""
    probe = Push()
    count = 0
    for connection in Connection.objects.filter(is_automatic=True, problem="", channel__is_active=True):
        probe.channel = connection.channel
        if connection.place_id and wanted(probe).exists():
            start_push(channel=connection.channel)
            count += 1
    return count


def resume_pushes() -> int:
    """Queues what waited long enough, and what a dead worker left."""
    now = timezone.now()
    waiting = Q(state=State.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
    dead = Q(state=State.RUNNING, updated_at__lte=now - STALLED)
    lost = list(Push.objects.filter(waiting | dead))
    for push in lost:
        enqueue(push)
    return len(lost)


def enqueue(push: Push) -> None:
    transaction.on_commit(lambda: async_task(RUN_TASK, push.pk, q_options={"save": False}))


def _claim(push_id: int) -> Push | None:
    """Two workers that were handed the same push: one of them goes on with it."""
    now = timezone.now()
    taken = {"state": State.RUNNING, "run": F("run") + 1, "updated_at": now}
    mine = Push.objects.filter(pk=push_id, state=State.WAITING).update(**taken)
    if not mine:  # a death counts: what kills its worker is not taken up for ever
        dead = Push.objects.filter(pk=push_id, state=State.RUNNING, updated_at__lte=now - STALLED)
        mine = dead.update(failures=F("failures") + 1, **taken)
    rows = Push.objects.select_related("channel__brand", "channel__connection__created_by", "created_by")
    return rows.get(pk=push_id) if mine else None


def _run(push: Push, pace: Pace | None, end: float) -> None:
    if push.failures >= MOST_FAILURES:
        _stop(push, _("This was tried too often in vain."))
        return
    adapter = adapter_of(push.channel, pace=pace)
    while chunk := list(wanted(push).values_list("pk", flat=True)[:CHUNK]):
        for listing in chunk:
            if not _send(push, listing, adapter):
                return
            if time.monotonic() > end:
                if _write(push, state=State.WAITING):
                    enqueue(push)
                return
    if _write(push, state=State.DONE, problem="", failures=0):
        Connection.objects.filter(channel=push.channel).update(problem="")


def _send(push: Push, listing: int, adapter: Adapter) -> bool:
    """One listing, and the note that it went; False where another worker has this push by now."""
    origin = push.channel.connection.origin
    if push_listing(channel_id=push.channel_id, listing_id=listing, adapter=adapter, origin=origin):
        push.sent += 1
    else:
        push.refused += 1
    push.last_listing = listing
    counts = {"sent": push.sent, "refused": push.refused, "last_listing": listing}
    return _write(push, failures=0, problem="", **counts)


def _write(push: Push, **values: Any) -> bool:
    mine = Push.objects.filter(pk=push.pk, run=push.run, state=State.RUNNING)
    return bool(mine.update(updated_at=timezone.now(), **values))


def _later(push: Push, words: str, wait: float) -> None:
    """Another attempt after a while, or the end after some."""
    failures = Push.objects.values_list("failures", flat=True).get(pk=push.pk) + 1
    if failures >= MOST_FAILURES:
        _write(push, state=State.FAILED, problem=words[:300], failures=failures)
        return
    pause = max(wait, min(15 * 2**failures, 3_600))
    moment = timezone.now() + timedelta(seconds=pause)
    _write(push, state=State.WAITING, problem=words[:300], failures=failures, not_before=moment)


def _stop(push: Push, words: str) -> None:
    """Nothing can go until a person changes the connection; until then nothing is tried by itself."""
    if _write(push, state=State.FAILED, problem=words[:300]):
        Connection.objects.filter(channel=push.channel).update(problem=words[:300])

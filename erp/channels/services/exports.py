"""Sending listings: what is wrong is told, what changed is written, what was written is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from erp.channels.models import Channel, Export
from erp.channels.services.making import Making, OutOfDate
from erp.channels.services.pictures import picture_urls
from erp.channels.services.sent import note_sent
from erp.channels.templates import lacks_form
from erp.core.errors import DomainError, Problem
from erp.core.models import User

State = Export.State
RUN_TASK = "erp.channels.tasks.run_export"
# Pictures of thousands of products take a while: this job alone may take so long.
TIME_LIMIT = 3_600
# Without a sign of life for so long, whoever made it is dead.
STALLED = timedelta(minutes=2)
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)


@transaction.atomic
def start_export(
    *, channel: Channel, actor: User, what: str = "products", only_changes: bool = True, origin: str = ""
) -> Export:
    """Queues a file; the one of the same kind that is being made already, if there is one. `origin` is where
    marketplaces reach this installation."""
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if not channel.is_active:
        message = _("This channel is not in use. Turn it on first.")
        raise DomainError("channel_off", message, [Problem("channel_off", message, "channel")], status=409)
    if lacks_form(channel, what):
        message = _("Shopee takes only its own form. Download it there and add it to this channel first.")
        raise DomainError("no_form", message, [Problem("no_form", message, "channel")], status=409)
    running = Export.objects.filter(channel=channel, what=what, state__in=Export.RUNNING).first()
    if running:
        return running
    export = Export.objects.create(
        channel=channel, what=what, created_by=actor, only_changes=only_changes, origin=origin[:200]
    )
    transaction.on_commit(lambda: _enqueue(export.pk))
    return export


def make_export(*, export: Export, picture_url: Any = None) -> Export:
    """Makes the file. A listing with errors is left out and says so; with `only_changes` one that is as it was too.

    Begun again after a crash it begins anew. Whoever finds it in the hands of another leaves it alone.
    """
    if not _claim(export):
        return Export.objects.get(pk=export.pk)
    export = Export.objects.select_related("channel__brand", "channel__template", "created_by").get(pk=export.pk)
    making = Making(export, picture_url or picture_urls(export.origin))
    try:
        making.make()
    except OutOfDate:
        log.warning("export_out_of_date", export=export.pk, run=export.run)
        return Export.objects.get(pk=export.pk)
    return export


def run_export(*, export_id: int) -> str:
    """The background's part: safe to run twice. What goes wrong is told on the export, and tried again by the sweep."""
    export = Export.objects.filter(pk=export_id).first()
    if export is None:
        return ""
    try:
        return make_export(export=export).state
    except DomainError as error:
        _stop(export_id, str(error.problems[0].message if error.problems else error.message))
    except Exception:
        log.exception("export_failed", export=export_id)
        failed = Export.objects.filter(pk=export_id, state=State.MAKING)
        failed.filter(run__lt=MAX_ATTEMPTS).update(state=State.QUEUED, updated_at=timezone.now())
        with translation.override(export.created_by.language):
            _stop(export_id, _unexpected())
    return Export.objects.values_list("state", flat=True).get(pk=export_id)


def resume_stalled_exports(*, stalled: timedelta = STALLED) -> int:
    """Queues again what is waiting for long, or whose maker gave no sign of life; what killed its maker too often is
    stopped."""
    lost = Export.objects.select_related("created_by").filter(
        state__in=Export.RUNNING, updated_at__lte=timezone.now() - stalled
    )
    for export in lost:
        if export.state == State.MAKING and export.run >= MAX_ATTEMPTS:
            log.error("export_given_up", export=export.pk, run=export.run)
            with translation.override(export.created_by.language):
                _stop(export.pk, _unexpected())
            continue
        log.warning("export_resumed", export=export.pk, run=export.run)
        Export.objects.filter(pk=export.pk, state=State.MAKING).update(state=State.QUEUED)
        _enqueue(export.pk)
    return len(lost)


@transaction.atomic
def confirm_export(*, export: Export, actor: User) -> Export:
    """Yes to what the marketplace will destroy: from now on its listings count as sent. Said twice, nothing happens."""
    current = _locked(export)
    if current.state == State.HELD:
        _refuse_overtaken(current)
        current.state, current.confirmed_by = State.DONE, actor
        current.save(update_fields=["state", "confirmed_by", "updated_at"])
        note_sent(current)
    elif current.state != State.DONE:
        raise _refused_state()
    return current


@transaction.atomic
def drop_export(*, export: Export, actor: User) -> Export:
    """No: the file is not used, nothing counts as sent, the record stays."""
    current = _locked(export)
    if current.state not in (State.HELD, State.DROPPED):
        raise _refused_state()
    current.state = State.DROPPED
    current.save(update_fields=["state", "updated_at"])
    return current


@transaction.atomic
def retry_export(*, export: Export, actor: User) -> Export:
    """Makes a stopped export anew."""
    current = _locked(export)
    if current.state != State.FAILED:
        raise _refused_state()
    current.state, current.run, current.problem = State.QUEUED, 0, ""
    current.save(update_fields=["state", "run", "problem", "updated_at"])
    transaction.on_commit(lambda: _enqueue(current.pk))
    return current


def _refuse_overtaken(export: Export) -> None:
    newer = Export.objects.filter(channel=export.channel, what=export.what, state=State.DONE, pk__gt=export.pk)
    if newer.exists():
        message = _("A newer file went out since. Make a new one instead of this.")
        raise DomainError("overtaken", message, [Problem("overtaken", message, "state")], status=409)


def _claim(export: Export) -> bool:
    """Two workers that were handed the same job: one of them makes it."""
    waiting = Export.objects.filter(pk=export.pk, state=State.QUEUED)
    return bool(waiting.update(state=State.MAKING, run=F("run") + 1, looked_at=0, updated_at=timezone.now()))


def _stop(export_id: int, words: str) -> None:
    running = Export.objects.filter(pk=export_id, state=State.MAKING)
    running.update(state=State.FAILED, problem=words[:300], updated_at=timezone.now())


def _unexpected() -> str:
    return _("Something unexpected stopped this export. Nothing counts as sent. Try again in a moment.")


def _enqueue(export_id: int) -> None:
    """A broker that is down loses nothing: the sweep adds it."""
    try:
        async_task(RUN_TASK, export_id, q_options={"timeout": TIME_LIMIT, "save": False})
    except Exception:
        log.exception("enqueue_failed", export=export_id)


def _locked(export: Export) -> Export:
    return Export.objects.select_for_update(of=("self",)).select_related("channel__brand").get(pk=export.pk)


def _refused_state() -> DomainError:
    message = _("Load the page again: somebody went on with this export.")
    return DomainError("wrong_state", message, [Problem("wrong_state", message, "state")], status=409)

"""One run of an analysis, from being taken to its end. Every change of state is one compare-and-set.

A run is named by its `started_at`: a worker that was given up and comes back late finds another run and writes nothing.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.db.models import F
from django.utils import timezone

from erp.core.photos import PhotoError
from vision import inference, messages
from vision.models import Analysis
from vision.services.queue import enqueue
from vision.services.workers import worker_name

log = structlog.get_logger(__name__)
State = Analysis.State

MAX_ATTEMPTS = 3


def claim(analysis_id: int, *, batch: int) -> Analysis | None:
    """Take a waiting analysis; None when another worker was first or it is gone."""
    now = timezone.now()
    waiting = Analysis.objects.filter(pk=analysis_id, state=State.QUEUED)
    taken = waiting.update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        worker=worker_name(),
        batch=batch,
        error_code="",
        started_at=now,
        finished_at=None,
        updated_at=now,
    )
    if not taken:
        return None
    return Analysis.objects.select_related("image__product__brand").filter(pk=analysis_id, started_at=now).first()


def _mine(analysis: Analysis) -> Any:
    return Analysis.objects.filter(pk=analysis.pk, state=State.RUNNING, started_at=analysis.started_at)


def is_mine(analysis: Analysis) -> bool:
    return bool(_mine(analysis).exists())


def write(analysis: Analysis, **values: Any) -> bool:
    """Write on the row unless the run was given up or the photo removed meanwhile."""
    return bool(_mine(analysis).update(updated_at=timezone.now(), **values))


def _end(analysis: Analysis, **values: Any) -> bool:
    return write(analysis, finished_at=timezone.now(), **values)


def finish(analysis: Analysis) -> str:
    return State.DONE if _end(analysis, state=State.DONE) else ""


def fail(analysis: Analysis, code: str) -> str:
    return State.FAILED if _end(analysis, state=State.FAILED, error_code=code) else ""


def end_with(analysis: Analysis, error: Exception) -> str:
    """The state that an error leads to: failed where another attempt would end alike, else back in the queue."""
    if isinstance(error, PhotoError):
        # Uploads are checked: a photo that cannot be read now was spoilt in the storage.
        return fail(analysis, messages.PHOTO_DAMAGED)
    if isinstance(error, FileNotFoundError):
        return fail(analysis, messages.PHOTO_MISSING)
    if isinstance(error, inference.NoModel):
        return fail(analysis, messages.NO_MODEL)
    log.error("analysis_error", analysis=analysis.pk, attempt=analysis.attempts, exc_info=error)
    return give_up_or_queue(analysis, messages.UNEXPECTED)


def give_up_or_queue(analysis: Analysis, code: str) -> str:
    """Another attempt at once, or the end after MAX_ATTEMPTS."""
    return fail(analysis, code) if analysis.attempts >= MAX_ATTEMPTS else _queue_again(analysis)


def give_back(analysis: Analysis, **values: Any) -> str:
    """Back to the queue as if this attempt had not been."""
    return _queue_again(analysis, attempts=F("attempts") - 1, **values)


def _queue_again(analysis: Analysis, **values: Any) -> str:
    if not write(analysis, state=State.QUEUED, **values):
        return ""
    enqueue(analysis.pk)
    return State.QUEUED

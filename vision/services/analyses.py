"""The life of an analysis: queued, running, done or failed, and what becomes of it when its worker dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from catalog.models import ProductImage
from vision import messages
from vision.models import Analysis
from vision.services import runs
from vision.services.looking import look_at
from vision.services.queue import batch_size, enqueue, time_limit, waiting_jobs
from vision.services.turns import companions
from vision.services.workers import is_gone

log = structlog.get_logger(__name__)
State = Analysis.State

# Beyond the job's own time limit: whoever has not ended by then never will.
STALE_SLACK = timedelta(seconds=30)
LOST_AFTER = timedelta(seconds=60)
SWEEP_LIMIT = 200


@transaction.atomic
def queue_analysis(*, image: ProductImage) -> Analysis:
    """The analysis of a photo, added to the queue when there is none yet."""
    analysis, created = Analysis.objects.get_or_create(image=image, defaults={"lane": image.product.brand_id})
    if created:
        transaction.on_commit(lambda: enqueue(analysis.pk))
    return analysis


@transaction.atomic
def retry_analysis(*, image: ProductImage) -> Analysis:
    """Analyse a photo again from the start; one that is waiting or running is left alone."""
    analysis = queue_analysis(image=image)
    ended = Analysis.objects.filter(pk=analysis.pk, state__in=[State.DONE, State.FAILED])
    fresh: dict[str, Any] = {"attempts": 0, "error_code": "", "started_at": None, "finished_at": None, "result": {}}
    fresh |= {"embedding": None, "is_alone": False, "lane": image.product.brand_id}
    if ended.update(state=State.QUEUED, updated_at=timezone.now(), **fresh):
        transaction.on_commit(lambda: enqueue(analysis.pk))
    analysis.refresh_from_db()
    return analysis


def run_analysis(analysis_id: int) -> str:
    """Analyse one photo and return the state it came to; "" when another worker has it or it is gone. Idempotent."""
    return _run(analysis_id, [])


def run_batch(analysis_id: int) -> str:
    """`run_analysis` for a worker: other waiting photos are looked at with it, as many as its queue allows.

    Their own jobs then find nothing to do. A photo whose batch died with its worker is looked at alone.
    """
    waiting = Analysis.objects.filter(pk=analysis_id, state=State.QUEUED).values_list("is_alone", flat=True).first()
    if waiting is None:
        return ""
    return _run(analysis_id, [] if waiting else companions(analysis_id, batch_size() - 1))


def _run(analysis_id: int, others: list[int]) -> str:
    first = runs.claim(analysis_id, batch=1 + len(others))
    if first is None:
        return ""
    taken = [runs.claim(pk, batch=1 + len(others)) for pk in others]
    return look_at([first, *(analysis for analysis in taken if analysis)])[first.pk]


def requeue_stale_analyses(*, lost_after: timedelta = LOST_AFTER) -> int:
    """Give another worker what a dead one left, and add queued analyses again whose job is gone. Returns how many."""
    return _take_from_dead_workers() + _add_lost_jobs(lost_after)


def _take_from_dead_workers() -> int:
    """Which photo of a batch killed its worker, nobody knows: none is blamed, and each is looked at alone next."""
    taken = 0
    found = Analysis.objects.filter(state=State.RUNNING).only("pk", "attempts", "worker", "batch", "started_at")
    for analysis in found:
        if _is_abandoned(analysis):
            log.warning("analysis_abandoned", analysis=analysis.pk, worker=analysis.worker, attempt=analysis.attempts)
            if analysis.batch > 1:
                taken += bool(runs.give_back(analysis, is_alone=True))
            else:
                taken += bool(runs.give_up_or_queue(analysis, messages.STOPPED))
    return taken


def _add_lost_jobs(lost_after: timedelta) -> int:
    """A job that was only waiting its turn is added twice here, and does nothing the second time.

    A long queue is left alone, or it would grow by being swept.
    """
    room = SWEEP_LIMIT - waiting_jobs()
    added = 0
    lost = Analysis.objects.filter(state=State.QUEUED, updated_at__lte=timezone.now() - lost_after)
    for pk in list(lost.order_by("updated_at").values_list("pk", flat=True)[: max(room, 0)]):
        if Analysis.objects.filter(pk=pk, state=State.QUEUED).update(updated_at=timezone.now()):
            enqueue(pk)
            added += 1
    return added


def _is_abandoned(analysis: Analysis) -> bool:
    """Running for longer than a job may, or taken by a process of this machine that is gone."""
    late = analysis.started_at is None or analysis.started_at < timezone.now() - time_limit() - STALE_SLACK
    return late or is_gone(analysis.worker)

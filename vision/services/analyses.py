"""The life of an analysis: queued, running, done or failed. Every change of state is one compare-and-set.

A run is named by its `started_at`: a worker that was given up and comes back late finds another run and writes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from PIL import Image

from catalog.models import ProductImage
from catalog.services import attach_cutout
from erp.core.photos import PhotoError, decode_photo
from vision import inference, messages
from vision.models import Analysis
from vision.services.queue import enqueue, time_limit, waiting_jobs
from vision.services.workers import is_gone, worker_name

log = structlog.get_logger(__name__)
State = Analysis.State

MAX_ATTEMPTS = 3
# Beyond the job's own time limit: whoever has not ended by then never will.
STALE_SLACK = timedelta(seconds=30)
LOST_AFTER = timedelta(seconds=60)
SWEEP_LIMIT = 200


@transaction.atomic
def queue_analysis(*, image: ProductImage) -> Analysis:
    """The analysis of a photo, added to the queue when there is none yet."""
    analysis, created = Analysis.objects.get_or_create(image=image)
    if created:
        transaction.on_commit(lambda: enqueue(analysis.pk))
    return analysis


@transaction.atomic
def retry_analysis(*, image: ProductImage) -> Analysis:
    """Analyse a photo again from the start; one that is waiting or running is left alone."""
    analysis = queue_analysis(image=image)
    ended = Analysis.objects.filter(pk=analysis.pk, state__in=[State.DONE, State.FAILED])
    fresh: dict[str, Any] = {"attempts": 0, "error_code": "", "started_at": None, "finished_at": None, "result": {}}
    if ended.update(state=State.QUEUED, updated_at=timezone.now(), embedding=None, **fresh):
        transaction.on_commit(lambda: enqueue(analysis.pk))
    analysis.refresh_from_db()
    return analysis


def run_analysis(analysis_id: int) -> str:
    """Analyse one photo and return the state it came to; "" when another worker has it or it is gone. Idempotent.

    No transaction is open while the picture is decoded and looked at.
    """
    analysis = _claim(analysis_id)
    if analysis is None:
        return ""
    try:
        _look(analysis)
    except PhotoError:
        # Uploads are checked: a photo that cannot be read now was spoilt in the storage.
        return _fail(analysis, messages.PHOTO_DAMAGED)
    except FileNotFoundError:
        return _fail(analysis, messages.PHOTO_MISSING)
    except inference.NoModel:
        return _fail(analysis, messages.NO_MODEL)
    except Exception:
        log.exception("analysis_error", analysis=analysis.pk, attempt=analysis.attempts)
        return _give_up_or_queue(analysis, messages.UNEXPECTED)
    return State.DONE if _end(analysis, state=State.DONE) else ""


def _claim(analysis_id: int) -> Analysis | None:
    now = timezone.now()
    waiting = Analysis.objects.filter(pk=analysis_id, state=State.QUEUED)
    taken = waiting.update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        worker=worker_name(),
        error_code="",
        started_at=now,
        finished_at=None,
        updated_at=now,
    )
    if not taken:
        return None
    return Analysis.objects.select_related("image__product__brand").filter(pk=analysis_id, started_at=now).first()


def _look(analysis: Analysis) -> None:
    """Saves the answers as soon as they are known, so that the form fills while the pictures are still being made."""
    with analysis.image.original.open("rb") as file:
        data = file.read()
    predictor = inference.get_predictor()
    found = inference.analyse([inference.working_copy(data)], predictor)[0]
    known = {"result": found.result, "embedding": found.embedding}
    if not _write(analysis, model_version_id=inference.version_id_of(predictor), **known) or found.mask is None:
        return
    picture = decode_photo(data, max_side=inference.CUT_OUT_SIDE).image
    picture.thumbnail((inference.CUT_OUT_SIDE, inference.CUT_OUT_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    png, jpeg = inference.cut_out_png(picture, found.mask), inference.listing_jpeg(picture, found.mask)
    if _is_mine(analysis):
        attach_cutout(image=analysis.image, cutout_png=png, listing_jpeg=jpeg)


def _mine(analysis: Analysis) -> Any:
    return Analysis.objects.filter(pk=analysis.pk, state=State.RUNNING, started_at=analysis.started_at)


def _is_mine(analysis: Analysis) -> bool:
    return bool(_mine(analysis).exists())


def _write(analysis: Analysis, **values: Any) -> bool:
    """Write on the row unless the run was given up or the photo removed meanwhile."""
    return bool(_mine(analysis).update(updated_at=timezone.now(), **values))


def _end(analysis: Analysis, **values: Any) -> bool:
    return _write(analysis, finished_at=timezone.now(), **values)


def _fail(analysis: Analysis, code: str) -> str:
    return State.FAILED if _end(analysis, state=State.FAILED, error_code=code) else ""


def _give_up_or_queue(analysis: Analysis, code: str) -> str:
    """Another attempt at once, or the end after MAX_ATTEMPTS."""
    if analysis.attempts >= MAX_ATTEMPTS:
        return _fail(analysis, code)
    if not _write(analysis, state=State.QUEUED):
        return ""
    enqueue(analysis.pk)
    return State.QUEUED


def requeue_stale_analyses(*, lost_after: timedelta = LOST_AFTER) -> int:
    """Give another worker what a dead one left, and add queued analyses again whose job is gone. Returns how many."""
    return _take_from_dead_workers() + _add_lost_jobs(lost_after)


def _take_from_dead_workers() -> int:
    taken = 0
    for analysis in Analysis.objects.filter(state=State.RUNNING).only("pk", "attempts", "worker", "started_at"):
        if _is_abandoned(analysis):
            log.warning("analysis_abandoned", analysis=analysis.pk, worker=analysis.worker, attempt=analysis.attempts)
            taken += bool(_give_up_or_queue(analysis, messages.STOPPED))
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

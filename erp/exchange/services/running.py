"""The background's part of an import: chunk by chunk, each in one transaction with the note that it is done.

Whoever takes a job up, twice or after a crash, goes on at `next_chunk`: no row is done twice and none is left out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from erp.core.errors import DomainError
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.judging import Verdict
from erp.exchange.products.planning import plan_rows
from erp.exchange.products.resource import ListingResource
from erp.exchange.products.saving import CHANGING, RowsRefused
from erp.exchange.products.tables import read_table
from erp.exchange.products.vocabulary import Vocabulary
from erp.exchange.services.imports import enqueue

State, Fate = ImportJob.State, ImportRow.Fate

# Far below the time limit of a job: other jobs, such as photos, get their turn in between.
STEP_SECONDS = 20
STALLED = timedelta(seconds=45)
KEPT = timedelta(days=30)
MAX_ATTEMPTS = 3
AT_ONCE = 2_000

log = structlog.get_logger(__name__)


def run_import(*, job_id: int, seconds: float = STEP_SECONDS) -> str:
    """Works on an import for some seconds and queues the rest. Gives the state it came to; safe to run twice."""
    end = time.monotonic() + seconds
    job = ImportJob.objects.select_related("brand", "created_by").filter(pk=job_id).first()
    if job is None:
        return ""
    vocabulary = Vocabulary(job.brand)
    with translation.override(job.created_by.language):
        while job.is_running and _step(job, vocabulary):
            if time.monotonic() > end:
                enqueue(job)
                break
    return ImportJob.objects.values_list("state", flat=True).get(pk=job_id)


def resume_stalled_imports(*, stalled: timedelta = STALLED) -> int:
    """Queues running imports that gave no sign of life for so long. One that is alive after all takes no harm."""
    lost = ImportJob.objects.filter(state__in=ImportJob.RUNNING, updated_at__lte=timezone.now() - stalled)
    for job in lost:
        log.warning("import_resumed", job=job.pk, state=job.state, chunk=job.next_chunk)
        enqueue(job)
    return len(lost)


def forget_old_imports(*, kept: timedelta = KEPT) -> int:
    """Removes the files and rows of imports that ended long ago; who, when, what and how many rows stays."""
    ended = ImportJob.objects.exclude(state__in=ImportJob.RUNNING).exclude(file="")
    old = ended.filter(updated_at__lte=timezone.now() - kept)
    for job in old:
        ImportRow.objects.filter(job=job).delete()
        name = str(job.file.name)
        job.file.storage.delete(name)
        ImportJob.objects.filter(pk=job.pk).update(file="", preview=[])
    return len(old)


def _step(job: ImportJob, vocabulary: Vocabulary) -> bool:
    """One chunk. False where there is nothing more to do here: it ended, was cancelled, or another worker has it."""
    try:
        if job.state == State.APPLYING:
            return _apply_chunk(job, vocabulary)
        return _check_chunk(job, vocabulary) if job.chunks else _read(job)
    except Exception:
        log.exception("import_step_failed", job=job.pk, state=job.state, chunk=job.next_chunk)
        return _failed(job)


def _failed(job: ImportJob) -> bool:
    """Another attempt by the sweep, or the end after some: what was done stays, and a person may take it up again."""
    ImportJob.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, updated_at=timezone.now())
    words = _("Something unexpected stopped this import. What was applied stays. Try again in a moment.")
    worn = ImportJob.objects.filter(pk=job.pk, state__in=ImportJob.RUNNING, attempts__gte=MAX_ATTEMPTS)
    worn.update(state=State.FAILED, problem=words)
    return False


def _read(job: ImportJob) -> bool:
    """All rows of the file into the database, in their chunks."""
    try:
        with job.file.open("rb") as file:
            table = read_table(file.read(), encoding=job.encoding, delimiter=job.delimiter)
    except (DomainError, FileNotFoundError) as error:
        lost = _("The file of this import was removed. Upload it again.")
        words = str(error.message) if isinstance(error, DomainError) else lost
        ImportJob.objects.filter(pk=job.pk, state=State.CHECKING).update(state=State.UPLOADED, problem=words[:300])
        return False
    rows = list(plan_rows(job.brand, job.columns, table.rows))
    chunks = max(row.chunk for row in rows) + 1
    with transaction.atomic():
        mine = ImportJob.objects.filter(pk=job.pk, state=State.CHECKING, chunks=0, run=job.run)
        if not mine.update(chunks=chunks, total=len(rows), next_chunk=0, updated_at=timezone.now()):
            return False
        for row in rows:
            row.job = job
        ImportRow.objects.bulk_create(rows, batch_size=AT_ONCE)
    job.chunks, job.next_chunk, job.total = chunks, 0, len(rows)
    return True


def _check_chunk(job: ImportJob, vocabulary: Vocabulary) -> bool:
    """The dry run of one chunk. No lock is held while it is judged; the result counts if nobody was faster."""
    rows = list(job.rows.filter(chunk=job.next_chunk).order_by("number"))
    resource = ListingResource(brand=job.brand, location=job.location, vocabulary=vocabulary)
    verdicts = {v.number: v for v in resource.run([_values(job, row) for row in rows if not row.errors], dry_run=True)}
    for row in rows:
        verdict = verdicts.get(row.number) or Verdict(row.number, Fate.ERROR, errors=row.errors)
        row.pk, row.fate, row.changes, row.errors = None, verdict.fate, verdict.changes, verdict.errors
    with transaction.atomic():
        mine = ImportJob.objects.filter(pk=job.pk, state=State.CHECKING, run=job.run, next_chunk=job.next_chunk)
        if not mine.update(next_chunk=job.next_chunk + 1, attempts=0, updated_at=timezone.now()):
            return False
        # Written anew: an UPDATE of some hundred rows, each with values of its own, takes ten times as long.
        ImportRow.objects.filter(job=job, chunk=job.next_chunk).delete()
        ImportRow.objects.bulk_create(rows)
        job.next_chunk += 1
        if job.next_chunk == job.chunks:
            ended = {"state": State.CHECKED, "checked_at": timezone.now(), "counts": _counts(job)}
            ImportJob.objects.filter(pk=job.pk).update(**ended)
            return False
    return True


def _apply_chunk(job: ImportJob, vocabulary: Vocabulary) -> bool:
    """One chunk into the catalog and the ledger, and the note of it, all in one transaction."""
    with transaction.atomic():
        held = ImportJob.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        current = held.select_related("brand", "applied_by", "location").filter(pk=job.pk, state=State.APPLYING).first()
        if current is None:
            return False
        rows = list(current.rows.filter(chunk=current.next_chunk, fate__in=CHANGING).order_by("number"))
        errors = _apply_rows(current, rows, vocabulary)
        for row in rows:
            if row.number in errors:
                row.fate, row.errors = Fate.ERROR, errors[row.number]
        ImportRow.objects.bulk_update([row for row in rows if row.number in errors], ["fate", "errors"])
        done = current.rows.filter(chunk=current.next_chunk, fate__in=CHANGING)
        current.applied += done.update(applied=True)
        current.next_chunk += 1
        current.attempts = 0
        if current.next_chunk == current.chunks:
            current.state, current.applied_at, current.counts = State.DONE, timezone.now(), _counts(current)
        current.save()
    return current.state == State.APPLYING


def _apply_rows(job: ImportJob, rows: Sequence[ImportRow], vocabulary: Vocabulary) -> dict[int, list[dict[str, Any]]]:
    """Applies the rows that can be; gives the errors of the others, by row number."""
    errors: dict[int, list[dict[str, Any]]] = {}
    left = list(rows)
    while left:
        resource = ListingResource(
            brand=job.brand,
            actor=job.applied_by,
            location=job.location,
            vocabulary=vocabulary,
            locks=True,
            expected={row.number: row.changes for row in left},
            key=f"import:{job.public_id}:{job.run}:{job.next_chunk}",
            reference=job.file_name[:80],
        )
        try:
            with transaction.atomic():
                verdicts = resource.run([_values(job, row) for row in left], dry_run=False)
        except RowsRefused as refusal:
            # Something changed at this very moment: undone, and once more without those rows.
            errors |= refusal.errors
            left = [row for row in left if row.number not in errors]
            continue
        errors |= {verdict.number: verdict.errors for verdict in verdicts if verdict.errors}
        break
    return errors


def _values(job: ImportJob, row: ImportRow) -> dict[str, Any]:
    return {"number": row.number} | {name: row.cells[place] for name, place in job.columns.items()}


def _counts(job: ImportJob) -> dict[str, int]:
    found = ImportRow.objects.filter(job=job).order_by().values_list("fate").annotate(n=Count("pk"))
    return dict.fromkeys(Fate.values, 0) | dict(found)

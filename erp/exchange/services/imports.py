"""What a person does with an import: upload, choose columns, apply, cancel, take up again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog.models import Brand
from catalog.photos import clean_name
from catalog.services.saving import refuse
from erp.core.errors import DomainError
from erp.core.models import User
from erp.exchange.models import ImportJob, ImportMapping
from erp.exchange.products.columns import COLUMNS, by_heading, by_place, can_identify, fingerprint, guess
from erp.exchange.products.tables import MAX_BYTES, Table, read_table, too_large
from erp.inventory.models import Location

State = ImportJob.State
PREVIEW = 8
RUN_TASK = "erp.exchange.tasks.run_import"

log = structlog.get_logger(__name__)


def create_import(*, brand: Brand, actor: User, data: bytes, filename: str) -> ImportJob:
    """Takes in a file and guesses its columns; those chosen for the same headings before come first.

    Raises DomainError with a code `file_*` for what is no table.
    """
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    table = read_table(data, most=PREVIEW)
    job = ImportJob(
        brand=brand,
        created_by=actor,
        file_name=clean_name(filename),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        location=Location.objects.of(brand).internal().open().order_by("position", "pk").first(),
    )
    _look(job, table)
    job.file.save("", ContentFile(data), save=False)
    try:
        job.save()
    except BaseException:
        job.file.storage.delete(str(job.file.name))
        raise
    return job


@transaction.atomic
def read_again(*, job: ImportJob, actor: User, encoding: str = "", delimiter: str = "") -> ImportJob:
    """Reads the file in another encoding or with another delimiter; the columns are guessed anew."""
    job = _locked(job, {State.UPLOADED, State.CHECKED, State.FAILED})
    with job.file.open("rb") as file:
        table = read_table(file.read(), encoding=encoding, delimiter=delimiter, most=PREVIEW)
    _look(job, table)
    job.state = State.UPLOADED
    job.problem = ""
    job.save()
    return job


@transaction.atomic
def check_import(*, job: ImportJob, actor: User, columns: Mapping[str, int], location: Location | None) -> ImportJob:
    """Remembers the columns for this brand and starts the dry run. One that is finished may be run again."""
    job = _locked(job, {State.UPLOADED, State.CHECKED, State.FAILED, State.CANCELLED, State.DONE})
    if not job.file:
        raise refuse("file_gone", _("The file of this import was removed. Upload it again."), "file", status=409)
    job.columns = _checked_columns(job, columns)
    job.location = _checked_place(job.brand, location)
    job.rows.all().delete()
    job.state, job.problem, job.attempts = State.CHECKING, "", 0
    job.run += 1
    job.total = job.chunks = job.next_chunk = job.applied = 0
    job.counts, job.checked_at, job.applied_at, job.applied_by, job.only_good = {}, None, None, None, False
    job.save()
    known = {"headings": job.headings, "columns": by_heading(job.columns, job.headings)}
    ImportMapping.objects.update_or_create(brand=job.brand, fingerprint=fingerprint(job.headings), defaults=known)
    enqueue(job)
    return job


@transaction.atomic
def apply_import(*, job: ImportJob, actor: User, only_good: bool = False) -> ImportJob:
    """Starts applying what the dry run showed. While rows have errors only with `only_good`. Safe to repeat."""
    job = _locked(job, {State.CHECKED, State.APPLYING, State.DONE})
    if job.state != State.CHECKED:
        return job
    if job.errors and not only_good:
        message = _("Some rows have errors. Mend them in the file, or apply only the good rows.")
        raise refuse("rows_have_errors", message, "only_good", status=409)
    if not job.changing:
        raise refuse("nothing_to_apply", _("Nothing would change: there is nothing to apply."), "only_good", status=409)
    job.state, job.applied_by, job.only_good = State.APPLYING, actor, bool(job.errors)
    job.next_chunk, job.attempts, job.problem = 0, 0, ""
    job.save()
    enqueue(job)
    return job


@transaction.atomic
def cancel_import(*, job: ImportJob, actor: User) -> ImportJob:
    """Stops it after the chunk in work. What was applied stays; nothing more is."""
    job = _locked(job, {*State} - {State.DONE})
    job.state = State.CANCELLED
    job.save()
    return job


@transaction.atomic
def retry_import(*, job: ImportJob, actor: User) -> ImportJob:
    """Takes up a stopped import where it stopped."""
    job = _locked(job, {State.FAILED})
    job.state = State.APPLYING if job.applied_by_id else State.CHECKING
    job.attempts, job.problem = 0, ""
    job.save()
    enqueue(job)
    return job


def enqueue(job: ImportJob) -> None:
    """A small job for the workers, once this is committed. A broker that is down loses nothing: the sweep adds it."""
    pk = job.pk

    def add() -> None:
        try:
            async_task(RUN_TASK, pk, save=False)
        except Exception:
            log.exception("enqueue_failed", job=pk)

    transaction.on_commit(add)


def _look(job: ImportJob, table: Table) -> None:
    """What the first rows tell: format, headings, and what the columns probably mean."""
    job.file_format, job.encoding, job.delimiter = table.file_format, table.encoding, table.delimiter
    job.headings = table.headings
    job.preview = [[number, cells] for number, cells in table.rows]
    known = ImportMapping.objects.of(job.brand).filter(fingerprint=fingerprint(table.headings)).first()
    job.columns = by_place(known.columns, table.headings) if known else guess(table.headings)


def _locked(job: ImportJob, states: set[Any]) -> ImportJob:
    current = ImportJob.objects.select_for_update(of=("self",)).select_related("brand").get(pk=job.pk)
    if current.state not in states:
        message = _("This import is at “%(state)s”, where this cannot be done. Load the page again.")
        raise DomainError("wrong_state", message % {"state": current.get_state_display()}, status=409)
    current.updated_at = timezone.now()
    return current


def _checked_columns(job: ImportJob, columns: Mapping[str, int]) -> dict[str, int]:
    chosen = {name: place for name, place in columns.items() if name in COLUMNS}
    if any(not 0 <= place < len(job.headings) for place in chosen.values()):
        raise refuse("unknown_heading", _("Choose one of the file's headings."), "columns")
    if len(set(chosen.values())) < len(chosen):
        raise refuse("heading_twice", _("One heading is chosen for two columns. Choose each once."), "columns")
    if not can_identify(chosen):
        message = _("Choose what names a variant: SKU, barcode, or style number with colour and size.")
        raise refuse("no_identity", message, "columns")
    return chosen


def _checked_place(brand: Brand, location: Location | None) -> Location | None:
    if location and (location.brand_id != brand.pk or not location.is_internal or not location.is_active):
        raise refuse("unknown_location", _("There is no such location. Choose one of the list."), "location")
    return location

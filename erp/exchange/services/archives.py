"""Making a brand's archive in the background, and putting one into an empty installation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog.models import Brand
from catalog.services import add_member
from erp.core.errors import DomainError
from erp.core.models import User
from erp.exchange.archive.reading import read_archive
from erp.exchange.archive.writing import write_archive
from erp.exchange.models import Archive

State = Archive.State
# A million movements take minutes: this job alone may take so long.
TIME_LIMIT = 3_600
# Without a sign of life for so long, whoever made it is dead.
STALLED = timedelta(minutes=5)
KEPT = timedelta(days=14)
REPORT_SECONDS = 2.0

log = structlog.get_logger(__name__)


@transaction.atomic
def start_archive(*, brand: Brand, actor: User) -> Archive:
    """Queues the archive of a brand; the one that is being made already, if there is one."""
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    archive = Archive.objects.of(brand).filter(state__in=Archive.MAKING).first()
    if archive is None:
        archive = Archive.objects.create(brand=brand, created_by=actor)
        transaction.on_commit(lambda: _enqueue(archive.pk))
    return archive


def make_archive(*, archive_id: int) -> str:
    """Writes a queued archive, or one whose maker died. Gives the state it came to; safe to run twice."""
    if not _claim(archive_id):
        return Archive.objects.values_list("state", flat=True).get(pk=archive_id)
    archive = Archive.objects.select_related("brand").get(pk=archive_id)
    try:
        with TemporaryFile() as file, _reporter(archive) as report:
            manifest = write_archive(archive.brand, file, report)
            _keep(archive, file, sum(manifest["rows"].values()))
    except Exception as error:
        log.exception("archive_failed", archive=archive_id)
        words = f"{type(error).__name__}: {error}"[:300]
        Archive.objects.filter(pk=archive_id).update(state=State.FAILED, problem=words, finished_at=timezone.now())
        raise
    return State.DONE


def resume_stalled_archives() -> int:
    """Queues again what is waiting or whose maker gave no sign of life."""
    lost = Archive.objects.filter(state__in=Archive.MAKING, updated_at__lte=timezone.now() - STALLED)
    for archive in lost:
        _enqueue(archive.pk)
    return len(lost)


def forget_old_archives() -> int:
    """Removes the files of archives after a while; who made one and when stays."""
    old = Archive.objects.exclude(file="").filter(finished_at__lte=timezone.now() - KEPT)
    for archive in old:
        archive.file.delete(save=False)
        Archive.objects.filter(pk=archive.pk).update(file="")
    return len(old)


def import_archive(*, file: IO[bytes], owner: str = "", progress: Callable[[str, int], None] | None = None) -> Brand:
    """Reads an archive into this empty installation; `owner` is a new person who owns the brand from now on."""
    with transaction.atomic():
        brand = read_archive(file, progress or (lambda label, rows: None))
        if owner:
            if User.objects.filter(username=owner).exists():
                raise DomainError("name_taken", _("The archive holds a person of this name already: give another."))
            user = User.objects.create(username=owner, is_staff=True)
            user.set_unusable_password()
            user.save()
            add_member(brand=brand, user=user, role="owner")
    return brand


def _enqueue(archive_id: int) -> None:
    async_task("erp.exchange.tasks.make_archive", archive_id, q_options={"timeout": TIME_LIMIT, "save": False})


def _claim(archive_id: int) -> bool:
    """Two workers that were handed the same job: one of them makes it."""
    dead = Q(state=State.RUNNING, updated_at__lte=timezone.now() - STALLED)
    free = Archive.objects.filter(Q(state=State.QUEUED) | dead, pk=archive_id)
    return bool(free.update(state=State.RUNNING, rows_done=0, updated_at=timezone.now()))


def _keep(archive: Archive, file: IO[bytes], rows: int) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    archive.file.save("archive.zip", File(file), save=False)
    now = timezone.now()
    done: dict[str, Any] = {"state": State.DONE, "rows": rows, "rows_done": rows, "size": size, "sha256": digest}
    Archive.objects.filter(pk=archive.pk).update(
        **done, file=archive.file.name, finished_at=now, updated_at=now, problem=""
    )


@contextmanager
def _reporter(archive: Archive) -> Iterator[Callable[[int, int], None]]:
    """Tells how far it is, every few seconds and from another connection: this one reads one moment's view."""
    last = time.monotonic()

    def write(done: int, total: int) -> None:
        Archive.objects.filter(pk=archive.pk).update(rows=total, rows_done=done, updated_at=timezone.now())
        connection.close()

    with ThreadPoolExecutor(1) as other:

        def report(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= REPORT_SECONDS:
                last = time.monotonic()
                other.submit(write, done, total)

        yield report

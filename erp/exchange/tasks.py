"""Jobs of imports: ids in, one service call, safe to run twice."""

from __future__ import annotations

from erp.core.jobs import every, nightly
from erp.exchange.services import archives, running


def run_import(job_id: int) -> str:
    return running.run_import(job_id=job_id)


def resume_stalled_imports() -> int:
    """Scheduled every minute."""
    return running.resume_stalled_imports()


@nightly("Forget the files of old imports", hour=4)
def forget_old_imports() -> int:
    return running.forget_old_imports()


def make_archive(archive_id: int) -> str:
    return archives.make_archive(archive_id=archive_id)


@every("Take up the archives that nobody makes any more", minutes=5)
def resume_stalled_archives() -> int:
    return archives.resume_stalled_archives()


@nightly("Forget old archives", hour=4)
def forget_old_archives() -> int:
    return archives.forget_old_archives()

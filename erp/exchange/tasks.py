"""Jobs of imports: ids in, one service call, safe to run twice."""

from __future__ import annotations

from erp.core.jobs import nightly
from erp.exchange.services import running


def run_import(job_id: int) -> str:
    return running.run_import(job_id=job_id)


def resume_stalled_imports() -> int:
    """Scheduled every minute."""
    return running.resume_stalled_imports()


@nightly("Forget the files of old imports", hour=4)
def forget_old_imports() -> int:
    return running.forget_old_imports()

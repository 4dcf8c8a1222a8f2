"""Workers that die in the middle: what is done stays done, what is not is done once, by whoever comes next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Variant
from erp.exchange import services
from erp.exchange.models import ImportJob
from erp.exchange.products import planning
from erp.exchange.services import running
from erp.exchange.services.running import resume_stalled_imports, run_import
from erp.inventory.models import Posting
from erp.inventory.verify import verify_ledger
from tests.api.shop import Shop, make_shop
from tests.exchange.shop import applied, checked, csv_file, grid, on_hand

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90


@pytest.fixture
def live_shop(transactional_db: None) -> Shop:
    """A shop that other processes see."""
    return make_shop("haneul")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CHUNK", 20)


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    login = f"{values['USER']}:{values['PASSWORD']}@" if values["USER"] else ""
    return f"postgres://{login}{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"


def start(job: ImportJob, slow: float) -> subprocess.Popen[str]:
    env = os.environ | {"DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.exchange.worker", str(job.pk), str(slow)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def read_until(worker: subprocess.Popen[str], words: list[str]) -> None:
    assert worker.stdout is not None
    for word in words:
        assert worker.stdout.readline().strip() == word


@pytest.mark.parametrize("said", [["written"], ["written", "done", "written"]], ids=["in the first", "in the second"])
def test_a_worker_killed_inside_of_a_chunk(live_shop: Shop, small_chunks: None, said: list[str]) -> None:
    """Killed with everything of the chunk written and nothing committed."""
    job = checked(live_shop, csv_file(grid(6)))
    assert (job.state, job.chunks) == ("checked", 3)
    services.apply_import(job=job, actor=live_shop.staff)
    worker = start(job, 30 if len(said) == 1 else 1)
    read_until(worker, said)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(timeout=PATIENCE)
    job.refresh_from_db()
    done = said.count("done")
    assert (job.state, job.next_chunk, job.applied) == ("applying", done, 20 * done)
    assert Variant.objects.filter(sku__startswith="IM").count() == 20 * done
    assert run_import(job_id=job.pk, seconds=600) == "done"
    job.refresh_from_db()
    assert (job.applied, job.errors) == (60, 0)
    assert Variant.objects.filter(sku__startswith="IM").count() == 60
    assert Posting.objects.filter(kind="opening").count() == 3
    assert on_hand(live_shop, "IM0005-WH-M") == 9
    assert verify_ledger(live_shop.brand) == []
    again = checked(live_shop, csv_file(grid(6)))
    assert again.counts["skip"] == 60


def test_what_stopped_is_queued_again(shop: Shop, queued: list[Any], django_capture_on_commit_callbacks) -> None:
    job = checked(shop, csv_file(grid(1)))
    services.apply_import(job=job, actor=shop.staff)
    ImportJob.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        assert resume_stalled_imports() == 1
    assert queued[-1] == ("erp.exchange.tasks.run_import", job.pk)
    assert resume_stalled_imports(stalled=timedelta(hours=1)) == 0


def test_a_long_import_goes_on_in_small_jobs(
    shop: Shop, small_chunks: None, queued: list[Any], django_capture_on_commit_callbacks
) -> None:
    job = checked(shop, csv_file(grid(6)))
    services.apply_import(job=job, actor=shop.staff)
    with django_capture_on_commit_callbacks(execute=True):
        assert run_import(job_id=job.pk, seconds=0) == "applying"
    assert queued[-1] == ("erp.exchange.tasks.run_import", job.pk)
    job.refresh_from_db()
    assert (job.next_chunk, job.applied) == (1, 20)
    assert run_import(job_id=job.pk, seconds=600) == "done"
    assert run_import(job_id=job.pk) == "done"


def test_a_cancelled_import_stops_after_its_chunk(shop: Shop, small_chunks: None) -> None:
    job = checked(shop, csv_file(grid(6)))
    services.apply_import(job=job, actor=shop.staff)
    run_import(job_id=job.pk, seconds=0)
    services.cancel_import(job=job, actor=shop.staff)
    assert run_import(job_id=job.pk) == "cancelled"
    assert Variant.objects.filter(sku__startswith="IM").count() == 20


def test_an_import_that_keeps_failing_stops_and_can_be_taken_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = checked(shop, csv_file(grid(1)))
    services.apply_import(job=job, actor=shop.staff)
    with monkeypatch.context() as patch:
        patch.setattr(running, "_apply_rows", lambda *args: 1 / 0)
        states = [run_import(job_id=job.pk) for _attempt in range(3)]
    assert states == ["applying", "applying", "failed"]
    job.refresh_from_db()
    assert job.problem
    services.retry_import(job=job, actor=shop.staff)
    assert run_import(job_id=job.pk) == "done"


def test_an_import_checked_again_after_it_was_applied(shop: Shop) -> None:
    job = applied(shop, checked(shop, csv_file(grid(1))))
    services.check_import(job=job, actor=shop.staff, columns=job.columns, location=shop.main)
    run_import(job_id=job.pk, seconds=600)
    job.refresh_from_db()
    assert (job.state, job.counts["skip"]) == ("checked", 10)


def test_old_files_are_forgotten_and_the_record_stays(shop: Shop) -> None:
    job = applied(shop, checked(shop, csv_file(grid(1))))
    name = job.file.name
    assert running.forget_old_imports() == 0
    assert running.forget_old_imports(kept=timedelta(0)) == 1
    job.refresh_from_db()
    assert (bool(job.file), job.rows.count(), job.applied, job.counts["create"]) == (False, 0, 10, 10)
    assert not job.file.storage.exists(name)

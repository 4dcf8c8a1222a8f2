"""Real worker processes, killed at the worst moment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from catalog.services import add_image
from tests.factories import ProductFactory, UserFactory
from tests.vision.fakes import FakePredictor, photo
from vision import inference
from vision.models import Analysis
from vision.services import run_analysis
from vision.services.workers import is_gone

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90


def database_url() -> str:
    """The test database, for another process."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    login = f"{values['USER']}:{values['PASSWORD']}@" if values["USER"] else ""
    return f"postgres://{login}{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"


def wait_for(what: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("It did not happen in time.")


@pytest.fixture
def start(own_broker: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts clusters, each with its processes in a group of its own; none outlives the test."""
    clusters: list[subprocess.Popen[bytes]] = []

    def cluster(*args: str) -> subprocess.Popen[bytes]:
        env = os.environ | {"DATABASE_URL": database_url(), "REDIS_URL": own_broker, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.vision.worker", str(settings.MEDIA_ROOT), *args]
        process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stderr=subprocess.DEVNULL)
        clusters.append(process)
        return process

    yield cluster
    for process in clusters:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


@pytest.fixture
def add(transactional_db: None, own_broker: str) -> Callable[[str], Analysis]:
    product, actor = ProductFactory(), UserFactory()
    return lambda colour: add_image(product=product, data=photo(colour), filename="a.jpg", actor=actor).analysis


def state_of(analysis: Analysis) -> str:
    return Analysis.objects.values_list("state", flat=True).get(pk=analysis.pk)


def test_a_worker_killed_in_mid_job_loses_nothing(add: Any, start: Any, tmp_path: Path) -> None:
    """The worker dies as if it ran out of memory; the cluster makes another one, and that finishes the photo."""
    hang = tmp_path / "hangs"
    cluster = start(str(hang))
    first = add("navy")
    wait_for(hang.exists)
    second = add("red")
    first.refresh_from_db()
    assert (first.state, first.attempts) == ("running", 1)
    pid = int(first.worker.rpartition(":")[2])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: state_of(first) == state_of(second) == "done")
    first.refresh_from_db()
    assert (first.attempts, first.error_code) == (2, "")
    assert first.image.cutout
    assert int(first.worker.rpartition(":")[2]) != pid
    stops_cleanly(cluster)


def test_no_photo_pays_for_the_batch_that_it_died_in(add: Any, start: Any, tmp_path: Path) -> None:
    """Four photos are looked at together when their worker dies. Each is then looked at alone, and counts anew."""
    hang = tmp_path / "hangs"
    photos = [add(colour) for colour in ("navy", "red", "green", "white")]
    start(str(hang))
    wait_for(hang.exists)
    taken = Analysis.objects.filter(state="running")
    assert {(a.batch, a.attempts) for a in taken} == {(4, 1)}
    (worker,) = set(taken.values_list("worker", flat=True))
    os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
    wait_for(lambda: {state_of(analysis) for analysis in photos} == {"done"})
    ended = Analysis.objects.filter(pk__in=[analysis.pk for analysis in photos])
    assert {(a.batch, a.attempts, a.is_alone) for a in ended} == {(1, 1, True)}


def stops_cleanly(cluster: subprocess.Popen[bytes]) -> None:
    """Ctrl-C reaches the whole group, as in a terminal; nothing is left behind."""
    members = [
        int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal() and group_of(int(p.name)) == cluster.pid
    ]
    assert len(members) > 3
    os.killpg(cluster.pid, signal.SIGINT)
    assert cluster.wait(timeout=PATIENCE) == 0
    assert all(is_gone(f"{socket.gethostname()}:{pid}") for pid in members)


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_a_machine_that_lost_power_finishes_after_the_restart(add: Any, start: Any, tmp_path: Path) -> None:
    """All processes die at once, with one photo in work and one fetched from the broker."""
    hang = tmp_path / "hangs"
    cluster = start(str(hang))
    first = add("navy")
    wait_for(hang.exists)
    second = add("red")
    os.killpg(cluster.pid, signal.SIGKILL)
    cluster.wait()
    assert (state_of(first), state_of(second)) == ("running", "queued")
    start()
    wait_for(lambda: state_of(first) == state_of(second) == "done")


def test_two_workers_do_not_look_at_the_same_photo(add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = add("navy")
    fake, both = FakePredictor(), threading.Barrier(2)
    monkeypatch.setattr(inference, "get_predictor", lambda: fake)

    def work() -> str:
        try:
            both.wait()
            return run_analysis(analysis.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        states = [worker.result() for worker in [workers.submit(work) for _ in range(2)]]
    assert sorted(states) == ["", "done"]
    assert len(fake.seen) == 1

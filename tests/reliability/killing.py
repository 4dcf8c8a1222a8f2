"""The product's processes as `make run` starts them, on the test's own database, to be killed in mid-work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.browser.product import free_port
from tests.inventory.racers import database_url

ROOT = Path(__file__).resolve().parent.parent.parent


class Supervised:
    """A process that is started again whenever all of it died, as a service manager would."""

    def __init__(self, command: Sequence[str], folder: Path, **environment: str) -> None:
        self.command = command
        self.environment = os.environ | {"DATABASE_URL": database_url(), "VAR_DIR": str(folder)} | environment
        self.log = (folder / f"{Path(command[0]).name}.log").open("ab")
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.starts += 1
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def look_after(self) -> None:
        if self.process.poll() is not None:
            self.kill_all()  # orphans of a killed parent
            self.start()

    def kill_one(self, chance: Random) -> None:
        """`kill -9` for one process below the first, or for the first one itself."""
        victims = descendants(self.process.pid)
        victim = chance.choice(victims) if victims and chance.random() < 0.9 else self.process.pid
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        if victim == self.process.pid:
            self.process.wait()

    def kill_all(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


def descendants(pid: int) -> list[int]:
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return found + [deeper for child in found for deeper in descendants(child)]


def web(folder: Path) -> tuple[Supervised, str]:
    """Two web processes, forked from one that has the code loaded: a killed one is back at once."""
    port = str(free_port())
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = [gunicorn, "erp.wsgi:application", "--config", "erp/gunicorn.py", "--preload"]
    # Clerks who never pause send more than a client may.
    limits = {"API_WRITES_PER_MINUTE": "1000000"}
    served = Supervised(command, folder, PORT=port, WEB_CONCURRENCY="2", WEB_THREADS="4", **limits)
    address = f"http://127.0.0.1:{port}"
    wait_for(address)
    return served, address


def worker(folder: Path) -> Supervised:
    return Supervised([sys.executable, "manage.py", "qcluster"], folder)


def wait_for(address: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer")

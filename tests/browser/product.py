"""The product as `make run` starts it, on a database of its own: for browser tests and screenshots."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
import psycopg2
import redis
from filelock import FileLock

from tests.own_redis import neighbour

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_LIMIT = 120
DATABASE = "product.sqlite3"
# What `make run` does before it starts, in one process: every start of Django takes seconds.
SET_UP = """
import os, django
from django.core.management import call_command
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
django.setup()
for command in (["migrate"], ["collectstatic", "--no-input"], ["ensure_schedules"], ["demo"]):
    call_command(*command, verbosity=0)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scratch_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database of the kind that DATABASE_URL names; dropped at the end."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{folder / DATABASE}"
        return
    config = environ.Env.db_url_config(url)
    name = f"{config['NAME']}_browser_{os.getpid()}"
    connection = psycopg2.connect(
        host=config["HOST"], port=config["PORT"], user=config["USER"], password=config["PASSWORD"], dbname="postgres"
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url.rsplit("/", 1)[0] + f"/{name}"
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    connection.close()


def scratch_redis() -> dict[str, str]:
    """An empty Redis database for the product where the tests use Redis: its worker takes no job of theirs."""
    url = os.environ.get("REDIS_URL")
    if not url:
        return {}
    own = neighbour(url, 4)
    with redis.Redis.from_url(own) as client:
        client.flushdb()
    return {"REDIS_URL": own}


def wait_until_up(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError(f"The product did not answer at {url}")


def set_up(folder: Path, env: dict[str, str], shared: Path | None, fresh: Path | None) -> None:
    """Makes the demonstration in `folder`. On SQLite, processes that test side by side make it once in `shared`, where
    `fresh` is what the migrations leave."""
    if shared is None or not env["DATABASE_URL"].startswith("sqlite"):
        return _make(env)
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            making = shared.with_suffix(".new")
            making.mkdir()
            if fresh is not None and fresh.exists():
                shutil.copy(fresh, making / DATABASE)
            _make(env | {"VAR_DIR": str(making), "DATABASE_URL": f"sqlite:///{making / DATABASE}"})
            making.rename(shared)
    shutil.copytree(shared, folder, dirs_exist_ok=True)
    return None


def _make(env: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", SET_UP], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def running_product(folder: Path, *, shared: Path | None = None, fresh: Path | None = None) -> Iterator[str]:
    """The address of a web server and a worker on demonstration data, both stopped at the end; `shared` is where other
    processes find the same data, `fresh` a database of SQLite that is migrated."""
    port = free_port()
    bin_folder = Path(sys.executable).parent
    with scratch_database(folder) as database_url:
        env = (
            os.environ
            | scratch_redis()
            | {
                "DATABASE_URL": database_url,
                "VAR_DIR": str(folder),
                "PORT": str(port),
                "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            }
        )
        set_up(folder, env, shared, fresh)
        log = (folder / "product.log").open("wb")
        process = subprocess.Popen(
            [str(bin_folder / "honcho"), "start", "--no-colour"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/healthz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
            log.close()

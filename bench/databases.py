"""An empty, migrated database of each kind for a benchmark, beside the configured one and dropped afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

ROOT = Path(__file__).parent.parent
# The server that .ci/run brings up, unless DATABASE_URL names another.
POSTGRES = "postgres://jangbu:jangbu@127.0.0.1:5432/postgres"
INSIDE = "BENCH_INSIDE"


def on_each_database(module: str, measure: Callable[[], None]) -> None:
    """Runs `measure` on SQLite, then on PostgreSQL where a server answers: each in its own process, `python -m module`.

    `module` calls this again in that process, which then measures.
    """
    if os.environ.get(INSIDE):
        with scratch_database():
            measure()
        return
    configured = os.environ.get("DATABASE_URL", "")
    postgres = configured if configured.startswith("postgres") else POSTGRES
    for name, url in (("SQLite", ""), ("PostgreSQL", postgres)):
        if url and not _answers(url):
            print(f"\n{name}: skipped, no server answers. Start one and set DATABASE_URL.")
            continue
        print(f"\n{name}", flush=True)
        subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module], env=os.environ | {"DATABASE_URL": url, INSIDE: "1"}, cwd=ROOT, check=True
        )


@contextmanager
def scratch_database() -> Iterator[None]:
    """Sets Django up on a database of this process's own."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from django.db import connection

    name = f"jangbu_bench_{os.getpid()}"
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(settings.VAR_DIR / f"{name}.sqlite3") if is_file else name
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True

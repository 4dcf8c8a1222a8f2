"""People who act at the same moment: threads with a barrier, and whole processes that wait for the signal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction

from erp.core.errors import DomainError

ROOT = Path(__file__).parent.parent.parent


def at_once(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs each action in a thread with its own connection, all from one moment; a refusal is an answer too."""
    barrier = Barrier(len(actions))

    def act(action: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return action()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(act, action) for action in actions]]


def in_processes(orders: Sequence[dict[str, Any]], module: str = "tests.inventory.seller") -> list[dict[str, Any]]:
    """Runs the module once for each order, all from the same moment, and gives what each one printed."""
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-m", module]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    sellers = [subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) for _order in orders]
    for seller, order in zip(sellers, orders, strict=True):
        seller.stdin.write(json.dumps(order) + "\n")
        seller.stdin.flush()
    for seller in sellers:
        assert seller.stdout.readline() == "ready\n"
    for seller in sellers:
        seller.stdin.write("go\n")
        seller.stdin.flush()
    return [json.loads(seller.communicate(timeout=120)[0]) for seller in sellers]


def database_url() -> str:
    """The test database's own address."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    login = f"{quote(config['USER'])}:{quote(config['PASSWORD'])}"
    return f"postgres://{login}@{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"


def in_turn(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Both answers where `second` begins before `first` is committed, and is seen waiting for it (PostgreSQL)."""
    done = Event()

    def holder() -> Any:
        with transaction.atomic():
            answer = first()
            done.set()
            _wait_for_someone_waiting()
        return answer

    def waiter() -> Any:
        assert done.wait(timeout=20)
        return second()

    return at_once([holder, waiter])


def _wait_for_someone_waiting() -> None:
    until = monotonic() + 20
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database "
                "WHERE d.datname = current_database() AND NOT granted UNION "
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
        sleep(0.01)
    raise AssertionError("nobody waited for the lock")

"""How the benchmarks of the ledger time and print: rates in one process and in several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from time import perf_counter
from typing import Any

SECONDS = 4.0


def rate(action: Callable[[], object], lines: int) -> float:
    start = perf_counter()
    action()
    return lines / (perf_counter() - start)


def per_second(action: Callable[[], object]) -> float:
    """Runs the action again and again for some seconds."""
    action()
    start, times = perf_counter(), 0
    while (elapsed := perf_counter() - start) < SECONDS:
        action()
        times += 1
    return times / elapsed


def together(measure: Callable[[], float], processes: int, warm_up: Callable[[], object]) -> float:
    """The sum of the rates of several processes, which begin to measure at the same moment."""
    from django.db import connection

    connection.close()
    fork = multiprocessing.get_context("fork")
    barrier, rates = fork.Barrier(processes), fork.Queue()

    def work() -> None:
        warm_up()
        barrier.wait()
        rates.put(measure())
        connection.close()

    workers = [fork.Process(target=work) for _worker in range(processes)]
    for worker in workers:
        worker.start()
    total = sum(rates.get(timeout=120) for _worker in workers)
    for worker in workers:
        worker.join()
    return total


def settle() -> None:
    """What autovacuum does in the background of a shop's day, done between two measurements instead of in one."""
    from django.db import connection

    execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def execute(sql: str, params: Any = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def report(name: str, value: float, note: str = "") -> None:
    print(f"  {name:36} {value:>10,.0f}{f'   ({note})' if note else ''}", flush=True)


def prove() -> None:
    """The books after the storm."""
    from erp.inventory.models import StockMovement
    from erp.inventory.verify import verify_ledger

    assert verify_ledger() == []
    print(f"  verify_ledger: clean, {StockMovement.objects.count():,} movements", flush=True)

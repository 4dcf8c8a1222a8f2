"""Postings: single, 5,000 lines at once, and 4 processes on the same 10 variants; on SQLite and on PostgreSQL.

Everything goes through the services: double entry, running balances, triggers, idempotency keys, foreign keys and a
durable commit. The raw UPDATE of the same run tells how fast the machine and its disk are at that moment.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from random import choice
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from bench.databases import on_each_database
from bench.shops import Shop, make_shop

LINES = 5_000
HOT = 10
PROCESSES = 4
SECONDS = 4.0
ROUNDS = 5
# Measured on a 2-core machine with PostgreSQL 15: Saleor 3.24's bare counter, and an UPDATE without a framework.
PUBLISHED = {
    "single postings/s": "Saleor's counter 671, Tryton 16.9",
    "4 processes, postings/s": "Saleor's counter 1,312",
    "lines/s in one posting of 5,000": "Saleor's counter 4,300, Tryton 127",
    "raw UPDATE + commit/s": "3,679",
    "raw bulk UPDATE, lines/s": "173,000",
}


def run() -> None:
    on_each_database("bench.ledger", measure)


def measure() -> None:
    shop = make_shop(products=LINES // 50, variants_each=50)
    report("first opening stock, lines/s", rate(lambda: post("post_opening", shop, shop.variant_ids, 1_000_000), LINES))
    settle()
    report("raw UPDATE + commit/s", per_second(lambda: raw_update(shop)))
    report("raw bulk UPDATE, lines/s", median(rate(raw_bulk_update, LINES) for _round in range(ROUNDS)))
    bulk = [rate(lambda: post("receive", shop, shop.variant_ids, 3), LINES) for _round in range(ROUNDS)]
    report("lines/s in one posting of 5,000", median(bulk), f"best {max(bulk):,.0f}")
    settle()
    report("single postings/s", per_second(lambda: post("ship", shop, [choice(shop.variant_ids[:HOT])], 1)))
    report(f"{PROCESSES} processes, postings/s", together(shop))
    check()


def post(operation: str, shop: Shop, variant_ids: list[int], quantity: int) -> None:
    from catalog.models import Brand
    from erp.core.models import User
    from erp.inventory import services
    from erp.inventory.models import Location

    getattr(services, operation)(
        brand=Brand(pk=shop.brand_id),
        location=Location(pk=shop.location_id),
        quantities=dict.fromkeys(variant_ids, quantity),
        actor=User(pk=shop.actor_id),
        idempotency_key=uuid4().hex,
    )


def together(shop: Shop) -> float:
    """Postings a second of several processes that ship the same few variants."""
    from django.db import connection

    connection.close()
    fork = multiprocessing.get_context("fork")
    barrier, counts = fork.Barrier(PROCESSES), fork.Queue()

    def sell() -> None:
        post("ship", shop, shop.variant_ids[:1], 1)
        barrier.wait()
        counts.put(per_second(lambda: post("ship", shop, [choice(shop.variant_ids[:HOT])], 1)))
        connection.close()

    sellers = [fork.Process(target=sell) for _seller in range(PROCESSES)]
    for seller in sellers:
        seller.start()
    total = sum(counts.get(timeout=60) for _seller in sellers)
    for seller in sellers:
        seller.join()
    return total


def raw_update(shop: Shop) -> None:
    execute(
        "UPDATE inventory_balance SET reserved = 1 - reserved WHERE variant_id = %s AND location_id = %s",
        [choice(shop.variant_ids[:HOT]), shop.location_id],
    )


def raw_bulk_update() -> None:
    execute("UPDATE inventory_balance SET reserved = 1 - reserved")


def execute(sql: str, params: Any = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def settle() -> None:
    """What autovacuum does in the background of a shop's day, done between two measurements instead of in one."""
    from django.db import connection

    execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def check() -> None:
    from erp.inventory.models import Balance, StockMovement
    from erp.inventory.verify import verify_ledger

    Balance.objects.update(reserved=0)
    assert verify_ledger() == []
    print(f"  verify_ledger: clean, {StockMovement.objects.count():,} movements", flush=True)


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


def report(name: str, value: float, more: str = "") -> None:
    details = "; ".join(text for text in (more, PUBLISHED.get(name, "")) if text)
    print(f"  {name:36} {value:>10,.0f}{f'   ({details})' if details else ''}", flush=True)


if __name__ == "__main__":
    run()

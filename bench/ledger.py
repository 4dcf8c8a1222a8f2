"""Postings: single, 5,000 lines at once, and 4 processes on the same 10 variants; on SQLite and on PostgreSQL.

Everything goes through the services: double entry, running balances, triggers, idempotency keys, foreign keys and a
durable commit. The raw UPDATE of the same run tells how fast the machine and its disk are at that moment.
"""

from __future__ import annotations

from random import choice
from statistics import median
from uuid import uuid4

from bench.databases import on_each_database
from bench.shops import Shop, make_shop
from bench.timing import execute, per_second, prove, rate, report, settle, together

LINES = 5_000
HOT = 10
PROCESSES = 4
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
    show("first opening stock, lines/s", rate(lambda: post("post_opening", shop, shop.variant_ids, 1_000_000), LINES))
    settle()
    show("raw UPDATE + commit/s", per_second(lambda: raw_update(shop)))
    show("raw bulk UPDATE, lines/s", median(rate(raw_bulk_update, LINES) for _round in range(ROUNDS)))
    bulk = [rate(lambda: post("receive", shop, shop.variant_ids, 3), LINES) for _round in range(ROUNDS)]
    show("lines/s in one posting of 5,000", median(bulk), f"best {max(bulk):,.0f}")
    settle()
    sell_one = lambda: post("ship", shop, [choice(shop.variant_ids[:HOT])], 1)  # noqa: E731
    show("single postings/s", per_second(sell_one))
    show(f"{PROCESSES} processes, postings/s", together(lambda: per_second(sell_one), PROCESSES, sell_one))
    execute("UPDATE inventory_balance SET reserved = 0")
    prove()


def post(operation: str, shop: Shop, variant_ids: list[int], quantity: int) -> None:
    from erp.inventory import services

    brand, location, actor = shop.rows
    quantities = dict.fromkeys(variant_ids, quantity)
    getattr(services, operation)(
        brand=brand, location=location, quantities=quantities, actor=actor, idempotency_key=uuid4().hex
    )


def raw_update(shop: Shop) -> None:
    execute(
        "UPDATE inventory_balance SET reserved = 1 - reserved WHERE variant_id = %s AND location_id = %s",
        [choice(shop.variant_ids[:HOT]), shop.location_id],
    )


def raw_bulk_update() -> None:
    execute("UPDATE inventory_balance SET reserved = 1 - reserved")


def show(name: str, value: float, more: str = "") -> None:
    report(name, value, "; ".join(text for text in (more, PUBLISHED.get(name, "")) if text))


if __name__ == "__main__":
    run()

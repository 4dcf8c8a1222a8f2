"""Holding, releasing and shipping, and plain postings, with 1, 4 and 8 processes on the same 10 variants.

An allocation is one `reserve` of one piece, a release gives it back, a fulfilment ships it out of its reservation: each
its own durable transaction through the services, with idempotency keys and every check. Saleor 3.24, measured on a
2-core machine like this one with PostgreSQL 15, did 112, 188 and 102 a second, and 206 allocations with 4 processes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import choice
from time import perf_counter
from uuid import uuid4

from bench.databases import on_each_database
from bench.shops import Shop, make_shop
from bench.timing import SECONDS, per_second, prove, report, settle, together

HOT = 10
PROCESSES = (1, 4, 8)
# Per second: what Saleor did, by our name and the number of processes.
SALEOR = {("allocations", 1): 112, ("releases", 1): 188, ("fulfilments", 1): 102, ("allocations", 4): 206}
AIM = 5


def run() -> None:
    on_each_database("bench.reservations", measure)


def measure() -> None:
    from erp.inventory import services

    shop = make_shop(products=1, variants_each=HOT)
    brand, location, actor = shop.rows
    stock = dict.fromkeys(shop.variant_ids, 1_000_000)
    services.post_opening(brand=brand, location=location, quantities=stock, actor=actor, idempotency_key=uuid4().hex)
    for processes in PROCESSES:
        settle()
        for name, once in works(shop).items():
            found = together(once, processes, lambda: allocate(shop))
            show(name, processes, found)
    let_go(shop)
    prove()


def works(shop: Shop) -> dict[str, Callable[[], float]]:
    """What is measured, each as a function that gives its rate in this process."""
    return {
        "postings": lambda: per_second(lambda: ship(shop)),
        "allocations": lambda: per_second(lambda: allocate(shop)),
        "releases": lambda: second_of(lambda: allocate(shop), lambda pk: release(shop, pk)),
        "fulfilments": lambda: second_of(lambda: allocate(shop), lambda pk: fulfil(shop, pk)),
    }


def second_of(first: Callable[[], int], second: Callable[[int], object]) -> float:
    """How often a second the second action was done, whose subject the first one makes outside of its time."""
    times, spent, start = 0, 0.0, perf_counter()
    while perf_counter() - start < SECONDS:
        subject = first()
        begin = perf_counter()
        second(subject)
        spent += perf_counter() - begin
        times += 1
    return times / spent


def allocate(shop: Shop) -> int:
    from erp.inventory.services import Claim, reserve

    brand, location, actor = shop.rows
    claim = Claim(choice(shop.variant_ids), 1, location.pk)
    [held] = reserve(brand=brand, claims=[claim], actor=actor, idempotency_key=uuid4().hex, reference="SO-1")
    held_variants[held.pk] = held.variant_id
    return held.pk


held_variants: dict[int, int] = {}


def release(shop: Shop, pk: int) -> None:
    from erp.inventory import services

    services.release(brand=shop.rows[0], quantities={pk: None})


def fulfil(shop: Shop, pk: int) -> None:
    from erp.inventory.services import Line, post_movements

    brand, location, actor = shop.rows
    line = Line(held_variants.pop(pk), 1, location.pk, "customer", reservation_id=pk)
    post_movements(brand=brand, kind="shipment", lines=[line], actor=actor, idempotency_key=uuid4().hex)


def ship(shop: Shop) -> None:
    from erp.inventory import services

    brand, location, actor = shop.rows
    quantities = {choice(shop.variant_ids): 1}
    services.ship(brand=brand, location=location, quantities=quantities, actor=actor, idempotency_key=uuid4().hex)


def let_go(shop: Shop) -> None:
    from erp.inventory import services
    from erp.inventory.models import Reservation

    brand = shop.rows[0]
    still_open = Reservation.objects.of(brand).open().values_list("pk", flat=True)
    services.release(brand=brand, quantities=dict.fromkeys(still_open))


def show(name: str, processes: int, value: float) -> None:
    theirs = SALEOR.get((name, processes))
    note = f"{value / theirs:.1f} times Saleor's {theirs}; aim {AIM}" if theirs else ""
    report(f"{processes} process{'es' if processes > 1 else ''}, {name}/s", value, note)


if __name__ == "__main__":
    run()

"""The history and the product list at 10,000, 100,000 and 1,000,000 movements: queries and time; SQLite and PostgreSQL.

Pages are asked for through Django's test client, so templates are in the time. Growing, the shop sells and receives
at the same pace for longer: a movement every half minute, from 200 variants of 100 products. The books are proved
by `verify_ledger` at each size.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from bench.databases import on_each_database
from bench.shops import Shop, make_shop

SIZES = (10_000, 100_000, 1_000_000)
PRODUCTS, VARIANTS_EACH = 100, 2
LINES = 20  # of a posting
RUNS = 20
AIM = 1.3

# Movement n moves variant n % V in round n / V, and rounds go in fours: 4 arrive, 1 is sold, 1 goes to the shop and is
# sold there. So after c fours there are 2c pieces in the warehouse and none in the shop, and every number is known.
_NUMBERS = {
    "postgresql": "SELECT n FROM generate_series({first}, {last} - 1) n",
    "sqlite": """
        WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last} - 1) SELECT n FROM s
    """,
}
_MOMENT = {
    "postgresql": "now() - interval '30 seconds' * ({size} - n * {step})",
    "sqlite": "datetime('now', ((n * {step} - {size}) * 30) || ' seconds')",
}
_UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
_KIND = "CASE {round} % 4 WHEN 0 THEN 'receipt' WHEN 2 THEN 'transfer' ELSE 'shipment' END"
_POSTINGS = """
INSERT INTO inventory_posting (
    id, public_id, brand_id, kind, idempotency_key, fingerprint, note, reference, actor_id, occurred_at, recorded_at
) SELECT n + 1, {uuid}, {brand}, {kind}, 'n' || n, '', '', 'PO-' || n, {actor}, {moment}, {moment}
FROM ({numbers}) AS numbers
"""
_MOVEMENTS = """
INSERT INTO inventory_stockmovement (
    id, brand_id, posting_id, kind, actor_id, occurred_at, recorded_at, reference, note, variant_id, quantity,
    source_id, destination_id, source_balance, destination_balance
) SELECT n + 1, {brand}, n / {lines} + 1, {kind}, {actor}, {moment}, {moment}, '', '', {first_variant} + n % {variants},
    CASE {round} % 4 WHEN 0 THEN 4 ELSE 1 END,
    CASE {round} % 4 WHEN 0 THEN {supplier} WHEN 3 THEN {shop} ELSE {main} END,
    CASE {round} % 4 WHEN 0 THEN {main} WHEN 2 THEN {shop} ELSE {customer} END,
    CASE {round} % 4 WHEN 0 THEN NULL WHEN 1 THEN {round} / 4 * 2 + 3 WHEN 2 THEN {round} / 4 * 2 + 2 ELSE 0 END,
    CASE {round} % 4 WHEN 0 THEN {round} / 4 * 2 + 4 WHEN 2 THEN 1 END
FROM ({numbers}) AS numbers
"""
_BALANCES = """
INSERT INTO inventory_balance (variant_id, location_id, on_hand, reserved)
SELECT variant_id, location_id, SUM(delta), 0 FROM (
    SELECT variant_id, destination_id AS location_id, quantity AS delta FROM inventory_stockmovement
    UNION ALL SELECT variant_id, source_id, -quantity FROM inventory_stockmovement
) AS legs JOIN inventory_location l ON l.id = location_id AND l.is_internal GROUP BY variant_id, location_id
"""


def run() -> None:
    on_each_database("bench.history", measure)


def measure() -> None:
    from django.test.utils import override_settings

    shop = make_shop(products=PRODUCTS, variants_each=VARIANTS_EACH)
    times: dict[str, list[tuple[float, int]]] = {}
    first = 0
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    for size in SIZES:
        fill(shop, first, size)
        first = size
        with override_settings(STORAGES=_storages() | plain):
            for name, address in pages(shop):
                times.setdefault(name, []).append(ask(shop, address))
    print(f"  {'page':34}" + "".join(f"{size:>12,}" for size in SIZES) + "     ratio  queries")
    for name, found in times.items():
        (small, few), (large, many) = found[0], found[-1]
        verdict = "" if large / small <= AIM and few == many else f"   over the aim of {AIM}"
        queries = f"{few}" if few == many else f"{few} -> {many}"
        spent = "".join(f"{time:>9.1f} ms" for time, _queries in found)
        print(f"  {name:34}{spent}{large / small:>10.2f}  {queries}{verdict}", flush=True)


def fill(shop: Shop, first: int, last: int) -> None:
    """Adds movements number `first` to `last`, with the triggers and constraints in place, and proves the books."""
    from django.db import connection, transaction

    from erp.inventory.models import Balance
    from erp.inventory.verify import verify_ledger

    words = _words(shop, last)
    start = perf_counter()
    with transaction.atomic():
        _execute(_POSTINGS, **words, step=LINES, round=f"(n * {LINES} / {words['variants']})", first=first // LINES,
                 last=last // LINES)  # fmt: skip
        _execute(_MOVEMENTS, **words, step=1, round=f"(n / {words['variants']})", first=first, last=last)
        Balance.objects.all().delete()
        _execute(_BALANCES)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    loaded = perf_counter()
    assert verify_ledger() == []
    print(
        f"  {last:,} movements: {last - first:,} loaded in {loaded - start:.1f} s, "
        f"all verified in {perf_counter() - loaded:.1f} s",
        flush=True,
    )


def pages(shop: Shop) -> Iterator[tuple[str, str]]:
    """The addresses to measure; `old` ones point at the middle of what was there at the smaller size."""
    from django.utils import timezone

    from erp.inventory.models import Posting, StockMovement

    history = "/b/bench/history/"
    middle = StockMovement.objects.get(pk=SIZES[0] // 2)
    day = timezone.localtime(middle.occurred_at).date()
    yield "history", history
    yield "history, an old page", f"{history}?before={middle.pk}"
    yield "history of a variant", f"{history}?variant={shop.variant_ids[7]}"
    yield "history of a product", f"{history}?product={middle.variant.product_id}"
    yield "history of the warehouse", f"{history}?location=MAIN"
    yield "history of the shop", f"{history}?location=SHOP"
    yield "history of a place never used", f"{history}?location=DEFECT"
    yield "history of one kind", f"{history}?kind=transfer"
    yield "history of a kind never used", f"{history}?kind=reversal"
    yield "history of a person", f"{history}?actor=bench"
    yield "history of an old day", f"{history}?since={day}&until={day}"
    yield "history of an old day and place", f"{history}?since={day}&until={day}&location=SHOP"
    yield "history of a reference", f"{history}?reference={Posting.objects.get(pk=100).reference}"
    yield "product list", "/b/bench/products/"
    yield "a product", f"/b/bench/products/{middle.variant.product_id}/"
    yield "stock list", "/b/bench/stock/"
    yield "home", "/b/bench/"
    yield "audit", "/audit/"
    yield "API: movements", "/api/v1/movements/"
    yield "API: movements of a place", "/api/v1/movements/?brand=bench&location=MAIN"


def ask(shop: Shop, address: str) -> tuple[float, int]:
    """Milliseconds (the best of some runs, which other work on the machine disturbs least) and queries of one page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from erp.core.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(pk=shop.actor_id))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    asked = len(queries)  # the next request forgets them
    spent = []
    for _run in range(RUNS):
        start = perf_counter()
        client.get(address)
        spent.append(1000 * (perf_counter() - start))
        if sum(spent) > 5_000:
            break
    return min(spent), asked


def _words(shop: Shop, size: int) -> dict[str, Any]:
    from django.db import connection

    from erp.inventory.models import Location

    vendor = connection.vendor
    codes = dict(Location.objects.filter(brand=shop.brand_id).values_list("code", "pk"))
    return {
        "numbers": _NUMBERS[vendor], "moment": _MOMENT[vendor], "uuid": _UUID[vendor], "kind": _KIND, "size": size,
        "brand": shop.brand_id, "actor": shop.actor_id, "first_variant": shop.variant_ids[0],
        "variants": len(shop.variant_ids), "lines": LINES, "supplier": codes["SUPPLIER"], "main": codes["MAIN"],
        "shop": codes["SHOP"], "customer": codes["CUSTOMER"],
    }  # fmt: skip


def _execute(sql: str, **words: Any) -> None:
    from django.db import connection

    while "{" in sql:  # words are made of words
        sql = sql.format(**words)
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _storages() -> dict[str, Any]:
    from django.conf import settings

    storages: dict[str, Any] = settings.STORAGES
    return storages


if __name__ == "__main__":
    run()

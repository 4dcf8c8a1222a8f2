"""Every report page at 10,000, 100,000 and 1,000,000 movements: time and queries; SQLite and PostgreSQL.

The ledger is that of `bench.history`: 200 variants of 100 products that are received, moved and sold at the same pace
for longer; sales have orders with prices, receipts have costs, so that no report is cheap for lack of papers. At each
size the flows are summed up by `roll_up` and proved by `verify_rollups`; then 1,000 movements more are posted, which
every page has to read from the ledger.
"""

from __future__ import annotations

from time import perf_counter

from bench.databases import on_each_database
from bench.history import LINES, PRODUCTS, VARIANTS_EACH, _execute, _storages, _words, ask, fill
from bench.shops import Shop, make_shop

SIZES = (10_000, 100_000, 1_000_000)
TAIL = 1_000
AIM_MS = 2_000
# A page shows a month by itself; three years are the most that can be asked for.
LONG = "?since={since}&until={until}"
_PAPERS = """
INSERT INTO trade_order (
    created_at, updated_at, public_id, brand_id, number, note, created_by_id, channel, channel_name, channel_number,
    customer_name, location_id, currency, state, idempotency_key, fingerprint
) SELECT p.occurred_at, p.occurred_at, {uuid}, {brand}, 'B-' || p.id, '', {actor}, 'retail', '', '', '', {main}, 'KRW',
    'shipped', 'b' || p.id, '' FROM inventory_posting p
WHERE p.kind = 'shipment' AND p.id > {first_posting}
"""
_LINES = """
INSERT INTO trade_orderline (
    order_id, variant_id, quantity, unit_price, reserved, picked, shipped, cancelled, billed, returned
) SELECT o.id, m.variant_id, m.quantity, 12000, 0, 0, m.quantity, 0, 0, 0
FROM inventory_stockmovement m JOIN trade_order o ON o.number = 'B-' || m.posting_id AND o.brand_id = {brand}
WHERE m.kind = 'shipment' AND m.id > {first}
"""
_SHIPMENTS = """
INSERT INTO trade_shipment (order_id, posting_id, actor_id, recorded_at)
SELECT o.id, p.id, {actor}, p.recorded_at FROM inventory_posting p JOIN trade_order o ON o.number = 'B-' || p.id
WHERE p.kind = 'shipment' AND p.id > {first_posting}
"""
_SHIPPED = """
INSERT INTO trade_shipmentline (shipment_id, line_id, movement_id, quantity, delivered)
SELECT s.id, l.id, m.id, m.quantity, 0 FROM inventory_stockmovement m
JOIN trade_shipment s ON s.posting_id = m.posting_id
JOIN trade_orderline l ON l.order_id = s.order_id AND l.variant_id = m.variant_id
WHERE m.kind = 'shipment' AND m.id > {first}
"""
_COST_ENTRIES = """
INSERT INTO inventory_costentry (
    brand_id, variant_id, movement_id, on_hand_before, average_before, quantity, unit_cost, average_after, recorded_at
) SELECT {brand}, m.variant_id, m.id, 0,
    CASE WHEN m.id > {variants} THEN 5000 END, m.quantity, 5000, 5000, m.recorded_at
FROM inventory_stockmovement m
WHERE m.kind = 'receipt' AND m.id > {first} ORDER BY m.id
"""
_COSTS = """
INSERT INTO inventory_variantcost (brand_id, variant_id, average)
SELECT {brand}, v.id, 5000 FROM catalog_variant v WHERE true ON CONFLICT DO NOTHING
"""


def run() -> None:
    on_each_database("bench.reports", measure)


def measure() -> None:
    from django.test.utils import override_settings

    from erp.reports.kinds import REPORTS

    shop = make_shop(products=PRODUCTS, variants_each=VARIANTS_EACH)
    times: dict[str, list[tuple[float, int]]] = {}
    first = 0
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    for size in SIZES:
        fill(shop, first, size - TAIL)
        add_papers(shop, first)
        sum_up(size)
        fill(shop, size - TAIL, size)
        first = size
        with override_settings(STORAGES=_storages() | plain):
            for name in REPORTS:
                times.setdefault(name, []).append(ask(shop, f"/b/bench/reports/{name}/"))
            for name in ("movements", "best", "turnover", "margin"):
                times.setdefault(f"{name}, of 3 years", []).append(ask(shop, f"/b/bench/reports/{name}/{_long()}"))
    print(f"  {'report':24}" + "".join(f"{size:>14,}" for size in SIZES) + "   queries")
    for name, figures in times.items():
        asked = sorted({queries for _spent, queries in figures})
        verdict = "" if figures[-1][0] <= AIM_MS else f"   over the aim of {AIM_MS:,} ms"
        shown = "".join(f"{spent:>11.0f} ms" for spent, _queries in figures)
        print(f"  {name:24}{shown}   {', '.join(map(str, asked))}{verdict}", flush=True)


def add_papers(shop: Shop, first: int) -> None:
    """Orders, shipments and costs of the movements above the id `first`."""
    from django.db import connection

    words = _words(shop, 0) | {"first": first, "first_posting": first // LINES}
    for statement in (_PAPERS, _LINES, _SHIPMENTS, _SHIPPED, _COST_ENTRIES, _COSTS):
        _execute(statement, **words)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def sum_up(size: int) -> None:
    from django.db import connection

    from catalog.models import Brand
    from erp.reports.models import DailyFlow
    from erp.reports.services import roll_up
    from erp.reports.verify import verify_rollups

    if connection.vendor == "postgresql":
        # The ledger was filled with ids of its own.
        _execute("SELECT setval('inventory_stockmovement_id_seq', (SELECT MAX(id) FROM inventory_stockmovement))")
    start = perf_counter()
    roll_up(brand=Brand.objects.get())
    summed = perf_counter()
    assert verify_rollups() == []
    rows = DailyFlow.objects.count()
    print(
        f"  {size:,}: summed up to {rows:,} rows in {summed - start:.1f} s, verified in "
        f"{perf_counter() - summed:.1f} s",
        flush=True,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _long() -> str:
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.localdate()
    return LONG.format(since=today - timedelta(days=1_090), until=today)


if __name__ == "__main__":
    run()

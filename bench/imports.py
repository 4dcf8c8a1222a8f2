"""A table of 10,000 variants: read and dry run, applied, dry run again, exported; on SQLite and on PostgreSQL.

1,000 new products with 10 variants and their opening stock each, applied in chunks of 500 rows as the workers do it:
products, colours, variants, barcodes, movements, balances, and the note of what is done.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from time import perf_counter
from typing import Any

from bench.databases import on_each_database

PRODUCTS = 1_000
COLOURS = ("블랙", "화이트")
SIZES = ("S", "M", "L", "XL", "2XL")
ROWS = PRODUCTS * len(COLOURS) * len(SIZES)
HEADINGS = ("품번", "상품명", "카테고리", "판매가", "소재", "색상", "사이즈", "수량")
# django-import-export's own documentation and issues: 10,000 rows in ten minutes row by row, 1,850 rows/s in bulk
# without validation.
AIM = 15.0


def run() -> None:
    on_each_database("bench.imports", measure)


def measure() -> None:
    from catalog.services import create_brand
    from erp.core.models import User
    from erp.exchange import services
    from erp.exchange.products.exporting import csv_products
    from erp.exchange.services import imports
    from erp.exchange.services.running import run_import
    from erp.inventory.services import ensure_locations
    from erp.inventory.verify import verify_ledger

    imports.async_task = lambda *args, **kwargs: None  # this process is the worker
    actor = User.objects.create_user("bench")
    brand = create_brand(slug="bench", name_ko="장부", owner=actor)
    ensure_locations(brand=brand)

    def dry_run(data: bytes) -> Any:
        job = services.create_import(brand=brand, actor=actor, data=data, filename="bench.csv")
        services.check_import(job=job, actor=actor, columns=job.columns, location=job.location)
        run_import(job_id=job.pk, seconds=600)
        job.refresh_from_db()
        return job

    def apply(job: Any) -> None:
        services.apply_import(job=job, actor=actor)
        run_import(job_id=job.pk, seconds=600)
        job.refresh_from_db()

    data = table()
    job = timed("read and dry run", lambda: dry_run(data))
    assert job.counts["create"] == ROWS, job.counts
    timed(f"apply (aim: {AIM:.0f} s)", lambda: apply(job))
    assert (job.state, job.applied) == ("done", ROWS)
    again = timed("the same file again: dry run", lambda: dry_run(data))
    assert again.counts["skip"] == ROWS, again.counts
    exported = timed("export as CSV", lambda: b"".join(csv_products(brand)))
    back = dry_run(exported)
    assert back.counts["skip"] == ROWS, back.counts
    assert verify_ledger(brand) == []


def table() -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for n in range(PRODUCTS):
        for colour in COLOURS:
            for place, size in enumerate(SIZES):
                writer.writerow([f"BN{n:04}", f"옷 {n}", "셔츠", 12_000 + n, "면 100%", colour, size, 5 + place])
    return text.getvalue().encode("cp949")


def timed(name: str, action: Callable[[], Any]) -> Any:
    start = perf_counter()
    result = action()
    seconds = perf_counter() - start
    print(f"  {name:32} {seconds:>6.1f} s   {ROWS / seconds:>8,.0f} rows/s", flush=True)
    return result


if __name__ == "__main__":
    run()

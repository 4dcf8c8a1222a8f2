"""Seals, lives, back-dating and the record of changes over a million movements: time; SQLite and PostgreSQL.

The movements are those of `bench.history`: a movement every half minute for a year. All their days are sealed in one
go, as on the first night of an old ledger, and every seal is proved.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import Any

from bench.databases import on_each_database
from bench.history import PRODUCTS, VARIANTS_EACH, ask, fill
from bench.shops import Shop, make_shop

SIZE = 1_000_000
CHANGES = 100_000
RUNS = 200


def run() -> None:
    on_each_database("bench.proofs", measure)


def measure() -> None:
    from django.conf import settings
    from django.test.utils import override_settings
    from django.utils import timezone

    from erp.inventory.seals import broken_seals
    from erp.inventory.services.seals import seal_days

    shop = make_shop(products=PRODUCTS, variants_each=VARIANTS_EACH)
    brand, place, actor = shop.rows
    fill(shop, 0, 10_000)  # PostgreSQL plans for tables it knows to be empty as if they stayed so
    fill(shop, 10_000, SIZE)
    count_on()
    soon = timezone.now() + timedelta(days=2)
    seals, spent = timed(lambda: seal_days(brand=brand, now=soon))
    print(f"  {sum(seal.movements for seal in seals):,} movements of {len(seals)} days sealed in {spent:.1f} s")
    broken, spent = timed(lambda: list(broken_seals(brand)))
    assert not broken
    print(f"  every seal proved in {spent:.1f} s")
    _, spent = timed(lambda: seal_days(brand=brand, now=soon + timedelta(days=1)))
    print(f"  the day of tonight sealed in {spent:.1f} s")
    saving(shop)
    backdating(shop)
    record_many(shop)
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=settings.STORAGES | plain):
        for name, address in (
            ("life of a variant", f"/b/bench/variants/{shop.variant_ids[7]}/life/"),
            ("changes", "/b/bench/changes/"),
            ("changes of one product", "/b/bench/changes/?thing=product:5"),
            ("changes of a person", "/b/bench/changes/?actor=bench"),
            ("changes of a kind", "/b/bench/changes/?kind=membership"),
            ("changes of an old day", "/b/bench/changes/?since=2020-01-01&until=2020-01-02"),
            ("seals", "/b/bench/seals/"),
        ):
            spent, queries = ask(shop, address)
            print(f"  {name:34}{spent:>9.1f} ms  {queries} queries", flush=True)


def count_on() -> None:
    """The movements were written with ids of their own; what is posted now is numbered after them."""
    from django.core.management.color import no_style
    from django.db import connection

    from erp.inventory.models import Posting, StockMovement

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Posting, StockMovement]):
            cursor.execute(statement)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    return work(), perf_counter() - start


def saving(shop: Shop) -> None:
    """What it costs to write down who changed a product."""
    from auditlog.context import disable_auditlog

    from catalog.models import Product
    from catalog.services import update_product

    Product.objects.filter(brand=shop.brand_id).update(status="draft")  # nothing may be missing from one on sale
    product = Product.objects.order_by("pk")[0]
    _brand, _place, actor = shop.rows

    def save(n: int) -> None:
        update_product(product=product, actor=actor, material=f"cotton {n}")

    def many() -> float:
        for n in range(20):
            save(n)
        return timed(lambda: [save(n) for n in range(RUNS)])[1] / RUNS * 1000

    recorded = many()
    with disable_auditlog():
        unrecorded = many()
    print(f"  a product is saved in {recorded:.2f} ms with the record of it, in {unrecorded:.2f} ms without")


def backdating(shop: Shop) -> None:
    """A sale of today, of an hour ago and of a month ago, of a variant with five thousand movements."""
    from django.utils import timezone

    from erp.inventory.services import ship

    brand, place, actor = shop.rows
    for name, ago in (("now", None), ("an hour ago", timedelta(hours=1)), ("a month ago", timedelta(days=30))):

        def sell(ago: timedelta | None = ago) -> None:
            moment = timezone.now() - ago if ago else None
            ship(
                brand=brand, location=place, quantities={shop.variant_ids[7]: 1}, actor=actor,
                idempotency_key=uuid.uuid4().hex, occurred_at=moment,
            )  # fmt: skip

        sell()
        _, spent = timed(lambda sell=sell: [sell() for _n in range(20)])
        print(f"  a sale of {name} is posted in {spent / 20 * 1000:.1f} ms")


def record_many(shop: Shop) -> None:
    from catalog.audit import record_changed, remember
    from catalog.models import Variant
    from erp.core.audit import acting

    variants = list(Variant.objects.filter(pk__in=shop.variant_ids).select_related("product"))
    _brand, _place, actor = shop.rows
    spent = 0.0
    with acting(actor):
        for n in range(CHANGES // len(variants)):
            before = remember(variants)
            for variant in variants:
                variant.sku = f"B{n}-{variant.pk}"
            spent += timed(lambda before=before: record_changed(variants, before))[1]
    print(f"  {CHANGES:,} changes recorded, 10,000 in {spent / CHANGES * 10_000:.2f} s", flush=True)


if __name__ == "__main__":
    run()

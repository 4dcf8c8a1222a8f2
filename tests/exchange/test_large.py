"""Many rows: as many queries for a full chunk as for a small one, and ten thousand of them in one go."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Variant
from erp.exchange import services
from erp.exchange.services.running import run_import
from erp.inventory.verify import verify_ledger
from tests.api.shop import Shop, make_shop
from tests.exchange.shop import applied, checked, csv_file, grid, imported

pytestmark = pytest.mark.django_db


def queries_of(act: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def steps(slug: str, rows: list[list[Any]]) -> dict[str, int]:
    """How many queries each step of an import takes."""
    shop = make_shop(slug)
    counts: dict[str, int] = {}

    def check() -> None:
        nonlocal job
        job = checked(shop, csv_file(rows))

    job: Any = None
    counts["check"] = queries_of(check)
    counts["apply"] = queries_of(lambda: applied(shop, job))
    counts["check again"] = queries_of(check)
    changed = [[*row[:3], row[3] + 500, *row[4:7], row[7] + 1] for row in rows]
    job = checked(shop, csv_file(changed))
    counts["change"] = queries_of(lambda: applied(shop, job))
    assert job.counts["change"] == len(rows)
    return counts


def test_as_many_queries_for_a_full_chunk_as_for_a_small_one(db: None) -> None:
    steps("warm", grid(1, each=2))
    few, many = steps("few", grid(2, each=3)), steps("many", grid(40, each=12))
    more = {name: many[name] - few[name] for name in few}
    # SQLite takes some hundred values in one INSERT; PostgreSQL takes them all.
    batches = 12 if connection.vendor == "sqlite" else 0
    assert {name: n for name, n in more.items() if n > batches} == {}


def test_ten_thousand_rows(shop: Shop) -> None:
    rows = grid(1_000)
    job = imported(shop, csv_file(rows, encoding="cp949"))
    assert (job.state, job.encoding, job.total, job.applied, job.chunks) == ("done", "cp949", 10_000, 10_000, 20)
    assert Variant.objects.of(shop.brand).count() == 10_004
    assert verify_ledger(shop.brand) == []
    again = checked(shop, csv_file(rows, encoding="cp949"))
    assert again.counts == {"create": 0, "change": 0, "skip": 10_000, "error": 0}
    with pytest.raises(Exception, match="nothing to apply|반영할 것도"):
        services.apply_import(job=again, actor=shop.staff)
    assert run_import(job_id=again.pk) == "checked"
    assert Brand.objects.count() == 1

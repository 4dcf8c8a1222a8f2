"""Summing movements up into `DailyFlow`, and checking the sums."""
# ruff: noqa: S608 - the statements are made of constants

from __future__ import annotations

import time
from typing import Any, NamedTuple

from django.db import connection

from catalog.models import Brand
from erp.reports.sql.legs import legs

_SETTLE_SECONDS = 5.0
# The transactions of this database that have written something; prepared ones have no session, and count.
_WRITERS = """
SELECT l.transactionid::text FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
AND l.pid IS DISTINCT FROM pg_backend_pid() AND (a.datname = current_database() OR a.pid IS NULL)
"""
_ADD = """
INSERT INTO reports_dailyflow (brand_id, day, variant_id, location_id, flow, pieces)
SELECT {brand}, day, variant_id, location_id, flow, SUM(pieces) FROM ({legs}) legs
WHERE true GROUP BY day, variant_id, location_id, flow
ON CONFLICT (brand_id, day, variant_id, location_id, flow)
DO UPDATE SET pieces = reports_dailyflow.pieces + excluded.pieces
"""
_COMPARE = """
SELECT day, variant_id, location_id, flow, SUM(kept), SUM(computed) FROM (
    SELECT day, variant_id, location_id, flow, pieces AS kept, 0 AS computed FROM reports_dailyflow WHERE brand_id = %s
    UNION ALL SELECT day, variant_id, location_id, flow, 0, pieces FROM ({legs}) legs
) both_sides GROUP BY day, variant_id, location_id, flow HAVING SUM(kept) <> SUM(computed)
ORDER BY day, variant_id, location_id, flow LIMIT {most}
"""


class Disagreement(NamedTuple):
    day: Any
    variant_id: int
    location_id: int
    flow: str
    kept: int
    computed: int


def settled_id() -> int | None:
    """An id below which no movement will ever appear again; None while somebody is still writing one.

    Ids are given out in order but become visible in the order of commits. SQLite has one writer at a time, so there
    both orders are one. On PostgreSQL every id up to `last_value` was taken by a transaction that was writing already:
    a movement's posting, written first, gave it its number, which it holds a lock on until all it wrote is to be seen.
    So once all transactions have ended that hold such a lock after `last_value` was read, what is to be seen up to it
    is seen. Nobody else waits for that, and later transactions take later ids.
    Call it outside a transaction, or two of these would wait for each other.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT MAX(id) FROM inventory_stockmovement")
            return cursor.fetchone()[0] or 0
        cursor.execute("SELECT last_value FROM inventory_stockmovement_id_seq WHERE is_called")
        last = (cursor.fetchone() or [0])[0]
        waited_for, deadline = _writing(cursor), time.monotonic() + _SETTLE_SECONDS
        while waited_for:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)
            waited_for &= _writing(cursor)
    return last


def _writing(cursor: Any) -> set[str]:
    cursor.execute(_WRITERS)
    return {number for (number,) in cursor.fetchall()}


def add_flows(brand: Brand, after: int, until: int) -> None:
    """Adds the movements above the id `after`, up to `until`, to the sums."""
    found, params = legs(brand, "m.brand_id = %s AND m.id > %s AND m.id <= %s", [brand.pk, after, until])
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(brand=brand.pk, legs=found), params)


def disagreements(brand: Brand, until: int, most: int) -> list[Disagreement]:
    """Where the sums are not those of the movements up to the id `until`; at most `most`."""
    found, params = legs(brand, "m.brand_id = %s AND m.id <= %s", [brand.pk, until])
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE.format(legs=found, most=most), [brand.pk, *params])
        return [Disagreement(*row) for row in cursor.fetchall()]

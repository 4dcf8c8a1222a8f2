# ruff: noqa: S608 - the statements are made of constants
"""Recomputing the ledger from its movements, inside the database."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection


class Found(NamedTuple):
    """A place where the books disagree; `movement_id` where one movement is meant."""

    movement_id: int | None
    variant_id: int
    location_id: int
    recorded: int | None
    computed: int | None


# One row for each end of each movement: what it added there, and the running balance it recorded.
_LEGS = """
WITH ends AS (
    SELECT id, brand_id, variant_id, destination_id AS location_id, quantity AS delta, destination_balance AS recorded
    FROM inventory_stockmovement
    UNION ALL
    SELECT id, brand_id, variant_id, source_id, -quantity, source_balance FROM inventory_stockmovement
), legs AS (
    SELECT ends.*, l.is_internal FROM ends JOIN inventory_location l ON l.id = ends.location_id
    WHERE {brand}
)
"""
_CHECKS = {
    "balance": _LEGS
    + """
SELECT NULL, variant_id, location_id, SUM(recorded), SUM(computed) FROM (
    SELECT variant_id, location_id, 0 AS recorded, delta AS computed FROM legs WHERE is_internal
    UNION ALL
    SELECT b.variant_id, b.location_id, b.on_hand, 0
    FROM inventory_balance b JOIN inventory_location l ON l.id = b.location_id WHERE {brand}
) AS sides GROUP BY variant_id, location_id HAVING SUM(recorded) <> SUM(computed)
ORDER BY variant_id, location_id
""",
    "running": _LEGS
    + """
SELECT id, variant_id, location_id, recorded, computed FROM (
    SELECT id, variant_id, location_id, recorded,
        CASE WHEN is_internal THEN SUM(delta) OVER (PARTITION BY variant_id, location_id ORDER BY id) END AS computed
    FROM legs
) AS runs WHERE (recorded IS NULL) <> (computed IS NULL) OR recorded <> computed
ORDER BY id
""",
    "reserved": """
SELECT NULL, b.variant_id, b.location_id, b.reserved, b.on_hand
FROM inventory_balance b JOIN inventory_location l ON l.id = b.location_id
WHERE {brand} AND (b.reserved < 0 OR b.reserved > b.on_hand)
ORDER BY b.variant_id, b.location_id
""",
    "brand": _LEGS
    + """
SELECT legs.id, legs.variant_id, legs.location_id, NULL, NULL
FROM legs JOIN catalog_variant v ON v.id = legs.variant_id JOIN inventory_location l ON l.id = legs.location_id
WHERE v.brand_id <> legs.brand_id OR l.brand_id <> legs.brand_id
ORDER BY legs.id
""",
}
CHECKS = tuple(_CHECKS)


def disagreements(check: str, brand_id: int | None = None) -> list[Found]:
    """What one of `CHECKS` finds, in one brand or in all of them."""
    sql = _CHECKS[check]
    params = [] if brand_id is None else [brand_id] * sql.count("{brand}")
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{brand}", "true" if brand_id is None else "l.brand_id = %s"), params)
        return [Found(*row) for row in cursor.fetchall()]

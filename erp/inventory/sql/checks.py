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
    "held": """
SELECT NULL, variant_id, location_id, SUM(recorded), SUM(computed) FROM (
    SELECT b.variant_id, b.location_id, b.reserved AS recorded, 0 AS computed
    FROM inventory_balance b JOIN inventory_location l ON l.id = b.location_id WHERE {brand}
    UNION ALL
    SELECT r.variant_id, r.location_id, 0, r.quantity - r.shipped - r.released
    FROM inventory_reservation r JOIN inventory_location l ON l.id = r.location_id
    WHERE r.closed_at IS NULL AND {brand}
) AS sides GROUP BY variant_id, location_id HAVING SUM(recorded) <> SUM(computed)
ORDER BY variant_id, location_id
""",
    "cost": """
SELECT e.movement_id, e.variant_id, m.destination_id, NULL, NULL FROM (
    SELECT movement_id, variant_id, brand_id, average_before, average_after,
        LAG(average_after) OVER steps AS before, LEAD(average_before) OVER steps AS following
    FROM inventory_costentry WINDOW steps AS (PARTITION BY variant_id ORDER BY id)
) AS e JOIN inventory_stockmovement m ON m.id = e.movement_id JOIN inventory_location l ON l.id = m.destination_id
LEFT JOIN inventory_variantcost c ON c.variant_id = e.variant_id
WHERE {brand} AND (
    COALESCE(e.average_before, -1) <> COALESCE(e.before, -1)
    OR (e.following IS NULL AND e.average_after <> COALESCE(c.average, -1))
) ORDER BY e.movement_id
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

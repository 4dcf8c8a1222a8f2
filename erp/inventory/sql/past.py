"""What happened at places after a moment of the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection

from erp.inventory.sql.locks import Spot
from erp.inventory.sql.tables import BIGINT, moment, table

# Summed by moment: what comes and goes at once leaves no moment between. The sum with 0 leads the database to the index
# of the variant: that of a place finds half of the ledger.
_LATER = """
SELECT variant_id, location_id, occurred_at, SUM(delta) FROM (
    SELECT m.variant_id, m.destination_id AS location_id, m.occurred_at, m.quantity AS delta
    FROM {rows} given JOIN inventory_stockmovement m ON m.variant_id = given.c1 AND m.destination_id + 0 = given.c2
    WHERE m.occurred_at > %s
    UNION ALL
    SELECT m.variant_id, m.source_id, m.occurred_at, -m.quantity
    FROM {rows} given JOIN inventory_stockmovement m ON m.variant_id = given.c1 AND m.source_id + 0 = given.c2
    WHERE m.occurred_at > %s
) AS legs GROUP BY variant_id, location_id, occurred_at ORDER BY variant_id, location_id, occurred_at
"""


def changes_after(spots: Sequence[Spot], then: datetime) -> dict[Spot, list[tuple[datetime, int]]]:
    """For each spot what was added at each later moment, by when it happened."""
    rows, params = table(spots, (BIGINT, BIGINT))
    found: defaultdict[Spot, list[tuple[datetime, int]]] = defaultdict(list)
    # Not prepared: for one variant an index serves, for thousands a walk, and the plan has to know which it is.
    with connection.cursor() as cursor:
        cursor.execute(_LATER.format(rows=rows), [*params, moment(then)] * 2)
        for variant, location, when, delta in cursor.fetchall():
            found[variant, location].append((_aware(when), int(delta)))
    return found


def _aware(value: datetime | str) -> datetime:
    """SQLite stores UTC without saying so."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value if value.tzinfo else value.replace(tzinfo=UTC)

"""The two ends of each movement as flows of pieces at our places, in the days of the brand's clock."""
# ruff: noqa: S608 - the statements are made of constants

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from catalog.models import Brand

# What stands at the other end says what happened. A reversal runs backwards: it counts below zero in what it undoes.
_FLOW = """
    CASE
        WHEN o.is_internal THEN CASE WHEN {came} THEN 'moved_in' ELSE 'moved_out' END
        WHEN o.kind = 'supplier' THEN CASE WHEN {came} THEN 'received' ELSE 'sent_back' END
        WHEN o.kind = 'customer' THEN CASE WHEN {came} THEN 'returned' ELSE 'sold' END
        WHEN o.kind = 'sample' THEN CASE WHEN {came} THEN 'lent_back' ELSE 'lent' END
        WHEN o.kind = 'opening' THEN 'opened'
        ELSE CASE WHEN {came} THEN 'found' ELSE 'lost' END
    END
"""
# Opening stock has one flow for both ways, so there the end alone gives the sign.
_PIECES = """
    CASE WHEN o.kind = 'opening' THEN {sign} * m.quantity
         WHEN m.reverses_id IS NULL THEN m.quantity ELSE -m.quantity END
"""
# Samples are not ours to sell while they are out, but what is sold or lost there was sold or lost.
_END = f"""
SELECT m.id AS movement_id, {{day}} AS day, m.variant_id, l.id AS location_id, {_FLOW} AS flow, {_PIECES} AS pieces
FROM inventory_stockmovement m
JOIN inventory_location l ON l.id = m.{{here}}_id JOIN inventory_location o ON o.id = m.{{there}}_id
WHERE {{where}} AND (l.is_internal OR (l.kind = 'sample' AND o.kind IN ('customer', 'adjustment')))
"""
_ENDS = (
    {"here": "destination", "there": "source", "came": "m.reverses_id IS NULL", "sign": "1"},
    {"here": "source", "there": "destination", "came": "m.reverses_id IS NOT NULL", "sign": "-1"},
)

# The same rule as `catalog.days.business_day`: before the hour at which days end it is still the day before.
_DAY = {
    "postgresql": "CAST((m.occurred_at AT TIME ZONE %s) - CAST(%s AS interval) AS date)",
    "sqlite": """
        date(django_datetime_cast_date(m.occurred_at, %s, 'UTC'), CASE
            WHEN django_datetime_cast_time(m.occurred_at, %s, 'UTC') < %s THEN '-1 day' ELSE '+0 day' END)
    """,
}


def day_of_movement(brand: Brand) -> tuple[str, list[Any]]:
    """The business day of the movement `m`, as an expression and its parameters."""
    ends = brand.day_ends_at.isoformat()
    if connection.vendor == "postgresql":
        return _DAY["postgresql"], [brand.time_zone, ends]
    return _DAY["sqlite"], [brand.time_zone, brand.time_zone, ends]


def legs(brand: Brand, where: str, params: list[Any]) -> tuple[str, list[Any]]:
    """A SELECT of movement_id, day, variant_id, location_id, flow, pieces of the movements `m` that `where` names."""
    day, clock = day_of_movement(brand)
    ends = [_END.format(**end, day=day, where=where) for end in _ENDS]
    return " UNION ALL ".join(ends), [*clock, *params] * 2


def moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)

# ruff: noqa: S608 - the statements are made of constants
"""Holding pieces for a paper, giving them back, and taking them as they leave.

Locks are taken in one order everywhere, reservations before balances and each by primary key, so that none of these
wait for one another in a circle. See `locks` for why a statement that waited sees what is true after the wait, and why
each UPDATE of PostgreSQL names the values it read under lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from erp.inventory.models import Reservation
from erp.inventory.sql.locks import Spot
from erp.inventory.sql.tables import BIGINT, SQLITE_CLOCK, TEXT, execute, fetch_all, is_postgres, moment, table

_TAKE = """CASE WHEN b.on_hand - b.reserved >= given.c3 THEN given.c3
    WHEN given.c4 = 1 AND b.on_hand > b.reserved THEN b.on_hand - b.reserved ELSE 0 END"""
_HOLD_POSTGRES = f"""
WITH locked AS (
    SELECT b.id, b.variant_id, b.location_id, b.on_hand, b.reserved, {_TAKE} AS take
    FROM inventory_balance b JOIN {{rows}} given ON b.variant_id = given.c1 AND b.location_id = given.c2
    ORDER BY b.id FOR NO KEY UPDATE OF b
), changed AS (
    UPDATE inventory_balance b SET on_hand = locked.on_hand, reserved = locked.reserved + locked.take,
        updated_at = clock_timestamp() FROM locked
    WHERE b.id = locked.id AND locked.take > 0
)
SELECT variant_id, location_id, on_hand, reserved, take FROM locked
"""
_HOLD_READ = f"""
SELECT b.variant_id, b.location_id, b.on_hand, b.reserved, {_TAKE}
FROM {{rows}} given JOIN inventory_balance b ON b.variant_id = given.c1 AND b.location_id = given.c2
"""
_RESERVE = f"""
UPDATE inventory_balance AS b SET reserved = b.reserved + given.c3, updated_at = {SQLITE_CLOCK} FROM {{rows}} given
WHERE b.variant_id = given.c1 AND b.location_id = given.c2
"""
_INSERT = """
INSERT INTO inventory_reservation (
    brand_id, variant_id, location_id, quantity, shipped, released, reference, expires_at, idempotency_key, line,
    actor_id, created_at, closed_at
) SELECT %s, c1, c2, c3, 0, 0, c5, {expiry}, c6, c4, %s, %s, NULL FROM {rows} given WHERE true ORDER BY place
ON CONFLICT (brand_id, idempotency_key, line) DO NOTHING RETURNING idempotency_key, line, id
"""
_EXPIRY_POSTGRES, _EXPIRY_SQLITE = "NULLIF(c7, '')::timestamptz", "NULLIF(c7, '')"
_LOCK_POSTGRES = """
SELECT b.variant_id, b.location_id, b.on_hand, b.reserved
FROM inventory_balance b JOIN {rows} given ON b.variant_id = given.c1 AND b.location_id = given.c2
ORDER BY b.id FOR NO KEY UPDATE OF b
"""
# What is open of each named reservation, and how much of that to take; c2 null: all of it.
_NAMED = """
SELECT r.id, r.brand_id, r.variant_id, r.location_id, r.quantity - r.shipped - r.released AS open,
    COALESCE(given.c2, r.quantity - r.shipped - r.released) AS taken, r.shipped, r.released
FROM inventory_reservation r JOIN {rows} given ON r.id = given.c1
"""
_LOWER = """
UPDATE inventory_reservation AS r SET shipped = named.shipped + {shipped}, released = named.released + {released},
    closed_at = CASE WHEN named.open = named.taken THEN %s::timestamptz END
FROM named WHERE r.id = named.id AND named.brand_id = %s AND named.taken BETWEEN 1 AND named.open
"""
_TAKE_POSTGRES = f"""
WITH named AS ({_NAMED} ORDER BY r.id FOR NO KEY UPDATE OF r),
lowered AS ({_LOWER.format(shipped="named.taken", released=0)})
SELECT * FROM named
"""
_RELEASE_POSTGRES = f"""
WITH named AS ({_NAMED} ORDER BY r.id FOR NO KEY UPDATE OF r),
lowered AS ({_LOWER.format(shipped=0, released="named.taken")}
    RETURNING r.variant_id, r.location_id, named.taken),
sums AS (SELECT variant_id, location_id, SUM(taken) AS taken FROM lowered GROUP BY variant_id, location_id),
held AS (
    SELECT b.id, b.on_hand, b.reserved, sums.taken
    FROM inventory_balance b JOIN sums USING (variant_id, location_id) ORDER BY b.id FOR NO KEY UPDATE OF b
), given_back AS (
    UPDATE inventory_balance b SET on_hand = held.on_hand, reserved = held.reserved - held.taken,
        updated_at = clock_timestamp()
    FROM held WHERE b.id = held.id
)
SELECT * FROM named
"""
_SQLITE_LOWER = """
UPDATE inventory_reservation AS r SET {column} = r.{column} + given.c2,
    closed_at = CASE WHEN r.quantity - r.shipped - r.released = given.c2 THEN %s END
FROM {rows} given WHERE r.id = given.c1
"""


class Taken(NamedTuple):
    """What a balance had, and how much of it is now held more."""

    on_hand: int
    reserved: int
    taken: int


class Open(NamedTuple):
    """A reservation under lock: what was open of it, and what is asked of that."""

    pk: int
    brand_id: int
    variant_id: int
    location_id: int
    open: int
    taken: int


def hold(wanted: Mapping[Spot, int], *, partial: bool) -> dict[Spot, Taken]:
    """Locks the balances and holds what is wanted of each: all of it or, where there is less, nothing (`partial`: what
    is there). A balance that does not exist is missing from the answer."""
    given = [(*spot, quantity, int(partial)) for spot, quantity in wanted.items()]
    rows, params = table(given, (BIGINT,) * 4)
    if is_postgres():
        found = fetch_all(_HOLD_POSTGRES.format(rows=rows), params)
    else:
        found = fetch_all(_HOLD_READ.format(rows=rows), params)
        taken, params = table([(row[0], row[1], row[4]) for row in found if row[4]], (BIGINT,) * 3)
        execute(_RESERVE.format(rows=taken), params)
    return {(row[0], row[1]): Taken(*row[2:]) for row in found}


def free_under_lock(spots: Iterable[Spot]) -> dict[Spot, int]:
    """Locks the balances and answers what is free of each; one that does not exist is missing from the answer."""
    rows, params = table(list(spots), (BIGINT, BIGINT))
    # SQLite's transaction has held the one write lock since it began.
    statement = _LOCK_POSTGRES if is_postgres() else _LOCK_POSTGRES.partition("ORDER BY")[0]
    return {(row[0], row[1]): row[2] - row[3] for row in fetch_all(statement.format(rows=rows), params)}


def insert_reservations(rows: Sequence[Reservation]) -> bool:
    """Writes reservations of one brand and one person and sets their ids. False, and the caller rolls back, where an
    idempotency key was used before."""
    first = rows[0]
    given = [
        (row.variant_id, row.location_id, row.quantity, row.line, row.reference, row.idempotency_key, _expiry(row))
        for row in rows
    ]
    lines, params = table(given, (BIGINT,) * 4 + (TEXT,) * 3)
    expiry = _EXPIRY_POSTGRES if is_postgres() else _EXPIRY_SQLITE
    shared: list[Any] = [first.brand_id, first.actor_id, moment(first.created_at)]
    found = fetch_all(_INSERT.format(rows=lines, expiry=expiry), [*shared, *params])
    ids = {(key, line): pk for key, line, pk in found}
    for row in rows:
        row.pk, row._state.adding = ids.get((row.idempotency_key, row.line)), False
        row._state.db = connection.alias
    return len(found) == len(rows)


def _expiry(row: Reservation) -> str:
    return str(moment(row.expires_at)) if row.expires_at else ""


def take_held(brand_id: int, quantities: Mapping[int, int], now: datetime) -> dict[int, Open]:
    """Locks the reservations and marks the pieces as shipped where so many are open; the balances are the caller's.

    Answers all that were found, of other brands too; the caller rolls back when any does not fit.
    """
    return _lower(_TAKE_POSTGRES, "shipped", brand_id, quantities, now)


def give_back(brand_id: int, quantities: Mapping[int, int | None], now: datetime) -> dict[int, Open]:
    """Locks the reservations and frees the pieces, here and in the balances; None: all that is open.

    Answers all that were found; the caller rolls back when more was asked of one than was open.
    """
    return _lower(_RELEASE_POSTGRES, "released", brand_id, quantities, now)


def _lower(
    statement: str, column: str, brand_id: int, quantities: Mapping[int, int | None], now: datetime
) -> dict[int, Open]:
    rows, params = table(list(quantities.items()), (BIGINT, BIGINT))
    if is_postgres():
        return _by_id(fetch_all(statement.format(rows=rows), [*params, now, brand_id]))
    found = _by_id(fetch_all(_NAMED.format(rows=rows), params))
    fine = [row for row in found.values() if row.brand_id == brand_id and 0 < row.taken <= row.open]
    lowered, params = table([(row.pk, row.taken) for row in fine], (BIGINT, BIGINT))
    execute(_SQLITE_LOWER.format(column=column, rows=lowered), [moment(now), *params])
    if column == "released":
        sums: dict[Spot, int] = {}
        for row in fine:
            sums[row.variant_id, row.location_id] = sums.get((row.variant_id, row.location_id), 0) - row.taken
        freed, params = table([(*spot, n) for spot, n in sums.items()], (BIGINT,) * 3)
        execute(_RESERVE.format(rows=freed), params)
    return found


def _by_id(rows: Sequence[tuple[Any, ...]]) -> dict[int, Open]:
    return {row[0]: Open(*row[: len(Open._fields)]) for row in rows}

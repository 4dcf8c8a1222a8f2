# ruff: noqa: S608 - the statements are made of constants
"""The canonical form of postings and movements, written by the database: one line of text a row, the same on each.

Numbers are decimal, "-" stands for null, moments are UTC without zeros at the end of their fraction, and a text comes
after its length, so that no text can pass for the end of its column. Each line begins with when it was recorded.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from erp.inventory.sql.tables import is_postgres, moment

_CHUNK = 10_000
# Table -> its columns in order: n a number, m a moment, t a text, u a UUID.
_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "inventory_posting": (
        ("recorded_at", "m"), ("id", "n"), ("public_id", "u"), ("kind", "t"), ("actor_id", "n"), ("occurred_at", "m"),
        ("idempotency_key", "t"), ("fingerprint", "t"), ("reference", "t"), ("note", "t"),
    ),
    "inventory_stockmovement": (
        ("recorded_at", "m"), ("id", "n"), ("posting_id", "n"), ("variant_id", "n"), ("quantity", "n"),
        ("source_id", "n"), ("destination_id", "n"), ("source_balance", "n"), ("destination_balance", "n"),
        ("kind", "t"), ("actor_id", "n"), ("occurred_at", "m"), ("reverses_id", "n"), ("reference", "t"),
        ("note", "t"),
    ),
}  # fmt: skip
_POSTGRES = {
    "n": "COALESCE(CAST({0} AS text), '-')",
    "m": "CAST({0} AT TIME ZONE 'UTC' AS text)",
    "t": "length({0}) || ':' || {0}",
    "u": "replace(CAST({0} AS text), '-', '')",
}
_SQLITE = _POSTGRES | {"m": "CASE WHEN instr({0}, '.') THEN rtrim({0}, '0') ELSE {0} END", "u": "{0}"}
_READ = """
SELECT {line} FROM {table} WHERE brand_id = %s AND recorded_at >= %s AND recorded_at < %s ORDER BY id
"""


@dataclass(slots=True)
class Digest:
    """What lies between two moments: the number of movements, and a hash over all rows in the order of their ids."""

    movements: int = 0
    _hashes: dict[str, Any] = field(default_factory=lambda: {table: hashlib.sha256() for table in _TABLES})

    def add(self, table: str, lines: Sequence[str]) -> None:
        self._hashes[table].update("".join(f"{line}\n" for line in lines).encode())
        if table == "inventory_stockmovement":
            self.movements += len(lines)

    @property
    def hash(self) -> str:
        return hashlib.sha256("".join(each.hexdigest() for each in self._hashes.values()).encode()).hexdigest()


def digests(brand_id: int, periods: Sequence[tuple[datetime, datetime]]) -> list[Digest]:
    """One for each period (from, before), in one walk over the brand's postings and one over its movements.

    The periods are in order, do not overlap, and begin and end at whole seconds. A million movements take seconds and
    little memory.
    """
    found = [Digest() for _period in periods]
    if not periods:
        return found
    starts, ends = ([_text(each) for each in column] for column in zip(*periods, strict=True))
    bounds = moment(periods[0][0]), moment(periods[-1][1])
    for table in _TABLES:
        place = 0
        for lines in _chunks(table, [brand_id, *bounds]):
            # Most chunks lie within one day; lines sort by their first column, and after the whole second they are of.
            if starts[place] <= min(lines) and max(lines) < ends[place]:
                found[place].add(table, lines)
                continue
            days = [bisect_right(starts, line) - 1 for line in lines]
            for place, group in groupby(zip(days, lines, strict=True), key=itemgetter(0)):  # noqa: B020
                # Between two periods is what nobody sealed.
                found[place].add(table, [line for _day, line in group if line < ends[place]])
    return found


def _chunks(table: str, params: Sequence[Any]) -> Iterator[list[str]]:
    forms = _POSTGRES if is_postgres() else _SQLITE
    columns = [forms[kind].format(name) for name, kind in _TABLES[table]]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ.format(line=" || '|' || ".join(columns), table=table), params)
        while rows := cursor.fetchmany(_CHUNK):
            yield [line for (line,) in rows]


def _text(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

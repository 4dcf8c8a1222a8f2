"""Many rows as one parameter of one statement: PostgreSQL unnests arrays, SQLite reads JSON.

Thousands of lines then cost one round trip, and one line costs the same statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

Row = Sequence[Any]
# Column types as PostgreSQL writes them; a text column may hold any character, the others only numbers and null.
BIGINT = "bigint"
TEXT = "text"
# This very moment, written as Django writes one.
SQLITE_CLOCK = "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"
# The statements prepared on each open connection: name by text.
_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def table(rows: Sequence[Row], types: Sequence[str]) -> tuple[str, list[Any]]:
    """`(sql, params)` of a sub-select with the columns c1, c2, ... and `place`, the number of each row."""
    if is_postgres():
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        names = ", ".join(f"c{n}" for n in range(1, len(types) + 1))
        columns = zip(*rows, strict=True) if rows else ([] for _ in types)
        params = [_array(column, kind) for column, kind in zip(columns, types, strict=True)]
        return f"(SELECT * FROM unnest({arrays}) WITH ORDINALITY AS given({names}, place))", params  # noqa: S608
    names = ", ".join(f"json_extract(value, '$[{n}]') AS c{n + 1}" for n in range(len(types)))
    return f"(SELECT {names}, key AS place FROM json_each(%s))", [json.dumps(rows)]  # noqa: S608


def among(values: Iterable[Any], kind: str = BIGINT) -> tuple[str, list[Any]]:
    """`(condition, params)` to stand after a column: is it one of any number of values (SQLite has few parameters)?"""
    if is_postgres():
        return f"= ANY(%s::{kind}[])", [_array(values, kind)]
    return "IN (SELECT value FROM json_each(%s))", [json.dumps(list(values))]


def moment(value: datetime) -> Any:
    """A point in time as the database stores it."""
    return connection.ops.adapt_datetimefield_value(value)


def clock() -> str:
    return "clock_timestamp()" if is_postgres() else SQLITE_CLOCK


def fetch_all(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        _run(cursor, sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        _run(cursor, sql, params)


def _run(cursor: Any, sql: str, params: Sequence[Any]) -> None:
    """PostgreSQL plans each of these few statements once a connection: planning would cost more than running.

    Not through a pooler that hands out another session for each transaction: whoever has one switches server-side
    cursors off, as Django asks, and prepared statements go with them.
    """
    if not is_postgres() or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        cursor.execute(sql, params)
        return
    names = _prepared.setdefault(connection.connection, {})
    if sql not in names:
        name = f"ledger_{len(names)}"
        numbers = (f"${n}" for n in count(1))
        cursor.execute(f"PREPARE {name} AS " + re.sub("%s", lambda _match: next(numbers), sql))
        names[sql] = name
    cursor.execute(f"EXECUTE {names[sql]}({', '.join(['%s'] * len(params))})", params)


def _array(values: Iterable[Any], kind: str) -> Any:
    """Numbers are written as an array literal at once: the driver would adapt them one by one, ten times slower."""
    if kind == TEXT:
        return list(values)
    return "{" + ",".join("NULL" if value is None else str(int(value)) for value in values) + "}"

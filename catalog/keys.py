"""Primary keys taken before the rows are written, so that what follows from them is written with them."""

from __future__ import annotations

from django.db import connection, models

_POSTGRES = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
_SQLITE = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)"


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """So many unused keys. On SQLite they are held by the write lock of the transaction that the caller is in."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES, [table, count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute(_SQLITE, [table])
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))

"""What counting says to the database at once for thousands of lines, and its one lock that the ORM does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from erp.inventory.sql.tables import BIGINT, execute, fetch_all, is_postgres, moment, table

_NEW_LINES = """
INSERT INTO counting_countline (count_id, variant_id, carry) SELECT %s, c1, %s FROM {rows} given WHERE true
ORDER BY place ON CONFLICT (count_id, variant_id) DO NOTHING
"""
# What the book says is read without a lock: selling goes on. A sale under way shows as a movement since.
_BOOK = """
COALESCE((SELECT b.on_hand FROM inventory_balance b WHERE b.variant_id = l.variant_id AND b.location_id = %s), 0)
"""
# c1 line, c2 pieces, c3 what to do with them (see `Change`).
_CHANGE = f"""
UPDATE counting_countline AS l SET
    counted = CASE given.c3 WHEN 0 THEN COALESCE(l.counted, 0) + given.c2 WHEN 1 THEN given.c2 END,
    seen = CASE WHEN given.c3 = 2 THEN NULL WHEN given.c3 = 0 AND l.counted IS NOT NULL THEN l.seen ELSE {_BOOK} END,
    counted_at = CASE WHEN given.c3 <> 2 THEN {{now}} END,
    counted_by_id = CASE WHEN given.c3 <> 2 THEN {{actor}} END,
    carry = %s
FROM {{rows}} given WHERE l.id = given.c1
"""  # noqa: S608 - made of constants

ADD, SET, CLEAR = range(3)


class Change(NamedTuple):
    """What becomes of a line: so many pieces more (ADD), in all (SET), or not counted yet (CLEAR)."""

    pieces: int
    what: int


def hold_count(pk: int) -> str | None:
    """The state of a count, which stays until the transaction ends. Any number of counters hold it at once."""
    # SQLite has one writer, who is us.
    lock = " FOR SHARE" if is_postgres() else ""
    found = fetch_all(f"SELECT state FROM counting_stockcount WHERE id = %s{lock}", [pk])  # noqa: S608
    return found[0][0] if found else None


def add_lines(count_id: int, variant_ids: Iterable[int]) -> None:
    """Lines for the variants that have none, in this order."""
    rows, params = table([(pk,) for pk in variant_ids], (BIGINT,))
    execute(_NEW_LINES.format(rows=rows), [count_id, False, *params])


def change_lines(changes: Mapping[int, Change], *, location_id: int, actor_id: int, now: datetime) -> None:
    """Changes each line by its pk, in one statement, and notes what the book says where a count of it begins."""
    if changes:
        given: Sequence[tuple[int, int, int]] = [(pk, *change) for pk, change in changes.items()]
        rows, params = table(given, (BIGINT,) * 3)
        kinds = {"now": "%s::timestamptz", "actor": "%s::bigint"} if is_postgres() else {"now": "%s", "actor": "%s"}
        execute(_CHANGE.format(rows=rows, **kinds), [location_id, moment(now), actor_id, False, *params])

"""Writing a posting and its movements, and reading what they are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from erp.inventory.models import Posting
from erp.inventory.sql.tables import BIGINT, TEXT, among, execute, fetch_all, is_postgres, moment, table

_POSTING_FIELDS = [field for field in Posting._meta.concrete_fields if not field.primary_key]
# A second transaction with the same key waits here for the first, then inserts nothing.
_INSERT_POSTING = f"""
INSERT INTO inventory_posting ({", ".join(str(field.column) for field in _POSTING_FIELDS)})
VALUES ({", ".join("%s" for _field in _POSTING_FIELDS)})
ON CONFLICT (brand_id, idempotency_key) DO NOTHING RETURNING id
"""  # noqa: S608 - made of constants
# What lines are checked against, in one answer: the brand's locations, and those of the variants that are its own with
# the locations where each has a balance. The plus keeps SQLite from walking all variants of the brand by its index.
_READ = """
SELECT 'place' AS what, l.id, l.kind AS name, {flags} AS numbers FROM inventory_location l WHERE l.brand_id = %s
UNION ALL
SELECT CASE p.status WHEN 'draft' THEN 'draft' ELSE 'variant' END, v.id, v.sku, {balances}
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE +v.brand_id = %s AND v.id {wanted}
"""
_POSTGRES = {
    "flags": "ARRAY[l.position::bigint, l.is_internal::int, l.is_active::int]",
    "balances": "ARRAY(SELECT b.location_id FROM inventory_balance b WHERE b.variant_id = v.id)",
}
_SQLITE = {
    "flags": "l.position || ',' || l.is_internal || ',' || l.is_active",
    "balances": "(SELECT group_concat(b.location_id) FROM inventory_balance b WHERE b.variant_id = v.id)",
}
# PostgreSQL writes and reads in one round trip; SQLite has no such statement, and no round trips.
# The ends of the lines stay as they are until the posting is committed: `update_location`, which would close one,
# waits. If it came first, the lock waits and gives what is true then. Foreign keys lock the same rows at the commit.
_OPEN_POSTGRES = f"""
WITH written AS ({_INSERT_POSTING}), held AS (
    SELECT id, is_active FROM inventory_location WHERE brand_id = %s AND id {{ends}} ORDER BY id FOR KEY SHARE
), known AS ({_READ})
SELECT 'posting', id, '', NULL FROM written UNION ALL SELECT * FROM known
"""  # noqa: S608 - made of constants
_HELD = "COALESCE((SELECT held.is_active FROM held WHERE held.id = l.id), l.is_active)"
_HOLDING = _POSTGRES | {"flags": _POSTGRES["flags"].replace("l.is_active", _HELD)}

_INSERT_MOVEMENTS = """
INSERT INTO inventory_stockmovement (
    brand_id, posting_id, kind, actor_id, occurred_at, recorded_at,
    variant_id, quantity, source_id, destination_id, source_balance, destination_balance, reverses_id, reference, note
) SELECT %s, %s, %s, %s, %s, %s, c1, c2, c3, c4, c5, c6, c7, c8, c9 FROM {rows} given ORDER BY place
"""


class MovementRow(NamedTuple):
    """The columns of a movement that differ from line to line, in the order of the INSERT."""

    variant_id: int
    quantity: int
    source_id: int
    destination_id: int
    source_balance: int | None
    destination_balance: int | None
    reverses_id: int | None
    reference: str
    note: str


class KnownVariant(NamedTuple):
    sku: str
    locations: frozenset[int]  # where it has a balance
    is_draft: bool  # its product's listing is not finished


class Place(NamedTuple):
    """What the ledger must know of a location."""

    pk: int
    kind: str
    position: int
    is_internal: bool
    is_active: bool


class Known(NamedTuple):
    """The brand's locations, by pk and the first virtual one of each kind also by its kind; and variants by pk.

    `opened` are those that have opening stock already; it is filled where opening stock is posted.
    """

    places: dict[int | str, Place]
    variants: dict[int, KnownVariant]
    opened: set[int]


_ROW_TYPES = (BIGINT,) * 7 + (TEXT,) * 2


def open_posting(posting: Posting, variant_ids: Iterable[int], place_ids: Iterable[int]) -> Known | None:
    """Writes the posting, sets its pk, and reads what its lines are checked against. The places stay as they are read.

    None, and nothing written, where its key was used before.
    """
    values = [getattr(posting, field.attname) for field in _POSTING_FIELDS]
    if is_postgres():
        ends, held = among(place_ids)
        wanted, params = among(variant_ids)
        brand = posting.brand_id
        sql = _OPEN_POSTGRES.format(ends=ends, wanted=wanted, **_HOLDING)
        found = fetch_all(sql, [*values, brand, *held, brand, brand, *params])
    else:
        stored = [field.get_db_prep_save(v, connection) for field, v in zip(_POSTING_FIELDS, values, strict=True)]
        written = fetch_all(_INSERT_POSTING, stored)
        found = [("posting", written[0][0], "", "")] if written else []
        found += _read(posting.brand_id, variant_ids)
    pk = next((row[1] for row in found if row[0] == "posting"), None)
    if pk is None:
        return None
    posting.pk = pk
    posting._state.adding = False
    posting._state.db = connection.alias
    return _known(found)


def known_to(brand_id: int, variant_ids: Iterable[int] = ()) -> Known:
    """The brand's locations, and those of the variants that are its own."""
    return _known(_read(brand_id, variant_ids))


def insert_movements(posting: Posting, rows: Sequence[MovementRow]) -> None:
    sql, params = table(rows, _ROW_TYPES)
    shared = [posting.brand_id, posting.pk, posting.kind, posting.actor_id]
    moments = [moment(posting.occurred_at), moment(posting.recorded_at)]
    execute(_INSERT_MOVEMENTS.format(rows=sql), [*shared, *moments, *params])


def _read(brand_id: int, variant_ids: Iterable[int]) -> list[tuple[Any, ...]]:
    wanted, params = among(variant_ids)
    sql = _READ.format(wanted=wanted, **(_POSTGRES if is_postgres() else _SQLITE))
    return fetch_all(sql, [brand_id, brand_id, *params])


def _known(rows: Iterable[tuple[Any, ...]]) -> Known:
    known = Known({}, {}, set())
    for what, pk, name, gathered in rows:
        if what in ("variant", "draft"):
            known.variants[pk] = KnownVariant(name, frozenset(_numbers(gathered)), what == "draft")
        elif what == "place":
            position, is_internal, is_active = _numbers(gathered)
            known.places[pk] = Place(pk, name, position, bool(is_internal), bool(is_active))
    virtual = (place for place in known.places.values() if not place.is_internal)
    for place in sorted(virtual, key=lambda place: (place.position, place.pk)):
        known.places.setdefault(place.kind, place)
    return known


def _numbers(gathered: list[int] | str | None) -> list[int]:
    """An array, or what SQLite has in its place."""
    return [int(number) for number in gathered.split(",")] if isinstance(gathered, str) else gathered or []

"""Writing a posting and its movements, and reading what they are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from erp.inventory.models import Posting
from erp.inventory.sql.tables import BIGINT, TEXT, among, execute, fetch_all, is_postgres, table

_POSTING_FIELDS = [field for field in Posting._meta.concrete_fields if not field.primary_key]
# A second transaction with the same key waits here for the first, then inserts nothing.
_INSERT_POSTING = f"""
INSERT INTO inventory_posting ({", ".join(str(field.column) for field in _POSTING_FIELDS)})
VALUES ({", ".join("%s" for _field in _POSTING_FIELDS)})
ON CONFLICT (brand_id, idempotency_key) DO NOTHING RETURNING id
"""  # noqa: S608 - made of constants

_INSERT_MOVEMENTS = """
INSERT INTO inventory_stockmovement (
    brand_id, posting_id, kind, actor_id, occurred_at, recorded_at,
    variant_id, quantity, source_id, destination_id, source_balance, destination_balance, reverses_id, reference, note
) SELECT %s, %s, %s, %s, %s, %s, c1, c2, c3, c4, c5, c6, c7, c8, c9 FROM {rows} given ORDER BY place
"""

_VARIANTS = """
SELECT v.id, v.sku, {locations} FROM catalog_variant v WHERE v.brand_id = %s AND v.id {wanted}
"""
_LOCATIONS_POSTGRES = "ARRAY(SELECT b.location_id FROM inventory_balance b WHERE b.variant_id = v.id)"
_LOCATIONS_SQLITE = "(SELECT group_concat(b.location_id) FROM inventory_balance b WHERE b.variant_id = v.id)"
_PLACES = "SELECT id, kind, is_internal, is_active FROM inventory_location WHERE brand_id = %s ORDER BY position, id"


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


class Place(NamedTuple):
    """What the ledger must know of a location."""

    pk: int
    kind: str
    is_internal: bool
    is_active: bool


_ROW_TYPES = (BIGINT,) * 7 + (TEXT,) * 2


def insert_posting(posting: Posting) -> bool:
    """Writes the posting and sets its pk; False, and nothing written, where its key was used before."""
    values = [field.get_db_prep_save(getattr(posting, field.attname), connection) for field in _POSTING_FIELDS]
    found = fetch_all(_INSERT_POSTING, values)
    if found:
        posting.pk = found[0][0]
        posting._state.adding = False
        posting._state.db = connection.alias
    return bool(found)


def insert_movements(posting: Posting, rows: Sequence[MovementRow]) -> None:
    sql, params = table(rows, _ROW_TYPES)
    shared = [posting.brand_id, posting.pk, posting.kind, posting.actor_id]
    moments = [_moment(posting.occurred_at), _moment(posting.recorded_at)]
    execute(_INSERT_MOVEMENTS.format(rows=sql), [*shared, *moments, *params])


def variants_of(brand_id: int, ids: Iterable[int]) -> dict[int, KnownVariant]:
    """Those of the ids that are variants of the brand, each with the locations where it has a balance."""
    wanted, params = among(ids)
    gather = _LOCATIONS_POSTGRES if is_postgres() else _LOCATIONS_SQLITE
    found = fetch_all(_VARIANTS.format(locations=gather, wanted=wanted), [brand_id, *params])
    return {pk: KnownVariant(sku, _ids(locations)) for pk, sku, locations in found}


def places_of(brand_id: int) -> dict[int, Place]:
    """Every location of the brand by pk, in the brand's order."""
    found = fetch_all(_PLACES, [brand_id])
    return {pk: Place(pk, kind, bool(internal), bool(active)) for pk, kind, internal, active in found}


def _ids(gathered: list[int] | str | None) -> frozenset[int]:
    parts = gathered.split(",") if isinstance(gathered, str) else gathered or ()
    return frozenset(int(part) for part in parts)


def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)

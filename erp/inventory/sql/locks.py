"""Every row lock and every change of a balance. Locks are taken in primary-key order: two postings never deadlock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from erp.inventory.models import Location, Posting
from erp.inventory.sql.tables import BIGINT, execute, fetch_all, is_postgres, table

# (variant id, location id) of a balance.
Spot = tuple[int, int]
# Far below what the column holds, far above any shop.
MAX_ON_HAND = 2_000_000_000

_IN_BOUNDS = f"b.on_hand + %s BETWEEN b.reserved AND {MAX_ON_HAND}"

# Locks in primary-key order, then changes what stays within bounds, in one statement. A row that another posting
# held is read again after the wait (READ COMMITTED), so `on_hand` and `reserved` are what is there now.
_POSTGRES = f"""
WITH locked AS (
    SELECT b.id, b.variant_id, b.location_id, b.on_hand, b.reserved, given.c3 AS delta
    FROM inventory_balance b JOIN {{rows}} given ON b.variant_id = given.c1 AND b.location_id = given.c2
    ORDER BY b.id FOR NO KEY UPDATE OF b
), changed AS (
    UPDATE inventory_balance b SET on_hand = b.on_hand + locked.delta
    FROM locked WHERE b.id = locked.id AND {_IN_BOUNDS % "locked.delta"}
)
SELECT variant_id, location_id, on_hand, reserved FROM locked
"""  # noqa: S608 - made of constants

# The transaction is IMMEDIATE: it has held the one write lock since it began, so reading first is safe.
_SQLITE_READ = """
SELECT b.variant_id, b.location_id, b.on_hand, b.reserved
FROM {rows} given JOIN inventory_balance b ON b.variant_id = given.c1 AND b.location_id = given.c2
"""
_SQLITE_CHANGE = f"""
UPDATE inventory_balance AS b SET on_hand = b.on_hand + given.c3
FROM {{rows}} given
WHERE b.variant_id = given.c1 AND b.location_id = given.c2 AND {_IN_BOUNDS % "given.c3"}
"""  # noqa: S608 - made of constants

_CREATE = """
INSERT INTO inventory_balance (variant_id, location_id, on_hand, reserved)
SELECT given.c1, given.c2, 0, 0 FROM {rows} given WHERE true ORDER BY given.c1, given.c2
ON CONFLICT (variant_id, location_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A balance under lock, as it was before this posting."""

    on_hand: int
    reserved: int


def create_balances(spots: Sequence[Spot]) -> None:
    """Empty balances where there are none. Called before any lock is taken: a creator that waits holds nothing."""
    if spots:
        rows, params = table(spots, (BIGINT, BIGINT))
        execute(_CREATE.format(rows=rows), params)


def change_balances(deltas: Mapping[Spot, int]) -> dict[Spot, Held]:
    """Locks the balances and adds each delta that keeps `0 <= reserved <= on_hand`; the others stay as they were.

    A balance that does not exist is missing from the answer. The caller rolls back when anything is refused.
    """
    if not deltas:
        return {}
    rows, params = table([(*spot, delta) for spot, delta in deltas.items()], (BIGINT, BIGINT, BIGINT))
    if is_postgres():
        found = fetch_all(_POSTGRES.format(rows=rows), params)
    else:
        found = fetch_all(_SQLITE_READ.format(rows=rows), params)
        execute(_SQLITE_CHANGE.format(rows=rows), params)
    return {(variant, location): Held(on_hand, reserved) for variant, location, on_hand, reserved in found}


def lock_openings(brand_id: int) -> None:
    """Whoever else posts opening stock of the brand waits; all other postings go on."""
    openings = Location.objects.of(brand_id).filter(kind=Location.Kind.OPENING)
    list(openings.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def lock_posting(pk: int) -> Posting:
    """The posting, held until the transaction ends: whoever would reverse it too waits for us."""
    return Posting.objects.select_for_update(no_key=True, of=("self",)).select_related("brand").get(pk=pk)

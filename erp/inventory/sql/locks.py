"""Every row lock and every change of a balance. Locks are taken in primary-key order: two postings never deadlock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from erp.inventory.models import Location, Posting
from erp.inventory.sql.tables import BIGINT, SQLITE_CLOCK, clock, execute, fetch_all, is_postgres, table

# (variant id, location id) of a balance.
Spot = tuple[int, int]
# Far below what the column holds, far above any shop.
MAX_ON_HAND = 2_000_000_000

# What stays within bounds after a change by (c3, c4): on hand never above what a place holds nor below what is held.
_IN_BOUNDS = f"{{0}}.on_hand + {{1}} BETWEEN {{0}}.reserved + {{2}} AND {MAX_ON_HAND} AND {{0}}.reserved + {{2}} >= 0"

# Locks in primary-key order, then changes what stays within bounds, in one statement. A row that another posting
# held is read again after the wait (READ COMMITTED), so that `locked` has what is there now. The UPDATE still begins
# from the row as it was before the wait: its conditions and new values name `locked`, never `b`.
_POSTGRES = f"""
WITH locked AS (
    SELECT b.id, b.variant_id, b.location_id, b.on_hand, b.reserved, given.c3 AS delta, given.c4 AS held
    FROM inventory_balance b JOIN {{rows}} given ON b.variant_id = given.c1 AND b.location_id = given.c2
    ORDER BY b.id FOR NO KEY UPDATE OF b
), changed AS (
    UPDATE inventory_balance b SET on_hand = locked.on_hand + locked.delta, reserved = locked.reserved + locked.held,
        updated_at = clock_timestamp()
    FROM locked WHERE b.id = locked.id AND {_IN_BOUNDS.format("locked", "locked.delta", "locked.held")}
)
SELECT variant_id, location_id, on_hand, reserved FROM locked
"""  # noqa: S608 - made of constants

# The transaction is IMMEDIATE: it has held the one write lock since it began, so reading first is safe.
_SQLITE_READ = """
SELECT b.variant_id, b.location_id, b.on_hand, b.reserved
FROM {rows} given JOIN inventory_balance b ON b.variant_id = given.c1 AND b.location_id = given.c2
"""
_SQLITE_CHANGE = f"""
UPDATE inventory_balance AS b
SET on_hand = b.on_hand + given.c3, reserved = b.reserved + given.c4, updated_at = {SQLITE_CLOCK}
FROM {{rows}} given
WHERE b.variant_id = given.c1 AND b.location_id = given.c2 AND {_IN_BOUNDS.format("b", "given.c3", "given.c4")}
"""  # noqa: S608 - made of constants

_CREATE = """
INSERT INTO inventory_balance (variant_id, location_id, on_hand, reserved, updated_at)
SELECT given.c1, given.c2, 0, 0, {clock} FROM {rows} given WHERE true ORDER BY given.c1, given.c2
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
        execute(_CREATE.format(rows=rows, clock=clock()), params)


class Change(NamedTuple):
    """What is added to a balance: pieces on hand, and pieces of them that are held."""

    on_hand: int
    reserved: int


def change_balances(changes: Mapping[Spot, Change]) -> dict[Spot, Held]:
    """Locks the balances and makes each change that keeps `0 <= reserved <= on_hand`; the others stay as they were.

    A balance that does not exist is missing from the answer. The caller rolls back when anything is refused.
    """
    if not changes:
        return {}
    rows, params = table([(*spot, *change) for spot, change in changes.items()], (BIGINT,) * 4)
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


def lock_places(brand_id: int) -> None:
    """Waits for every posting of the brand that is under way, and keeps new ones waiting until the transaction ends.

    Each posting holds its places FOR KEY SHARE from its beginning on, which only the full lock waits for.
    """
    list(Location.objects.of(brand_id).order_by("pk").select_for_update().values_list("pk"))


def lock_posting(pk: int) -> Posting:
    """The posting, held until the transaction ends: whoever would reverse it too waits for us."""
    return Posting.objects.select_for_update(no_key=True, of=("self",)).select_related("brand").get(pk=pk)

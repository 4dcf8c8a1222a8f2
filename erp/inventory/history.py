"""A history page by page: newest first, walked by keys, so that a million rows are never counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from erp.inventory.models import Location, StockMovement

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`older` and `newer` are the keys to go on from, None at the ends."""

    movements: list[StockMovement]
    older: int | None
    newer: int | None


def history_page(movements: Any, *, before: int | None = None, after: int | None = None) -> HistoryPage:
    """The `PER_PAGE` movements below the key `before`, or the ones just above `after`; else the newest."""
    if after is not None and (rows := list(movements.filter(pk__gt=after).order_by("pk")[: PER_PAGE + 1])):
        more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE][::-1]
        return HistoryPage(rows, rows[-1].pk, rows[0].pk if more else None)
    if before is not None:
        movements = movements.filter(pk__lt=before)
    rows = list(movements.order_by("-pk")[: PER_PAGE + 1])
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    newer = rows[0].pk if rows and before is not None else None
    return HistoryPage(rows, rows[-1].pk if more else None, newer)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A movement as it reads: what it changed (None: it stayed with us) and what was then where."""

    movement: StockMovement
    change: int | None
    balances: list[tuple[Location, int]]


def history_row(movement: StockMovement) -> HistoryRow:
    """Seen from the places the history was narrowed to (`MovementQuerySet.seen_from`), else from the whole brand."""
    change, balance = getattr(movement, "change", None), getattr(movement, "balance", None)
    if change is not None:
        place = movement.destination if change > 0 else movement.source
        return HistoryRow(movement, change, [] if balance is None else [(place, balance)])
    left, then = movement.source_balance, movement.destination_balance
    if left is None or then is None:
        change = movement.quantity if left is None else -movement.quantity
    sides = ((movement.source, left), (movement.destination, then))
    return HistoryRow(movement, change, [(place, n) for place, n in sides if n is not None])

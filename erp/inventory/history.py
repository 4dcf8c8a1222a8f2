"""The rows of a history as they read."""

from __future__ import annotations

from dataclasses import dataclass

from erp.inventory.models import Location, StockMovement


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

"""The lines of one posting taken in turn: the running balances they leave, and the lines that cannot be met.

Arrivals count before transfers, and transfers before departures, each in the order given: a posting that both
receives and ships a variant may ship what it receives, and no running balance ever falls below zero on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from erp.inventory.services.lines import Line
from erp.inventory.sql.locks import MAX_ON_HAND, Change, Held, Spot
from erp.inventory.sql.postings import MovementRow, Place

Numbered = tuple[int, Line]
Places = Mapping[int | str, Place]


@dataclass(frozen=True, slots=True)
class Short:
    """A line that asks for more than is there in its turn, or would pile up more than a balance can hold."""

    number: int
    line: Line
    location_id: int
    available: int
    reserved: int
    too_much: bool = False


def in_turn(lines: Sequence[Numbered], places: Places) -> list[Numbered]:
    def turn(item: Numbered) -> int:
        line = item[1]
        return 2 * places[line.source_id].is_internal - places[line.destination_id].is_internal

    return sorted(lines, key=turn)


def net_changes(lines: Sequence[Numbered], places: Places) -> dict[Spot, Change]:
    """What the whole posting adds to each balance of ours."""
    on_hand: defaultdict[Spot, int] = defaultdict(int)
    reserved: defaultdict[Spot, int] = defaultdict(int)
    for spot, delta, line in _legs(lines, places):
        on_hand[spot] += delta
        if line.reservation_id and delta < 0:
            reserved[spot] += delta
    return {spot: Change(delta, reserved.get(spot, 0)) for spot, delta in on_hand.items()}


def arriving(lines: Sequence[Numbered], places: Places) -> set[Spot]:
    """The balances of ours that something is added to."""
    return {spot for spot, delta, _line in _legs(lines, places) if delta > 0}


def walk(lines: Sequence[Numbered], places: Places, held: Mapping[Spot, Held]) -> tuple[list[MovementRow], list[Short]]:
    """The movements to write, in order, with their running balances; and what is short, judged line by line."""
    now = {spot: there.on_hand for spot, there in held.items()}
    kept = {spot: there.reserved for spot, there in held.items()}
    rows: list[MovementRow] = []
    shorts: list[Short] = []
    for number, line in lines:
        source, destination = places[line.source_id], places[line.destination_id]
        left = then = None
        if source.is_internal:
            spot = (line.variant_id, source.pk)
            reserved = kept.get(spot, 0)
            if line.reservation_id:  # these pieces were held for it: they stop being held as they leave
                reserved = kept[spot] = reserved - line.quantity
            available = now.get(spot, 0) - reserved
            if line.quantity > available:
                shorts.append(Short(number, line, source.pk, available, reserved))
                continue
            left = now[spot] = now[spot] - line.quantity
        if destination.is_internal:
            spot = (line.variant_id, destination.pk)
            then = now[spot] = now.get(spot, 0) + line.quantity
            if then > MAX_ON_HAND:
                shorts.append(Short(number, line, destination.pk, 0, 0, too_much=True))
        rows.append(
            MovementRow(
                line.variant_id, line.quantity, source.pk, destination.pk, left, then,
                line.reverses_id, line.reference, line.note,
            )
        )  # fmt: skip
    return rows, shorts


def _legs(lines: Sequence[Numbered], places: Places) -> Iterator[tuple[Spot, int, Line]]:
    for _number, line in lines:
        source, destination = places[line.source_id], places[line.destination_id]
        if source.is_internal:
            yield (line.variant_id, source.pk), -line.quantity, line
        if destination.is_internal:
            yield (line.variant_id, destination.pk), line.quantity, line

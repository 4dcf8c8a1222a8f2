"""The moving average cost: every receipt with a cost moves the average of its variant, within its own posting.

average after = (on hand before x average before + pieces x unit cost) / (on hand before + pieces), in the brand's
currency, over all its places, in the order of recording (IAS 2.27, weighted average after each purchase). Six
decimals, rounded half to even. Where nothing was on hand, or nothing known of what it cost, the new cost is the
average. What leaves leaves at the average and does not move it. A receipt that is reversed is taken out of it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from django.db.models import Sum

from erp.inventory.models import Balance, CostEntry, Posting, StockMovement, VariantCost
from erp.inventory.services.walk import Numbered, Places

_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Pieces whose cost is known; below zero where a receipt is taken back."""

    variant_id: int
    quantity: int
    unit_cost: Decimal
    movement_id: int


def record_costs(posting: Posting, lines: Sequence[Numbered], places: Places) -> None:
    """Moves the averages by what a posting brought at a cost, or took back. Its movements are written already."""
    if not any(line.unit_cost is not None or line.reverses_id for _number, line in lines):
        return
    arrivals = list(_arrivals(posting, lines))
    if not arrivals:
        return
    variants = sorted({arrival.variant_id for arrival in arrivals})
    # Two receipts of one variant wait for each other here, in the order of their variants.
    missing = [VariantCost(brand_id=posting.brand_id, variant_id=pk) for pk in variants]
    VariantCost.objects.bulk_create(missing, ignore_conflicts=True)
    rows = VariantCost.objects.filter(variant__in=variants).order_by("variant_id").select_for_update(no_key=True)
    costs = {row.variant_id: row for row in rows}
    on_hand = _on_hand_before(variants, lines, places)
    entries = []
    for arrival in arrivals:
        cost, before = costs[arrival.variant_id], on_hand[arrival.variant_id]
        average = cost.average
        cost.average = moved_average(before, average, arrival.quantity, arrival.unit_cost)
        on_hand[arrival.variant_id] += arrival.quantity
        entries.append(
            CostEntry(
                brand_id=posting.brand_id,
                variant_id=arrival.variant_id,
                movement_id=arrival.movement_id,
                on_hand_before=before,
                average_before=average,
                quantity=arrival.quantity,
                unit_cost=arrival.unit_cost,
                average_after=cost.average,
                recorded_at=posting.recorded_at,
            )
        )
    CostEntry.objects.bulk_create(entries)
    VariantCost.objects.bulk_update(costs.values(), ["average"], batch_size=500)


def moved_average(on_hand: int, average: Decimal | None, quantity: int, unit_cost: Decimal) -> Decimal:
    """The average after `quantity` pieces at `unit_cost` joined (or, below zero, left) `on_hand` at `average`."""
    with localcontext(prec=50):
        if average is None or (on_hand <= 0 and quantity > 0):
            moved = unit_cost
        elif on_hand + quantity <= 0:
            moved = average
        else:
            moved = max((on_hand * average + quantity * unit_cost) / (on_hand + quantity), Decimal(0))
        return moved.quantize(_STEP, ROUND_HALF_EVEN)


def _arrivals(posting: Posting, lines: Sequence[Numbered]) -> Iterator[Arrival]:
    """What moves an average, in the order it was written."""
    ids = list(StockMovement.objects.filter(posting=posting).order_by("pk").values_list("pk", flat=True))
    reversed_ids = [line.reverses_id for _number, line in lines if line.reverses_id]
    taken_back = {entry.movement_id: entry for entry in CostEntry.objects.filter(movement__in=reversed_ids)}
    for pk, (_number, line) in zip(ids, lines, strict=True):
        if line.unit_cost is not None:
            yield Arrival(line.variant_id, line.quantity, line.unit_cost, pk)
        elif entry := taken_back.get(line.reverses_id or 0):
            yield Arrival(line.variant_id, -line.quantity, entry.unit_cost, pk)


def _on_hand_before(variants: Sequence[int], lines: Sequence[Numbered], places: Places) -> dict[int, int]:
    """What was in the house before the posting, whose movements the balances hold already.

    A sale that is not committed yet is not seen: it counts as made after us, which leaves the same average.
    """
    rows = Balance.objects.filter(variant__in=variants).order_by().values_list("variant").annotate(Sum("on_hand"))
    on_hand = dict.fromkeys(variants, 0) | dict(rows)
    for _number, line in lines:
        if line.variant_id in on_hand:
            on_hand[line.variant_id] += line.quantity * (
                places[line.source_id].is_internal - places[line.destination_id].is_internal
            )
    return on_hand

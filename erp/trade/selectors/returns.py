"""What a return did, or would do, to the stock and to the money."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import Variant
from erp.inventory.models import Location, StockMovement
from erp.trade.models import ReturnNote


@dataclass(frozen=True, slots=True)
class StockEffect:
    """So many pieces more or less of a variant at a place, and how many were there then."""

    variant: Variant
    location: Location
    change: int
    then: int


@dataclass(frozen=True, slots=True)
class Effects:
    """Stock and money together. `earlier` and `later` are the buyer's balance, None where there is no account."""

    stock: list[StockEffect] = field(default_factory=list)
    currency: str = "KRW"
    total: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    method: str = ""
    earlier: Decimal | None = None
    later: Decimal | None = None

    @property
    def paid_back(self) -> Decimal:
        return -self.paid


def effects_of(note: ReturnNote) -> Effects:
    """By the movements and the slip that it wrote."""
    postings = [posting for posting in (note.posting, note.sent) if posting]
    movements = StockMovement.objects.filter(posting__in=postings).order_by("pk")
    rows = movements.select_related("variant__product", "variant__colour", "variant__size", "source", "destination")
    return Effects(
        stock=[_effect(movement) for movement in rows],
        currency=note.currency,
        total=note.total,
        paid=note.paid,
        method=note.get_method_display(),
        earlier=note.slip.earlier_balance if note.slip else None,
        later=note.slip.new_balance if note.slip else None,
    )


def _effect(movement: StockMovement) -> StockEffect:
    if movement.destination.is_internal:
        then = movement.destination_balance or 0
        return StockEffect(movement.variant, movement.destination, movement.quantity, then)
    return StockEffect(movement.variant, movement.source, -movement.quantity, movement.source_balance or 0)

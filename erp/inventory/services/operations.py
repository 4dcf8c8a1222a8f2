"""What people do with stock, each one call of the ledger. Quantities are by variant id; refusals number them from 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Unpack

from catalog.models import Brand
from erp.inventory.models import Location, MovementKind, Posting
from erp.inventory.services.lines import Line
from erp.inventory.services.posting import Heading, post

Quantities = Mapping[int, int]
UnitCosts = Mapping[int, Decimal]


def post_opening(
    *,
    brand: Brand,
    location: Location,
    quantities: Quantities,
    unit_costs: UnitCosts | None = None,
    **heading: Unpack[Heading],
) -> Posting:
    """What was there on the first day, and in `unit_costs` what one piece of it had cost."""
    lines = _arriving(Location.Kind.OPENING.value, location, quantities, unit_costs)
    return post(Posting(brand=brand, kind=MovementKind.OPENING, **heading), lines)


def receive(
    *,
    brand: Brand,
    location: Location,
    quantities: Quantities,
    unit_costs: UnitCosts | None = None,
    **heading: Unpack[Heading],
) -> Posting:
    """Goods from a supplier arrive at a location; `unit_costs`, in the brand's currency, move their average costs."""
    lines = _arriving(Location.Kind.SUPPLIER.value, location, quantities, unit_costs)
    return post(Posting(brand=brand, kind=MovementKind.RECEIPT, **heading), lines)


def ship(*, brand: Brand, location: Location, quantities: Quantities, **heading: Unpack[Heading]) -> Posting:
    """Goods leave a location for a customer."""
    lines = _lines(quantities, location.pk, Location.Kind.CUSTOMER.value)
    return post(Posting(brand=brand, kind=MovementKind.SHIPMENT, **heading), lines)


def transfer(
    *, brand: Brand, source: Location, destination: Location, quantities: Quantities, **heading: Unpack[Heading]
) -> Posting:
    """Goods go from one of our locations to another."""
    lines = _lines(quantities, source.pk, destination.pk)
    return post(Posting(brand=brand, kind=MovementKind.TRANSFER, **heading), lines)


def adjust(*, brand: Brand, location: Location, deltas: Quantities, **heading: Unpack[Heading]) -> Posting:
    """Found (more than 0) and lost (less than 0) pieces. A delta of 0 is refused: leave the variant out instead."""
    lines = [adjustment(variant_id, delta, location.pk) for variant_id, delta in deltas.items()]
    return post(Posting(brand=brand, kind=MovementKind.ADJUSTMENT, **heading), lines)


def adjustment(variant_id: int, delta: int, location_id: int, line: int | None = None) -> Line:
    """The line that finds or loses so many pieces; refusals name it by `line`, if given."""
    if type(delta) is int and delta < 0:
        return Line(variant_id, -delta, location_id, Location.Kind.ADJUSTMENT.value, line)
    return Line(variant_id, delta, Location.Kind.ADJUSTMENT.value, location_id, line)


def _arriving(source: str, location: Location, quantities: Quantities, unit_costs: UnitCosts | None) -> list[Line]:
    costs = unit_costs or {}
    return [Line(pk, n, source, location.pk, unit_cost=costs.get(pk)) for pk, n in quantities.items()]


def _lines(quantities: Quantities, source_id: int | str, destination_id: int | str) -> list[Line]:
    return [Line(variant_id, quantity, source_id, destination_id) for variant_id, quantity in quantities.items()]

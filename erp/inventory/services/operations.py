"""What people do with stock, each one call of the ledger. Quantities are by variant id; refusals number them from 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from catalog.models import Brand
from erp.inventory.models import Location, MovementKind, Posting
from erp.inventory.services.lines import Line
from erp.inventory.services.locations import standard_places, virtual_id
from erp.inventory.services.posting import Heading, post

Quantities = Mapping[int, int]


def post_opening(*, brand: Brand, location: Location, quantities: Quantities, **heading: Unpack[Heading]) -> Posting:
    """What was there on the first day."""
    places = standard_places(brand)
    opening = virtual_id(places, Location.Kind.OPENING)
    lines = _lines(quantities, opening, location.pk)
    return post(Posting(brand=brand, kind=MovementKind.OPENING, **heading), lines, places)


def receive(*, brand: Brand, location: Location, quantities: Quantities, **heading: Unpack[Heading]) -> Posting:
    """Goods from a supplier arrive at a location."""
    places = standard_places(brand)
    lines = _lines(quantities, virtual_id(places, Location.Kind.SUPPLIER), location.pk)
    return post(Posting(brand=brand, kind=MovementKind.RECEIPT, **heading), lines, places)


def ship(*, brand: Brand, location: Location, quantities: Quantities, **heading: Unpack[Heading]) -> Posting:
    """Goods leave a location for a customer."""
    places = standard_places(brand)
    lines = _lines(quantities, location.pk, virtual_id(places, Location.Kind.CUSTOMER))
    return post(Posting(brand=brand, kind=MovementKind.SHIPMENT, **heading), lines, places)


def transfer(
    *, brand: Brand, source: Location, destination: Location, quantities: Quantities, **heading: Unpack[Heading]
) -> Posting:
    """Goods go from one of our locations to another."""
    lines = _lines(quantities, source.pk, destination.pk)
    return post(Posting(brand=brand, kind=MovementKind.TRANSFER, **heading), lines)


def adjust(*, brand: Brand, location: Location, deltas: Quantities, **heading: Unpack[Heading]) -> Posting:
    """Found (more than 0) and lost (less than 0) pieces. A delta of 0 is refused: leave the variant out instead."""
    places = standard_places(brand)
    outside = virtual_id(places, Location.Kind.ADJUSTMENT)
    lines = [_adjustment(variant_id, delta, location.pk, outside) for variant_id, delta in deltas.items()]
    return post(Posting(brand=brand, kind=MovementKind.ADJUSTMENT, **heading), lines, places)


def _adjustment(variant_id: int, delta: int, inside: int, outside: int) -> Line:
    if type(delta) is int and delta < 0:
        return Line(variant_id, -delta, inside, outside)
    return Line(variant_id, delta, outside, inside)


def _lines(quantities: Quantities, source_id: int, destination_id: int) -> list[Line]:
    return [Line(variant_id, quantity, source_id, destination_id) for variant_id, quantity in quantities.items()]

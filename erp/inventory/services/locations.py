"""The locations every brand starts with, and where the virtual ones are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.models import Brand
from erp.inventory.models import Location
from erp.inventory.sql.postings import Place, places_of

Places = Mapping[int, Place]
_STANDARD = Path(__file__).parent.parent / "data" / "locations.json"


@cache
def _standard() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(_STANDARD.read_text(encoding="utf-8")))


@transaction.atomic
def ensure_locations(*, brand: Brand) -> None:
    """Gives the brand one location of each standard kind it lacks. Safe to repeat, and for two at once."""
    present = Location.objects.of(brand).values_list("kind", "code")
    kinds, codes = {kind for kind, _code in present}, {code for _kind, code in present}
    missing = [
        Location(brand=brand, is_internal=row["kind"] in Location.INTERNAL_KINDS, position=place * 10, **row)
        for place, row in enumerate(_standard())
        if row["kind"] not in kinds
    ]
    for location in missing:
        location.code = _free_code(location.code, codes)
    Location.objects.bulk_create(missing, ignore_conflicts=True)


def standard_places(brand: Brand) -> Places:
    """The brand's locations by pk; the standard ones are created where the brand is new."""
    places = places_of(brand.pk)
    if {place.kind for place in places.values()}.issuperset(row["kind"] for row in _standard()):
        return places
    ensure_locations(brand=brand)
    return places_of(brand.pk)


def virtual_id(places: Places, kind: str) -> int:
    """The pk of the brand's first location of a kind."""
    return next(place.pk for place in places.values() if place.kind == kind)


def _free_code(code: str, taken: set[str]) -> str:
    """An owner may have given a standard code to a location of another kind."""
    return next(name for name in chain([code], (f"{code}{n}" for n in count(2))) if name not in taken)

"""The locations every brand starts with."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.models import Brand
from erp.inventory.models import Location

_STANDARD = Path(__file__).parent.parent / "data" / "locations.json"


@cache
def _standard() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(_STANDARD.read_text(encoding="utf-8")))


STANDARD_KINDS = frozenset(row["kind"] for row in _standard())


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


def _free_code(code: str, taken: set[str]) -> str:
    """An owner may have given a standard code to a location of another kind."""
    return next(name for name in chain([code], (f"{code}{n}" for n in count(2))) if name not in taken)

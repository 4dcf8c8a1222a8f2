"""Who carries parcels: codes of our own with the names people know, as data."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

OTHER = "other"


@cache
def couriers() -> dict[str, dict[str, str]]:
    """Code -> names by language."""
    found = json.loads((Path(__file__).parent / "data" / "couriers.json").read_text(encoding="utf-8"))
    return {courier["code"]: courier for courier in found["couriers"]}


def courier_name(code: str, language: str = "") -> str:
    """In the given language, else the reader's; a code that is not known any more stands for itself."""
    chosen = "en" if (language or get_language() or "ko") == "en" else "ko"
    return couriers().get(code, {}).get(chosen, code)


def courier_choices() -> list[tuple[str, str]]:
    return [(code, courier_name(code)) for code in couriers()]

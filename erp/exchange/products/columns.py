"""The columns of a table of products, and which heading of a file means which of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.exchange.products.text import folded

DATA = Path(__file__).parent.parent / "data"

LABELS: dict[str, Any] = {
    "style_number": _("Style number"),
    "name_ko": _("Korean name"),
    "name_en": _("English name"),
    "category": _("Category"),
    "pattern": _("Pattern"),
    "season": _("Season"),
    "gender": _("Gender"),
    "material": _("Material"),
    "care": _("Care"),
    "price": _("Price"),
    "status": pgettext_lazy("of a product", "Status"),
    "colour": _("Colour"),
    "size": _("Size"),
    "sku": _("SKU"),
    "barcode": _("Barcode"),
    "for_sale": _("For sale"),
    "measures": _("Measures (cm)"),
    "stock": pgettext_lazy("column", "Stock"),
    "location": pgettext_lazy("column", "Place code"),
}
COLUMNS = tuple(LABELS)
# The same in every row of one product; rows that contradict each other are refused.
OF_PRODUCT = (
    "name_ko", "name_en", "category", "pattern", "season", "gender", "material", "care", "price", "status",
)  # fmt: skip
OF_VARIANT = ("sku", "barcode", "for_sale")
# The same in every colour of one size.
OF_SIZE = ("measures",)
# What names a row; everything else is compared, before and after.
IDENTITY = ("style_number", "colour", "size", "location")
COMPARED = (*OF_PRODUCT, *OF_VARIANT, *OF_SIZE, "stock")


def can_identify(columns: Mapping[str, int]) -> bool:
    """Whether these columns can name a variant."""
    return bool({"sku", "barcode"} & columns.keys()) or {"style_number", "colour", "size"} <= columns.keys()


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Column -> place of the heading that means it, by the synonyms of `data/columns.json` and our own labels."""
    known = _synonyms()
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        column = known.get(folded(heading)) or known.get(folded(re.sub(r"[(\[（].*?[)\]）]", "", heading)))
        if column:
            found.setdefault(column, place)
    return found


def recognised(headings: Sequence[str]) -> int:
    """How many of these cells are headings that we know."""
    return len(guess(headings))


def fingerprint(headings: Sequence[str]) -> str:
    """The same for the same set of headings, in whatever order they stand."""
    return hashlib.sha256("\n".join(sorted(folded(heading) for heading in headings)).encode()).hexdigest()


def by_heading(columns: Mapping[str, int], headings: Sequence[str]) -> dict[str, str]:
    """A mapping as it is remembered: by what the headings say, not where they stand."""
    return {column: folded(headings[place]) for column, place in columns.items()}


def by_place(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """A remembered mapping for the headings of another file."""
    places = {folded(heading): place for place, heading in reversed(list(enumerate(headings)))}
    return {column: places[heading] for column, heading in columns.items() if heading in places}


@cache
def _synonyms() -> dict[str, str]:
    known: dict[str, str] = {}
    data = json.loads((DATA / "columns.json").read_text(encoding="utf-8"))
    for language in ("ko", "en"):
        with translation.override(language):
            for column, label in LABELS.items():
                known.setdefault(folded(_text(label)), column)
    for column, words in data.items():
        for word in (column, *words):
            known.setdefault(folded(word), column)
    return known


def _text(label: str | Promise) -> str:
    return str(label)

"""The sheets and rolls of labels that can be bought: data/templates.json, lengths in millimetres."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

DATA = Path(__file__).parent / "data" / "templates.json"
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Template:
    """A grid of labels on a page; a roll is a page of one. `first` is the upper left corner of the first label, seen
    from the page's. `inset` stays white at the label's edges: where a label reaches the paper's edge no office printer
    prints. `dots_per_mm`: a thermal printer's, whose bars are whole dots wide; 0 for finer ones."""

    slug: str
    page: Pair
    label: Pair
    columns: int
    rows: int
    first: Pair
    pitch: Pair
    inset: Pair
    dots_per_mm: int = 0

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def is_roll(self) -> bool:
        return self.per_page == 1

    @property
    def name(self) -> str:
        size = " × ".join(number_format(side) for side in self.label)
        if self.is_roll:
            return _("Roll, %(size)s mm") % {"size": size}
        return _("A4 sheet of %(n)s labels, %(size)s mm") % {"n": self.per_page, "size": size}

    def corner(self, place: int) -> Pair:
        """The upper left corner of a label, counted along the rows from 0."""
        row, column = divmod(place, self.columns)
        return self.first[0] + column * self.pitch[0], self.first[1] + row * self.pitch[1]


@cache
def templates() -> dict[str, Template]:
    """Each by its slug, in the order they are offered."""
    rows = json.loads(DATA.read_text())
    found = (Template(**{name: _frozen(value) for name, value in row.items()}) for row in rows)
    return {template.slug: template for template in found}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

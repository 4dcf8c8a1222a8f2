"""Measured sizes (실측 사이즈): the points of a garment that the trade measures, and the size table of a product.

A point is stored by its code; its names, and which points a category usually has, are in `data/measuring_points.json`.
A code that was released stays there: rows name it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

if TYPE_CHECKING:
    from catalog.models import Category, Measurement, Product, Size

PATH = Path(__file__).with_name("data") / "measuring_points.json"
# In centimetres; the hem of a wide skirt stays below it, and millimetres typed by mistake do not.
MOST_CM = Decimal(300)
# Size -> code of a point -> centimetres.
Measured = dict[str, dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Point:
    code: str
    name_ko: str
    name_en: str
    name_ja: str

    def named(self, language: str) -> str:
        return {"ko": self.name_ko, "ja": self.name_ja}.get(language, self.name_en)

    @property
    def name(self) -> str:
        return self.named(get_language() or "ko")


@dataclass(frozen=True, slots=True)
class SizeTable:
    """What people are shown: a row for each size, a column for each point that any of them has; blank: not measured."""

    points: tuple[Point, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def points() -> dict[str, Point]:
    """By code, in the order of a table's columns."""
    return {row["code"]: Point(**row) for row in _data()["points"]}


def point_choices() -> list[tuple[str, str]]:
    return [(point.code, point.name) for point in points().values()]


def usual_points(category: Category | None) -> list[str]:
    """The points that garments of a category usually have, by their codes; without one, those of a top."""
    usual: Mapping[str, list[str]] = _data()["categories"]
    return usual.get(category.slug if category else "", usual["t_shirt"])


def measured(product: Product) -> Measured:
    """All that was measured of a product. Reads `measurements` with their `size`."""
    return measured_rows(product.measurements.all())


def measured_rows(rows: Iterable[Measurement]) -> Measured:
    """Sizes and points in their order."""
    order = list(points())
    known = (row for row in rows if row.point in points())
    found: Measured = {}
    for row in sorted(known, key=lambda row: (row.size.position, row.size_id, order.index(row.point))):
        found.setdefault(row.size.code, {})[row.point] = row.value
    return found


def size_table(found: Measured, *, sizes: Collection[str] | None = None) -> SizeTable:
    """The table of what was measured; of these `sizes` only, where they are given."""
    rows = {size: cells for size, cells in found.items() if sizes is None or size in sizes}
    used = {code for cells in rows.values() for code in cells}
    columns = tuple(point for code, point in points().items() if code in used)
    shown = {
        size: tuple(cm(cells[point.code]) if point.code in cells else "" for point in columns)
        for size, cells in rows.items()
    }
    return SizeTable(columns, tuple(shown.items()))


def sizes_of(product: Product) -> dict[str, Size]:
    """The sizes that a product's table may have, by their codes: those of its size run and of its variants.

    Where sizes of two runs share a code, that of the product's own run is meant.
    """
    others = {variant.size_id: variant.size for variant in product.variants.select_related("size")}
    run = product.size_run.sizes.all() if product.size_run else ()
    found = {size.code: size for size in [*others.values(), *run]}
    return dict(sorted(found.items(), key=lambda item: (item[1].position, item[1].pk)))


def cm(value: Decimal) -> str:
    """Centimetres as people write them: 68, 52.5."""
    return f"{value:.1f}".removesuffix(".0")


@cache
def _data() -> dict[str, Any]:
    return json.loads(PATH.read_text(encoding="utf-8"))

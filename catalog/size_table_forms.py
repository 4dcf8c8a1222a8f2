"""The size table of a product as a grid of inputs: a row for each size, a column for each measuring point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from catalog.measuring import Point, cm, measured, points, sizes_of, usual_points
from catalog.models import Product, Size
from catalog.services import set_size_table
from catalog.services.measurements import cell_field
from erp.core.errors import DomainError
from erp.core.models import User


class SizeTableForm(forms.Form):
    """Columns are the usual points of the category, those that are measured already, and those a person asks for."""

    fields: dict[str, Any]

    def __init__(self, data: Any = None, *, product: Product) -> None:
        super().__init__(data)
        self.product = product
        found = measured(product)
        offered = sizes_of(product)
        sold = set(product.variants.filter(is_active=True).values_list("size", flat=True))
        self.sizes = [s for code, s in offered.items() if not sold or s.pk in sold or code in found]
        settled = {*usual_points(product.category), *(point for cells in found.values() for point in cells)}
        asked = data.getlist("points") if data else []
        self.columns = [point for code, point in points().items() if code in settled or code in asked]
        # What else may be measured, and whether a person asked for it.
        self.more = [(point, code in asked) for code, point in points().items() if code not in settled]
        for size in self.sizes:
            for point in self.columns:
                value = found.get(size.code, {}).get(point.code)
                self.fields[_name(size, point)] = _cell(size, point, "" if value is None else cm(value))

    def rows(self) -> Iterator[tuple[Size, list[Any]]]:
        for size in self.sizes:
            yield size, [self[_name(size, point)] for point in self.columns]

    def save(self, *, actor: User) -> bool:
        """All or nothing. False after a refusal, whose reasons are then errors of the cells."""
        table = {
            size.code: {point.code: self.cleaned_data[_name(size, point)] for point in self.columns}
            for size in self.sizes
        }
        try:
            set_size_table(product=self.product, actor=actor, table=table)
        except DomainError as error:
            self._take(error)
            return False
        return True

    def _take(self, error: DomainError) -> None:
        cells = {cell_field(s.code, p.code): _name(s, p) for s in self.sizes for p in self.columns}
        for problem in error.problems:
            self.add_error(cells.get(problem.field or ""), str(problem.message))


def _name(size: Size, point: Point) -> str:
    return f"{size.pk}-{point.code}"


def _cell(size: Size, point: Point, value: str) -> forms.CharField:
    """The service reads it, so that a page and a program are told the same."""
    attrs = {"class": "cell", "inputmode": "decimal", "autocomplete": "off", "aria-label": f"{size.code}, {point.name}"}
    return forms.CharField(required=False, max_length=20, initial=value, widget=forms.TextInput(attrs))

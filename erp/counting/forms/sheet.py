"""The grid of one product in a count: what was counted so far stands in the cells, and what is typed replaces it."""

from __future__ import annotations

from typing import ClassVar

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from catalog.models import Product
from erp.core.errors import DomainError
from erp.core.models import User
from erp.counting.models import CountEntry, StockCount
from erp.counting.services import Entry, add_entries
from erp.inventory.forms.entry import words_of
from erp.inventory.forms.sheet import Cell, build_sheet

WAS = "was-"


class CountSheet:
    """Each cell carries the number that stood in it when the page was drawn: what another person counted since is
    told, not typed over."""

    modes: ClassVar[tuple[()]] = ()
    limited: ClassVar[bool] = False

    def __init__(self, data: QueryDict | None = None, *, count: StockCount, product: Product, shows_book: bool) -> None:
        self.count = count
        self.sheet = build_sheet(count.brand, products=[product.pk], location=count.location, data=data)
        lines = count.lines.filter(variant__in=list(self.sheet.cells)).values_list("variant_id", "counted")
        self.counted: dict[int, int | None] = dict(lines)
        self.was = self.counted if data is None else {pk: _read(data.get(f"{WAS}{pk}")) for pk in self.sheet.cells}
        self.errors: list[str] = []
        for pk, cell in self.sheet.cells.items():
            if data is None and (counted := self.counted.get(pk)) is not None:
                cell.quantity, cell.text = counted, str(counted)
            if not shows_book:
                cell.on_hand = cell.available = 0

    @property
    def non_field_errors(self) -> list[str]:
        return self.errors

    @property
    def hidden(self) -> list[tuple[str, int | None]]:
        return [(f"{WAS}{pk}", self.was.get(pk)) for pk in self.sheet.cells]

    def changed(self) -> list[Cell]:
        cells = self.sheet.cells.items()
        return [cell for pk, cell in cells if not cell.error and cell.quantity != self.was.get(pk)]

    def save(self, actor: User, device: str = "") -> int | None:
        """How many variants got another number; None where something needs mending, which is told at its cell."""
        cells = self.changed()
        if self.sheet.errors:
            self._refused()
            return None
        entries = [
            Entry(
                cell.variant.pk,
                cell.quantity or 0,
                CountEntry.Kind.CLEAR if cell.quantity is None else CountEntry.Kind.SET,
                was=self.was.get(cell.variant.pk),
            )
            for cell in cells
        ]
        try:
            add_entries(count=self.count, actor=actor, entries=entries, device=device)
        except DomainError as error:
            for problem in error.problems:
                if problem.line:
                    cells[problem.line - 1].error = str(problem.message)
                else:
                    self.errors.append(str(problem.message))
            if not error.problems:
                self.errors.append(str(error.message))
            self._refused()
            return None
        return len(cells)

    def _refused(self) -> None:
        lines = self.count.lines.filter(variant__in=list(self.sheet.cells)).values_list("variant_id", "counted")
        self.was = dict(lines)  # what another counted is told now; the next press types over it
        if wrong := self.sheet.errors:
            words = ngettext("%(n)s cell needs mending.", "%(n)s cells need mending.", wrong) % {"n": wrong}
            self.errors.append(words + " " + gettext("Nothing was saved yet."))

    def button(self, n: int) -> str:
        return (
            ngettext("Save the count of %(n)s variant", "Save the count of %(n)s variants", n) if n else gettext("Save")
        )

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button, counts_cells=True)

    @property
    def label(self) -> str:
        n = len(self.sheet.entered())
        return self.button(n) % {"n": number_format(n, force_grouping=True)}


def _read(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None

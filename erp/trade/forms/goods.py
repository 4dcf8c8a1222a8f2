"""Entries of goods that belong to a paper: the grid, prices by product where money follows, and what refusals name."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.forms import PriceField
from erp.core.errors import DomainError, Problem
from erp.inventory.forms.entry import EntryForm, choice
from erp.inventory.forms.sheet import Sheet
from erp.inventory.models import Location
from erp.trade.forms.orders import PRICE, Price, plain
from erp.trade.models import AccountEntry, Partner
from erp.trade.selectors.orders import usual_prices

_PRICE = PriceField(max_digits=14, decimal_places=2, min_value=0, required=False)


def read_prices(
    source: QueryDict | None, products: Iterable[int], usual: Mapping[int, Decimal], currency: str
) -> dict[int, Price]:
    """What one piece of each product costs: as typed, else as usual."""
    prices = {}
    for pk in products:
        name = f"{PRICE}{pk}"
        text = source.get(name) if source is not None else None
        prices[pk] = price = Price(name, plain(usual.get(pk), currency) if text is None else text.strip()[:20])
        try:
            price.amount = _PRICE.clean(price.text)
        except ValidationError as error:
            price.error = error.messages[0]
    return prices


class GoodsForm(EntryForm):
    """An entry whose goods go with a paper. Its own fields stand above the grids, those named in `after` below."""

    after: ClassVar[tuple[str, ...]] = ("note",)
    below_grid = ""
    prices: Mapping[int, Price]

    def __init__(self, data: QueryDict | None = None, *, draft: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, draft=draft, **kwargs)
        self.source = data if data is not None else draft
        self.saved: Any = None
        self.prices = {}
        del self.fields["reference"]

    def ask_prices(self, partner: Partner | None, usual: Mapping[int, Decimal] | None = None) -> None:
        """Asks what one piece of each product on the page costs; `usual` goes before what the partner last paid."""
        self.below_grid = "trade/price.html"
        known = usual_prices(self.brand, partner, self.priced) | dict(usual or {})
        self.prices = read_prices(self.source, self.priced, known, self.brand.currency)

    @property
    def priced(self) -> list[int]:
        return [grid.product.pk for grid in self.sheet.grids]

    def fix_location(self, location: Location) -> None:
        """The goods leave from there, and nothing is to choose."""
        field = choice(self, "location")
        field.queryset, field.widget = Location.objects.filter(pk=location.pk), forms.HiddenInput()
        self.initial["location"] = location.pk

    @property
    def above(self) -> list[Any]:
        return [field for field in self.visible_fields() if field.name not in self.after]

    @property
    def below(self) -> list[Any]:
        return [self[name] for name in self.after if name in self.fields]

    def count_wrong_cells(self) -> None:
        super().count_wrong_cells()
        if any(price.error for price in self.prices.values()):
            self.add_error(None, _("Mend the marked prices. Nothing was saved yet."))

    def unit_prices(self) -> dict[int, Decimal]:
        """By variant id, of those that have one."""
        cells = self.sheet.cells
        found = {pk: self.prices[cells[pk].variant.product_id].amount for pk in self.quantities()}
        return {pk: price for pk, price in found.items() if price is not None}

    def money(self) -> dict[str, Any]:
        """What is paid with it."""
        chosen = self.cleaned_data
        return {"paid": chosen["paid"] or Decimal(0), "method": chosen["method"] or AccountEntry.Method.CASH}

    def take(self, error: DomainError) -> None:
        """A refusal goes to the field, the price or the cell that it is about."""
        left = [problem for problem in error.problems if not self._placed(problem)]
        if left or not error.problems:
            super().take(DomainError(error.code, error.message, left))
        else:
            self.count_wrong_cells()

    def _placed(self, problem: Problem) -> bool:
        lines = list(self.quantities())
        if problem.field == "unit_price" and problem.line and problem.line <= len(lines):
            variant = self.sheet.cells[lines[problem.line - 1]].variant
            self.prices[variant.product_id].error = str(problem.message)
            return True
        if problem.field in self.fields and not problem.line:
            self.add_error(problem.field, str(problem.message))
            return True
        return False

    def save(self, actor: Any) -> Any:
        self.saved = super().save(actor)
        return self.saved


class PaidForm(GoodsForm):
    """With prices, and what is paid at once."""

    after = ("paid", "method", "note")
    paid = PriceField(label=_("Paid now"), max_digits=14, decimal_places=2, min_value=0, required=False)
    method = forms.ChoiceField(label=_("Paid by"), choices=AccountEntry.Method, required=False)


def keep_cells(sheet: Sheet, wanted: Container[int], limit: Callable[[int], int] | None = None) -> None:
    """Leaves only these variants on a sheet; `limit` says how many of each there are to take."""
    sheet.cells = {pk: cell for pk, cell in sheet.cells.items() if pk in wanted}
    if limit:
        for pk, cell in sheet.cells.items():
            cell.available = limit(pk)
    for grid in sheet.grids:
        for row in grid.rows:
            row.cells = [cell if cell and cell.variant.pk in wanted else None for cell in row.cells]
        grid.rows = [row for row in grid.rows if any(row.cells)]
        used = {n for row in grid.rows for n, cell in enumerate(row.cells) if cell}
        for row in grid.rows:
            row.cells = [cell for n, cell in enumerate(row.cells) if n in used]
        grid.sizes = [size for n, size in enumerate(grid.sizes) if n in used]
    sheet.grids = [grid for grid in sheet.grids if grid.rows]

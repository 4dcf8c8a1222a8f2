"""A pack, defined by the grid of its product."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.forms import PriceField
from catalog.models import Brand, Product
from erp.core.errors import DomainError
from erp.inventory.forms.entry import words_of
from erp.inventory.forms.sheet import build_sheet
from erp.trade.forms.orders import plain
from erp.trade.models import Pack
from erp.trade.services.packs import save_pack


class PackForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("What a scanner reads from the pack."),
    )
    price = PriceField(
        label=gettext_lazy("Price of the whole pack"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=gettext_lazy("Blank: what its pieces cost."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    modes = limited = promises = False

    def __init__(
        self, data: QueryDict | None = None, *, brand: Brand, product: Product, pack: Pack | None = None
    ) -> None:
        super().__init__(data, initial=_stored(pack, brand.currency) if pack else None)
        self.product, self.pack = product, pack
        typed = data if data is not None else _typed(pack)
        self.sheet = build_sheet(brand, products=[product.pk], location=None, data=typed)

    def clean(self) -> dict[str, Any]:
        if any(cell.error for cell in self.sheet.cells.values()):
            self.add_error(None, _("Mend the marked cells. Nothing was saved yet."))
        return self.cleaned_data

    def quantities(self) -> dict[int, int]:
        return {pk: quantity for pk, quantity in self.sheet.entered().items() if quantity}

    def save(self) -> Pack | None:
        """The pack, or None where it was refused and the form has errors."""
        try:
            return save_pack(product=self.product, pack=self.pack, quantities=self.quantities(), **self.cleaned_data)
        except DomainError as error:
            for problem in error.problems:
                cells = list(self.quantities())
                cell = self.sheet.cells[cells[problem.line - 1]] if problem.line else None
                if cell:
                    cell.error = str(problem.message)
                self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
            return None

    def button(self, n: int) -> str:
        return ngettext("Save a pack of %(n)s piece", "Save a pack of %(n)s pieces", n) if n else _("Save")

    @property
    def label(self) -> str:
        return self.button(self.sheet.total) % {"n": self.sheet.total}

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button)


def _stored(pack: Pack, currency: str) -> dict[str, Any]:
    price = plain(pack.price, currency)
    return {"name": pack.name, "code": pack.code, "price": price, "is_active": pack.is_active}


def _typed(pack: Pack | None) -> dict[str, str]:
    return {f"q-{line.variant_id}": str(line.quantity) for line in pack.lines.all()} if pack else {}

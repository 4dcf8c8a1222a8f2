"""What the label page reads: how the labels look, and how many of each variant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.forms.entry import words_of
from erp.inventory.forms.quantities import read_quantity
from erp.inventory.forms.sheet import MOST_PRODUCTS, PREFIX, UNKNOWN, Sheet, build_sheet, numbers
from erp.labels.models import CodeKind
from erp.labels.selectors import Quantities, known_products, on_hand_of, products_of
from erp.labels.services import LabelOptions, remembered_options
from erp.labels.templates import templates


class LabelForm(forms.Form):
    """`typed` maps `q-<variant id>` to a number. Up to 60 products are shown as grids; of more, such as all the stock
    of a place, `bulk` holds the numbers, which the page carries on unseen."""

    template = forms.ChoiceField(label=_("Label sheet"))
    kind = forms.ChoiceField(label=_("Code"), choices=CodeKind)
    language = forms.ChoiceField(label=_("Language of the labels"), choices=User.Language)
    start = forms.IntegerField(
        label=_("First label at place"),
        min_value=1,
        max_value=999,
        initial=1,
        help_text=_("For a sheet that is used in part: count along the rows."),
    )
    with_price = forms.BooleanField(label=_("Print the price"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        brand: Brand,
        products: Iterable[int] = (),
        typed: Mapping[str, str] | None = None,
        draft: QueryDict | None = None,
    ) -> None:
        super().__init__(data, initial=_chosen(remembered_options(brand)) | _drafted(self.base_fields, draft))
        self.fields["template"].choices = [(slug, template.name) for slug, template in templates().items()]  # type: ignore[attr-defined]
        self.fields["start"].widget.attrs |= {"inputmode": "numeric"}
        self.brand = brand
        source = next((given for given in (data, draft, typed) if given is not None), {})
        self.bulk: Quantities = {}
        self.sheet = Sheet()
        self._read_numbers(source, list(products))

    def _read_numbers(self, source: Mapping[str, str], products: list[int]) -> None:
        named = {name.removeprefix(PREFIX): text for name, text in source.items() if name.startswith(PREFIX)}
        filled = numbers(key for key, text in named.items() if text.strip())
        wanted = list(dict.fromkeys([*known_products(self.brand, products), *products_of(self.brand, filled)]))
        if len(wanted) > MOST_PRODUCTS:
            self.bulk = {int(key): number for key in map(str, filled) if (number := _number(named[key]))}
            return
        self.sheet = build_sheet(self.brand, products=wanted, location=None, data=source)
        there = on_hand_of(self.sheet.cells)
        for pk, cell in self.sheet.cells.items():
            cell.on_hand = cell.available = there.get(pk, 0)

    def quantities(self) -> Quantities:
        """Labels by variant id."""
        return self.bulk or {pk: number for pk, number in self.sheet.entered().items() if number}

    @property
    def total(self) -> int:
        return sum(self.quantities().values())

    def fill_with_stock(self) -> None:
        """As many labels as pieces, in the cells that are empty."""
        for cell in self.sheet.cells.values():
            if not cell.text and cell.on_hand > 0:
                cell.quantity, cell.text = cell.on_hand, str(cell.on_hand)

    def clean(self) -> dict[str, Any]:
        for key, text in self.sheet.unknown:
            self.add_error(None, UNKNOWN % {"key": key, "text": text})
        if wrong := sum(1 for cell in self.sheet.cells.values() if cell.error):
            words = ngettext("%(n)s cell needs mending.", "%(n)s cells need mending.", wrong)
            self.add_error(None, words % {"n": wrong})
        return self.cleaned_data

    def options(self) -> LabelOptions:
        """Of a form that is valid."""
        chosen = {name: self.cleaned_data[name] for name in ("language", "with_price", "start")}
        return LabelOptions(templates()[self.cleaned_data["template"]], self.cleaned_data["kind"], **chosen)

    def take(self, error: DomainError) -> None:
        """Puts what the service refused at its field, or above the form."""
        placed = [problem for problem in error.problems if problem.field in self.fields]
        for problem in placed:
            self.add_error(problem.field, str(problem.message))
        if not placed:
            self.add_error(
                None,
                " ".join(str(words) for words in (error.message, *(problem.message for problem in error.problems))),
            )

    def button(self, n: int) -> str:
        return ngettext("Print %(n)s label", "Print %(n)s labels", n) if n else gettext("Print labels")

    @property
    def label(self) -> str:
        return self.button(self.total) % {"n": number_format(self.total, force_grouping=True)}

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button)


def _chosen(options: LabelOptions) -> dict[str, Any]:
    return {
        "template": options.template.slug,
        "kind": options.code,
        "language": options.language,
        "with_price": options.with_price,
    }


def _drafted(fields: Iterable[str], draft: QueryDict | None) -> dict[str, Any]:
    """What was chosen so far; a box that is not ticked is not sent at all."""
    if draft is None or not draft.get("template"):
        return {}
    return {name: draft[name] for name in fields if draft.get(name)} | {"with_price": "with_price" in draft}


def _number(text: str) -> int:
    try:
        return read_quantity(text) or 0
    except ValidationError:
        return 0

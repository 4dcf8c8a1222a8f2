"""The form of a listing: a product's form that its photos fill in."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.forms import ProductForm
from catalog.models import Category, Pattern, Product
from erp.core.models import User
from vision.selectors import PREFILL, ProductSuggestions, Suggestion
from vision.services import record_answers


class ListingForm(ProductForm):
    """`complete`: the person confirms, so nothing may be missing and the answers are kept as labels.

    The picks are the short lists offered for doubtful answers. The page's script carries a pick into the field above;
    without the script the pick counts where that field was left empty.
    """

    category_pick = forms.ModelChoiceField(Category.objects.all(), required=False)
    pattern_pick = forms.ModelChoiceField(Pattern.objects.all(), required=False)

    def __init__(
        self, data: Any = None, *, product: Product, found: ProductSuggestions, complete: bool = False
    ) -> None:
        super().__init__(data, product=product, proposed=proposals(found))
        self.found = found
        self.complete = self.complete or complete
        for name in ("category", "pattern", "name_ko", "name_en"):
            self.fields[name].widget.attrs["data-suggest"] = name
            if getattr(product, name):
                self.fields[name].widget.attrs["data-stored"] = ""

    @property
    def has_stored_colours(self) -> bool:
        """Then the photos' colours are not ticked by the script."""
        return bool(super().hexes()) or bool(self.data.get("colours"))

    def clean_category(self) -> Category | None:
        return self._or_picked("category")

    def clean_pattern(self) -> Pattern | None:
        return self._or_picked("pattern")

    def _or_picked(self, name: str) -> Any:
        picked = self.fields[f"{name}_pick"].clean(self.data.get(f"{name}_pick") or None)
        return self.cleaned_data.get(name) or picked

    def hexes(self) -> dict[int, str]:
        """What was measured on the photos, the largest share first; what the product has already goes before."""
        return {c.colour.pk: c.hex for c in self.found.colours} | super().hexes()

    def write(self, actor: User) -> None:
        super().write(actor)
        if self.complete:
            answers = {name: self.cleaned_data[name] for name in ("category", "pattern")}
            record_answers(product=self.product, actor=actor, **answers)


def proposals(found: ProductSuggestions) -> dict[str, Any]:
    """The values to fill in where the product has none: only what the model is sure of, and names as a proposal."""
    return {
        "category": _sure(found.category),
        "pattern": _sure(found.pattern),
        "name_ko": found.name_ko,
        "name_en": found.name_en,
        "colours": [c.colour.pk for c in found.colours],
        "size_run": _run_of(found.category),
    }


def _sure(suggestion: Suggestion | None) -> int | None:
    return suggestion.term.pk if suggestion and suggestion.decision == PREFILL and suggestion.term else None


def _run_of(suggestion: Suggestion | None) -> int | None:
    sure = suggestion if suggestion and suggestion.decision == PREFILL else None
    return sure.term.size_run_id if sure and sure.term else None

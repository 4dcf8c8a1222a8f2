"""What the stock list can be narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from catalog.models import Brand, Variant
from erp.inventory.forms.entry import choice
from erp.inventory.models import Location
from erp.inventory.shelf import shelf


class StockFilter(forms.Form):
    """Whatever is wrong in the address narrows nothing."""

    q = forms.CharField(required=False, max_length=120)
    location = forms.ModelChoiceField(Location.objects.none(), required=False)
    low = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        choice(self, "location").queryset = Location.objects.of(brand).internal()
        self.is_valid()

    @property
    def place(self) -> Location | None:
        return self.cleaned_data.get("location")

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def found(self) -> QuerySet[Variant]:
        chosen = self.cleaned_data
        text, low = chosen.get("q", ""), bool(chosen.get("low"))
        return shelf(self.brand, text=text, location=self.place, low=low)

"""What the list of purchase orders is narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from catalog.models import Brand
from erp.inventory.forms.entry import choice
from erp.trade.models import Partner, PurchaseLine, PurchaseOrder


class PurchaseFilter(forms.Form):
    """Whatever is wrong in the address narrows nothing."""

    q = forms.CharField(required=False, max_length=120)
    state = forms.ChoiceField(choices=PurchaseOrder.State, required=False)
    supplier = forms.ModelChoiceField(Partner.objects.none(), required=False)

    def __init__(self, data: Any, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        choice(self, "supplier").queryset = Partner.objects.of(brand)
        self.is_valid()

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def counted(self) -> QuerySet[PurchaseOrder]:
        """Under every filter but the state. Words are looked for in the number, the supplier's name and the SKUs."""
        chosen = self.cleaned_data
        rows = PurchaseOrder.objects.of(self.brand)
        if chosen.get("supplier"):
            rows = rows.filter(supplier=chosen["supplier"])
        for word in chosen.get("q", "").replace("\0", "").split()[:8]:
            lines = PurchaseLine.objects.filter(order__brand=self.brand, variant__sku__icontains=word).values("order")
            rows = rows.filter(Q(number__icontains=word) | Q(supplier__name__icontains=word) | Q(pk__in=lines))
        return rows

    def found(self) -> QuerySet[PurchaseOrder]:
        state = self.cleaned_data.get("state")
        return self.counted().filter(state=state) if state else self.counted()

"""What the product list can be narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Pattern, Product
from catalog.querysets import ProductQuerySet
from erp.inventory import overview


class Stock(models.TextChoices):
    IN = "in", _("In stock")
    LOW = "low", _("Running low")
    OUT = "out", _("Sold out")


class ProductFilter(forms.Form):
    """Whatever is wrong in the address narrows nothing."""

    q = forms.CharField(required=False, max_length=120)
    status = forms.ChoiceField(required=False, choices=Product.Status)
    stock = forms.ChoiceField(required=False, choices=Stock)
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"), required=False, to_field_name="slug")
    pattern = forms.ModelChoiceField(Pattern.objects.all(), label=_("Pattern"), required=False, to_field_name="slug")

    fields: dict[str, Any]

    def __init__(self, data: Any, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        self.fields["category"].empty_label = _("Every category")
        self.fields["pattern"].empty_label = _("Every pattern")
        for name in ("category", "pattern"):
            self.fields[name].widget.attrs |= {"class": "input", "aria-label": self.fields[name].label}

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def counted(self) -> ProductQuerySet:
        """The products that fit all filters but the status, which the chips count."""
        products = Product.objects.of(self.brand)
        chosen = self.chosen
        if text := chosen.get("q"):
            products = products.search(text)
        for name in ("category", "pattern"):
            if name in chosen:
                products = products.filter(**{name: chosen[name]})
        return self._by_stock(products, chosen.get("stock", ""))

    def found(self) -> ProductQuerySet:
        """The products of the page; archived ones only where they are asked for."""
        status = self.chosen.get("status")
        products = self.counted()
        return products.filter(status=status) if status else products.exclude(status=Product.Status.ARCHIVED)

    def _by_stock(self, products: ProductQuerySet, stock: str) -> ProductQuerySet:
        if stock == Stock.LOW:
            low = overview.low_variants(self.brand).order_by().values("product_id")
            return products.filter(pk__in=low)
        if stock == Stock.IN:
            return overview.with_stock(products).filter(on_hand__gt=0)
        if stock == Stock.OUT:
            return overview.with_stock(products.active()).filter(on_hand=0)
        return products

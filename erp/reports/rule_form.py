"""A rule of reordering as it is typed."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Product, Variant
from erp.core.errors import DomainError
from erp.reports.models import ReorderRule
from erp.reports.services import set_rule


class RuleForm(forms.Form):
    """For a variant by its code, a product by its style number, a category, or (all blank) everything."""

    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("Everything")
    )
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Style number"), required=False, to_field_name="style_number",
        widget=forms.TextInput, help_text=_("For one product only."),
        error_messages={"invalid_choice": _("No product has this style number.")},
    )  # fmt: skip
    code = forms.CharField(
        label=_("SKU or barcode"), required=False, max_length=80, help_text=_("For one variant only.")
    )
    point = forms.IntegerField(
        label=_("Reorder at"), min_value=0, max_value=1_000_000,
        help_text=_("Low, once this many pieces or fewer are available."),
    )  # fmt: skip
    target = forms.IntegerField(
        label=_("Fill up to"), min_value=1, max_value=1_000_000,
        help_text=_("How many there should be after the order."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, brand: Brand, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.brand = brand
        cast(forms.ModelChoiceField, self.fields["product"]).queryset = Product.objects.of(brand)

    def clean_code(self) -> Variant | None:
        code = self.cleaned_data["code"].strip()
        found = Variant.objects.of(self.brand).of_code(code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("No variant has this SKU or barcode."), "unknown_variant")
        return found

    def save(self) -> ReorderRule | None:
        """None where the rule was refused: the reasons are then at its fields."""
        given = self.cleaned_data
        try:
            return set_rule(
                brand=self.brand, category=given["category"], product=given["product"], variant=given["code"],
                point=given["point"], target=given["target"],
            )  # fmt: skip
        except DomainError as error:
            for problem in error.problems:
                field = "code" if problem.field == "variant" else problem.field
                self.add_error(field if field in self.fields else None, str(problem.message))
            return None

"""What is counted, where, and how."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Product, Variant
from catalog.skus import normal_sku
from erp.core.errors import DomainError
from erp.core.models import User
from erp.counting.cycles import proposals
from erp.counting.models import StockCount
from erp.counting.services import create_count
from erp.inventory.forms.entry import choice, our_locations
from erp.inventory.forms.sheet import numbers
from erp.inventory.models import Location
from erp.inventory.sql.codes import find_codes

Scope = StockCount.Scope
MOST_CODES = 2_000
_SHOWN = 20


class NewCountForm(forms.Form):
    """`variant` fields of the page are the proposals that stay ticked."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Where"), empty_label=None)
    scope = forms.ChoiceField(
        label=_("What do you count?"), choices=Scope, initial=Scope.FULL, widget=forms.RadioSelect
    )
    category = forms.ModelChoiceField(Category.objects.none(), label=_("Category"), required=False)
    codes = forms.CharField(
        label=_("Products to count"),
        help_text=_("Style numbers, SKUs or barcodes, one a line. Type, paste or scan them."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "off", "spellcheck": "false"}),
    )
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    blind = forms.BooleanField(
        label=_("Blind count"),
        help_text=_("Who counts does not see what the book says until the review."),
        required=False,
    )

    def __init__(self, data: Any = None, *, brand: Brand, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()} | (initial or {}))
        self.brand = brand
        self.variants: list[int] = []
        self.ticked = numbers(data.getlist("variant")) if data is not None else []
        choice(self, "location").queryset = our_locations(brand)
        choice(self, "category").queryset = Category.objects.filter(products__brand=brand).distinct()

    @property
    def scope_now(self) -> str:
        return str(self["scope"].value())

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("scope") == Scope.CATEGORY and not given.get("category"):
            self.add_error("category", _("Choose the category to count."))
        if given.get("scope") == Scope.CHOSEN:
            self.variants = self._named(given.get("codes", ""))
        if given.get("scope") == Scope.CYCLE and given.get("location"):
            self._propose(given["location"])
        return given

    def _propose(self, location: Location) -> None:
        self.variants = self.ticked or [proposal.variant_id for proposal in proposals(self.brand, location)]
        if not self.variants:
            self.add_error("location", _("Nothing is due here today: all of it was counted recently."))

    def _named(self, text: str) -> list[int]:
        """The variants of each line; every line that names nothing is told."""
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if not lines:
            self.add_error("codes", _("Name at least one product to count."))
        if len(lines) > MOST_CODES:
            self.add_error("codes", gettext("At most %(n)s lines.") % {"n": f"{MOST_CODES:,}"})
            return []
        words = {line.replace("\0", "") for _n, line in lines}
        skus = find_codes(self.brand.pk, "sku", {normal_sku(word) for word in words})
        barcodes = find_codes(self.brand.pk, "barcode", words)
        styles = self._of_styles(words)
        found: dict[int, None] = {}
        unknown: list[str] = []
        for number, line in lines:
            pk = skus.get(normal_sku(line)) or barcodes.get(line)
            variants = [pk] if pk else styles.get(line.upper(), [])
            found.update(dict.fromkeys(variants))
            if not variants:
                message = gettext("Line %(line)s: “%(code)s” is not known. Check its spelling.")
                unknown.append(message % {"line": number, "code": line[:40]})
        for message in unknown[:_SHOWN]:
            self.add_error("codes", message)
        if len(unknown) > _SHOWN:
            self.add_error("codes", gettext("And %(n)s more lines.") % {"n": len(unknown) - _SHOWN})
        return list(found)

    def _of_styles(self, words: set[str]) -> dict[str, list[int]]:
        products = Product.objects.of(self.brand).exclude(status=Product.Status.DRAFT)
        named = words | {word.upper() for word in words}
        rows = Variant.objects.filter(product__in=products.filter(style_number__in=named), is_active=True)
        styles: dict[str, list[int]] = {}
        for pk, style in rows.values_list("pk", "product__style_number"):
            styles.setdefault(style.upper(), []).append(pk)
        return styles

    def save(self, actor: User) -> StockCount | None:
        """The count; None where it was refused, and the form has errors."""
        given = self.cleaned_data
        try:
            return create_count(
                brand=self.brand, location=given["location"], scope=given["scope"], actor=actor, title=given["title"],
                category=given["category"], blind=given["blind"], variants=self.variants, public_id=given["key"],
            )  # fmt: skip
        except DomainError as error:
            for problem in error.problems:
                self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
            if not error.problems:
                self.add_error(None, str(error.message))
            return None

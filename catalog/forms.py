"""The form of everything that a product is, its colour x size grid included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Max
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.models import Brand, Category, Colour, Pattern, Product, Size, SizeRun, Variant
from catalog.models.brand import Currency
from erp.core.errors import DomainError
from erp.core.models import User

# A first choice of sizes where the brand has made none yet: those in the middle of the run.
USUAL_SIZES = 5
DETAILS = (
    "style_number", "name_ko", "name_en", "category", "pattern", "size_run", "season", "gender", "material", "care",
    "price", "currency",
)  # fmt: skip
FIELD_OF_PROBLEM = {"variants": "colours"}


class PriceField(forms.DecimalField):
    """A price as people type it: 12,000 or ₩12000."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(re.sub(r"[\s,₩$¥€]|CN¥", "", value) if isinstance(value, str) else value)


class ImageForm(forms.Form):
    """What is read to people who cannot see the photo."""

    alt_ko = forms.CharField(label=_("Korean description"), max_length=200, required=False)
    alt_en = forms.CharField(label=_("English description"), max_length=200, required=False)


class ProductForm(forms.Form):
    """All fields of a product. `complete`: refuse what is missing for a product on sale; a draft may have gaps."""

    style_number = forms.CharField(label=_("Style number"), max_length=40)
    name_ko = forms.CharField(label=_("Korean name"), max_length=120, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"), required=False)
    pattern = forms.ModelChoiceField(Pattern.objects.all(), label=_("Pattern"), required=False)
    price = PriceField(label=_("Price"), max_digits=12, decimal_places=2, min_value=0, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency)
    colours = forms.ModelMultipleChoiceField(Colour.objects.none(), label=_("Colours"), required=False)
    size_run = forms.ModelChoiceField(SizeRun.objects.none(), label=_("Size run"))
    sizes = forms.ModelMultipleChoiceField(Size.objects.none(), label=_("Sizes"), required=False)
    season = forms.ChoiceField(label=_("Season"), choices=Product.Season)
    gender = forms.ChoiceField(label=_("For"), choices=Product.Gender)
    material = forms.CharField(label=_("Material"), max_length=200, required=False)
    care = forms.CharField(label=_("Care"), max_length=200, required=False)

    fields: dict[str, Any]

    def __init__(self, data: Any = None, *, product: Product, proposed: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=_stored(product, proposed or {}))
        self.product = product
        self.complete = product.status == Product.Status.ACTIVE
        self.fields["colours"].queryset = Colour.objects.usable_by(product.brand)
        self.fields["size_run"].queryset = SizeRun.objects.usable_by(product.brand).prefetch_related("sizes")
        self.fields["sizes"].queryset = Size.objects.filter(run__in=SizeRun.objects.usable_by(product.brand))
        for name in ("price", "style_number", "name_ko", "name_en", "material", "care"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["price"].widget.attrs["inputmode"] = "decimal"
        self.fields["category"].empty_label = self.fields["pattern"].empty_label = _("Choose …")

    def clean_style_number(self) -> str:
        style: str = self.cleaned_data["style_number"]
        others = Product.objects.of(self.product.brand).exclude(pk=self.product.pk)
        if others.filter(style_number=style).exists():
            raise forms.ValidationError(_("Another product of this brand already has this style number."), "taken")
        return style

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        # The sizes of other runs are on the page too: the run decides.
        run = cleaned.get("size_run")
        cleaned["sizes"] = [size for size in cleaned.get("sizes", []) if run and size.run_id == run.pk]
        if not self.complete:
            return cleaned
        if not (cleaned.get("name_ko") or cleaned.get("name_en")):
            self.add_error("name_ko", _("Give the product a name."))
        for name, message in (
            ("category", _("Choose a category.")),
            ("colours", _("Choose at least one colour.")),
            ("sizes", _("Choose at least one size.")),
        ):
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, message)
        return cleaned

    def hexes(self) -> dict[int, str]:
        """The measured hex by colour, in the order the product names its colours."""
        return {row.colour_id: row.hex for row in self.product.product_colours.all()}

    def save(self, *, actor: User) -> bool:
        """All or nothing. False after a refusal, whose reasons are then errors of the form."""
        try:
            with transaction.atomic():
                self.write(actor)
        except DomainError as error:
            self._take(error)
            return False
        return True

    def write(self, actor: User) -> None:
        """The details, and the grid where another one was chosen: cells retired one by one stay so otherwise."""
        details = {name: self.cleaned_data[name] for name in DETAILS}
        services.update_product(product=self.product, actor=actor, **details)
        chosen = {name: {row.pk for row in self.cleaned_data[name]} for name in ("colours", "sizes")}
        if chosen != {name: set(self.initial[name]) for name in chosen} or not self.product.variants.exists():
            self._write_grid()

    def _write_grid(self) -> None:
        hexes = self.hexes()
        order = list(hexes)
        colours = sorted(self.cleaned_data["colours"], key=lambda c: order.index(c.pk) if c.pk in hexes else len(order))
        services.set_product_colours(product=self.product, colours=[(c, hexes.get(c.pk, "")) for c in colours])
        if colours and self.cleaned_data["sizes"]:
            services.set_variants(product=self.product, colours=colours, sizes=self.cleaned_data["sizes"])

    def _take(self, error: DomainError) -> None:
        for problem in error.problems:
            name = FIELD_OF_PROBLEM.get(problem.field or "", problem.field)
            self.add_error(name if name in self.fields else None, str(problem.message))
        if not error.problems:
            self.add_error(None, str(error.message))

    # What the template draws as chips.

    def _picked(self, name: str) -> set[str]:
        value = self[name].value() or []
        return {str(getattr(v, "pk", v)) for v in (value if isinstance(value, Iterable) else [value])}

    @cached_property
    def colour_chips(self) -> list[tuple[Colour, str, bool]]:
        """Every usable colour with its measured or own hex, and whether it is chosen."""
        picked, hexes = self._picked("colours"), self.hexes()
        return [(c, hexes.get(c.pk) or c.hex, str(c.pk) in picked) for c in self.fields["colours"].queryset]

    @cached_property
    def run_chips(self) -> list[tuple[SizeRun, bool, list[tuple[Size, bool]]]]:
        """Every size run with whether it is the chosen one, and its sizes with whether they are chosen."""
        runs = list(self.fields["size_run"].queryset)
        picked, chosen = self._picked("sizes"), str(self["size_run"].value() or "")
        chips = []
        for run, usual in usual_sizes(self.product.brand, runs).items():
            mine = {size.pk for size in run.sizes.all() if str(size.pk) in picked}
            ticked = mine if self.is_bound or mine else usual
            chips.append((run, str(run.pk) == chosen, [(size, size.pk in ticked) for size in run.sizes.all()]))
        return chips

    @cached_property
    def run_of_category(self) -> dict[str, int]:
        """Which size run a category usually has, for the page's script."""
        return {str(c.pk): c.size_run_id for c in self.fields["category"].queryset if c.size_run_id}


def _stored(product: Product, proposed: dict[str, Any]) -> dict[str, Any]:
    """What the product has; where it has nothing, what is proposed."""
    stored = {name: getattr(product, name) for name in DETAILS if name not in ("category", "pattern", "size_run")}
    stored |= {name: getattr(product, f"{name}_id") for name in ("category", "pattern", "size_run")}
    if product.price is not None:
        stored["price"] = f"{product.price:f}".removesuffix(".00")
    sold = list(product.variants.filter(is_active=True).values_list("colour_id", "size_id"))
    stored["colours"] = [row.colour_id for row in product.product_colours.all()] or list({c for c, _size in sold})
    stored["sizes"] = list({size for _colour, size in sold})
    stored |= {name: value for name, value in proposed.items() if value and not stored.get(name)}
    if not stored["size_run"]:
        stored["size_run"] = SizeRun.objects.usable_by(product.brand).values_list("pk", flat=True).first()
    return stored


def usual_sizes(brand: Brand, runs: Sequence[SizeRun]) -> dict[SizeRun, set[int]]:
    """By run: the sizes of the brand's last product in that run, else those in its middle."""
    listed = Product.objects.of(brand).filter(size_run__in=runs, variants__is_active=True).order_by()
    last = listed.values_list("size_run").annotate(Max("pk")).values_list("pk__max", flat=True)
    worn = set(Variant.objects.filter(product__in=list(last), is_active=True).values_list("size_id", flat=True))
    return {run: {size.pk for size in run.sizes.all() if size.pk in worn} or _middle(run) for run in runs}


def _middle(run: SizeRun) -> set[int]:
    sizes = [size.pk for size in run.sizes.all()]
    spare = max(0, (len(sizes) - USUAL_SIZES) // 2)
    return set(sizes[spare : len(sizes) - spare])

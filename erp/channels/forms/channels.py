"""An account on a marketplace, and what stands in the marketplace's own columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import PriceField
from catalog.models import Brand
from erp.channels.defaults import channel_defaults, own_columns
from erp.channels.formats.template import Column
from erp.channels.forms.refusing import RefusingColumns
from erp.channels.models import Channel
from erp.channels.prices import channel_price
from erp.channels.services.channels import create_channel, set_columns, update_channel
from erp.channels.templates import dialects_of
from erp.core.errors import DomainError
from erp.inventory.models import Location
from erp.trade.forms.partners import Refusing

EXAMPLES = {"KRW": Decimal(39000), "JPY": Decimal(3900)}


class PriceRuleForm(forms.ModelForm):
    """What a price becomes on a channel; also the live example, before anything is saved."""

    price_factor = forms.DecimalField(label=_("Price times"), max_digits=12, decimal_places=6)
    price_plus = PriceField(label=_("Plus"), max_digits=12, decimal_places=2, required=False)
    price_step = PriceField(label=_("In steps of"), max_digits=12, decimal_places=2)

    class Meta:
        model = Channel
        fields = ("currency", "price_factor", "price_plus", "price_step", "rounding")
        labels = {"rounding": _("Rounded")}

    def clean_price_plus(self) -> Decimal:
        return self.cleaned_data["price_plus"] or Decimal(0)

    def _post_clean(self) -> None:
        """The service checks the row, with its brand."""


def price_example(form: Any, brand: Brand) -> dict[str, Any] | None:
    """What a usual price of the brand becomes by the rule that stands in a form; None while it is not whole."""
    names = PriceRuleForm.Meta.fields
    if form.is_bound:
        form.is_valid()
        rule = {name: form.cleaned_data.get(name) for name in names}
    elif form.instance.pk:
        rule = {name: getattr(form.instance, name) for name in names}
    else:
        rule = {name: form.initial.get(name) for name in names}
    step, factor = rule["price_step"], rule["price_factor"]
    if not all(rule[name] is not None for name in names) or not step or step <= 0 or not factor or factor <= 0:
        return None
    price = EXAMPLES.get(brand.currency, Decimal("39.00"))
    channel = Channel(brand=brand, **rule)
    return {
        "before": price,
        "own": brand.currency,
        "after": channel_price(channel, price),
        "currency": channel.currency,
    }


class ChannelForm(Refusing, PriceRuleForm):
    shop_url = forms.URLField(
        label=_("Address of the shop"), max_length=200, required=False, assume_scheme="https",
        help_text=_("Where shoppers find your products there."),
    )  # fmt: skip

    class Meta(PriceRuleForm.Meta):
        fields = (  # type: ignore[assignment]
            "name", "language", "currency", "price_factor", "price_plus", "price_step", "rounding", "location", "share",
            "buffer", "shop_url", "dialect",
        )  # fmt: skip
        help_texts = {
            "language": _("What shoppers read there."),
            "share": _("100: everything that is free may be sold there too."),
            "buffer": _("So many pieces of each variant are never offered there."),
        }

    def __init__(self, data: Any = None, *, brand: Brand, kind: str, instance: Channel | None = None) -> None:
        initial = {} if instance else channel_defaults(brand, kind)
        super().__init__(data, instance=instance, initial=initial)
        self.brand, self.kind = brand, kind
        location: Any = self.fields["location"]
        location.queryset = Location.objects.of(brand).internal().open()
        location.empty_label = _("Every place of your own")
        self.fields["price_factor"].help_text = _(
            "Also the rate, where the currency is another one than yours: 0.11 for yen from won."
        )
        self.fields["dialect"] = forms.ChoiceField(
            label=_("Kind of file"), choices=dialects_of(kind), required=False, initial=instance and instance.dialect
        )
        if not dialects_of(kind):
            del self.fields["dialect"]
        if instance:
            for name in ("price_factor", "price_plus", "price_step"):
                self.initial[name] = plain(getattr(instance, name))

    def save_for(self) -> Channel | None:
        """The saved channel; None where it was refused, with the reasons at the fields."""
        try:
            if self.instance.pk:
                return update_channel(channel=self.instance, **self.cleaned_data)
            return create_channel(brand=self.brand, kind=self.kind, **self.cleaned_data)
        except DomainError as error:
            self.take(error)
            return None


class ColumnsForm(RefusingColumns, forms.Form):
    """A field for each column that nothing of ours fills; what stands there goes out with every product."""

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data)
        self.channel = channel
        self.columns = own_columns(channel)
        self.field_names = {column.header: f"a-{number}" for number, column in enumerate(self.columns)}
        for column in self.columns:
            name = self.field_names[column.header]
            self.fields[name] = column_field(column, column.default)
            self.initial[name] = channel.attributes.get(column.header, "")

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The required ones; those with a list or a usual value; the rest."""
        parts: dict[str, list[Any]] = {"required": [], "usual": [], "rest": []}
        for column in self.columns:
            group = "required" if column.required else "usual" if column.allowed or column.default else "rest"
            parts[group].append(self[self.field_names[column.header]])
        return [(group, fields) for group, fields in parts.items() if fields]

    def save(self) -> bool:
        """False where it was refused, with the reasons at the fields."""
        values = {header: self.cleaned_data.get(name, "") for header, name in self.field_names.items()}
        try:
            set_columns(channel=self.channel, values=values)
        except DomainError as error:
            self.take(error)
            return False
        return True


def column_field(column: Column, usual: str) -> forms.Field:
    """A field for a column. Blank takes `usual`; a required column may stay blank too, and is told as to be mended."""
    if column.allowed:
        blank = _("As usual: %(value)s") % {"value": usual} if usual else _("Nothing")
        choices = [("", blank), *((word, word) for word in column.allowed)]
        return forms.ChoiceField(label=column.header, choices=choices, required=False)
    words = _("At most %(most)s characters.") % {"most": column.most} if column.most else ""
    field = forms.CharField(label=column.header, required=False, help_text=words)
    field.widget.attrs["placeholder"] = usual
    return field


def plain(amount: Decimal | None) -> str:
    """1.100000 as 1.1, for a field."""
    return "" if amount is None else format(amount.normalize(), "f")

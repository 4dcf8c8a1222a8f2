"""The listings of a channel, narrowed; and what one of them says of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.forms import PriceField
from catalog.models import Product
from erp.channels.formats.values import plain_text
from erp.channels.forms.channels import column_field, plain
from erp.channels.forms.refusing import RefusingColumns
from erp.channels.mending import OF_LISTING
from erp.channels.models import Channel, ChannelListing
from erp.channels.selectors.listing_page import ListingPage
from erp.channels.services.listings import update_listing
from erp.core.errors import DomainError

Status = ChannelListing.Status


class ListingFilter(forms.Form):
    """What the listings of a channel are narrowed to; whatever is wrong in the address narrows nothing."""

    SHOWN = (
        ("", _("All")),
        ("draft", _("Drafts")),
        ("ready", Status.READY.label),
        ("mend", _("To be mended")),
        ("changed", _("Changed since")),
        ("exported", Status.EXPORTED.label),
        ("live", Status.LIVE.label),
    )

    q = forms.CharField(required=False, max_length=120)
    show = forms.ChoiceField(choices=SHOWN, required=False)

    def __init__(self, data: Any, *, channel: Channel) -> None:
        super().__init__(data)
        self.channel = channel
        self.is_valid()

    @property
    def shown(self) -> str:
        return str(self.cleaned_data.get("show", ""))

    def searched(self) -> Any:
        rows = ChannelListing.objects.filter(channel=self.channel)
        if text := self.cleaned_data.get("q", "").replace("\0", ""):
            rows = rows.filter(product__in=Product.objects.of(self.channel.brand_id).search(text).values("pk"))
        return rows

    def found(self) -> Any:
        rows = self.searched()
        if self.shown == "mend":
            return rows.to_mend()
        if self.shown == "changed":
            return rows.changed()
        return rows.filter(status=self.shown) if self.shown else rows

    def chips(self) -> list[tuple[str, Any, int]]:
        """Each narrowing with its words and how many there are, in one query."""
        status = {value: Q(status=value) for value in ("draft", "ready", "exported", "live")}
        counts = self.searched().aggregate(
            all=Count("pk"),
            mend=Count("pk", Q(errors__gt=0) | Q(status=Status.ERROR)),
            changed=Count("pk", ~Q(status=Status.DRAFT) & Q(stale_since__isnull=False)),
            **{value: Count("pk", where) for value, where in status.items()},
        )
        return [(value, words, counts[value or "all"]) for value, words in self.SHOWN]


class ListingForm(RefusingColumns, forms.Form):
    """What this listing says of its own. Blank: as the template, the product or the channel says, shown in grey."""

    title = forms.CharField(label=_("Title"), max_length=255, required=False)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A line is a paragraph. HTML is sent as it is."),
    )  # fmt: skip
    price = PriceField(label=_("Price"), max_digits=12, decimal_places=2, min_value=0, required=False)
    compare_at = PriceField(
        label=_("Price before"), max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text=_("Shown crossed out beside the price."),
    )  # fmt: skip
    target_category = forms.CharField(label=_("Category there"), max_length=200, required=False)

    TEXTS = ("title", "description", "price", "compare_at", "target_category")

    def __init__(self, data: Any = None, *, page: ListingPage) -> None:
        listing = page.listing
        super().__init__(data, initial={name: getattr(listing, name) for name in self.TEXTS})
        self.page = page
        for name in ("price", "compare_at"):
            self.initial[name] = plain(getattr(listing, name))
        for name in self.TEXTS:
            self.fields[name].widget.attrs["placeholder"] = _shown(page.fields[name].value)
        self.field_names: dict[str, str] = {}
        for number, row in enumerate(page.columns):
            self.field_names[row.column.header] = name = f"a-{number}"
            self.fields[name] = column_field(row.column, row.field.value)
            self.initial[name] = row.own
        for variant in page.variants:
            self._add_price(variant)

    def _add_price(self, row: Any) -> None:
        name = f"v-{row.variant.pk}"
        label = f"{row.variant.colour.name} {row.variant.size.code}"
        field = PriceField(label=label, max_digits=12, decimal_places=2, min_value=0, required=False)
        field.widget.attrs |= {
            "placeholder": plain(row.price.value),
            "inputmode": "decimal",
            "aria-label": _("Price: %(variant)s") % {"variant": label},
            "class": "input num",
        }
        self.fields[name] = field
        self.initial[name] = plain(row.own_price)

    def named(self) -> list[tuple[Any, Any, list[Any]]]:
        """The fields of every marketplace, each with where its value comes from and what is wrong with it."""
        return [
            (self[name], self.page.fields[name], [told for told in self.page.findings if _is_of(told, name)])
            for name in self.TEXTS
        ]

    def column_rows(self) -> list[tuple[Any, Any]]:
        return [(self[self.field_names[row.column.header]], row) for row in self.page.columns]

    def variant_rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"v-{row.variant.pk}"], row) for row in self.page.variants]

    def save(self) -> bool:
        """False where it was refused, with the reasons at the fields."""
        chosen = self.cleaned_data
        prices: dict[int, Decimal | None] = {
            row.variant.pk: chosen[f"v-{row.variant.pk}"] for row in self.page.variants
        }
        attributes = {header: chosen[name] for header, name in self.field_names.items()}
        try:
            texts = {name: chosen[name] for name in self.TEXTS}
            update_listing(listing=self.page.listing, attributes=attributes, prices=prices, **texts)
        except DomainError as error:
            self.take(error)
            return False
        return True


def _is_of(told: Any, name: str) -> bool:
    return told.value == name or OF_LISTING.get(told.value) == f"id_{name}"


def _shown(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else plain_text(str(value or ""))


SOURCES = {
    "own": (pgettext_lazy("source", "This listing"), "badge-info"),
    "template": (pgettext_lazy("source", "Template of descriptions"), ""),
    "base": (pgettext_lazy("source", "Product"), ""),
    "rule": (pgettext_lazy("source", "Rule of the channel"), ""),
    "channel": (pgettext_lazy("source", "Channel"), ""),
    "usual": (pgettext_lazy("source", "Usual there"), ""),
}

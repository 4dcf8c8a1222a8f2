"""Where each thing that a marketplace would refuse is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from erp.channels.formats.findings import ERROR, said
from erp.channels.formats.template import Column, Template
from erp.channels.models import Channel, ChannelListing

# Value of a column, or field of a rule -> the field of the product's page that fills it.
OF_PRODUCT = {
    "style_number": "id_style_number",
    "handle": "id_style_number",
    "title_en": "id_name_en",
    "category": "id_category",
    "category_code": "id_category",
    "pattern_code": "id_pattern",
    "material": "id_material",
    "care": "id_care",
    "gender": "id_gender",
    "feed_gender": "id_gender",
    "feed_age_group": "id_gender",
    "season": "id_season",
    "colours": "colours",
    "variants": "colours",
    "sizes": "sizes",
    "colour": "colours",
    "size": "sizes",
    "pattern": "id_pattern",
    "options_braced": "colours",
    "options_entries": "colours",
    "option_values": "colours",
    "option_names": "colours",
    "option_prices": "colours",
    "option_quantities": "colours",
}
OF_LISTING = {
    "description": "id_description",
    "description_text": "id_description",
    "compare_at": "id_compare_at",
    "variant_compare_at": "id_compare_at",
    "variant_price": "variants",
    "title": "id_title",
    "feed_title": "id_title",
    "price": "id_price",
    "feed_price": "id_price",
}
OF_CHANNEL = {"link": "id_shop_url", "currency": "id_currency"}
OF_WORDS = {"colour", "size", "pattern", "options"}
PICTURES = {"pictures", "picture", "main_picture", "main_picture_name", "picture_1"}
RULE_FIELDS = {
    "price": gettext_lazy("Price"),
    "pictures": pgettext_lazy("marketplace", "Pictures"),
    "variants": gettext_lazy("Colours and sizes"),
    "options": gettext_lazy("Colours and sizes"),
    "barcode": gettext_lazy("Barcode"),
    "currency": gettext_lazy("Currency"),
    "title": gettext_lazy("Name"),
    "compare_at": gettext_lazy("Price before"),
    "published": gettext_lazy("State"),
    "listing": gettext_lazy("Listing"),
}


# A rule in few words, without the figures of a single product.
RULE_WORDS = {
    "required": gettext_lazy("is missing"),
    "too_long": gettext_lazy("is too long"),
    "not_allowed": gettext_lazy("is not taken there"),
    "no_price": gettext_lazy("is missing"),
    "price_multiple": gettext_lazy("is not a round amount"),
    "price_too_low": gettext_lazy("is too low"),
    "option_price": gettext_lazy("is too far from the product's"),
    "picture_count": gettext_lazy("are too few or too many"),
    "pictures_beyond": gettext_lazy("are more than it takes"),
    "no_variants": gettext_lazy("are missing"),
    "variant_count": gettext_lazy("are too many"),
    "grid_holes": gettext_lazy("go out as sold out"),
    "grid_made": gettext_lazy("are made there although they do not exist"),
    "option_sign": gettext_lazy("hold a sign that is not taken"),
    "same_options": gettext_lazy("are the same for several variants"),
    "not_in_encoding": gettext_lazy("holds signs that the file cannot"),
    "one_price": gettext_lazy("is not the product's"),
    "no_plain_option": gettext_lazy("is no variant's"),
    "not_on_sale": gettext_lazy("is not on sale"),
    "registered": gettext_lazy("went out before"),
    "korean": gettext_lazy("is Korean"),
    "title_sign": gettext_lazy("holds signs that are refused there"),
    "not_reduced": gettext_lazy("is not higher than the price now"),
    "not_a_gtin": gettext_lazy("is no GTIN"),
    "currency": gettext_lazy("is another one"),
    "options_reset": gettext_lazy("reset codes and stock"),
    "options_moved": gettext_lazy("moved"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a page shows it: where, what, and the link that leads to its mending."""

    field: str
    message: str
    level: str
    sku: str
    words: str
    url: str
    value: str = ""  # what fills the field

    @property
    def is_error(self) -> bool:
        return self.level == ERROR


class Mender:
    """Knows the way from a finding to its field, for the listings of one channel."""

    def __init__(self, channel: Channel, template: Template) -> None:
        self.channel, self.slug = channel, channel.brand.slug
        self.columns: dict[str, Column] = {column.header: column for column in template.columns}

    def told(
        self, listing: ChannelListing, *, code: str, field: str, level: str, sku: str, params: Mapping[str, Any]
    ) -> Told:
        value = self._value(field)
        words, url = self.for_all(code, field)
        if value == "target_category":
            url += f"#category-{listing.product.category_id or ''}"
        if not url or code == "price_multiple" and listing.price is not None:
            words, url = self._way(listing, code, value)
        return Told(self.label(field), said(code, params), level, sku, words, url, value)

    def label(self, field: str) -> str:
        return field if field in self.columns else str(RULE_FIELDS.get(field, field))

    def _value(self, field: str) -> str:
        """What fills the field; of a column that the channel fills, nothing."""
        return self.columns[field].value if field in self.columns else field

    def for_all(self, code: str, field: str) -> tuple[str, str]:
        """Words and address where a finding is mended for every product at once; blank where there is no such place."""
        value = self._value(field)
        if not value:
            return _("Values of the columns"), self._channel("channel-columns")
        if value == "target_category":
            return _("Match categories"), self._channel("categories")
        if value in OF_WORDS and code in ("not_allowed", "option_sign", "same_options"):
            return _("Match words"), self._channel("words")
        if code == "price_multiple":
            return _("Price rule"), f"{self._channel('channel-edit')}#id_price_step"
        if value in OF_CHANNEL:
            return _("Settings"), f"{self._channel('channel-edit')}#{OF_CHANNEL[value]}"
        return "", ""

    def _way(self, listing: ChannelListing, code: str, value: str) -> tuple[str, str]:
        if value in PICTURES:
            return _("Photos"), reverse("catalog:images", args=[self.slug, listing.product_id])
        if anchor := self._of_product(code, value):
            edit = reverse("catalog:edit", args=[self.slug, listing.product_id])
            return _("Edit product"), f"{edit}#{anchor}"
        if value in OF_LISTING:
            own = reverse("channels:listing", args=[self.slug, listing.pk])
            return _("Edit the listing"), f"{own}#{OF_LISTING[value]}"
        return _("Look at the product"), reverse("inventory:product", args=[self.slug, listing.product_id])

    def _of_product(self, code: str, value: str) -> str:
        """What is missing in a listing is missing in its product."""
        if code == "no_price":
            return "id_price"
        if code in ("required", "korean") and value in ("title", "feed_title"):
            return "id_name_ko" if self.channel.language == "ko" else "id_name_en"
        return OF_PRODUCT.get(value, "")

    def _channel(self, page: str) -> str:
        return reverse(f"channels:{page}", args=[self.slug, self.channel.pk])

"""The facts that people put into tables of their own, as they call them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Group -> name of a value (`values.VALUES`) -> its words.
FACT_GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("Product"),
        {
            "style_number": _("Style number"),
            "title": _("Name"),
            "title_en": _("English name"),
            "brand": _("Brand"),
            "description_text": _("Description"),
            "description": _("Description as HTML"),
            "category": _("Category"),
            "category_code": _("Code of the category"),
            "target_category": _("Category there"),
            "pattern": _("Pattern"),
            "gender": _("For"),
            "season": _("Season"),
            "material": _("Material"),
            "care": _("Care"),
            "colours": _("All colours"),
            "sizes": _("All sizes"),
            "size_table": _("Size table"),
            "link": _("Address in the shop"),
            "published_yn": _("On sale (Y or N)"),
            "external_id": _("Id there"),
        },
    ),
    (
        _("Price and stock"),
        {
            "price": _("Price"),
            "compare_at": _("Price before"),
            "currency": _("Currency"),
            "quantity": _("Pieces of the product"),
        },
    ),
    (
        _("Variant"),
        {
            "sku": _("SKU"),
            "barcode": _("Barcode"),
            "colour": _("Colour"),
            "size": _("Size"),
            "variant_price": _("Price of the variant"),
            "variant_quantity": _("Pieces of the variant"),
            "variant_external_id": _("Id of the variant there"),
        },
    ),
    (
        pgettext_lazy("marketplace", "Pictures"),
        {
            "picture": _("Address of the picture"),
            "main_picture": _("Address of the first picture"),
            "other_pictures_comma": _("Addresses of the others, with commas"),
            "all_pictures": _("Addresses of all, with blanks"),
            "main_picture_name": _("File name of the first picture"),
        },
    ),
)
FACT_WORDS: dict[str, Any] = {value: words for _group, facts in FACT_GROUPS for value, words in facts.items()}

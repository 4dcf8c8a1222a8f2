"""What a person reads about a row that cannot be taken: the reason, and how to mend it, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.exchange.products.columns import LABELS

MESSAGES: dict[str, Any] = {
    # One cell
    "too_long": _("This has %(length)s characters; at most %(most)s fit. Shorten it."),
    "number_shortened": _(
        "A spreadsheet shortened this number to %(value)s. Format the column as text, type it again."
    ),
    "formula": _("This is a formula (%(value)s), which is not worked out here. Paste it as a value."),
    "no_number": _("“%(value)s” is no number. Write digits only, such as 12000."),
    "price_negative": _("A price is 0 or more."),
    "price_too_large": _("This price has too many digits. Check for a typing error."),
    "price_cents": _("A price has at most two decimals."),
    "price_decimals": _("Prices in this currency have no decimals. Round it."),
    "stock_fraction": _("Pieces are whole numbers, not %(value)s."),
    "stock_negative": _("Stock is 0 or more. Enter what lies there."),
    "stock_too_large": _("At most %(most)s pieces in one row. Check for a typing error."),
    "no_answer": _("“%(value)s” is no answer. Write Y or N."),
    "unknown_measure": _("“%(value)s” is not taken. Write a measure such as “Length 68”; these are known: %(points)s."),
    "unknown_word": _("There is no “%(value)s” here. Write one of: %(words)s."),
    "unknown_colour": _(
        "There is no colour “%(value)s”. Use one of Jangbu's names, or have your owner add the colour."
    ),
    "unknown_place": _("There is no open place “%(value)s”. Write one of these codes: %(codes)s."),
    "sku_signs": _("A SKU takes letters, digits, Hangul, hyphens, underscores and full stops, no blanks: “%(value)s”."),
    "barcode_signs": _("A barcode has 3 to 48 letters and digits, no blanks: “%(value)s”."),
    "barcode_digit": _("The last digit of this EAN-13 should be %(digit)s. Scan it again."),
    # What a row is about
    "missing_style_number": _("The style number is missing, and no variant has this SKU or barcode. Fill it in."),
    "missing_colour": _("The colour is missing. Fill it in."),
    "missing_size": _("The size is missing. Fill it in, or write Free."),
    "missing_place": _("The row does not say where this stock lies. Fill in the place, or choose one for all rows."),
    "elsewhere": _(
        "This code belongs to %(style)s %(colour)s %(size)s. Correct the code or the style, colour and size."
    ),
    "unknown_size": _("Size “%(value)s” is not in the size run of this product (%(sizes)s). Use one of its sizes."),
    # Rows among each other
    "contradiction": _("Row %(row)s of the same product says “%(value)s”. Make both rows say the same."),
    "variant_contradiction": _("Row %(row)s of the same variant says “%(value)s”. Make both rows say the same."),
    "size_contradiction": _("Row %(row)s of the same size says “%(value)s”. Make both rows say the same."),
    "row_twice": _("Row %(row)s is about the same variant and place. Keep one of them."),
    "code_twice": _("Row %(row)s has the same code for another variant. Every code is used once."),
    # The product as a whole
    "missing_name": _("A product on sale needs a name. Fill in the Korean or the English one."),
    "missing_category": _("A product on sale needs a category. Fill it in."),
    "missing_variants": _(
        "This is the last variant for sale of a product on sale. Write Archived as its status instead."
    ),
    "draft_stock": _("A draft holds no stock, and this one stays a draft: %(missing)s missing. Fill that in first."),
    "draft_wanted": _("A draft holds no stock. Write Active as its status, or leave the stock blank."),
    "style_taken": _("Another product of this brand already has this style number."),
    "sku_taken": _("Another variant of this brand already has this SKU. Choose another."),
    "barcode_taken": _("Another variant of this brand already has this barcode. Check both labels."),
    "reserved": _("%(reserved)s pieces are reserved there, so no fewer can be counted. Release them first."),
    # At the moment of applying
    "changed_since": _("It was “%(seen)s” when the file was checked and is “%(now)s” now. Check the file again."),
    "outdated_count": _("Stock moved since the file was checked. Check the file again."),
    "insufficient_stock": _("Fewer pieces are free there than this row takes away. Check the file again."),
    "conflict": _("Somebody changed the same thing at this moment. Apply the file once more."),
}


def message_of(error: Mapping[str, Any], words: Any = None) -> str:
    """The sentence of a stored error; one of a service that is not listed above carries its own."""
    params = dict(error.get("params") or {})
    if error["code"] == "unknown_word" and words is not None:
        params["words"] = words(params.get("column"))
    if "missing" in params:
        params["missing"] = ", ".join(str(LABELS[name]) for name in params["missing"])
    text = MESSAGES.get(error["code"])
    return str(text) % params if text else str(params.get("message", error["code"]))


def field_of(error: Mapping[str, Any]) -> str:
    """The heading of the column that an error is about, as we call it."""
    return str(LABELS.get(error.get("field") or "", ""))

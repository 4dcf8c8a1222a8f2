"""Shopee's own mass upload form, filled in: columns are found by the hidden keys of its head, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from erp.channels.facts import ListingFacts
from erp.channels.formats.values import VALUES, Line, in_workbook
from erp.core.errors import DomainError, Problem
from erp.core.tables import safe_text
from erp.exchange.products.workbooks import check_archive

# "ps_product_name|1|0": the key, whether it is required, and its type.
_KEY = re.compile(r"^((?:ps|et)_\w+|channel_id\.\d+)(?:\|(\d)\|(\d))?$")
HEAD = 10  # keys, names and hints are within the first rows
FEWEST = 3
# A form is read into memory whole, many times its size.
MOST_UNPACKED = 30 * 1024 * 1024

# Key -> the name of what fills it (`values.VALUES`).
KEYS: dict[str, str] = {
    "ps_category": "target_category",
    "ps_product_name": "title",
    "ps_product_description": "description_text",
    "ps_sku_parent_short": "style_number",
    "et_title_variation_integration_no": "style_number",
    "et_title_variation_1": "colour_option",
    "et_title_option_for_variation_1": "colour",
    "et_title_variation_2": "size_option",
    "et_title_option_for_variation_2": "size",
    "ps_price": "variant_price",
    "ps_stock": "variant_quantity",
    "ps_sku_short": "sku",
    "ps_gtin_code": "gtin",
    "ps_item_cover_image": "picture_1",
    **{f"ps_item_image_{number}": f"picture_{number + 1}" for number in range(1, 9)},
}


def fill(form: bytes, listings: Iterable[ListingFacts], file: IO[bytes]) -> int:
    """Writes the people's own form with a line for each variant, and gives their number. What the form has beside our
    columns stays; columns of channels, weights and the like come from the listing's attributes by their keys.

    Raises DomainError `no_form` where the workbook has no keys of Shopee's.
    """
    book = _open(form)
    sheet, keys, first = _place(book.worksheets)
    count = 0
    for listing in listings:
        for variant in listing.variants:
            line = Line(listing, count, variant)
            for column, key in keys.items():
                value = (
                    in_workbook(KEYS[key], VALUES[KEYS[key]](line)) if key in KEYS else listing.attributes.get(key, "")
                )
                sheet.cell(first + count, column).value = safe_text(value) if isinstance(value, str) else value
            count += 1
    book.save(file)
    return count


def keys_of(form: bytes) -> dict[str, bool]:
    """The keys of a form in its order, each with whether the form marks it as required.

    Raises DomainError `no_form` or `file_*` for what is no form.
    """
    sheet, keys, _first = _place(_open(form).worksheets)
    found = [_KEY.match(str(cell.value or "")) for row in sheet.iter_rows(max_row=HEAD) for cell in row]
    required = {match[1] for match in found if match and match[2] == "1"}
    return {key: key in required for key in keys.values()}


def _open(form: bytes) -> Any:
    """The workbook, once it is known to be no bomb. What the reader cannot read is told to the person."""
    check_archive(form, most=MOST_UNPACKED)
    try:
        return load_workbook(BytesIO(form))
    except Exception as error:  # the reader raises whatever its XML parser and its own code come upon
        message = _("This workbook is damaged. Download the form again from Shopee.")
        raise DomainError("file_broken", message, [Problem("file_broken", message, "file")]) from error


def _last_filled(sheet: Any) -> int:
    """The last row that says anything. Walking the rows would make a cell of every blank one, and forms are formatted
    a million rows far: the cells that are there are asked."""
    return max(row for (row, _column), cell in sheet._cells.items() if cell.value not in (None, ""))


def _place(sheets: Sequence[Any]) -> tuple[Any, dict[int, str], int]:
    """The sheet with the keys, its columns by number, and the first free row: below its head, and below what people
    filled in themselves."""
    for sheet in sheets:
        for row in sheet.iter_rows(max_row=HEAD):
            keys = {cell.column: match[1] for cell in row if (match := _KEY.match(str(cell.value or "")))}
            if len(keys) >= FEWEST:
                return sheet, keys, _last_filled(sheet) + 1
    message = _("This is not Shopee's mass upload form: it has none of its keys. Download it again from Shopee.")
    raise DomainError("no_form", message, [Problem("no_form", message, "file")])

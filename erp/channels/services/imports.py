"""A marketplace's file of products as an import of ours: read by its own columns, then checked and applied as any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.channels.facts import ListingFacts
from erp.channels.formats.reading import best_template, read
from erp.channels.formats.template import shipped_template
from erp.core.errors import DomainError
from erp.core.models import User
from erp.core.tables import csv_parts, safe_text
from erp.exchange.models import ImportJob
from erp.exchange.products.tables import Limits, open_table
from erp.exchange.services.imports import create_import

# Descriptions in HTML are cells of their own here.
OF_LISTINGS = Limits(cell=60_000)
SHOPIFY = ("shopify-2025", "shopify-legacy")
COLUMNS = (
    "style_number", "name_ko", "name_en", "category", "colour", "size", "sku", "barcode", "price", "stock", "status",
)  # fmt: skip
_HANGUL = re.compile("[가-힣]")


def import_shopify(*, brand: Brand, actor: User, data: bytes, filename: str) -> ImportJob:
    """Takes in a product CSV of Shopify, of either dialect.

    Raises DomainError `file_*` for what is no table, `lines_refused` with every cell that cannot be read.
    """
    table = open_table(data, limits=OF_LISTINGS)
    found = read(best_template(map(shipped_template, SHOPIFY), table.headings), table)
    if found.problems:
        raise DomainError("lines_refused", _("Mend the lines named below and send the file again."), found.problems)
    made = b"".join(csv_parts(COLUMNS, _rows(found.listings)))
    return create_import(brand=brand, actor=actor, data=made, filename=filename)


def _rows(listings: Iterable[ListingFacts]) -> Iterator[list[str]]:
    for listing in listings:
        korean = listing.title if _HANGUL.search(listing.title) else ""
        for variant in listing.variants:
            cells = (
                listing.style_number.upper(),
                korean,
                "" if korean else listing.title,
                listing.category_name,
                variant.colour,
                variant.size,
                variant.sku,
                variant.barcode,
                str(variant.price),
                str(variant.quantity) if listing.published else "",  # a draft holds no stock yet
                "active" if listing.published else "draft",
            )
            yield [safe_text(cell) for cell in cells]

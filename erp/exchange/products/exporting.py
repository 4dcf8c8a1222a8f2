"""A brand's products, variants and stock as a table that can be imported again and then changes nothing."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from io import StringIO
from typing import IO

from django.db.models import Q
from openpyxl import Workbook

from catalog.models import Brand, Variant
from erp.exchange.products.columns import COLUMNS
from erp.exchange.products.listing import Listing, listing_of
from erp.exchange.products.resource import ListingResource
from erp.inventory.models import Balance, Location

CHUNK = 1_000
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
SHEET = "products"
# XML takes no control characters, and a reader of workbooks takes _x0041_ for an A.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def csv_products(brand: Brand, *, encoding: str = "utf-8") -> Iterator[bytes]:
    """The parts of a CSV file: UTF-8 with its mark, or CP949 for tools that know nothing else.

    What CP949 has no sign for is written as a question mark.
    """
    resource = ListingResource(brand=brand)
    headers = resource.get_export_headers()

    def parts() -> Iterator[bytes]:
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(headers)
        yield _encoded(text, encoding, first=True)
        for rows in _pages(resource):
            writer.writerows(rows)
            yield _encoded(text, encoding)

    return parts()


def xlsx_products(brand: Brand, file: IO[bytes]) -> None:
    """Writes a workbook. Every cell is a text but the stock: no spreadsheet turns a code into a number or a date."""
    resource = ListingResource(brand=brand)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    sheet.append(resource.get_export_headers())
    stock = COLUMNS.index("stock")
    for rows in _pages(resource):
        for row in rows:
            sheet.append([_number(cell) if place == stock else _xml(cell) for place, cell in enumerate(row)])
    book.save(file)


def listings_of(brand: Brand) -> Iterator[list[Listing]]:
    """What the table says, page by page: each variant once for every place of ours where it has a balance."""
    places = {place.pk: place for place in Location.objects.of(brand)}
    joined = ("product__category", "product__pattern", "colour", "size")
    variants = Variant.objects.of(brand).select_related(*joined).prefetch_related("product__measurements__size")
    variants = variants.order_by("product_id", "pk")
    after = (0, 0)
    while True:
        product, last = after
        rest = variants.filter(Q(product_id__gt=product) | Q(product_id=product, pk__gt=last))
        page = list(rest[:CHUNK])
        if not page:
            return
        held: dict[int, list[Balance]] = {variant.pk: [] for variant in page}
        balances = Balance.objects.filter(variant__in=list(held), location__is_active=True)
        for balance in balances.order_by("location__position", "location_id"):
            held[balance.variant_id].append(balance)
        yield [listing for variant in page for listing in _listings(variant, held[variant.pk], places)]
        after = (page[-1].product_id, page[-1].pk)


def _listings(variant: Variant, held: list[Balance], places: dict[int, Location]) -> Iterator[Listing]:
    for balance in held:
        place = places[balance.location_id]
        yield listing_of(variant, location=place, seen=balance.on_hand, reserved=balance.reserved)
    if not held:
        listing = listing_of(variant)
        listing.stock = None
        yield listing


def _pages(resource: ListingResource) -> Iterator[list[list[str]]]:
    for listings in listings_of(resource.brand):
        yield [resource.export_resource(listing) for listing in listings]


def _encoded(text: StringIO, encoding: str, *, first: bool = False) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    if encoding == "cp949":
        return unicodedata.normalize("NFC", content).encode("cp949", "replace")
    return ((BOM if first else "") + _UNPRINTABLE.sub("", content)).encode()


def _number(cell: str) -> int | str:
    return int(cell) if cell.isdecimal() else cell


def _xml(cell: str) -> str:
    return _ESCAPE.sub("_x005F_", _UNPRINTABLE.sub("", cell))

"""Finds what the rows of a table are about, in as many queries for five hundred as for one."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from import_export.instance_loaders import BaseInstanceLoader

from catalog.models import Product, Variant
from catalog.skus import normal_sku
from erp.exchange.products.listing import Listing, describe, listing_of
from erp.exchange.products.text import plain, restored
from erp.exchange.products.vocabulary import size_key
from erp.exchange.products.widgets import Refused
from erp.inventory.models import Balance, Location

if TYPE_CHECKING:
    from erp.exchange.products.resource import ListingResource


class ListingLoader(BaseInstanceLoader):
    """By SKU; else by style number, colour and size; else by barcode. Locks what it finds if the resource says so."""

    def __init__(self, resource: ListingResource, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        rows = dataset.dict
        skus = {normal_sku(text) for text in _texts(rows, "sku")}
        barcodes = _texts(rows, "barcode")
        styles = {form for text in _texts(rows, "style_number") for form in _forms(text)}
        variants = Variant.objects.of(resource.brand).order_by()
        found = set(Product.objects.of(resource.brand).filter(style_number__in=styles).values_list("pk", flat=True))
        for name, codes in (("sku", skus), ("barcode", barcodes)):
            if codes:
                found.update(variants.filter(**{f"{name}__in": codes}).values_list("product_id", flat=True))
        self._load(found)

    def _load(self, products: set[int]) -> None:
        """Products before variants, each in the order of their keys: the order in which the services lock them."""
        rows = Product.objects.filter(pk__in=products).select_related("category", "pattern", "size_run").order_by("pk")
        rows = rows.prefetch_related("measurements__size")
        cells = Variant.objects.filter(product__in=products).select_related("colour", "size__run").order_by("pk")
        if self.resource.locks:
            rows = rows.select_for_update(no_key=True, of=("self",))
            cells = cells.select_for_update(no_key=True, of=("self",))
        self.products = {product.pk: product for product in rows}
        for product in self.products.values():
            product.brand = self.resource.brand
        self.by_style = {plain(product.style_number): product for product in self.products.values()}
        self.by_sku: dict[str, Variant] = {}
        self.by_barcode: dict[str, Variant] = {}
        self.of_product: defaultdict[int, list[Variant]] = defaultdict(list)
        for variant in cells:
            variant.product = self.products[variant.product_id]
            variant.brand = self.resource.brand
            self.by_sku[variant.sku] = variant
            if variant.barcode:
                self.by_barcode[variant.barcode] = variant
            self.of_product[variant.product_id].append(variant)
        # By id, not through the variants: while thousands of rows are new, PostgreSQL takes their join for a small one.
        known = [variant.pk for variants in self.of_product.values() for variant in variants]
        held = Balance.objects.filter(variant__in=known).values_list("variant_id", "location_id", "on_hand", "reserved")
        self.held = {(variant, location): (n, reserved) for variant, location, n, reserved in held}

    def get_instance(self, row: Any) -> Listing | None:
        variant = self._variant(row)
        if variant is None:
            return None
        place = self.place_of(row)
        on_hand, reserved = self.held.get((variant.pk, place.pk), (0, 0)) if place else (0, 0)
        return listing_of(variant, location=place, seen=on_hand, reserved=reserved)

    def fresh(self, row: Any) -> Listing:
        """A listing of a variant that is not there yet, with the details of its product if that is."""
        listing = Listing(location=self.place_of(row))
        product = self.by_style.get(_text(row, "style_number"))
        if product:
            describe(listing, product)
            listing.style_number = product.style_number
        return listing

    def place_of(self, row: Any) -> Location | None:
        """Where the row says the stock lies; a word that is no place is told when the field is read."""
        text = _text(row, "location")
        return self.resource.vocabulary.place(text) if text else self.resource.location

    def _variant(self, row: Any) -> Variant | None:
        sku, barcode, style = (_text(row, name) for name in ("sku", "barcode", "style_number"))
        if sku and (variant := self.by_sku.get(normal_sku(sku))):
            return variant
        if style and _text(row, "colour") and _text(row, "size"):
            return self._cell(row, style)
        return self.by_barcode.get(barcode) if barcode else None

    def _cell(self, row: Any, style: str) -> Variant | None:
        product = self.by_style.get(style)
        try:
            colours = self.resource.fields["colour"].clean(row) or ()
        except Refused:
            return None
        wanted = {colour.pk for colour in colours}
        size = size_key(_text(row, "size"))
        those = self.of_product[product.pk] if product else []
        return next((v for v in those if v.colour_id in wanted and size_key(v.size.code) == size), None)


def _text(row: Any, name: str) -> str:
    return plain(restored(row.get(name) or ""))


def _texts(rows: list[Any], name: str) -> set[str]:
    return {text for row in rows if (text := _text(row, name))}


def _forms(text: str) -> set[str]:
    """The ways a style number may have been stored: composed or not."""
    return {text, unicodedata.normalize("NFD", text)}

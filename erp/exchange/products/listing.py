"""One row of a table of products, as it is read from a file or from the database: the instance of the resource."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog.measuring import cm
from catalog.models import Colour, Product, Size, Variant
from erp.exchange.products.text import plain


@dataclass(slots=True)
class Listing:
    """A variant at a place, with its product's details. None: the file says nothing, and nothing changes.

    `variant` and `product` are the rows it was found as, `seen` what the book says there; the rest is as a person
    reads it, with slugs and codes for the terms.
    """

    number: int = 0
    style_number: str = ""
    name_ko: str | None = None
    name_en: str | None = None
    category: str | None = None
    pattern: str | None = None
    season: str | None = None
    gender: str | None = None
    material: str | None = None
    care: str | None = None
    price: Decimal | None = None
    status: str | None = None
    colour: tuple[Colour, ...] = ()
    size: str = ""
    sku: str | None = None
    barcode: str | None = None
    for_sale: bool | None = None
    measures: dict[str, str] | None = None
    stock: int | None = None
    location: Any = None
    variant: Variant | None = None
    product: Product | None = None
    found_size: Size | None = None
    seen: int = 0
    reserved: int = 0
    given: frozenset[str] = field(default_factory=frozenset)  # the columns that the row fills

    def __deepcopy__(self, memo: Any) -> Listing:
        """What the resource compares with afterwards; only its own fields change, never what they refer to."""
        return copy.copy(self)

    def __str__(self) -> str:
        return self.sku or self.style_number

    @property
    def is_new(self) -> bool:
        return self.variant is None


def listing_of(variant: Variant, *, location: Any = None, seen: int = 0, reserved: int = 0) -> Listing:
    """What the database says of a variant at a place. Needs `product`, `colour` and `size` joined.

    Reads the product's `measurements` with their `size`.
    """
    listing = Listing(
        style_number=variant.product.style_number,
        colour=(variant.colour,),
        size=variant.size.code,
        sku=variant.sku,
        barcode=variant.barcode,
        for_sale=variant.is_active,
        measures=measures_of(variant.product, variant.size.code),
        stock=seen,
        location=location,
        variant=variant,
        found_size=variant.size,
        seen=seen,
        reserved=reserved,
    )
    describe(listing, variant.product)
    return listing


def measures_of(product: Product, size: str) -> dict[str, str] | None:
    """What was measured of a size: centimetres by point."""
    found = {row.point: cm(row.value) for row in product.measurements.all() if row.size.code == size}
    return found or None


def describe(listing: Listing, product: Product) -> None:
    """Fills in what is the product's own."""
    listing.product = product
    for name in ("name_ko", "name_en", "material", "care"):
        setattr(listing, name, plain(getattr(product, name)))
    for name in ("season", "gender", "price", "status"):
        setattr(listing, name, getattr(product, name))
    listing.category = product.category.slug if product.category else ""
    listing.pattern = product.pattern.slug if product.pattern else ""

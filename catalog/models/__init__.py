"""Brands and their people, the taxonomy, and what is listed."""

from catalog.models.brand import Brand, Membership, Role
from catalog.models.change import Change
from catalog.models.product import Measurement, Product, ProductColour, ProductImage, Variant
from catalog.models.taxonomy import Category, Colour, Pattern, Size, SizeRun
from catalog.models.token import AccessToken
from catalog.models.tombstone import Tombstone

__all__ = [
    "AccessToken",
    "Brand",
    "Category",
    "Change",
    "Colour",
    "Measurement",
    "Membership",
    "Pattern",
    "Product",
    "ProductColour",
    "ProductImage",
    "Role",
    "Size",
    "SizeRun",
    "Tombstone",
    "Variant",
]

"""From a scanned code or a few typed words to the variant or the products that are meant."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.models import Brand, Product, Variant

OFFERED = 8


@dataclass(frozen=True, slots=True)
class Found:
    """`variant` when the text is exactly one SKU or barcode, else the `products` that the words fit."""

    variant: Variant | None = None
    products: list[Product] = field(default_factory=list)


def find_variant(brand: Brand, code: str) -> Variant | None:
    """The variant of the brand with this SKU (in any case) or this barcode."""
    return Variant.objects.of(brand).of_code(code).select_related("product", "colour", "size").first()


def look_up(brand: Brand, text: str) -> Found:
    """What a person or a scanner means in an entry of stock. Drafts hold no stock yet and are not offered by name."""
    text = text.strip()[:120]
    if not text:
        return Found()
    variant = find_variant(brand, text)
    if variant:
        return Found(variant=variant)
    products = Product.objects.of(brand).exclude(status=Product.Status.DRAFT).search(text)
    return Found(products=list(products.prefetch_related("images").order_by("status", "-id")[:OFFERED]))

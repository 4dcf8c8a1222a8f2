"""The stock list: what is on hand of each variant, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from catalog.models import Brand, Product, ProductColour, Variant
from erp.inventory.low import SELLABLE, is_low, running_low, with_available
from erp.inventory.models import Balance, Location


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A variant with what is on hand at each of the asked locations (None: never was there).

    `available` can be sold: defective pieces count only where they were asked for alone.
    """

    variant: Variant
    swatch: str
    places: list[tuple[Location, int | None]]
    reserved: int
    available: int
    is_low: bool

    @property
    def held(self) -> list[tuple[Location, int]]:
        return [(place, on_hand) for place, on_hand in self.places if on_hand]


def shelf(brand: Brand, *, text: str = "", location: Location | None = None, low: bool = False) -> QuerySet[Variant]:
    """Variants for sale and all that still have stock, of the products in their order."""
    held = Balance.objects.filter(variant=OuterRef("pk"), on_hand__gt=0)
    on_sale = Q(is_active=True, product__status=Product.Status.ACTIVE)
    every = Variant.objects.of(brand)
    variants: Any = running_low(every) if low else with_available(every)
    if location:
        variants = variants.filter(Exists(held.filter(location=location)))
    elif not low:
        variants = variants.filter(on_sale | Exists(held))
    for word in text.split():
        variants = variants.filter(_fits(word))
    return variants.order_by("-product_id", "colour__position", "colour_id", "size__position", "pk")


def _fits(word: str) -> Q:
    return (
        Q(sku__icontains=word)
        | Q(barcode=word)
        | Q(product__style_number__icontains=word)
        | Q(product__name_ko__icontains=word)
        | Q(product__name_en__icontains=word)
    )


def rows_of(brand: Brand, variants: Any, locations: Sequence[Location]) -> list[ShelfRow]:
    """The rows of one page of `shelf`, with a fixed number of queries."""
    colours = Prefetch("product__product_colours", ProductColour.objects.select_related("colour"))
    found = list(variants.select_related("product", "colour", "size").prefetch_related("product__images", colours))
    balances = _balances(found, locations)
    return [_row(variant, locations, balances) for variant in found]


def _balances(variants: Iterable[Variant], locations: Sequence[Location]) -> dict[tuple[int, int], Balance]:
    rows = Balance.objects.filter(variant__in=variants, location__in=locations)
    return {(balance.variant_id, balance.location_id): balance for balance in rows}


def _row(variant: Any, locations: Sequence[Location], balances: dict[tuple[int, int], Balance]) -> ShelfRow:
    here = [(place, balances.get((variant.pk, place.pk))) for place in locations]
    for_sale = [b for place, b in here if b and (place.kind in SELLABLE or len(locations) == 1)]
    swatches = {row.colour_id: row.swatch for row in variant.product.product_colours.all()}
    return ShelfRow(
        variant=variant,
        swatch=swatches.get(variant.colour_id, variant.colour.hex),
        places=[(place, balance.on_hand if balance else None) for place, balance in here],
        reserved=sum(balance.reserved for _place, balance in here if balance),
        available=sum(balance.available for balance in for_sale),
        is_low=is_low(variant),
    )

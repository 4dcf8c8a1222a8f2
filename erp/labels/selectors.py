"""Whose labels are wanted: how many of which variants, by variant id."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Sum

from catalog.models import Brand, Product, Variant
from erp.counting.models import StockCount
from erp.inventory.models import Balance, Location, Posting

Quantities = dict[int, int]
_STOCK_LIST = ("-variant__product_id", "variant__colour__position", "variant__colour_id", "variant__size__position")


def of_posting(posting: Posting) -> Quantities:
    """A label for each piece that a posting moved, in the order of its lines; what was taken back needs none."""
    lines = posting.movements.filter(reversed_by=None).order_by("pk").values_list("variant_id", "quantity")
    found: Quantities = {}
    for variant, pieces in lines:
        found[variant] = found.get(variant, 0) + pieces
    return found


def of_count(count: StockCount) -> Quantities:
    """A label for each piece that was counted, in the order of the stock list."""
    lines = count.lines.order_by(*_STOCK_LIST).values_list("variant_id", "counted")
    return {variant: counted for variant, counted in lines if counted}


def of_stock(location: Location) -> Quantities:
    """A label for each piece that lies at a place, in the order of the stock list."""
    held = Balance.objects.filter(location=location, on_hand__gt=0)
    return dict(held.order_by(*_STOCK_LIST).values_list("variant_id", "on_hand"))


def on_hand_of(variants: Iterable[int]) -> Quantities:
    """What is there of each variant, at all our places together."""
    rows = Balance.objects.filter(variant__in=list(variants)).order_by().values("variant_id")
    return dict(rows.annotate(pieces=Sum("on_hand")).values_list("variant_id", "pieces"))


def products_of(brand: Brand, variants: Iterable[int]) -> list[int]:
    """The products of these variants of the brand, in their order."""
    wanted = list(variants)
    owner = dict(Variant.objects.of(brand).filter(pk__in=wanted).values_list("pk", "product_id"))
    return list(dict.fromkeys(owner[pk] for pk in wanted if pk in owner))


def known_products(brand: Brand, ids: Iterable[int]) -> list[int]:
    """Those of the ids that are products of the brand."""
    return list(Product.objects.of(brand).filter(pk__in=list(ids)).values_list("pk", flat=True))

"""What a brand's home and its product pages tell about stock: what is there, what is low, what moved today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.days import business_day, day_start
from catalog.models import Brand, Colour, Product, Size, Variant
from erp.inventory.low import SELLABLE, is_low, running_low, with_available
from erp.inventory.models import Balance, Location, Posting, StockMovement


@dataclass(frozen=True, slots=True)
class PostingToday:
    """A posting with its number of pieces and of products, and one of these."""

    posting: Posting
    pieces: int
    product: Product
    others: int


@dataclass(frozen=True, slots=True)
class Today:
    """What came in from outside and went out since the business day began; moves between our places are neither."""

    day: date
    arrived: int
    left: int
    postings: list[PostingToday]


def pieces_on_hand(brand: Brand) -> int:
    return Balance.objects.of(brand).aggregate(total=Sum("on_hand"))["total"] or 0


def with_stock(products: QuerySet[Product]) -> Any:
    """Annotates `on_hand`: the pieces of each product that can be sold."""
    balances = Balance.objects.filter(variant__product=OuterRef("pk"), location__kind__in=SELLABLE)
    total = balances.order_by().values("variant__product").annotate(n=Sum("on_hand")).values("n")
    return products.annotate(on_hand=Coalesce(Subquery(total, output_field=IntegerField()), 0))


def low_variants(brand: Brand) -> QuerySet[Variant]:
    """The variants that run low (see `erp.inventory.low`), the emptiest first; annotated with `on_hand`."""
    low = running_low(Variant.objects.of(brand))
    return low.order_by("on_hand", "-product_id", "colour_id", "size__position", "pk")


@dataclass(frozen=True, slots=True)
class LowProduct:
    """A product with its low variants, the emptiest first, each with `on_hand`."""

    product: Product
    variants: list[Variant]

    @property
    def sold_out(self) -> int:
        return sum(not variant.on_hand for variant in self.variants)  # type: ignore[attr-defined]

    @property
    def few(self) -> int:
        """How many variants still have some, but few."""
        return len(self.variants) - self.sold_out


@dataclass(frozen=True, slots=True)
class Low:
    """How many variants are low, of how many products, and the products with the emptiest ones."""

    variants: int
    products: int
    worst: list[LowProduct]


def low(brand: Brand, *, limit: int) -> Low:
    """The `limit` products where most is sold out; one line a product, so that one large grid cannot hide the rest."""
    found: dict[int, list[int]] = defaultdict(list)
    variants: Any = low_variants(brand)
    for product, on_hand in variants.values_list("product_id", "on_hand"):
        found[product].append(on_hand)
    order = sorted(found, key=lambda pk: (-found[pk].count(0), sum(found[pk]), -pk))[:limit]
    products = Product.objects.prefetch_related("images").in_bulk(order)
    shown: dict[int, list[Variant]] = defaultdict(list)
    for variant in variants.filter(product__in=order).select_related("colour", "size"):
        shown[variant.product_id].append(variant)
    worst = [LowProduct(products[pk], shown[pk]) for pk in order if pk in products]
    return Low(sum(map(len, found.values())), len(found), worst)


def today(brand: Brand, *, limit: int) -> Today:
    """What moved since the business day began, with the latest `limit` postings."""
    day = business_day(brand)
    movements = StockMovement.objects.of(brand).filter(occurred_at__gte=day_start(brand, day))
    sums = movements.aggregate(
        arrived=Sum("quantity", filter=Q(source_balance=None), default=0),
        left=Sum("quantity", filter=Q(destination_balance=None), default=0),
    )
    return Today(day=day, postings=_postings(movements, limit), **sums)


def _postings(movements: QuerySet[StockMovement], limit: int) -> list[PostingToday]:
    product = F("variant__product_id")
    rows = (
        movements.order_by()
        .values("posting_id")
        .annotate(pieces=Sum("quantity"), products=Count(product, distinct=True), product=Min(product))
        .order_by("-posting_id")[:limit]
    )
    postings = Posting.objects.select_related("actor").in_bulk([row["posting_id"] for row in rows])
    products = Product.objects.prefetch_related("images").in_bulk([row["product"] for row in rows])
    return [
        PostingToday(postings[row["posting_id"]], row["pieces"], products[row["product"]], row["products"] - 1)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class StockCell:
    """`is_low` tells of the variant as a whole, wherever it lies."""

    variant: Variant
    on_hand: int
    is_low: bool


@dataclass(frozen=True, slots=True)
class StockRow:
    """A colour; a cell is None where the product has no such variant."""

    colour: Colour
    swatch: str
    cells: list[StockCell | None]

    @property
    def total(self) -> int:
        return sum(cell.on_hand for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class StockTable:
    """The colour x size grid of a product, at one location or at all of ours, with each location's own total."""

    sizes: list[Size]
    rows: list[StockRow]
    places: list[tuple[Location, int]]

    @property
    def totals(self) -> list[int]:
        columns = zip(*(row.cells for row in self.rows), strict=True)
        return [sum(cell.on_hand for cell in column if cell) for column in columns]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)


def stock_table(product: Product, location: Location | None = None) -> StockTable:
    """What is on hand, variants that are no longer sold included while some are left."""
    balances = list(Balance.objects.filter(variant__product=product))
    places = list(Location.objects.of(product.brand_id).internal().filter(is_active=True))
    on_hand: dict[int, int] = defaultdict(int)
    by_place: dict[int, int] = defaultdict(int)
    held = set()
    for balance in balances:
        by_place[balance.location_id] += balance.on_hand
        if balance.on_hand:
            held.add(balance.variant_id)
        if location is None or balance.location_id == location.pk:
            on_hand[balance.variant_id] += balance.on_hand
    counted = with_available(product.variants.select_related("colour", "size__run"))
    variants = [v for v in counted if v.is_active or v.pk in held]
    rows = _stock_rows(product, variants, on_hand)
    return StockTable(_sizes(variants), rows, [(place, by_place[place.pk]) for place in places])


def _sizes(variants: list[Variant]) -> list[Size]:
    return sorted({v.size for v in variants}, key=lambda size: (size.run_id, size.position, size.pk))


def _stock_rows(product: Product, variants: list[Variant], on_hand: Mapping[int, int]) -> list[StockRow]:
    """Rows in the product's own order of colours."""
    chosen = {row.colour_id: row for row in product.product_colours.all()}
    order = list(chosen)
    cells = {(v.colour_id, v.size_id): StockCell(v, on_hand.get(v.pk, 0), is_low(v)) for v in variants}
    colours = {v.colour_id: v.colour for v in variants}
    return [
        StockRow(
            colour,
            (chosen[pk].hex if pk in chosen else "") or colour.hex,
            [cells.get((pk, size.pk)) for size in _sizes(variants)],
        )
        for pk, colour in sorted(colours.items(), key=lambda c: order.index(c[0]) if c[0] in chosen else len(order))
    ]


def latest_movements(product: Product, limit: int) -> list[StockMovement]:
    """The last movements of a product, as fast in a ledger of millions as in a new one.

    Sorting by id and stopping early tempts a database into reading the whole ledger backwards for a quiet product.
    So each variant first names its limit-th last movement: nothing older than the youngest of these can be shown, and
    what remains is at most `limit` rows of each variant, read through its index.
    """
    last = StockMovement.objects.filter(variant=OuterRef("pk")).order_by("-id").values("id")[limit - 1 : limit]
    since = dict(product.variants.order_by().values_list("pk", Coalesce(Subquery(last), 0)))
    found = StockMovement.objects.filter(variant__in=list(since), id__gte=max(since.values(), default=0)).order_by()
    rows = found.select_related("variant__colour", "variant__size", "actor", "posting")
    return sorted(rows, key=lambda movement: -movement.pk)[:limit]

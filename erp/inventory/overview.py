"""What a brand's home and its product pages tell about stock: what is there, what is low, what moved today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.days import business_day, day_start
from catalog.models import Brand, Product, Variant
from erp.inventory.models import Balance, Location, Posting, StockMovement

# Where pieces can be sold from; what is defective is ours, but does not keep a variant from running low.
SELLABLE = (Location.Kind.WAREHOUSE, Location.Kind.SHOP)


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


def with_on_hand(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Annotates `on_hand`: the pieces of each variant that can be sold."""
    sellable = Sum("balances__on_hand", filter=Q(balances__location__kind__in=SELLABLE), default=0)
    return variants.annotate(on_hand=sellable)


def with_stock(products: QuerySet[Product]) -> QuerySet[Product]:
    """Annotates `on_hand`: the pieces of each product that can be sold."""
    balances = Balance.objects.filter(variant__product=OuterRef("pk"), location__kind__in=SELLABLE)
    total = balances.order_by().values("variant__product").annotate(n=Sum("on_hand")).values("n")
    return products.annotate(on_hand=Coalesce(Subquery(total, output_field=IntegerField()), 0))


def low_variants(brand: Brand) -> QuerySet[Variant]:
    """The variants for sale of active products with no more pieces than the brand calls low; the emptiest first."""
    on_sale = Variant.objects.of(brand).filter(is_active=True, product__status=Product.Status.ACTIVE)
    low = with_on_hand(on_sale).filter(on_hand__lte=brand.low_stock_at)
    return low.order_by("on_hand", "-product_id", "colour_id", "size__position", "pk")


def today(brand: Brand, *, limit: int) -> Today:
    """What moved since the business day began, with the latest `limit` postings. Reads the rows of today only."""
    day = business_day(brand)
    start = day_start(brand, day)
    movements = StockMovement.objects.of(brand)
    before = movements.filter(recorded_at__lt=start).order_by("-id").values_list("id", flat=True).first() or 0
    movements = movements.filter(id__gt=before, occurred_at__gte=start)
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

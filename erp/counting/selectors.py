"""What the pages of a count show besides its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Min, Prefetch, QuerySet, Sum
from django.utils import timezone

from catalog.models import Product, ProductColour, Variant
from erp.core.models import User
from erp.counting.models import CountEntry, CountLine, StockCount

RECENT = timedelta(minutes=5)
LAST_SCANS = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a count is, who gave a number in the last minutes, and the last numbers given."""

    total: int
    done: int
    pieces: int
    people: list[User]
    entries: list[CountEntry]

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


def progress_of(count: StockCount) -> Progress:
    sums = count.lines.aggregate(total=Count("pk"), done=Count("counted"), pieces=Sum("counted", default=0))
    recent = count.entries.filter(recorded_at__gte=timezone.now() - RECENT).order_by()
    people = User.objects.filter(pk__in=recent.values("actor")).order_by("pk")
    given = count.entries.filter(kind__in=("add", "set")).annotate(is_undone=F("undone_by"))
    last = given.select_related("line__variant__product", "line__variant__colour", "line__variant__size", "actor")
    return Progress(**sums, people=list(people), entries=list(last[:LAST_SCANS]))


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in a count: how many of its variants are counted, and how many pieces."""

    product: Product
    total: int
    done: int
    pieces: int


def products_in(count: StockCount, *, text: str = "", done: bool | None = None) -> QuerySet[Any]:
    """`(product, total, done, pieces)` of each product of a count, in the count's order.

    With a text, also products that have no line yet but may get one: what is found unexpected.
    """
    rows = CountLine.objects.filter(count=count)
    if text:
        found = Product.objects.of(count.brand_id).search(text)
        rows = rows.filter(variant__product__in=found.values("pk"))
    grouped = rows.order_by().values(product=F("variant__product"))
    sums = grouped.annotate(first=Min("pk"), total=Count("pk"), done=Count("counted"), pieces=Sum("counted", default=0))
    if done is not None:
        sums = sums.filter(done=F("total")) if done else sums.filter(done__lt=F("total"))
    return sums.order_by("first")


def product_rows(page: Iterable[Mapping[str, Any]]) -> list[ProductRow]:
    rows = list(page)
    products = Product.objects.prefetch_related("images").in_bulk([row["product"] for row in rows])
    return [ProductRow(products[row["product"]], row["total"], row["done"], row["pieces"]) for row in rows]


def outside_products(count: StockCount, text: str, limit: int = 5) -> list[Product]:
    """Products that the words fit and that a count may take in, though the book expects none of them."""
    if not text or count.scope not in (StockCount.Scope.FULL, StockCount.Scope.CATEGORY):
        return []
    products = Product.objects.of(count.brand_id).exclude(status=Product.Status.DRAFT).search(text)
    if count.category_id:
        products = products.filter(category=count.category_id)
    inside = count.lines.values("variant__product")
    return list(products.exclude(pk__in=inside).prefetch_related("images").order_by("-id")[:limit])


def shown_variants(variants: Iterable[int]) -> dict[int, Variant]:
    """Variants with all that a row of a list shows."""
    colours = Prefetch("product__product_colours", ProductColour.objects.select_related("colour"))
    found = Variant.objects.select_related("product", "colour", "size").prefetch_related("product__images", colours)
    return found.in_bulk(list(variants))


def swatch_of(variant: Variant) -> str:
    chosen = {row.colour_id: row.swatch for row in variant.product.product_colours.all()}
    return chosen.get(variant.colour_id, variant.colour.hex)


def neighbours(count: StockCount, product: Product) -> tuple[int | None, int | None]:
    """The products before and after one in a count's order."""
    first = count.lines.filter(variant__product=product).aggregate(n=Min("pk"))["n"]
    if first is None:
        return None, None
    others = count.lines.exclude(variant__product=product).order_by().values("variant__product")
    starts = others.annotate(n=Min("pk"))
    before = starts.filter(n__lt=first).order_by("-n").values_list("variant__product", flat=True).first()
    after = starts.filter(n__gt=first).order_by("n").values_list("variant__product", flat=True).first()
    return before, after

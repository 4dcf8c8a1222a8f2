"""Reads of orders: prices that buyers know, whom a brand sells to, and what each order amounts to."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import Brand, Product
from erp.trade.models import Order, OrderLine, Pack, Partner
from erp.trade.services.orders.entries import list_price

RECENT = 8
_MONEY = DecimalField(max_digits=20, decimal_places=2)
_ZERO = Decimal(0)


def usual_prices(brand: Brand, buyer: Partner | None, products: Collection[int]) -> dict[int, Decimal]:
    """What one piece of each product costs this buyer: what they last paid, else its own price. Packs do not count."""
    found = Product.objects.of(brand).filter(pk__in=products)
    if buyer is not None:
        theirs = OrderLine.objects.filter(order__buyer=buyer, pack=None, variant__product=OuterRef("pk"))
        last = theirs.exclude(order__state=Order.State.CANCELLED).order_by("-pk")
        found = found.annotate(last_price=Subquery(last.values("unit_price")[:1]))
    prices = {row.pk: getattr(row, "last_price", None) for row in found}
    listed = {row.pk: list_price(row, brand.currency) for row in found}
    both = {pk: listed[pk] if price is None else price for pk, price in prices.items()}
    return {pk: price for pk, price in both.items() if price is not None}


def packs_of(brand: Brand, products: Collection[int], also: Collection[int] = ()) -> dict[int, list[Pack]]:
    """The packs in use of each product, and those that are named, with their pieces."""
    packs = (
        Pack.objects.of(brand)
        .filter(product__in=products)
        .prefetch_related("lines__variant__colour", "lines__variant__size")
    )
    found: dict[int, list[Pack]] = {}
    for pack in packs:
        if pack.is_active or pack.pk in also:
            found.setdefault(pack.product_id, []).append(pack)
    return found


def find_pack(brand: Brand, code: str) -> Pack | None:
    """The pack in use that a scanner read."""
    code = code.strip()[:40].replace("\0", "")
    return Pack.objects.of(brand).filter(code=code, is_active=True).first() if code else None


def buyers_of(brand: Brand, text: str = "") -> QuerySet[Partner]:
    """Buyers in use whose name or telephone number holds the words, those who ordered last first."""
    buyers = Partner.objects.of(brand).filter(is_buyer=True, is_active=True)
    for word in text.split()[:8]:
        buyers = buyers.filter(name__icontains=word) | buyers.filter(phone__icontains=word)
    return buyers.annotate(
        last_order=Max("orders__pk"), owes=Coalesce(F("account__balance"), _ZERO, output_field=_MONEY)
    ).order_by(F("last_order").desc(nulls_last=True), "name", "pk")


def with_figures(orders: Any) -> Any:
    """Orders with `pieces`, `total`, and how many pieces are `held`, `sent`, `given_up` and `owing`, in one query."""

    def total(expression: Any, output: Any = None, **narrowed: Any) -> Any:
        lines = OrderLine.objects.filter(order=OuterRef("pk"), **narrowed).order_by().values("order")
        summed = lines.annotate(sum=Sum(expression, output_field=output) if output else Sum(expression)).values("sum")
        return Coalesce(Subquery(summed), _ZERO if output else 0, output_field=output)

    return orders.annotate(
        pieces=total("quantity"),
        held=total("reserved"),
        sent=total("shipped"),
        given_up=total("cancelled"),
        owing=total(F("billed") - F("shipped"), owed_since__isnull=False),
        total=total((F("quantity") - F("cancelled")) * F("unit_price"), _MONEY),
    )

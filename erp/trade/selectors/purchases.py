"""What is on order, what came of it, and how much of each order is still expected."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from catalog.models import Brand, Product
from erp.trade.models import PurchaseLine, PurchaseOrder
from erp.trade.services.purchases.locked import AWAITED

_AMOUNT: Any = DecimalField(max_digits=20, decimal_places=4)


def on_order(brand: Brand, variants: Collection[int] | None = None) -> dict[int, int]:
    """How many pieces of each variant suppliers still owe; a variant of which nothing is expected is absent."""
    lines = PurchaseLine.objects.filter(order__brand=brand, order__state__in=AWAITED, quantity__gt=F("received"))
    if variants is not None:
        lines = lines.filter(variant__in=variants)
    sums = lines.order_by().values("variant").annotate(n=Sum(F("quantity") - F("received")))
    return dict(sums.values_list("variant", "n"))


def with_sums(orders: QuerySet[PurchaseOrder]) -> Any:
    """Annotates `ordered`, `came`, `to_come` and `over` (pieces), `products`, `amount` and `first_product` (its id)."""
    lines = PurchaseLine.objects.filter(order=OuterRef("pk")).order_by()

    def total(expression: Any, field: Any) -> Any:
        sums = lines.values("order").annotate(n=expression).values("n")
        return Coalesce(Subquery(sums, output_field=field), 0, output_field=field)

    missing, over = Greatest(F("quantity") - F("received"), 0), Greatest(F("received") - F("quantity"), 0)
    whole = IntegerField()
    return orders.annotate(
        ordered=total(Sum("quantity"), whole),
        came=total(Sum("received"), whole),
        to_come=total(Sum(missing), whole),
        over=total(Sum(over), whole),
        products=total(Count("variant__product", distinct=True), whole),
        amount=total(Sum(F("quantity") * F("unit_cost"), output_field=_AMOUNT), _AMOUNT),
        first_product=Subquery(
            PurchaseLine.objects.filter(order=OuterRef("pk")).order_by("pk").values("variant__product")[:1]
        ),
    )


def attach_products(orders: Collection[Any]) -> None:
    """Gives each order of a page `product`, whose picture stands for it."""
    found = Product.objects.prefetch_related("images").in_bulk({order.first_product for order in orders})
    for order in orders:
        order.product = found.get(order.first_product)


def amount_of(lines: Collection[PurchaseLine]) -> Decimal:
    """What the lines cost in the order's currency; those without a cost count nothing."""
    return sum((line.quantity * line.unit_cost for line in lines if line.unit_cost is not None), Decimal(0))

"""When a variant runs low: the one definition, for home, the lists, the API, and what to reorder.

Always from the balances of this moment. Reserved pieces are somebody's already, defective ones are nobody's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from catalog.models import Product, Variant
from erp.inventory.models import Location

# Where pieces can be sold from.
SELLABLE = (Location.Kind.WAREHOUSE, Location.Kind.SHOP)

# Expressions that know the reorder point of single variants, null where they know none.
_known: list[Callable[[], Any]] = []


def points_from(expression: Callable[[], Any]) -> None:
    """An app that stands above this one keeps reorder points: `expression` finds a variant's, or null."""
    _known.append(expression)


def with_available(variants: QuerySet[Variant]) -> Any:
    """Annotates `on_hand`, the pieces that can be sold, `available`, those not reserved, and `low_at`, the point."""
    sellable = Q(balances__location__kind__in=SELLABLE)
    on_hand = Sum("balances__on_hand", filter=sellable, default=0)
    available = on_hand - Sum("balances__reserved", filter=sellable, default=0)
    low_at = Coalesce(*(expression() for expression in _known), F("brand__low_stock_at"), F("brand__low_stock_at"))
    return variants.annotate(on_hand=on_hand, available=available, low_at=low_at)


def running_low(variants: QuerySet[Variant]) -> Any:
    """Of these, the variants for sale with no more pieces available than their reorder point."""
    on_sale = variants.filter(is_active=True, product__status=Product.Status.ACTIVE)
    return with_available(on_sale).filter(available__lte=F("low_at"))


def is_low(variant: Any) -> bool:
    """The same of one variant that `with_available` annotated, its product at hand."""
    on_sale = variant.is_active and variant.product.status == Product.Status.ACTIVE
    return bool(on_sale and variant.available <= variant.low_at)

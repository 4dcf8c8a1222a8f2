"""Owed goods (미송): billed and not yet delivered."""

from __future__ import annotations

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet

from catalog.models import Brand
from erp.trade.models import OrderLine

_MONEY = DecimalField(max_digits=20, decimal_places=2)


def owed_goods(brand: Brand) -> QuerySet[OrderLine]:
    """The lines of which pieces are owed, the oldest debt first, each with `owed_pieces` and `owed_value`."""
    lines = OrderLine.objects.filter(order__brand=brand, owed_since__isnull=False)
    pieces = F("billed") - F("shipped")
    return (
        lines.annotate(owed_pieces=pieces, owed_value=ExpressionWrapper(pieces * F("unit_price"), output_field=_MONEY))
        .select_related("order__buyer", "order__brand", "variant__product", "variant__colour", "variant__size")
        .order_by("owed_since", "pk")
    )

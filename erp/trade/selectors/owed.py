"""Owed goods (미송): billed and not yet delivered."""

from __future__ import annotations

from django.db.models import DecimalField, Exists, ExpressionWrapper, F, OuterRef

from catalog.models import Brand
from erp.trade.models import OrderLine
from erp.trade.models.orders import OrderLineQuerySet

_MONEY = DecimalField(max_digits=20, decimal_places=2)


def owed_lines() -> OrderLineQuerySet:
    """Lines of which pieces are owed, the oldest debt first, each with `owed_pieces` and `owed_value`."""
    pieces = F("billed") - F("shipped")
    value = ExpressionWrapper(pieces * F("unit_price"), output_field=_MONEY)
    lines = OrderLine.objects.filter(owed_since__isnull=False).annotate(owed_pieces=pieces, owed_value=value)
    return lines.select_related(
        "order__buyer", "order__brand", "variant__product", "variant__colour", "variant__size"
    ).order_by("owed_since", "pk")


def owed_goods(brand: Brand) -> OrderLineQuerySet:
    """The owed goods of a brand."""
    return owed_lines().of(brand)


def owing() -> Exists:
    """Whether pieces of an order are owed."""
    return Exists(OrderLine.objects.filter(order=OuterRef("pk"), owed_since__isnull=False))

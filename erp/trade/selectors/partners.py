"""What stands between a brand and one of its partners."""

from __future__ import annotations

from typing import Any

from erp.trade.models import Order, Partner, PurchaseOrder

NEWEST = 5


def newest_papers(partner: Partner) -> dict[str, list[Any]]:
    """The last orders of a buyer and purchases of a supplier."""
    orders = Order.objects.filter(buyer=partner).order_by("-id")
    purchases = PurchaseOrder.objects.filter(supplier=partner).order_by("-id")
    return {"orders": list(orders[:NEWEST]), "purchases": list(purchases[:NEWEST])}

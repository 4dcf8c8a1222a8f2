"""Partners, purchase orders and what came of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from catalog.days import business_day
from erp.demo.stage import Row, Stage
from erp.trade.models import Partner, PurchaseOrder
from erp.trade.services.partners import create_partner, create_shop
from erp.trade.services.purchases.lines import PurchaseEntry
from erp.trade.services.purchases.receive import Arrival, receive_delivery
from erp.trade.services.purchases.steps import order_purchase
from erp.trade.services.purchases.write import PurchaseHeading, create_purchase


def partner(stage: Stage, *, shops: list[dict[str, str]] | None = None, **fields: Any) -> Partner:
    limit = fields.pop("credit_limit", None)
    made = create_partner(brand=stage.brand, credit_limit=limit and Decimal(limit), **fields)
    for shop in shops or []:
        stage.made[shop["name"]] = create_shop(partner=made, **shop)
    return made


def buy(stage: Stage, *, supplier: str, days: int, lines: list[Row], note: str, draft: bool = False) -> PurchaseOrder:
    entries = [PurchaseEntry(variant.pk, pieces, Decimal(cost)) for variant, pieces, cost in stage.lines(lines)]
    heading = PurchaseHeading(
        supplier=stage.made[supplier],
        location=stage.places["main"],
        currency=stage.brand.currency,
        expected_on=business_day(stage.brand) + timedelta(days=days),
        note=note,
    )
    order = create_purchase(brand=stage.brand, heading=heading, entries=entries, **stage.said())
    return order if draft else order_purchase(order=order)


def deliver(stage: Stage, *, of: str, note: str, lines: list[Row] | None = None) -> None:
    """What `lines` say, or else all that was ordered."""
    order = stage.made[of]
    came = stage.pieces(lines) if lines else dict(order.lines.values_list("variant", "quantity"))
    arrivals = [Arrival(variant, pieces) for variant, pieces in came.items()]
    receive_delivery(order=order, arrivals=arrivals, note=note, **stage.said())

"""An order of which a part went out, and a pack, of the brand that strangers walk around."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp.trade.models import Partner
from erp.trade.services import orders
from erp.trade.services.orders import Entry
from erp.trade.services.packs import save_pack
from tests.api.shop import Shop


def ordered(shop: Shop, mark: str) -> dict[str, Any]:
    variant = shop.variants[0]
    buyer = Partner.objects.create(brand=shop.brand, name=f"{mark} 3", is_buyer=True, note=mark)
    order = orders.take_order(
        brand=shop.brand,
        actor=shop.owner,
        idempotency_key="o",
        entries=[Entry(2, variant_id=variant.pk, unit_price=Decimal(1000))],
        buyer=buyer,
        location=shop.main,
        note=mark,
        partial=True,
    )
    pk = order.lines.get().pk
    shipment = orders.ship_order(
        order=order, actor=shop.owner, idempotency_key="s", quantities={pk: 1}, shortages={pk: "owed"}, note=mark
    )
    pack = save_pack(product=shop.product, name=mark, code=mark, quantities={variant.pk: 2})
    return {
        "orders/<uuid:public_id>": order.public_id,
        "shipments/<int:pk>": shipment.pk,
        "packs/<int:pk>": pack.pk,
    }

"""One of each paper of the brand that strangers walk around: the ids by which their addresses name it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from catalog.days import business_day
from erp.trade.models import DeliverTo, Partner, ReturnLine
from erp.trade.services.accounts import record_payment
from erp.trade.services.consignment import place_goods, report_sold
from erp.trade.services.purchases import (
    Arrival,
    PurchaseEntry,
    PurchaseHeading,
    create_purchase,
    order_purchase,
    receive_delivery,
)
from erp.trade.services.returns import ReturnEntry, create_return
from erp.trade.services.samples import lend, take_samples_back
from tests.api.shop import Shop
from tests.trade.hidden_orders import ordered

PRICE = Decimal(1000)


def hidden_papers(shop: Shop, mark: str) -> dict[str, Any]:
    """Returns, slips, loans, consignment and purchases; `mark` stands in each of their texts."""
    brand, variant = shop.brand, shop.variants[0]
    partner = Partner.objects.create(brand=brand, name=f"{mark} 1", is_buyer=True, note=mark)
    DeliverTo.objects.create(partner=partner, name=mark)
    common: dict[str, Any] = {"actor": shop.owner, "note": mark}
    entry = ReturnEntry(variant, ReturnLine.Kind.SELLABLE, 3, shop.main, PRICE)
    note = create_return(brand=brand, buyer=partner, entries=[entry], idempotency_key="r", reason=mark, **common)
    due, one = business_day(brand) + timedelta(days=1), {variant.pk: 1}
    loan = lend(
        borrower=partner, location=shop.main, quantities={variant.pk: 2}, due_on=due, idempotency_key="l", **common
    )
    event = take_samples_back(loan=loan, location=shop.main, quantities=one, idempotency_key="e", **common)
    place_goods(partner=partner, source=shop.main, quantities={variant.pk: 2}, idempotency_key="p", **common)
    partner.refresh_from_db()
    sale = report_sold(partner=partner, quantities=one, unit_prices={variant.pk: PRICE}, idempotency_key="s", **common)
    assert note.slip is not None
    return (
        bought(shop, mark)
        | ordered(shop, mark)
        | {
            "slips/<uuid:public_id>": note.slip.public_id,
            "returns/<uuid:public_id>": note.public_id,
            "samples/<uuid:public_id>": loan.public_id,
            "events/<int:event>": event.pk,
            "consignment/<int:partner>": partner.pk,
            "sales/<uuid:public_id>": sale.public_id,
            "consignment/<uuid:public_id>": sale.public_id,
        }
    )


def bought(shop: Shop, mark: str) -> dict[str, Any]:
    """A supplier with an account and a shop, an order, and what came of it."""
    brand, variant = shop.brand, shop.variants[0]
    supplier = Partner.objects.create(brand=brand, name=f"{mark} 2", is_supplier=True, note=mark)
    place = DeliverTo.objects.create(partner=supplier, name=mark)
    common: dict[str, Any] = {"actor": shop.owner, "note": mark}
    entry = record_payment(partner=supplier, amount=PRICE, method="cash", idempotency_key="a", **common)
    heading = PurchaseHeading(supplier=supplier, location=shop.main, currency=brand.currency, note=mark)
    lines = [PurchaseEntry(variant.pk, 5, PRICE)]
    order = create_purchase(brand=brand, heading=heading, entries=lines, actor=shop.owner, idempotency_key="o")
    order_purchase(order=order)
    delivery = receive_delivery(order=order, arrivals=[Arrival(variant.pk, 2)], idempotency_key="d", **common)
    return {
        "partners/<int:pk>": supplier.pk,
        "shops/<int:shop>": place.pk,
        "deliver-to/<int:pk>": place.pk,
        "entries/<int:entry>": entry.pk,
        "account-entries/<int:pk>": entry.pk,
        "purchases/<uuid:public_id>": order.public_id,
        "deliveries/<uuid:public_id>": delivery.public_id,
    }

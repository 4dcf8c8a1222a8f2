"""A brand with a supplier, for the tests of purchasing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from erp.inventory.costs import average_costs
from erp.trade.models import Delivery, Partner, PurchaseLine, PurchaseOrder
from erp.trade.services.purchases import (
    Arrival,
    PurchaseEntry,
    PurchaseHeading,
    create_purchase,
    order_purchase,
    receive_delivery,
)
from tests.inventory.conftest import Shop, make_shop


@dataclass
class Supply:
    """`shop` buys of `factory`."""

    shop: Shop
    factory: Partner

    def heading(self, **values: Any) -> PurchaseHeading:
        base = {"supplier": self.factory, "location": self.shop.main, "currency": "KRW"}
        return PurchaseHeading(**(base | values))

    def entries(self, *quantities: int, cost: str | None = "8000") -> list[PurchaseEntry]:
        """So many of the first shirts."""
        unit_cost = None if cost is None else Decimal(cost)
        pairs = zip(self.shop.shirts, quantities, strict=False)
        return [PurchaseEntry(shirt.pk, n, unit_cost) for shirt, n in pairs if n]

    def draft(self, *quantities: int, cost: str | None = "8000", **heading: Any) -> PurchaseOrder:
        return create_purchase(
            brand=self.shop.brand,
            heading=self.heading(**heading),
            entries=self.entries(*quantities, cost=cost),
            **self.shop.heading(),
        )

    def order(self, *quantities: int, cost: str | None = "8000", **heading: Any) -> PurchaseOrder:
        return order_purchase(order=self.draft(*quantities, cost=cost, **heading))

    def arrivals(self, *quantities: int) -> list[Arrival]:
        pairs = zip(self.shop.shirts, quantities, strict=False)
        return [Arrival(shirt.pk, n) for shirt, n in pairs if n]

    def receive(self, order: PurchaseOrder, *quantities: int, **values: Any) -> Delivery:
        given = {"actor": self.shop.actor, "idempotency_key": uuid4().hex} | values
        return receive_delivery(order=order, arrivals=self.arrivals(*quantities), **given)

    def costs(self) -> list[Decimal | None]:
        """The average cost of each shirt."""
        found = average_costs(self.shop.brand, [shirt.pk for shirt in self.shop.shirts])
        return [found.get(shirt.pk) for shirt in self.shop.shirts]

    def on_hand(self) -> list[int]:
        return [self.shop.on_hand(shirt) for shirt in self.shop.shirts]


def make_supply() -> Supply:
    shop = make_shop()
    shop.brand.refresh_from_db()  # the day's end as a time
    factory = Partner.objects.create(brand=shop.brand, name="창신동 봉제", kind="factory", is_supplier=True)
    return Supply(shop, factory)


def received(order: PurchaseOrder) -> list[int]:
    return list(PurchaseLine.objects.filter(order=order).order_by("pk").values_list("received", flat=True))


def lines_of(error: Any) -> Sequence[tuple[int | None, str | None, str]]:
    return [(problem.line, problem.field, problem.code) for problem in error.problems]

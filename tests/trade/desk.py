"""A wholesale shop for the tests of orders: a buyer, one design in four variants at 10,000 won, and its stock."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Variant
from erp.core.errors import DomainError
from erp.inventory.models import Balance, Reservation
from erp.inventory.verify import verify_ledger
from erp.trade.models import Account, Order, OrderLine, Partner, Shipment
from erp.trade.services import orders
from erp.trade.services.orders import Entry
from tests.web import shop as web


def key() -> str:
    return uuid.uuid4().hex


@dataclass
class Desk:
    shop: web.Shop
    buyer: Partner

    @property
    def variants(self) -> list[Variant]:
        return self.shop.variants

    def entries(self, *quantities: int, price: str | None = None) -> list[Entry]:
        """So many of the first variants."""
        money = Decimal(price) if price else None
        pairs = zip(self.variants, quantities, strict=False)
        return [Entry(n, variant_id=variant.pk, unit_price=money) for variant, n in pairs if n]

    def heading(self, **more: Any) -> dict[str, Any]:
        base = {"brand": self.shop.brand, "actor": self.shop.clerk, "location": self.shop.main}
        return base | {"idempotency_key": key(), "buyer": self.buyer} | more

    def draft(self, *quantities: int, **more: Any) -> Order:
        return orders.create_order(entries=self.entries(*quantities), **self.heading(**more))

    def placed(self, *quantities: int, **more: Any) -> Order:
        return orders.place_order(order=self.draft(*quantities, **more), actor=self.shop.clerk)

    def channel(self, *quantities: int, partial: bool = False, **more: Any) -> Order:
        more = {"channel": "online", "channel_name": "mall", "buyer": None} | more
        return orders.take_order(entries=self.entries(*quantities), partial=partial, **self.heading(**more))

    def ship(self, order: Order, *quantities: int, **more: Any) -> Shipment:
        """Ships so many of the first lines, or all that is held."""
        pks = order.lines.order_by("pk").values_list("pk", flat=True)
        wanted = dict(zip(pks, quantities, strict=False)) or None
        common = {"actor": self.shop.clerk, "idempotency_key": key()} | more
        return orders.ship_order(order=order, quantities=wanted, **common)

    def cancel(self, order: Order, **more: Any) -> Order:
        return orders.cancel_order(order=order, **({"actor": self.shop.clerk, "idempotency_key": key()} | more))

    def stock(self, *quantities: int) -> None:
        self.shop.stock(*quantities)

    def held(self, place: int = 0) -> tuple[int, int]:
        """On hand and reserved of a variant."""
        row = Balance.objects.filter(variant=self.variants[place], location=self.shop.main).first()
        return (row.on_hand, row.reserved) if row else (0, 0)

    def balance(self) -> Decimal:
        """What the buyer owes."""
        account = Account.objects.filter(partner=self.buyer).first()
        return account.balance if account else Decimal(0)


def line_of(order: Order, place: int = 0) -> OrderLine:
    return order.lines.order_by("pk")[place]


def counts(line: OrderLine) -> tuple[int, int, int, int, int]:
    """Ordered, reserved, shipped, cancelled, billed."""
    line.refresh_from_db()
    return (line.quantity, line.reserved, line.shipped, line.cancelled, line.billed)


def codes(refused: pytest.ExceptionInfo[DomainError]) -> list[tuple[int | None, str | None, str]]:
    """The line, field and code of each problem of a refusal."""
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


def check_books(desk: Desk) -> None:
    """The ledger agrees with itself, each order with what is held for it, and the account with its entries."""
    assert verify_ledger(desk.shop.brand) == []
    for order in Order.objects.of(desk.shop.brand):
        held = Reservation.objects.of(desk.shop.brand).open().filter(reference=order.number)
        assert sum(row.open for row in held) == sum(line.reserved for line in order.lines.all()), order.number
    entries = desk.buyer.entries.all()
    assert desk.balance() == sum((entry.amount for entry in entries), Decimal(0))


def build_desk() -> Desk:
    shop = web.build_shop()
    shop.brand.refresh_from_db()  # the end of its day is a time then
    shop.product.price = Decimal(10_000)
    shop.product.save()
    buyer = Partner.objects.create(brand=shop.brand, name="미소상회", is_buyer=True)
    return Desk(shop, buyer)


def url(desk: Desk, name: str, *args: object) -> str:
    """The address of a page of trade in the desk's brand."""
    return reverse(f"trade:{name}", args=[desk.shop.brand.slug, *args])

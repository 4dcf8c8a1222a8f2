"""Packs (고미): what is in them, their codes and prices, and orders that explode them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.core.errors import DomainError
from erp.trade.models import Order, Pack
from erp.trade.services import orders
from erp.trade.services.orders import Entry
from erp.trade.services.packs import save_pack
from tests.trade.desk import Desk, build_desk, counts
from tests.web.shop import build_shop

pytestmark = pytest.mark.django_db


def make(desk: Desk, *quantities: int, **fields) -> Pack:
    pairs = zip(desk.variants, quantities or (1, 2, 1), strict=False)
    wanted = {variant.pk: n for variant, n in pairs if n}
    return save_pack(product=desk.shop.product, quantities=wanted, **({"name": "기본"} | fields))


def refused(desk: Desk, *quantities: int, **fields) -> list[tuple[str | None, str]]:
    with pytest.raises(DomainError) as error:
        make(desk, *quantities, **fields)
    assert not Pack.objects.exists()
    return [(problem.field, problem.code) for problem in error.value.problems]


def test_is_made_and_changed(desk: Desk) -> None:
    pack = make(desk, code="GO-1", price=Decimal(36_000))
    changed = save_pack(pack=pack, product=desk.shop.product, name="큰 고미", quantities={desk.variants[0].pk: 6})
    assert (changed.pk, changed.name, changed.code, changed.price) == (pack.pk, "큰 고미", "", None)
    assert [(line.variant, line.quantity) for line in pack.lines.all()] == [(desk.variants[0], 6)]


def test_what_is_refused(desk: Desk) -> None:
    assert refused(desk, 0, 0) == [("lines", "no_lines")]
    assert refused(desk, -1) == [("quantity", "invalid_quantity")]
    assert refused(desk, name="") == [("name", "blank")]
    assert refused(desk, code=desk.variants[0].sku.lower()) == [("code", "code_of_variant")]
    assert refused(desk, price=Decimal(-4)) == [("price", "negative")]
    other = build_shop().variants[0]
    with pytest.raises(DomainError) as error:
        save_pack(product=desk.shop.product, name="남", quantities={other.pk: 1})
    assert error.value.code == "unknown_variant"


def test_a_price_that_does_not_divide_says_which_would(desk: Desk) -> None:
    with pytest.raises(DomainError) as error:
        make(desk, 1, 1, 1, price=Decimal(10_000))
    message = str(error.value.problems[0].message)
    assert "₩9,999" in message
    assert "₩10,002" in message


def test_names_and_codes_are_taken_once(desk: Desk) -> None:
    make(desk, code="GO-1")
    for fields in ({"name": "기본"}, {"name": "다른", "code": "GO-1"}):
        with pytest.raises(DomainError):
            make(desk, **fields)
    assert Pack.objects.count() == 1


class TestInOrders:
    def order(self, desk: Desk, entries: list[Entry]) -> Order:
        return orders.create_order(entries=entries, **desk.heading())

    def test_packs_become_their_pieces(self, desk: Desk) -> None:
        pack = make(desk, 1, 2, price=Decimal(24_000))
        order = self.order(desk, [Entry(3, pack_id=pack.pk), *desk.entries(5)])
        lines = [(line.pack, line.variant, line.quantity, line.unit_price) for line in order.lines.order_by("pk")]
        assert lines == [
            (pack, desk.variants[0], 3, 8_000),
            (pack, desk.variants[1], 6, 8_000),
            (None, desk.variants[0], 5, 10_000),
        ]

    def test_without_a_price_of_its_own_the_pieces_cost_what_they_do(self, desk: Desk) -> None:
        order = self.order(desk, [Entry(1, pack_id=make(desk, 1).pk)])
        assert order.lines.get().unit_price == 10_000

    def test_a_changed_pack_leaves_orders_as_they_were(self, desk: Desk) -> None:
        pack = make(desk, 1)
        order = self.order(desk, [Entry(2, pack_id=pack.pk)])
        save_pack(pack=pack, product=desk.shop.product, name="새", quantities={desk.variants[1].pk: 9})
        assert [(line.variant, line.quantity) for line in order.lines.all()] == [(desk.variants[0], 2)]

    def test_the_same_variant_in_a_pack_and_alone_is_held_and_shipped(self, desk: Desk) -> None:
        desk.stock(4)
        order = self.order(desk, [Entry(1, pack_id=make(desk, 2).pk), *desk.entries(3)])
        orders.place_order(order=order, actor=desk.shop.clerk)
        packed, single = order.lines.order_by("pk")
        assert (packed.reserved, single.reserved) == (2, 2)
        slip = desk.ship(order).slip
        assert (counts(packed)[2], counts(single)[2]) == (2, 2)
        assert sorted(slip.lines.values_list("pack", "quantity")) == [("", 2), ("기본", 2)]

    def test_the_pack_of_another_brand_is_unknown(self, desk: Desk) -> None:
        foreign = make(build_desk(), 1)
        with pytest.raises(DomainError) as error:
            self.order(desk, [Entry(1, pack_id=foreign.pk)])
        assert error.value.code == "unknown_pack"

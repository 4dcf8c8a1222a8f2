"""Owed goods (미송): billed now and delivered later, and the goods that arrive offered to the oldest debt first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from erp.core.errors import DomainError
from erp.inventory.services import reverse_posting
from erp.trade.models import Order, OrderLine, Partner, Slip
from erp.trade.selectors.owed import owed_goods
from erp.trade.services import orders
from tests.trade.desk import Desk, build_desk, check_books, counts, key, line_of

pytestmark = pytest.mark.django_db


def owing(desk: Desk, quantity: int, days: int = 0, **more) -> Order:
    """An order of which everything is owed, since so many days."""
    order = desk.placed(quantity, **more)
    desk.ship(order, 0, shortages={line_of(order).pk: "owed"})
    order.lines.update(owed_since=timezone.now() - timedelta(days=days))
    return order


def test_billed_now_and_delivered_later_without_money(desk: Desk) -> None:
    desk.stock(2)
    order = desk.placed(5)
    line = line_of(order)
    desk.ship(order, 2, shortages={line.pk: "owed"}, paid=Decimal(50_000))
    assert counts(line) == (5, 0, 2, 0, 5)
    assert (line.owed, line.owed_since is not None) == (3, True)
    assert {(row.kind, row.quantity, row.amount) for row in Slip.objects.get().lines.all()} == {
        ("sold", 2, 20_000),
        ("owed", 3, 30_000),
    }
    desk.stock(3)
    slip = desk.ship(order, 3).slip
    assert [(row.kind, row.quantity, row.amount) for row in slip.lines.all()] == [("delivered", 3, 0)]
    assert (slip.total, slip.new_balance) == (0, 0)
    line.refresh_from_db()
    assert (line.owed, line.owed_since, Order.objects.get().state) == (0, None, "shipped")
    check_books(desk)


def test_only_owed_moves_no_stock(desk: Desk) -> None:
    order = owing(desk, 3)
    shipment = order.shipments.get()
    assert (shipment.posting, shipment.slip.total) == (None, 30_000)
    assert order.events.last().kind == "billed"


def test_owed_goods_need_a_buyer(desk: Desk) -> None:
    order = desk.channel(1, partial=True)
    with pytest.raises(DomainError) as refused:
        desk.ship(order, 0, shortages={line_of(order).pk: "owed"})
    assert refused.value.code == "owed_needs_buyer"
    assert not Slip.objects.exists()


def test_an_unknown_choice_is_refused(desk: Desk) -> None:
    order = desk.placed(1)
    with pytest.raises(DomainError) as refused:
        desk.ship(order, 0, shortages={line_of(order).pk: "perhaps"})
    assert refused.value.code == "unknown_choice"


def test_cancelled_owed_goods_are_credited_once(desk: Desk) -> None:
    desk.stock(1)
    order = desk.placed(4)
    line = line_of(order)
    desk.ship(order, 1, shortages={line.pk: "owed"})
    desk.cancel(order, quantities={line.pk: 2})
    assert counts(line) == (4, 0, 1, 2, 2)
    assert desk.balance() == 20_000
    desk.cancel(order)
    assert (desk.balance(), Order.objects.get().state) == (10_000, "shipped")
    check_books(desk)


def test_unbilled_pieces_are_cancelled_before_owed_ones(desk: Desk) -> None:
    desk.stock(3)
    order = desk.placed(3)
    line = line_of(order)
    desk.ship(order, 1, shortages={line.pk: "owed"})  # 2 held and billed
    assert counts(line) == (3, 2, 1, 0, 3)
    desk.cancel(order, quantities={line.pk: 1})
    assert (counts(line), desk.balance()) == ((3, 1, 1, 1, 2), 20_000)
    check_books(desk)


def test_a_slip_whose_owed_goods_went_out_is_not_taken_back(desk: Desk) -> None:
    desk.stock(1)
    order = desk.placed(2)
    first = desk.ship(order, 1, shortages={line_of(order).pk: "owed"})
    desk.stock(1)
    second = desk.ship(order, 1)
    with pytest.raises(DomainError) as refused:
        reverse_posting(posting=first.posting, actor=desk.shop.owner, idempotency_key=key())
    assert refused.value.code == "went_on"
    reverse_posting(posting=second.posting, actor=desk.shop.owner, idempotency_key=key())
    assert (line_of(order).owed, desk.balance()) == (1, 20_000)
    assert line_of(order).owed_since == first.slip.recorded_at  # no younger than it was
    reverse_posting(posting=first.posting, actor=desk.shop.owner, idempotency_key=key())
    assert (line_of(order).owed, desk.balance()) == (0, 0)
    check_books(desk)


class TestArrivals:
    def test_the_oldest_debt_is_offered_first_then_the_oldest_order(self, desk: Desk) -> None:
        waiting = desk.placed(4)
        young, old = owing(desk, 3, days=1), owing(desk, 2, days=9)
        assert orders.offer_arrivals(desk.shop.brand) == []
        desk.stock(6)
        offers = orders.offer_arrivals(desk.shop.brand)
        assert [(p.line.order, p.waiting, p.owed, p.offered) for p in offers] == [
            (old, 2, 2, 2),
            (young, 3, 3, 3),
            (waiting, 4, 0, 1),
        ]
        assert orders.offer_arrivals(desk.shop.brand, [desk.variants[1].pk]) == []

    def test_one_press_holds_them(self, desk: Desk) -> None:
        young, old = owing(desk, 3, days=1), owing(desk, 2, days=9)
        desk.stock(4)
        wanted = {p.line.pk: p.offered for p in orders.offer_arrivals(desk.shop.brand)}
        common = {"brand": desk.shop.brand, "actor": desk.shop.clerk, "quantities": wanted, "idempotency_key": "k"}
        for _press in range(2):
            assert orders.allocate(**common) == (4, [])
        assert (line_of(old).reserved, line_of(young).reserved) == (2, 2)
        check_books(desk)

    def test_what_somebody_took_meanwhile_is_not_held(self, desk: Desk) -> None:
        order = owing(desk, 3)
        desk.stock(3)
        desk.placed(2)
        common = {"brand": desk.shop.brand, "actor": desk.shop.clerk, "idempotency_key": "k"}
        assert orders.allocate(quantities={line_of(order).pk: 3}, **common) == (1, [])
        check_books(desk)

    def test_an_order_that_went_on_meanwhile_is_named(self, desk: Desk) -> None:
        order, other = owing(desk, 3), owing(desk, 1)
        desk.stock(9)
        desk.cancel(order)
        wanted = {line_of(order).pk: 3, line_of(other).pk: 1}
        common = {"brand": desk.shop.brand, "actor": desk.shop.clerk, "idempotency_key": "k"}
        held, refused = orders.allocate(quantities=wanted, **common)
        assert (held, [(o.pk, error.code) for o, error in refused]) == (1, [(order.pk, "not_open")])

    def test_lines_of_another_brand_are_not_touched(self, desk: Desk) -> None:
        other = build_desk()
        order = owing(other, 3)
        other.stock(3)
        common = {"brand": desk.shop.brand, "actor": desk.shop.clerk, "idempotency_key": "k"}
        with pytest.raises(DomainError) as refused:
            orders.allocate(quantities={line_of(order).pk: 3}, **common)
        assert refused.value.code == "unknown_line"
        assert line_of(order).reserved == 0


def test_owed_goods_by_buyer_and_variant(desk: Desk) -> None:
    owing(desk, 3, days=4)
    other = Partner.objects.create(brand=desk.shop.brand, name="나라상회", is_buyer=True)
    owing(desk, 2, days=9, buyer=other)
    owing(build_desk(), 5)
    rows = list(owed_goods(desk.shop.brand))
    assert [(row.order.buyer.name, row.owed_pieces, row.owed_value) for row in rows] == [
        ("나라상회", 2, 20_000),
        ("미소상회", 3, 30_000),
    ]
    assert all(isinstance(row, OrderLine) for row in rows)

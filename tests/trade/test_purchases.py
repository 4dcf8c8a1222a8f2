"""Purchase orders: what is ordered, what comes of it, what is taken back, and what pieces cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from erp.core.errors import DomainError
from erp.inventory.models import CostEntry, Posting
from erp.inventory.services import reverse_movement, reverse_posting, ship
from erp.inventory.verify import verify_ledger
from erp.trade.models import Delivery, Partner, PurchaseOrder
from erp.trade.selectors.purchases import on_order
from erp.trade.services.purchases import (
    Arrival,
    PurchaseEntry,
    cancel_purchase,
    close_purchase,
    create_purchase,
    order_purchase,
    receive_delivery,
    reopen_purchase,
    take_back_delivery,
    update_purchase,
)
from tests.factories import ProductFactory, VariantFactory
from tests.inventory.racers import at_once
from tests.trade.supply import Supply, lines_of, make_supply, received


@pytest.fixture
def supply(db: None) -> Supply:
    return make_supply()


def refused(code: str, action: Any, *args: Any, **values: Any) -> DomainError:
    counts = (PurchaseOrder.objects.count(), Delivery.objects.count(), Posting.objects.count())
    with pytest.raises(DomainError) as caught:
        action(*args, **values)
    assert caught.value.code == code
    assert counts == (PurchaseOrder.objects.count(), Delivery.objects.count(), Posting.objects.count())
    return caught.value


def state(order: PurchaseOrder) -> str:
    order.refresh_from_db()
    return order.state


class TestWriting:
    def test_a_draft_is_numbered_and_holds_its_lines(self, supply: Supply) -> None:
        first, second = supply.draft(3, 4, note="급해요"), supply.draft(1)
        assert first.number.startswith("PO-")
        assert (first.number[-3:], second.number[-3:]) == ("001", "002")
        assert list(first.lines.values_list("quantity", "unit_cost")) == [(3, Decimal(8000)), (4, Decimal(8000))]
        assert (first.state, first.note) == ("draft", "급해요")
        assert on_order(supply.shop.brand) == {}

    def test_sent_twice_it_is_written_once(self, supply: Supply) -> None:
        given = {"brand": supply.shop.brand, "heading": supply.heading(), **supply.shop.heading()}
        first = create_purchase(entries=supply.entries(3), **given)
        again = create_purchase(entries=supply.entries(3, cost="8000.00"), **given)
        assert (again.pk, again.replayed) == (first.pk, True)
        assert refused("idempotency_conflict", create_purchase, entries=supply.entries(4), **given).status == 409

    def test_every_wrong_line_is_named(self, supply: Supply) -> None:
        draft = VariantFactory(product=ProductFactory(brand=supply.shop.brand, status="draft"))
        strange = VariantFactory()
        shirt = supply.shop.shirts[0].pk
        entries = [
            PurchaseEntry(shirt, 1),
            PurchaseEntry(draft.pk, 1),
            PurchaseEntry(strange.pk, 1),
            PurchaseEntry(shirt, 1),
            PurchaseEntry(supply.shop.shirts[1].pk, 0, Decimal("-1")),
            PurchaseEntry(supply.shop.shirts[2].pk, 1, Decimal("0.00001")),
        ]
        given = {"brand": supply.shop.brand, "heading": supply.heading(), **supply.shop.heading()}
        error = refused("lines_refused", create_purchase, entries=entries, **given)
        assert lines_of(error) == [
            (2, "variant", "draft_product"),
            (3, "variant", "unknown_variant"),
            (4, "variant", "twice"),
            (5, "quantity", "invalid_quantity"),
            (5, "unit_cost", "invalid_cost"),
            (6, "unit_cost", "decimals"),
        ]
        refused("no_lines", create_purchase, entries=[], **given)
        many = [PurchaseEntry(shirt, 1)] * 2001
        refused("too_many_lines", create_purchase, entries=many, **given)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"currency": "XXX"}, "currency"),
            ({"exchange_rate": Decimal(0)}, "exchange_rate"),
            ({"exchange_rate": Decimal("NaN")}, "exchange_rate"),
            ({"exchange_rate": Decimal(2)}, "exchange_rate"),
            ({"currency": "CNY", "exchange_rate": Decimal("190.1234567")}, "exchange_rate"),
            ({"note": "가" * 201}, "note"),
        ],
    )
    def test_a_wrong_heading_is_named(self, supply: Supply, wrong: dict[str, Any], field: str) -> None:
        with pytest.raises(DomainError) as caught:
            supply.draft(1, **wrong)
        assert [problem.field for problem in caught.value.problems] == [field]
        assert not PurchaseOrder.objects.exists()

    def test_suppliers_and_places_are_the_brands_own(self, supply: Supply) -> None:
        other = make_supply()
        buyer = Partner.objects.create(brand=supply.shop.brand, name="손님", is_buyer=True)
        for supplier in (other.factory, buyer):
            error = refused("unknown_supplier", supply.draft, 1, supplier=supplier)
            assert error.problems[0].field == "supplier"
        refused("unknown_location", supply.draft, 1, location=other.shop.main)
        refused("unknown_location", supply.draft, 1, location=supply.shop.virtual("customer"))


class TestChanging:
    def test_lines_are_added_changed_and_left_out(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        update_purchase(order=order, heading=supply.heading(note="바꿈"), entries=supply.entries(0, 6, 2, cost="9000"))
        assert list(order.lines.order_by("pk").values_list("variant", "quantity", "unit_cost")) == [
            (supply.shop.shirts[1].pk, 6, Decimal(9000)),
            (supply.shop.shirts[2].pk, 2, Decimal(9000)),
        ]
        assert (state(order), order.note) == ("ordered", "바꿈")

    def test_what_came_stays(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        supply.receive(order, 3)
        update_purchase(order=order, heading=supply.heading(), entries=supply.entries(0, 4))
        assert list(order.lines.order_by("pk").values_list("quantity", "received")) == [(0, 3), (4, 0)]
        update_purchase(order=order, heading=supply.heading(), entries=supply.entries(3))
        assert state(order) == "received"

    def test_the_currency_of_what_came_stays(self, supply: Supply) -> None:
        order = supply.order(3)
        supply.receive(order, 1)
        dollars = replace(supply.heading(), currency="USD", exchange_rate=Decimal(1400))
        refused("currency_in_use", update_purchase, order=order, heading=dollars, entries=supply.entries(3))

    def test_a_settled_order_is_not_changed(self, supply: Supply) -> None:
        for settle in (close_purchase, cancel_purchase):
            order = settle(order=supply.order(3))
            refused("wrong_state", update_purchase, order=order, heading=supply.heading(), entries=supply.entries(5))
            assert order.lines.get().quantity == 3


class TestSteps:
    def test_each_step_is_taken_once(self, supply: Supply) -> None:
        order = supply.draft(3)
        assert state(order_purchase(order=order)) == "ordered"
        at = order_purchase(order=order).ordered_at
        assert order_purchase(order=order).ordered_at == at is not None
        assert state(close_purchase(order=order)) == state(close_purchase(order=order)) == "closed"
        assert state(reopen_purchase(order=order)) == state(reopen_purchase(order=order)) == "ordered"
        assert state(cancel_purchase(order=order)) == state(cancel_purchase(order=order)) == "cancelled"
        refused("wrong_state", order_purchase, order=order)
        refused("wrong_state", close_purchase, order=order)
        assert state(reopen_purchase(order=order)) == "ordered"

    def test_a_draft_is_cancelled_but_not_closed(self, supply: Supply) -> None:
        refused("wrong_state", close_purchase, order=supply.draft(1))
        assert cancel_purchase(order=supply.draft(1)).state == "cancelled"

    def test_only_what_has_not_come_is_cancelled(self, supply: Supply) -> None:
        order = supply.order(3)
        delivery = supply.receive(order, 2)
        refused("has_come", cancel_purchase, order=order)
        take_back_delivery(delivery=delivery, actor=supply.shop.actor)
        assert cancel_purchase(order=order).state == "cancelled"

    def test_on_order(self, supply: Supply) -> None:
        first, second = supply.order(3, 4), supply.order(5)
        supply.draft(100)
        one, two, _three = (shirt.pk for shirt in supply.shop.shirts)
        assert on_order(supply.shop.brand) == {one: 8, two: 4}
        supply.receive(first, 3)
        assert on_order(supply.shop.brand, [two]) == {two: 4}
        close_purchase(order=first)
        assert on_order(supply.shop.brand) == {one: 5}
        cancel_purchase(order=second)
        assert on_order(supply.shop.brand) == on_order(make_supply().shop.brand) == {}


class TestReceiving:
    def test_in_parts(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        first = supply.receive(order, 2, note="1차")
        assert (state(order), received(order), supply.on_hand()) == ("partial", [2, 0], [2, 0, 0])
        assert (first.posting.reference, first.posting.note, first.posting.kind) == (order.number, "1차", "receipt")
        supply.receive(order, 1, 4)
        assert (state(order), received(order), supply.on_hand()) == ("received", [3, 4], [3, 4, 0])
        assert verify_ledger() == []

    def test_at_another_place(self, supply: Supply) -> None:
        order = supply.order(3)
        supply.receive(order, 3, location=supply.shop.shop)
        assert supply.shop.on_hand(supply.shop.shirts[0], supply.shop.shop) == 3

    def test_more_than_ordered_is_confirmed_first(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        error = refused("over_delivery", supply.receive, order, 4, 4, 1)
        assert lines_of(error) == [(1, "quantity", "over_delivery"), (3, "quantity", "over_delivery")]
        supply.receive(order, 4, 4, 1, allow_over=True)
        assert (state(order), received(order), supply.on_hand()) == ("received", [4, 4, 1], [4, 4, 1])
        assert [line.difference for line in order.lines.order_by("pk")] == [1, 0, 1]

    def test_a_received_order_takes_more_when_confirmed(self, supply: Supply) -> None:
        order = supply.order(3)
        supply.receive(order, 3)
        refused("over_delivery", supply.receive, order, 1)
        supply.receive(order, 1, allow_over=True)
        assert received(order) == [4]

    def test_nothing_comes_of_a_draft_or_of_what_is_settled(self, supply: Supply) -> None:
        orders = [supply.draft(3), close_purchase(order=supply.order(3)), cancel_purchase(order=supply.order(3))]
        for order in orders:
            error = refused("wrong_state", supply.receive, order, 1)
            assert error.status == 409
        assert supply.on_hand() == [0, 0, 0]

    def test_every_wrong_line_is_named(self, supply: Supply) -> None:
        order, shirt = supply.order(3), supply.shop.shirts[0].pk
        given = {"order": order, **supply.shop.heading()}
        arrivals = [Arrival(shirt, 0), Arrival(shirt, 1, Decimal(-1))]
        error = refused("lines_refused", receive_delivery, arrivals=arrivals, **given)
        assert lines_of(error) == [
            (1, "quantity", "invalid_quantity"),
            (2, "unit_cost", "invalid_cost"),
            (2, "variant", "twice"),
        ]
        strange = [Arrival(shirt, 1), Arrival(VariantFactory().pk, 1), Arrival(-5, 1)]
        error = refused("unknown_variant", receive_delivery, arrivals=strange, allow_over=True, **given)
        assert [problem.line for problem in error.problems] == [2, 3]
        refused("no_lines", receive_delivery, arrivals=[], **given)

    def test_the_same_delivery_twice_is_one(self, supply: Supply) -> None:
        order = supply.order(3)
        first = supply.receive(order, 3, idempotency_key="k")
        again = supply.receive(order, 3, idempotency_key="k")
        assert (again.pk, again.replayed) == (first.pk, True)
        assert (received(order), supply.on_hand()) == ([3], [3, 0, 0])
        refused("idempotency_conflict", supply.receive, order, 2, idempotency_key="k")


class TestTakingBack:
    def test_counts_stock_and_costs_fall(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        supply.receive(order, 1)
        delivery = supply.receive(order, 2, 4)
        reversal = take_back_delivery(delivery=delivery, actor=supply.shop.actor, note="다른 집 물건")
        delivery.refresh_from_db()
        assert (delivery.reversal, reversal.note) == (reversal, "다른 집 물건")
        assert (state(order), received(order), supply.on_hand()) == ("partial", [1, 0], [1, 0, 0])
        again = take_back_delivery(delivery=delivery, actor=supply.shop.actor, note="다른 집 물건")
        assert (again.pk, again.replayed) == (reversal.pk, True)
        assert received(order) == [1, 0]
        assert verify_ledger() == []

    def test_goods_that_have_gone_on_stay(self, supply: Supply) -> None:
        order = supply.order(3)
        delivery = supply.receive(order, 3)
        shop = supply.shop
        ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 1}, **shop.heading())
        refused("insufficient_stock", take_back_delivery, delivery=delivery, actor=shop.actor)
        assert (state(order), received(order)) == ("received", [3])

    def test_a_posting_reversed_in_the_ledger_is_no_ghost(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        delivery = supply.receive(order, 3, 4)
        reverse_posting(posting=delivery.posting, **supply.shop.heading())
        delivery.refresh_from_db()
        assert delivery.reversal is not None
        assert (state(order), received(order)) == ("ordered", [0, 0])

    def test_one_movement_taken_back(self, supply: Supply) -> None:
        order = supply.order(3, 4)
        delivery = supply.receive(order, 3, 4)
        for place, expected in ((0, [0, 4]), (1, [0, 0])):
            movement = delivery.posting.movements.order_by("pk")[place]
            reverse_movement(movement=movement, **supply.shop.heading())
            delivery.refresh_from_db()
            assert (received(order), delivery.reversal is None) == (expected, place == 0)

    def test_a_closed_order_stays_closed(self, supply: Supply) -> None:
        order = supply.order(3)
        delivery = supply.receive(order, 1)
        close_purchase(order=order)
        take_back_delivery(delivery=delivery, actor=supply.shop.actor)
        assert (state(order), received(order)) == ("closed", [0])


class TestCosts:
    def test_the_average_moves_and_is_derived(self, supply: Supply) -> None:
        supply.receive(supply.order(10, cost="8000"), 10)
        supply.receive(supply.order(5, cost="9500"), 5)
        assert supply.costs() == [Decimal("8500.000000"), None, None]
        last = CostEntry.objects.first()
        assert last is not None
        derivation = (last.on_hand_before, last.average_before, last.quantity, last.unit_cost, last.average_after)
        assert derivation == (10, 8000, 5, 9500, 8500)

    def test_another_currency_at_the_rate_of_the_order(self, supply: Supply) -> None:
        order = supply.order(3, cost="42.1234", currency="CNY", exchange_rate=Decimal("191.25"))
        supply.receive(order, 3)
        assert supply.costs()[0] == Decimal("8056.100250")  # 42.1234 x 191.25

    def test_a_line_without_a_cost_moves_nothing(self, supply: Supply) -> None:
        supply.receive(supply.order(3, cost="8000"), 3)
        supply.receive(supply.order(3, cost=None), 3)
        assert supply.costs()[0] == 8000

    def test_what_came_at_another_cost(self, supply: Supply) -> None:
        order, shirt = supply.order(3, cost="8000"), supply.shop.shirts[0].pk
        receive_delivery(order=order, arrivals=[Arrival(shirt, 3, Decimal(7000))], **supply.shop.heading())
        assert supply.costs()[0] == 7000
        assert Delivery.objects.get().lines.get().unit_cost == 7000

    def test_taken_back_the_cost_is_as_before(self, supply: Supply) -> None:
        supply.receive(supply.order(10, cost="8000"), 10)
        delivery = supply.receive(supply.order(5, cost="9500"), 5)
        take_back_delivery(delivery=delivery, actor=supply.shop.actor)
        assert supply.costs()[0] == 8000
        assert verify_ledger() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_clerks_receive_the_same_order(self, supply: Supply) -> None:
        order = supply.order(40, 40)
        answers = at_once([lambda: [supply.receive(order, 1, 2) for _time in range(4)]] * 4)
        assert sum(len(each) for each in answers) == 16
        assert (received(order), supply.on_hand()) == ([16, 32], [16, 32, 0])
        assert state(order) == "partial"
        assert len({delivery.number for each in answers for delivery in each}) == 16
        assert verify_ledger() == []

    def test_the_last_pieces_are_not_received_twice(self, supply: Supply) -> None:
        order = supply.order(3)
        answers = at_once([lambda: supply.receive(order, 3)] * 4)
        codes = sorted(getattr(answer, "code", "received") for answer in answers)
        assert codes == ["over_delivery"] * 3 + ["received"]
        assert (received(order), state(order)) == ([3], "received")

    def test_the_same_form_at_once_is_one_delivery(self, supply: Supply) -> None:
        order, key = supply.order(3), uuid4().hex
        answers = at_once([lambda: supply.receive(order, 2, idempotency_key=key)] * 6)
        assert len({answer.pk for answer in answers}) == 1
        assert (received(order), supply.on_hand()) == ([2], [2, 0, 0])

    def test_the_same_order_at_once_is_one(self, supply: Supply) -> None:
        given = {"brand": supply.shop.brand, "heading": supply.heading(), **supply.shop.heading()}
        answers = at_once([lambda: create_purchase(entries=supply.entries(3), **given)] * 6)
        assert len({answer.pk for answer in answers}) == PurchaseOrder.objects.count() == 1

    def test_received_and_taken_back_at_once(self, supply: Supply) -> None:
        order = supply.order(20)
        delivery = supply.receive(order, 5)
        back = lambda: take_back_delivery(delivery=delivery, actor=supply.shop.actor)  # noqa: E731
        more = lambda: supply.receive(order, 2)  # noqa: E731
        answers = at_once([back, more, back, more, back, more])
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert (received(order), supply.on_hand(), state(order)) == ([6], [6, 0, 0], "partial")
        assert verify_ledger() == []

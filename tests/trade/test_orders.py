"""The life of an order: placed, picked, shipped, cancelled, taken back; each step once, and nothing half done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.core.errors import DomainError
from erp.trade.models import Order, Partner, Shipment, Slip
from erp.trade.services import orders
from erp.trade.services.orders import Entry
from tests.trade.desk import Desk, check_books, codes, counts, key, line_of
from tests.web.shop import build_shop

pytestmark = pytest.mark.django_db


class TestDraft:
    def test_takes_the_price_of_the_product_and_holds_nothing(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.draft(3, 2)
        assert (order.state, order.number[:3], order.buyer) == ("draft", "SO-", desk.buyer)
        assert [line.unit_price for line in order.lines.all()] == [Decimal(10_000)] * 2
        assert desk.held() == (5, 0)

    def test_a_price_of_its_own(self, desk: Desk) -> None:
        order = orders.create_order(entries=desk.entries(1, price="8500"), **desk.heading())
        assert line_of(order).unit_price == 8500

    def test_numbers_have_no_gap_after_a_refusal(self, desk: Desk) -> None:
        first = desk.draft(1)
        with pytest.raises(DomainError):
            orders.create_order(entries=[Entry(0, variant_id=desk.variants[0].pk)], **desk.heading())
        assert int(desk.draft(1).number[-3:]) == int(first.number[-3:]) + 1

    def test_every_wrong_line_is_named(self, desk: Desk) -> None:
        foreign = build_shop().variants[0]
        entries = [
            Entry(0, variant_id=desk.variants[0].pk),
            Entry(1, variant_id=foreign.pk),
            Entry(1),
            Entry(1, pack_id=99),
            Entry(1, variant_id=desk.variants[1].pk, unit_price=Decimal("10.5")),
            Entry(1, variant_id=desk.variants[1].pk, unit_price=Decimal(-1)),
        ]
        with pytest.raises(DomainError) as refused:
            orders.create_order(entries=entries, **desk.heading())
        assert codes(refused) == [
            (1, "quantity", "invalid_quantity"),
            (2, "variant", "unknown_variant"),
            (3, "variant", "name_one"),
            (4, "pack", "unknown_pack"),
            (5, "unit_price", "decimals"),
            (6, "unit_price", "negative"),
        ]
        assert not Order.objects.exists()

    def test_without_a_price_it_is_asked_for(self, desk: Desk) -> None:
        desk.shop.product.price = None
        desk.shop.product.save()
        with pytest.raises(DomainError) as refused:
            desk.draft(1)
        assert codes(refused) == [(1, "unit_price", "price_missing")]

    def test_the_same_variant_twice_is_one_line_unless_the_prices_differ(self, desk: Desk) -> None:
        entries = desk.entries(1) + desk.entries(2)
        assert line_of(orders.create_order(entries=entries, **desk.heading())).quantity == 3
        with pytest.raises(DomainError) as refused:
            orders.create_order(entries=desk.entries(1) + desk.entries(2, price="9000"), **desk.heading())
        assert codes(refused) == [(2, "unit_price", "two_prices")]

    def test_what_is_wrong_with_the_heading(self, desk: Desk) -> None:
        other = Partner.objects.create(brand=build_shop().brand, name="남", is_buyer=True)
        supplier = Partner.objects.create(brand=desk.shop.brand, name="공장", is_supplier=True)
        for more, field in (
            ({"buyer": None}, "buyer"),
            ({"buyer": other}, "buyer"),
            ({"buyer": supplier}, "buyer"),
            ({"location": desk.shop.defect}, "location"),
            ({"location": build_shop().main}, "location"),
            ({"channel": "moon"}, "channel"),
            ({"channel_number": "7"}, "channel_name"),
            ({"note": "x" * 201}, "note"),
            ({"deliver_to": other.shops.create(name="2호점")}, "deliver_to"),
        ):
            with pytest.raises(DomainError) as refused:
                desk.draft(1, **more)
            assert field in {problem.field for problem in refused.value.problems}, more

    def test_a_draft_is_changed_until_it_is_placed(self, desk: Desk) -> None:
        order = desk.draft(1)
        orders.update_order(order=order, entries=desk.entries(0, 4), location=desk.shop.main, buyer=desk.buyer)
        assert [(line.variant, line.quantity) for line in order.lines.all()] == [(desk.variants[1], 4)]
        orders.place_order(order=order, actor=desk.shop.clerk)
        with pytest.raises(DomainError) as refused:
            orders.update_order(order=order, entries=desk.entries(1), location=desk.shop.main)
        assert refused.value.code == "not_a_draft"

    def test_the_same_key_is_the_same_order(self, desk: Desk) -> None:
        first, again = desk.draft(1, idempotency_key="k"), desk.draft(1, idempotency_key="k")
        assert (first.pk, first.replayed, again.replayed) == (again.pk, False, True)
        with pytest.raises(DomainError) as refused:
            desk.draft(2, idempotency_key="k")
        assert (refused.value.code, refused.value.status) == ("idempotency_conflict", 409)
        assert Order.objects.count() == 1


class TestPlace:
    def test_holds_what_is_there_and_the_rest_waits(self, desk: Desk) -> None:
        desk.stock(2, 5)
        order = desk.placed(3, 5)
        assert [(line.reserved, line.waiting) for line in order.lines.all()] == [(2, 1), (5, 0)]
        assert order.state == "open"
        assert desk.held() == (2, 2)
        check_books(desk)

    def test_a_second_press_holds_nothing_more(self, desk: Desk) -> None:
        desk.stock(9)
        order = desk.placed(3)
        orders.place_order(order=order, actor=desk.shop.clerk)
        assert desk.held() == (9, 3)
        assert order.events.count() == 1

    def test_all_or_none(self, desk: Desk) -> None:
        desk.stock(5, 1)
        order = desk.draft(3, 2)
        with pytest.raises(DomainError) as refused:
            orders.place_order(order=order, actor=desk.shop.clerk, partial=False)
        assert codes(refused) == [(2, "quantity", "insufficient_stock")]
        order.refresh_from_db()
        assert (order.state, desk.held()) == ("draft", (5, 0))

    def test_two_orders_do_not_get_the_same_pieces(self, desk: Desk) -> None:
        desk.stock(5)
        first, second = desk.placed(4), desk.placed(4)
        assert (line_of(first).reserved, line_of(second).reserved) == (4, 1)

    def test_a_cancelled_order_is_not_placed(self, desk: Desk) -> None:
        order = desk.draft(1)
        desk.cancel(order)
        with pytest.raises(DomainError) as refused:
            orders.place_order(order=order, actor=desk.shop.clerk)
        assert refused.value.code == "not_a_draft"

    def test_what_arrives_later_is_held_on_request(self, desk: Desk) -> None:
        order = desk.placed(5)
        desk.stock(3)
        for _press in range(2):
            orders.reserve_waiting(order=order, actor=desk.shop.clerk, idempotency_key="k")
        assert counts(line_of(order)) == (5, 3, 0, 0, 0)
        desk.ship(order)
        assert counts(line_of(order)) == (5, 0, 3, 0, 3)
        check_books(desk)


class TestPick:
    def test_says_what_is_off_the_shelf(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(4)
        pk = line_of(order).pk
        picked = orders.pick_order(order=order, quantities={pk: 3}, actor=desk.shop.clerk)
        assert (picked.state, line_of(order).picked) == ("picked", 3)
        orders.pick_order(order=order, quantities={pk: 3}, actor=desk.shop.clerk)
        assert order.events.filter(kind="picked").count() == 1
        desk.ship(order)  # what is picked, unless told otherwise
        assert counts(line_of(order)) == (4, 1, 3, 0, 3)
        assert Order.objects.get().state == "open"

    def test_no_more_than_is_held(self, desk: Desk) -> None:
        desk.stock(2)
        order = desk.placed(4)
        with pytest.raises(DomainError) as refused:
            orders.pick_order(order=order, quantities={line_of(order).pk: 3}, actor=desk.shop.clerk)
        assert codes(refused) == [(1, "quantity", "too_many")]
        assert line_of(order).picked == 0

    def test_a_draft_is_not_picked(self, desk: Desk) -> None:
        with pytest.raises(DomainError) as refused:
            orders.pick_order(order=desk.draft(1), quantities={}, actor=desk.shop.clerk)
        assert refused.value.code == "not_open"


class TestShip:
    def test_all_that_is_held_with_a_slip_and_a_payment(self, desk: Desk) -> None:
        desk.stock(5, 5)
        order = desk.placed(3, 2)
        shipment = desk.ship(order, paid=Decimal(20_000))
        order.refresh_from_db()
        assert order.state == "shipped"
        assert [counts(line) for line in order.lines.all()] == [(3, 0, 3, 0, 3), (2, 0, 2, 0, 2)]
        assert (desk.held(0), desk.held(1)) == ((2, 0), (3, 0))
        slip = shipment.slip
        assert (slip.total, slip.paid, slip.new_balance) == (50_000, 20_000, 30_000)
        assert (slip.order, slip.posting) == (order, shipment.posting)
        assert shipment.posting.reference == order.number
        check_books(desk)

    def test_in_parts(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(5)
        desk.ship(order, 2)
        assert counts(line_of(order)) == (5, 3, 2, 0, 2)
        desk.ship(order, 3)
        assert Order.objects.get().state == "shipped"
        assert [slip.total for slip in Slip.objects.order_by("pk")] == [20_000, 30_000]
        check_books(desk)

    def test_the_same_key_ships_once(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(4)
        first, again = (desk.ship(order, 2, idempotency_key="k") for _press in range(2))
        assert (first.pk, first.replayed, again.replayed) == (again.pk, False, True)
        with pytest.raises(DomainError) as refused:
            desk.ship(order, 1, idempotency_key="k")
        assert refused.value.status == 409
        assert desk.held() == (3, 2)
        assert Slip.objects.count() == 1

    def test_more_than_is_held_takes_what_is_available(self, desk: Desk) -> None:
        order = desk.placed(4)
        desk.stock(3)
        desk.ship(order, 3)
        assert counts(line_of(order)) == (4, 0, 3, 0, 3)

    def test_what_is_held_for_others_stays(self, desk: Desk) -> None:
        desk.stock(3)
        desk.placed(3)
        order = desk.placed(2)
        with pytest.raises(DomainError) as refused:
            desk.ship(order, 2)
        assert codes(refused) == [(1, "quantity", "insufficient_stock")]
        assert not Shipment.objects.exists()
        assert not Slip.objects.exists()
        check_books(desk)

    @pytest.mark.parametrize("quantity", [5, -1, "2", True])
    def test_wrong_quantities(self, desk: Desk, quantity) -> None:
        desk.stock(9)
        order = desk.placed(4)
        with pytest.raises(DomainError) as refused:
            desk.ship(order, quantity)
        assert codes(refused) == [(1, "quantity", "too_many")]
        assert desk.held() == (9, 4)

    def test_nothing_is_no_shipment(self, desk: Desk) -> None:
        order = desk.placed(4)
        with pytest.raises(DomainError) as refused:
            desk.ship(order)
        assert refused.value.code == "nothing_to_ship"

    def test_a_line_of_another_order_is_unknown(self, desk: Desk) -> None:
        desk.stock(9)
        order, other = desk.placed(1), desk.placed(1)
        with pytest.raises(DomainError) as refused:
            orders.ship_order(
                order=order, actor=desk.shop.clerk, idempotency_key=key(), quantities={line_of(other).pk: 1}
            )
        assert refused.value.code == "unknown_line"

    def test_over_the_credit_limit_nothing_leaves(self, desk: Desk) -> None:
        desk.stock(5)
        desk.buyer.credit_limit = Decimal(15_000)
        desk.buyer.save()
        order = desk.placed(2)
        with pytest.raises(DomainError) as refused:
            desk.ship(order)
        assert refused.value.code == "credit_limit"
        assert desk.held() == (5, 2)
        desk.ship(order, paid=Decimal(20_000))
        check_books(desk)

    def test_the_rest_is_cancelled(self, desk: Desk) -> None:
        desk.stock(5, 5)
        order = desk.placed(5, 2)
        lines = list(order.lines.order_by("pk"))
        desk.ship(order, 3, 2, shortages={lines[0].pk: "cancel"})
        assert counts(lines[0]) == (5, 0, 3, 2, 3)
        assert Order.objects.get().state == "shipped"
        assert desk.held() == (2, 0)
        check_books(desk)


class TestCancel:
    def test_releases_all_once(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(4)
        for _press in range(2):
            assert desk.cancel(order).state == "cancelled"
        assert desk.held() == (5, 0)
        assert order.events.filter(kind="cancelled").count() == 1
        check_books(desk)

    def test_some_pieces_first_those_that_wait(self, desk: Desk) -> None:
        desk.stock(3)
        order = desk.placed(5)
        pk = line_of(order).pk
        for _press in range(2):
            desk.cancel(order, quantities={pk: 3}, idempotency_key="k")
        assert counts(line_of(order)) == (5, 2, 0, 3, 0)
        assert desk.held() == (3, 2)
        with pytest.raises(DomainError) as refused:
            desk.cancel(order, quantities={pk: 3})
        assert codes(refused) == [(1, "quantity", "too_many")]

    def test_what_went_out_stays(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(5)
        desk.ship(order, 2)
        assert desk.cancel(order).state == "shipped"
        assert counts(line_of(order)) == (5, 0, 2, 3, 2)
        with pytest.raises(DomainError) as refused:
            desk.cancel(order)
        assert refused.value.code == "not_open"
        check_books(desk)


def test_many_orders_are_shipped_each_for_itself(desk: Desk) -> None:
    desk.stock(5)
    ready, waiting = desk.placed(2), desk.placed(9, buyer=None, channel="retail")
    desk.cancel(waiting)
    results = orders.ship_orders(orders=[ready, waiting], actor=desk.shop.clerk, idempotency_key="bulk")
    assert [(bool(r.shipment), r.error and r.error.code) for r in results] == [(True, None), (False, "not_open")]
    again = orders.ship_orders(orders=[ready], actor=desk.shop.clerk, idempotency_key="bulk")
    assert again[0].shipment.replayed
    assert desk.held() == (3, 0)

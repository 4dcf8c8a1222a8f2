"""Orders sold in one press, and shipments that are taken back from whatever page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.core.errors import DomainError
from erp.inventory.models import Posting, StockMovement
from erp.inventory.services import reverse_movement, reverse_posting
from erp.trade.models import Order, OrderEvent, Slip
from erp.trade.services import orders
from tests.trade.desk import Desk, check_books, codes, counts, key, line_of

pytestmark = pytest.mark.django_db


class TestTakenBack:
    """A reversal, from whatever page, takes the order and the slip along."""

    def test_the_order_is_open_again_and_nobody_owes(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(3)
        shipment = desk.ship(order, paid=Decimal(10_000))
        reverse_posting(posting=shipment.posting, actor=desk.shop.owner, idempotency_key=key(), note="wrong box")
        order.refresh_from_db()
        assert (order.state, counts(line_of(order))) == ("open", (3, 0, 0, 0, 0))
        assert desk.held() == (5, 0)
        assert desk.balance() == 0
        shipment.refresh_from_db()
        assert shipment.reversal is not None
        assert order.events.get(kind="taken_back").note == "wrong box"
        check_books(desk)

    def test_then_it_can_be_shipped_anew(self, desk: Desk) -> None:
        desk.stock(3)
        order = desk.placed(3)
        reverse_posting(posting=desk.ship(order).posting, actor=desk.shop.owner, idempotency_key=key())
        orders.reserve_waiting(order=order, actor=desk.shop.clerk, idempotency_key=key())
        desk.ship(order)
        assert (Order.objects.get().state, desk.balance()) == ("shipped", 30_000)
        check_books(desk)

    def test_a_single_movement_gets_a_credit_note(self, desk: Desk) -> None:
        desk.stock(3, 3)
        order = desk.placed(2, 1)
        shipment = desk.ship(order, paid=Decimal(30_000))
        movement = StockMovement.objects.filter(posting=shipment.posting, variant=desk.variants[0]).get()
        reverse_movement(movement=movement, actor=desk.shop.owner, idempotency_key=key())
        assert counts(line_of(order, 0)) == (2, 0, 0, 0, 0)
        assert counts(line_of(order, 1)) == (1, 0, 1, 0, 1)
        assert desk.balance() == -20_000
        assert Slip.objects.filter(kind="credit").get().total == -20_000
        check_books(desk)

    def test_not_while_some_came_back_as_a_return(self, desk: Desk) -> None:
        desk.stock(3)
        order = desk.placed(3)
        shipment = desk.ship(order)
        order.lines.update(returned=1)
        with pytest.raises(DomainError) as refused:
            reverse_posting(posting=shipment.posting, actor=desk.shop.owner, idempotency_key=key())
        assert codes(refused) == [(1, "quantity", "went_on")]
        assert desk.held() == (0, 0)
        assert Posting.objects.filter(kind="reversal").count() == 0

    def test_a_retail_sale_has_no_money_to_take_back(self, desk: Desk) -> None:
        desk.stock(3)
        order = desk.channel(2)
        shipment = desk.ship(order)
        reverse_posting(posting=shipment.posting, actor=desk.shop.owner, idempotency_key=key())
        assert counts(line_of(order)) == (2, 0, 0, 0, 0)
        assert not Slip.objects.exists()

    def test_other_postings_have_no_order(self, desk: Desk) -> None:
        posting = desk.shop.stock(3)
        reverse_posting(posting=posting, actor=desk.shop.owner, idempotency_key=key())
        assert not OrderEvent.objects.exists()


class TestSellNow:
    def sell(self, desk: Desk, *quantities: int, **more) -> Order:
        return orders.sell_now(entries=desk.entries(*quantities), **desk.heading(**more))

    def test_order_shipment_slip_and_payment_in_one(self, desk: Desk) -> None:
        desk.stock(5)
        order = self.sell(desk, 2, paid=Decimal(20_000), method="transfer")
        assert (order.state, counts(line_of(order))) == ("shipped", (2, 0, 2, 0, 2))
        slip = Slip.objects.get()
        assert (slip.total, slip.paid, slip.method, slip.new_balance) == (20_000, 20_000, "transfer", 0)
        assert desk.held() == (3, 0)
        check_books(desk)

    def test_pressed_twice_it_sells_once(self, desk: Desk) -> None:
        desk.stock(5)
        first, again = (self.sell(desk, 2, idempotency_key="k") for _press in range(2))
        assert (first.pk, again.replayed) == (again.pk, True)
        assert desk.held() == (3, 0)
        assert Slip.objects.count() == 1

    def test_too_little_sells_nothing_and_names_the_lines(self, desk: Desk) -> None:
        desk.stock(5, 1)
        with pytest.raises(DomainError) as refused:
            self.sell(desk, 2, 2)
        assert codes(refused) == [(2, "quantity", "insufficient_stock")]
        assert (Order.objects.count(), Slip.objects.count(), desk.held()) == (0, 0, (5, 0))

    def test_what_is_short_may_be_owed(self, desk: Desk) -> None:
        desk.stock(1)
        order = self.sell(desk, 3, shortage="owed", paid=Decimal(30_000))
        line = line_of(order)
        assert (order.state, counts(line), line.owed) == ("open", (3, 0, 1, 0, 3), 2)
        assert Slip.objects.get().total == 30_000
        check_books(desk)

    def test_over_the_counter_without_a_buyer(self, desk: Desk) -> None:
        desk.stock(5)
        order = self.sell(desk, 2, buyer=None, channel="retail", customer_name="손님")
        assert (order.state, Slip.objects.count(), desk.held()) == ("shipped", 0, (3, 0))
        with pytest.raises(DomainError) as refused:
            self.sell(desk, 1, buyer=None, channel="retail", paid=Decimal(1))
        assert refused.value.code == "paid_needs_buyer"

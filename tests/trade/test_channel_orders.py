"""Orders of customers and marketplaces: held on order, paid or given up, the same number one order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from erp.core.errors import DomainError
from erp.core.jobs import ensure_schedules
from erp.trade.models import Order, Slip
from erp.trade.services import orders
from erp.trade.tasks import release_unpaid
from tests.trade.desk import Desk, check_books, counts, line_of

pytestmark = pytest.mark.django_db


def overdue(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    order.refresh_from_db()
    return order


def soon():
    return timezone.now() + timedelta(minutes=30)


class TestCreate:
    def test_holds_the_goods_at_once(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.channel(2, channel_number="N-1", customer_name="김하나")
        assert (order.state, order.customer_name, desk.held()) == ("open", "김하나", (5, 2))

    def test_all_or_none_and_nothing_stays(self, desk: Desk) -> None:
        desk.stock(5, 1)
        with pytest.raises(DomainError) as refused:
            desk.channel(2, 2, channel_number="N-1")
        assert [(p.line, p.code) for p in refused.value.problems] == [(2, "insufficient_stock")]
        assert (Order.objects.count(), desk.held()) == (0, (5, 0))

    def test_what_is_there_if_asked(self, desk: Desk) -> None:
        desk.stock(1)
        assert counts(line_of(desk.channel(3, partial=True)))[:2] == (3, 1)

    def test_the_same_number_is_the_same_order(self, desk: Desk) -> None:
        desk.stock(5)
        first = desk.channel(2, channel_number="N-1", expires_at=soon())
        again = desk.channel(2, channel_number="N-1", expires_at=soon())
        assert (first.pk, again.replayed, desk.held()) == (again.pk, True, (5, 2))
        other = desk.channel(2, channel_number="N-1", channel_name="bazaar")
        assert other.pk != first.pk

    def test_other_content_under_the_same_number_is_refused(self, desk: Desk) -> None:
        desk.stock(5)
        desk.channel(2, channel_number="N-1")
        with pytest.raises(DomainError) as refused:
            desk.channel(3, channel_number="N-1")
        assert (refused.value.code, refused.value.status) == ("order_conflict", 409)
        assert desk.held() == (5, 2)

    def test_a_time_that_is_over_is_refused(self, desk: Desk) -> None:
        desk.stock(5)
        with pytest.raises(DomainError) as refused:
            desk.channel(2, expires_at=timezone.now())
        assert [p.field for p in refused.value.problems] == ["expires_at"]


class TestExpiry:
    def test_unpaid_holds_are_released_once(self, desk: Desk) -> None:
        desk.stock(5)
        order = overdue(desk.channel(2, expires_at=soon()))
        assert [release_unpaid() for _time in range(2)] == [1, 0]
        order.refresh_from_db()
        assert (order.state, desk.held()) == ("cancelled", (5, 0))
        assert order.events.last().kind == "expired"
        check_books(desk)

    def test_not_before_its_time(self, desk: Desk) -> None:
        desk.stock(5)
        desk.channel(2, expires_at=soon())
        assert release_unpaid() == 0
        assert desk.held() == (5, 2)

    def test_paid_orders_stay(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.channel(2, expires_at=soon())
        for _time in range(2):
            orders.confirm_order(order=order, actor=desk.shop.clerk)
        assert order.events.filter(kind="confirmed").count() == 1
        assert not orders.expire_order(order=order, moment=soon() + timedelta(days=1))
        assert desk.held() == (5, 2)

    def test_a_payment_that_comes_too_late_is_told(self, desk: Desk) -> None:
        desk.stock(5)
        order = overdue(desk.channel(2, expires_at=soon()))
        release_unpaid()
        with pytest.raises(DomainError) as refused:
            orders.confirm_order(order=order, actor=desk.shop.clerk)
        assert refused.value.status == 409

    def test_what_was_shipped_does_not_expire(self, desk: Desk) -> None:
        desk.stock(5)
        order = overdue(desk.channel(2, expires_at=soon()))
        desk.ship(order, 1)
        assert release_unpaid() == 0
        assert counts(line_of(order))[:4] == (2, 1, 1, 0)

    def test_a_worker_looks_every_minute(self, db) -> None:
        assert "Release holds that were not paid in time" in ensure_schedules()
        row = Schedule.objects.get(func="erp.trade.tasks.release_unpaid")
        assert (row.schedule_type, row.minutes) == (Schedule.MINUTES, 1)
        before = Schedule.objects.count()
        ensure_schedules()
        assert Schedule.objects.count() == before


def test_ship_and_cancel_make_no_slip(desk: Desk) -> None:
    desk.stock(5)
    order = desk.channel(3)
    desk.ship(order, 2)
    desk.cancel(order)
    order.refresh_from_db()
    assert (order.state, counts(line_of(order)), desk.held()) == ("shipped", (3, 0, 2, 1, 0), (3, 0))
    assert not Slip.objects.exists()
    check_books(desk)

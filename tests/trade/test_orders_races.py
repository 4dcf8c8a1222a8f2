"""Many people at one stock and at one order. Threads need a database that lets two of them write: real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - the mark below asks it
from django.utils import timezone

from erp.core.errors import DomainError
from erp.inventory.models import Balance, Reservation
from erp.inventory.services import receive, reverse_posting
from erp.trade.models import Order, Partner, Slip
from erp.trade.services import orders
from erp.trade.services.orders import Entry
from tests.factories import VariantFactory
from tests.inventory.racers import at_once
from tests.trade.desk import Desk, build_desk, check_books, key, line_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def desk(transactional_db) -> Desk:
    return build_desk()


def refusals(answers: list[Any]) -> list[str]:
    return [answer.code for answer in answers if isinstance(answer, DomainError)]


def test_64_sellers_at_10_variants_with_100_pieces(desk: Desk) -> None:
    """Each sells what comes first: over the counter, or by an order that is held and then shipped or cancelled."""
    variants = [VariantFactory(product=desk.shop.product) for _n in range(10)]
    heading = {"brand": desk.shop.brand, "actor": desk.shop.owner, "idempotency_key": key()}
    receive(location=desk.shop.main, quantities={variant.pk: 10 for variant in variants}, **heading)
    buyers = [Partner.objects.create(brand=desk.shop.brand, name=f"상회 {n}", is_buyer=True) for n in range(8)]

    def seller(n: int) -> Callable[[], int]:
        def sell() -> int:
            sold = 0
            for turn in range(3):
                chosen = [variants[(n + turn * 3) % 10], variants[(n * 7 + turn + 1) % 10]]
                entries = [Entry(1, variant_id=variant.pk) for variant in dict.fromkeys(chosen)][:: 1 - 2 * (n % 2)]
                common = desk.heading(buyer=buyers[n % 8], idempotency_key=uuid.uuid4().hex)
                try:
                    sold += _sell(entries, common, cancels=(n + turn) % 4 == 0)
                except DomainError as error:
                    assert error.code == "insufficient_stock", error.code  # noqa: PT017
            return sold

        return sell

    def _sell(entries: list[Entry], common: dict[str, Any], *, cancels: bool) -> int:
        if not cancels:
            orders.sell_now(entries=entries, **common)
            return len(entries)
        order = orders.take_order(entries=entries, **common)
        orders.cancel_order(order=order, actor=desk.shop.clerk, idempotency_key="c")
        return 0

    answers = at_once([seller(n) for n in range(64)])
    left = sum(row.on_hand for row in Balance.objects.filter(variant__in=variants))
    assert sum(answers) == 100 - left
    assert left < 20  # three turns of 64 sellers leave little
    assert not Reservation.objects.open().exists()
    assert not Balance.objects.filter(reserved__gt=0).exists()
    numbers = list(Slip.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    check_books(desk)


def test_the_last_pieces_are_promised_once(desk: Desk) -> None:
    desk.stock(10)
    drafts = [desk.draft(3, buyer=None, channel="retail") for _n in range(8)]
    place = [lambda o=o: orders.place_order(order=o, actor=desk.shop.clerk, partial=False) for o in drafts]
    assert refusals(at_once(place)) == ["insufficient_stock"] * 5
    assert desk.held() == (10, 9)
    check_books(desk)


def test_place_ship_and_cancel_of_one_order_at_once(desk: Desk) -> None:
    for _round in range(6):
        desk.stock(4)
        order = desk.placed(4)
        answers = at_once(
            [
                lambda o=order: orders.ship_order(order=o, actor=desk.shop.clerk, idempotency_key=key()),
                lambda o=order: desk.cancel(o),
                lambda o=order: orders.place_order(order=o, actor=desk.shop.clerk),
                lambda o=order: desk.ship(o, idempotency_key="again"),
            ]
        )
        order.refresh_from_db()
        line = line_of(order)
        assert (line.reserved, line.shipped + line.cancelled) == (0, 4)
        assert order.state == ("shipped" if line.shipped else "cancelled")
        assert set(refusals(answers)) <= {"not_open", "nothing_to_ship", "not_a_draft"}
    check_books(desk)


def test_the_same_press_at_once_is_one_step(desk: Desk) -> None:
    desk.stock(9)
    order = desk.placed(6)
    shipments = at_once([lambda: desk.ship(order, 2, idempotency_key="k")] * 5)
    assert len({shipment.pk for shipment in shipments}) == 1
    sales = at_once([lambda: orders.sell_now(entries=desk.entries(1), **desk.heading(idempotency_key="sale"))] * 5)
    assert len({sale.pk for sale in sales}) == 1
    assert desk.held() == (6, 4)
    assert Slip.objects.count() == 2
    check_books(desk)


def test_one_number_of_a_marketplace_at_once_is_one_order(desk: Desk) -> None:
    desk.stock(9)
    answers = at_once([lambda: desk.channel(2, channel_number="N-1")] * 6)
    assert len({order.pk for order in answers}) == 1
    assert (Order.objects.count(), desk.held()) == (1, (9, 2))


def test_expiry_against_payment_and_shipping(desk: Desk) -> None:
    for _round in range(6):
        desk.stock(2)
        order = desk.channel(2, expires_at=timezone.now() + timedelta(minutes=5))
        Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
        at_once(
            [
                orders.expire_orders,
                lambda o=order: orders.confirm_order(order=o, actor=desk.shop.clerk),
                lambda o=order: desk.ship(o),
                orders.expire_orders,
            ]
        )
        line = line_of(order)
        assert (line.reserved, line.shipped + line.cancelled) == (0, 2)
    check_books(desk)


def test_a_shipment_is_taken_back_once_while_the_order_goes_on(desk: Desk) -> None:
    for _round in range(4):
        desk.stock(4)
        order = desk.placed(4)
        posting = desk.ship(order, 2).posting
        take_back = [lambda p=posting: reverse_posting(posting=p, actor=desk.shop.owner, idempotency_key=key())] * 2
        answers = at_once([*take_back, lambda o=order: desk.ship(o, 2), lambda o=order: desk.cancel(o)])
        assert refusals(answers).count("already_reversed") == 1
        desk.cancel(order) if any(line.open for line in order.lines.all()) else None
    check_books(desk)


def test_arrivals_are_given_out_once(desk: Desk) -> None:
    debts = [desk.placed(3) for _n in range(4)]
    desk.stock(6)
    wanted = {line_of(order).pk: 3 for order in debts}
    common = {"brand": desk.shop.brand, "actor": desk.shop.clerk, "quantities": wanted}
    answers = at_once([lambda: orders.allocate(idempotency_key=uuid.uuid4().hex, **common)] * 4)
    assert sum(held for held, _refused in answers) == 6
    assert desk.held() == (6, 6)
    check_books(desk)

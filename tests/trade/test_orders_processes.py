"""Processes that sell at the same moment, on every database."""

from __future__ import annotations

import pytest

from erp.trade.models import Slip
from tests.inventory.racers import in_processes
from tests.trade.desk import build_desk, check_books

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_counters_sell_what_there_is_and_no_more() -> None:
    desk = build_desk()
    desk.stock(20)
    task = {
        "location": desk.shop.main.pk,
        "buyer": desk.buyer.pk,
        "actor": desk.shop.clerk.pk,
        "variant": desk.variants[0].pk,
        "tries": 10,
    }
    answers = in_processes([task] * 3, "tests.trade.order_seller")
    assert sum(answer["sold"] for answer in answers) == 20
    assert {refusal[0] for answer in answers for refusal in answer["refusals"]} == {"insufficient_stock"}
    assert desk.held() == (0, 0)
    assert list(Slip.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 21))
    assert desk.balance() == 200_000
    check_books(desk)

"""The moving average cost, and that every step of it can be followed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from erp.core.errors import DomainError
from erp.inventory.costs import average_costs
from erp.inventory.models import CostEntry, Posting, VariantCost
from erp.inventory.services import Line, post_movements, receive, reverse_posting, ship, transfer
from erp.inventory.services.costs import moved_average
from erp.inventory.triggers import lifted
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop
from tests.inventory.racers import at_once


def buy(shop: Shop, quantity: int, cost: str | None, **options: Any) -> Posting:
    shirt = shop.shirts[0]
    costs = {shirt.pk: Decimal(cost)} if cost else None
    return receive(
        brand=shop.brand, location=shop.main, quantities={shirt.pk: quantity}, unit_costs=costs,
        **(shop.heading() | options),
    )  # fmt: skip


def average(shop: Shop) -> Decimal | None:
    return average_costs(shop.brand, [shop.shirts[0].pk]).get(shop.shirts[0].pk)


def test_the_average_moves_with_each_receipt(shop: Shop) -> None:
    assert average(shop) is None
    buy(shop, 10, "8000")
    assert average(shop) == 8000
    buy(shop, 5, "9500")
    assert average(shop) == 8500
    steps = CostEntry.objects.order_by("pk").values_list(
        "on_hand_before", "average_before", "quantity", "average_after"
    )
    assert list(steps) == [(0, None, 10, 8000), (10, 8000, 5, 8500)]
    assert verify_ledger() == []


def test_what_leaves_and_moves_keeps_the_average(shop: Shop) -> None:
    shirt = shop.shirts[0]
    buy(shop, 10, "8000")
    ship(brand=shop.brand, location=shop.main, quantities={shirt.pk: 4}, **shop.heading())
    transfer(brand=shop.brand, source=shop.main, destination=shop.shop, quantities={shirt.pk: 3}, **shop.heading())
    assert average(shop) == 8000
    buy(shop, 2, "10000")  # 6 at 8,000 wherever they lie, and 2 at 10,000
    assert average(shop) == 8500


def test_pieces_without_a_cost_take_the_average(shop: Shop) -> None:
    buy(shop, 4, None)
    assert average(shop) is None
    buy(shop, 2, "9000")
    assert average(shop) == 9000
    buy(shop, 6, None)
    assert average(shop) == 9000
    assert CostEntry.objects.count() == 1


def test_several_lines_of_one_variant_are_taken_in_turn(shop: Shop) -> None:
    pk = shop.shirts[0].pk
    lines = [
        Line(pk, 1, "supplier", shop.main.pk, unit_cost=Decimal(100)),
        Line(pk, 2, "supplier", shop.shop.pk, unit_cost=Decimal(101)),
    ]
    post_movements(brand=shop.brand, kind="receipt", lines=lines, **shop.heading())
    assert average(shop) == Decimal("100.666667")
    assert [entry.on_hand_before for entry in CostEntry.objects.order_by("pk")] == [0, 1]


def test_a_receipt_that_is_taken_back_takes_its_cost_along(shop: Shop) -> None:
    buy(shop, 10, "8000")
    wrong = buy(shop, 10, "80000")
    assert average(shop) == 44000
    reverse_posting(posting=wrong, **shop.heading())
    assert average(shop) == 8000
    assert CostEntry.objects.order_by("pk").last().quantity == -10
    assert verify_ledger() == []


def test_the_same_receipt_twice_counts_once(shop: Shop) -> None:
    for _time in range(3):
        buy(shop, 10, "8000", idempotency_key="k")
    assert CostEntry.objects.count() == 1
    with pytest.raises(DomainError, match="키"):
        buy(shop, 10, "8001", idempotency_key="k")


@pytest.mark.parametrize("cost", ["-1", "1e12", "NaN"])
def test_impossible_costs_are_refused_with_the_receipt(shop: Shop, cost: str) -> None:
    with pytest.raises(DomainError) as caught:
        buy(shop, 1, cost)
    assert [(p.line, p.field, p.code) for p in caught.value.problems] == [(1, "unit_cost", "invalid_cost")]
    assert not Posting.objects.exists()


def test_only_arrivals_have_a_cost(shop: Shop) -> None:
    buy(shop, 1, "8000")
    line = Line(shop.shirts[0].pk, 1, shop.main.pk, "customer", unit_cost=Decimal(1))
    with pytest.raises(DomainError) as caught:
        post_movements(brand=shop.brand, kind="shipment", lines=[line], **shop.heading())
    assert caught.value.code == "cost_without_arrival"


def test_the_database_keeps_the_steps(shop: Shop) -> None:
    buy(shop, 1, "8000")
    for change in (
        lambda: CostEntry.objects.update(unit_cost=1),
        lambda: CostEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_forged_cost_is_named(shop: Shop) -> None:
    buy(shop, 1, "8000")
    buy(shop, 1, "9000")
    VariantCost.objects.update(average=1)
    assert [d.check for d in verify_ledger()] == ["cost"]
    VariantCost.objects.update(average=8500)
    assert verify_ledger() == []
    with lifted(connection):
        CostEntry.objects.filter(average_after=8000).update(average_after=7000)
    assert {d.check for d in verify_ledger()} == {"cost"}


@given(st.lists(st.tuples(st.integers(1, 50), st.decimals(0, 999_999, places=4)), min_size=1, max_size=12))
def test_the_average_of_receipts_alone_is_their_mean(receipts: list[tuple[int, Decimal]]) -> None:
    """Within a millionth for each rounding on the way."""
    found, on_hand = None, 0
    for quantity, cost in receipts:
        found = moved_average(on_hand, found, quantity, cost)
        on_hand += quantity
    mean = sum(quantity * cost for quantity, cost in receipts) / on_hand
    assert found is not None
    assert abs(found - mean) <= Decimal("0.000001") * len(receipts)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_receipts_at_once_both_count(live_shop: Shop) -> None:
    at_once([lambda n=n: buy(live_shop, 1, str(1000 * n)) for n in range(1, 9)])
    assert abs(average(live_shop) - 4500) <= Decimal("0.000008")  # a rounding for each, in whatever order they came
    assert verify_ledger() == []

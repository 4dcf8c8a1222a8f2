"""A mistake is taken back by movements that point at it, once."""

from __future__ import annotations

import pytest

from erp.core.errors import DomainError
from erp.inventory.models import Posting, StockMovement
from erp.inventory.services import (
    Line,
    adjust,
    post_movements,
    receive,
    reverse_movement,
    reverse_posting,
    ship,
    transfer,
)
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop


@pytest.fixture
def receipt(shop: Shop) -> Posting:
    quantities = {shop.shirts[0].pk: 5, shop.shirts[1].pk: 2}
    return receive(brand=shop.brand, location=shop.main, quantities=quantities, **shop.heading(reference="PO-1"))


def test_a_whole_posting_is_taken_back(shop: Shop, receipt: Posting) -> None:
    reversal = reverse_posting(posting=receipt, **shop.heading(note="wrong box"))
    assert reversal.kind == "reversal"
    assert {m.reverses.posting_id for m in reversal.movements.all()} == {receipt.pk}
    assert {m.reversed_by.posting_id for m in receipt.movements.all()} == {reversal.pk}
    assert [shop.on_hand(shirt) for shirt in shop.shirts] == [0, 0, 0]
    assert verify_ledger() == []


def test_one_movement_is_taken_back(shop: Shop, receipt: Posting) -> None:
    second = receipt.movements.get(variant=shop.shirts[1])
    reverse_movement(movement=second, **shop.heading())
    assert [shop.on_hand(shirt) for shirt in shop.shirts] == [5, 0, 0]


def test_once_only(shop: Shop, receipt: Posting) -> None:
    reverse_movement(movement=receipt.movements.get(variant=shop.shirts[1]), **shop.heading())
    with pytest.raises(DomainError) as caught:
        reverse_posting(posting=receipt, **shop.heading())
    assert [(p.line, p.code) for p in caught.value.problems] == [(2, "already_reversed")]
    assert shop.on_hand(shop.shirts[0]) == 5


def test_the_same_key_twice_is_one_reversal(shop: Shop, receipt: Posting) -> None:
    heading = shop.heading()
    first = reverse_posting(posting=receipt, **heading)
    again = reverse_posting(posting=receipt, **heading)
    assert (again.pk, again.replayed) == (first.pk, True)
    assert StockMovement.objects.filter(kind="reversal").count() == 2


def test_goods_that_have_gone_on_cannot_be_taken_back(shop: Shop, receipt: Posting) -> None:
    ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 3}, **shop.heading())
    with pytest.raises(DomainError) as caught:
        reverse_posting(posting=receipt, **shop.heading())
    error = caught.value
    assert error.code == "insufficient_stock"
    assert [p.line for p in error.problems] == [1]
    assert str(error.message) != str(error.problems[0].message)
    assert shop.on_hand(shop.shirts[1]) == 2


def test_a_reversal_is_not_taken_back_itself(shop: Shop, receipt: Posting) -> None:
    reversal = reverse_posting(posting=receipt, **shop.heading())
    with pytest.raises(DomainError) as caught:
        reverse_posting(posting=reversal, **shop.heading())
    assert caught.value.code == "is_a_reversal"


def test_a_closed_location_is_opened_first(shop: Shop, receipt: Posting) -> None:
    shop.main.is_active = False
    shop.main.save()
    with pytest.raises(DomainError) as caught:
        reverse_posting(posting=receipt, **shop.heading())
    assert caught.value.code == "closed_location"


def test_a_chain_of_moves_is_taken_back_from_its_end(shop: Shop) -> None:
    """Main to shop to defective: the shop is empty until its goods come back from the defective ones."""
    shirt, defective = shop.shirts[0].pk, shop.virtual("defective").pk
    shop.stock(shop.shirts[0], 2)
    lines = [Line(shirt, 2, shop.main.pk, shop.shop.pk), Line(shirt, 2, shop.shop.pk, defective)]
    chain = post_movements(brand=shop.brand, kind="transfer", lines=lines, **shop.heading())
    reverse_posting(posting=chain, **shop.heading())
    assert shop.on_hand(shop.shirts[0]) == 2
    assert verify_ledger() == []


@pytest.mark.parametrize("lost", [True, False])
def test_every_kind_can_be_taken_back(shop: Shop, lost: bool) -> None:
    shirt = shop.shirts[0]
    shop.stock(shirt, 5)
    here = {"brand": shop.brand, "location": shop.main}
    made = [
        ship(**here, quantities={shirt.pk: 1}, **shop.heading()),
        adjust(**here, deltas={shirt.pk: -1 if lost else 1}, **shop.heading()),
        transfer(brand=shop.brand, source=shop.main, destination=shop.shop, quantities={shirt.pk: 1}, **shop.heading()),
    ]
    for posting in made:
        reverse_posting(posting=posting, **shop.heading())
    assert (shop.on_hand(shirt), shop.on_hand(shirt, shop.shop)) == (5, 0)
    assert verify_ledger() == []

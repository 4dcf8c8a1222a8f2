"""A statement that waited for a lock began with what was true before the wait, and must go on with what is true after.

Each of these is seen waiting before the other commits. PostgreSQL tries a row's constraints on the version from before
the wait too, so that a change must name the new values and never add to the old ones.
"""

from __future__ import annotations

import pytest

from erp.inventory.models import Posting, Reservation
from erp.inventory.services import release
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop
from tests.inventory.racers import in_turn
from tests.inventory.test_concurrency import seller
from tests.inventory.test_reservations import hold, numbers, ship_held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_goods_are_sold_that_arrived_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    seller(shop, {shop.shirts[0].pk: 1})()
    _stocked, posting = in_turn(lambda: shop.stock(shop.shirts[0], 5), seller(shop, {shop.shirts[0].pk: 3}))
    assert isinstance(posting, Posting)
    assert numbers(shop, shop.shirts[0]) == (2, 0)
    assert verify_ledger() == []


def test_goods_are_held_that_arrived_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    seller(shop, {shop.shirts[0].pk: 1})()
    in_turn(lambda: shop.stock(shop.shirts[0], 5), lambda: hold(shop, (shop.shirts[0], 3)))
    assert numbers(shop, shop.shirts[0]) == (5, 3)
    assert verify_ledger() == []


def test_goods_are_held_that_were_given_back_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    (held,) = hold(shop, (shop.shirts[0], 1))
    _released, (again,) = in_turn(
        lambda: release(brand=shop.brand, quantities={held.pk: None}),
        lambda: hold(shop, (shop.shirts[0], 1), reference="after"),
    )
    assert again.reference == "after"
    assert numbers(shop, shop.shirts[0]) == (1, 1)
    assert verify_ledger() == []


@pytest.mark.parametrize("gives_back", [False, True], ids=["shipped", "released"])
def test_the_rest_of_a_hold_goes_after_the_first_part(live_shop: Shop, gives_back: bool) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 3)
    (held,) = hold(shop, (shop.shirts[0], 3))
    in_turn(
        lambda: ship_held(shop, (held, 2)),
        lambda: release(brand=shop.brand, quantities={held.pk: None}) if gives_back else ship_held(shop, (held, 1)),
    )
    assert Reservation.objects.get(pk=held.pk).closed_at
    assert numbers(shop, shop.shirts[0]) == (int(gives_back), 0)
    assert verify_ledger() == []

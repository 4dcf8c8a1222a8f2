"""A statement that waited for a lock began with what was true before the wait, and must go on with what is true after.

Each of these is seen waiting before the other commits. PostgreSQL tries a row's constraints on the version from before
the wait too, so that a change must name the new values and never add to the old ones.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from erp.inventory.models import Balance, Posting, Reservation
from erp.inventory.services import Claim, release, reserve, ship
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop
from tests.inventory.racers import at_once, wait_for_someone_waiting
from tests.inventory.test_reservations import hold, ship_held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def after(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What `second` answers when it starts before `first` commits and waits for it."""
    done = Event()

    def holder() -> None:
        with transaction.atomic():
            first()
            done.set()
            wait_for_someone_waiting()

    def waiter() -> Any:
        assert done.wait(timeout=20)
        return second()

    return at_once([holder, waiter])[1]


def balance(shop: Shop) -> tuple[int, int]:
    found = Balance.objects.get(variant=shop.shirts[0], location=shop.main)
    return found.on_hand, found.reserved


def take(shop: Shop, quantity: int) -> Posting:
    return ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: quantity}, **shop.heading())


def test_goods_are_sold_that_arrived_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    take(shop, 1)
    assert isinstance(after(lambda: shop.stock(shop.shirts[0], 5), lambda: take(shop, 3)), Posting)
    assert balance(shop) == (2, 0)
    assert verify_ledger() == []


def test_goods_are_held_that_arrived_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    take(shop, 1)
    after(lambda: shop.stock(shop.shirts[0], 5), lambda: hold(shop, (shop.shirts[0], 3)))
    assert balance(shop) == (5, 3)
    assert verify_ledger() == []


def test_goods_are_held_that_were_given_back_during_the_wait(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    (held,) = hold(shop, (shop.shirts[0], 1))
    (again,) = after(
        lambda: release(brand=shop.brand, quantities={held.pk: None}),
        lambda: reserve(
            brand=shop.brand, claims=[Claim(shop.shirts[0].pk, 1, shop.main.pk)], **shop.heading(reference="after")
        ),
    )
    assert again.reference == "after"
    assert balance(shop) == (1, 1)
    assert verify_ledger() == []


@pytest.mark.parametrize("gives_back", [False, True], ids=["shipped", "released"])
def test_the_rest_of_a_hold_goes_after_the_first_part(live_shop: Shop, gives_back: bool) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 3)
    (held,) = hold(shop, (shop.shirts[0], 3))
    after(
        lambda: ship_held(shop, (held, 2)),
        lambda: release(brand=shop.brand, quantities={held.pk: None}) if gives_back else ship_held(shop, (held, 1)),
    )
    assert Reservation.objects.get(pk=held.pk).closed_at
    assert balance(shop) == (int(gives_back), 0)
    assert verify_ledger() == []

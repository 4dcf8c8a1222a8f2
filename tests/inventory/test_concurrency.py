"""People who act at the same moment. Threads need a database that lets two of them write: real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from erp.core.errors import DomainError
from erp.inventory.models import Location, Posting, StockMovement
from erp.inventory.services import ensure_locations, post_opening, receive, reverse_posting, ship, transfer
from erp.inventory.services.places import update_location
from erp.inventory.verify import verify_ledger
from tests.factories import BrandFactory, VariantFactory
from tests.inventory.conftest import Shop
from tests.inventory.racers import at_once, in_processes, in_turn

pytestmark = pytest.mark.django_db(transaction=True)


def seller(shop: Shop, quantities: dict[int, int], **heading: Any) -> Callable[[], Posting]:
    return lambda: ship(brand=shop.brand, location=shop.main, quantities=quantities, **(shop.heading() | heading))


def test_two_processes_sell_the_last_piece_once(live_shop: Shop) -> None:
    """On SQLite as well: the second process waits for the write lock, then finds the shelf empty."""
    shop = live_shop
    shop.stock(shop.shirts[0], 1)
    order = {"variant": shop.shirts[0].pk, "location": shop.main.pk, "actor": shop.actor.pk, "tries": 1}
    answers = in_processes([order, order])
    assert sorted(answer["sold"] for answer in answers) == [0, 1]
    assert [refusal for answer in answers for refusal in answer["refusals"]] == [["insufficient_stock", [1]]]
    assert shop.on_hand(shop.shirts[0]) == 0
    assert verify_ledger() == []


def test_two_processes_sell_what_there_is_and_no_more(live_shop: Shop) -> None:
    shop = live_shop
    shop.stock(shop.shirts[0], 25)
    order = {"variant": shop.shirts[0].pk, "location": shop.main.pk, "actor": shop.actor.pk, "tries": 20}
    answers = in_processes([order, order])
    assert sum(answer["sold"] for answer in answers) == 25
    assert verify_ledger() == []


class TestThreads:
    pytestmark = pytest.mark.postgres

    def test_the_last_piece_is_sold_once(self, live_shop: Shop) -> None:
        shop = live_shop
        for _round in range(5):
            shop.stock(shop.shirts[0], 1)
            answers = at_once([seller(shop, {shop.shirts[0].pk: 1})] * 2)
            refused = [answer for answer in answers if isinstance(answer, DomainError)]
            assert [(error.code, [p.line for p in error.problems]) for error in refused] == [
                ("insufficient_stock", [1])
            ]
        assert verify_ledger() == []

    def test_many_sellers(self, live_shop: Shop) -> None:
        shop = live_shop
        for shirt in shop.shirts:
            shop.stock(shirt, 10)
        both = {shop.shirts[0].pk: 1, shop.shirts[1].pk: 2}
        answers = at_once([lambda: [_answer(seller(shop, both)) for _try in range(4)]] * 6)
        sold = [answer for each in answers for answer in each if isinstance(answer, Posting)]
        assert len(sold) == 5  # of the second shirt two leave each time
        assert [shop.on_hand(shirt) for shirt in shop.shirts] == [5, 0, 10]
        assert verify_ledger() == []

    def test_whoever_waited_for_the_lock_sees_what_is_left(self, live_shop: Shop) -> None:
        """Deterministic: the second seller is seen waiting before the first one commits."""
        shop = live_shop
        shop.stock(shop.shirts[0], 5)

        second = seller(shop, {shop.shirts[1].pk: 1, shop.shirts[0].pk: 3})
        posting, error = in_turn(seller(shop, {shop.shirts[0].pk: 4}), second)
        assert isinstance(posting, Posting)
        assert [(p.line, p.code) for p in error.problems] == [(1, "insufficient_stock"), (2, "insufficient_stock")]
        assert "1" in str(error.problems[1].message)
        assert shop.on_hand(shop.shirts[0]) == 1

    def test_the_same_key_at_once_is_one_posting(self, live_shop: Shop) -> None:
        shop = live_shop
        shop.stock(shop.shirts[0], 9)
        answers = at_once([seller(shop, {shop.shirts[0].pk: 2}, idempotency_key="press")] * 4)
        assert len({posting.pk for posting in answers}) == 1
        assert sorted(posting.replayed for posting in answers) == [False, True, True, True]
        assert shop.on_hand(shop.shirts[0]) == 7

    def test_transfers_in_opposite_order_do_not_deadlock(self, live_shop: Shop) -> None:
        shop = live_shop
        shirts = [VariantFactory(product=shop.shirts[0].product) for _n in range(8)]
        for place in (shop.main, shop.shop):
            quantities = {shirt.pk: 100 for shirt in shirts}
            receive(brand=shop.brand, location=place, quantities=quantities, **shop.heading())

        def mover(source: Location, destination: Location, order: int) -> Callable[[], None]:
            def move() -> None:
                for _time in range(10):
                    quantities = {shirt.pk: 1 for shirt in shirts[::order]}
                    transfer(
                        brand=shop.brand,
                        source=source,
                        destination=destination,
                        quantities=quantities,
                        **shop.heading(),
                    )

            return move

        there, back = mover(shop.main, shop.shop, 1), mover(shop.shop, shop.main, -1)
        assert at_once([there, back, there, back]) == [None] * 4
        assert verify_ledger() == []

    def test_new_balances_in_opposite_order_do_not_deadlock(self, live_shop: Shop) -> None:
        shop = live_shop
        for _round in range(5):
            shirts = [VariantFactory(product=shop.shirts[0].product) for _n in range(20)]
            orders = [{shirt.pk: 1 for shirt in shirts[::step]} for step in (1, -1, 1, -1)]
            actions = [_receiver(shop, quantities) for quantities in orders]
            assert all(isinstance(answer, Posting) for answer in at_once(actions))
            assert {shop.on_hand(shirt) for shirt in shirts} == {4}
        assert verify_ledger() == []

    def test_a_variant_is_opened_once(self, live_shop: Shop) -> None:
        """At two places: no balance is shared that one could wait for."""
        shop = live_shop
        for shirt in shop.shirts:
            places = (shop.main, shop.shop, shop.virtual("defective"))
            answers = at_once([_opener(shop, place, {shirt.pk: 3}) for place in places])
            refused = [answer.code for answer in answers if isinstance(answer, DomainError)]
            assert refused == ["opening_exists"] * 2
        assert verify_ledger() == []

    def test_a_posting_is_reversed_once(self, live_shop: Shop) -> None:
        shop = live_shop
        posting = _receiver(shop, {shop.shirts[0].pk: 5})()
        answers = at_once([lambda: reverse_posting(posting=posting, **shop.heading())] * 3)
        refused = [answer.code for answer in answers if isinstance(answer, DomainError)]
        assert refused == ["already_reversed"] * 2
        assert StockMovement.objects.filter(reverses__posting=posting).count() == 1

    def test_a_place_is_closed_after_the_goods_that_come_to_it(self, live_shop: Shop) -> None:
        """Deterministic: the owner is seen waiting before the goods are committed."""
        shop = live_shop
        posting, refusal = in_turn(_receiver(shop, {shop.shirts[0].pk: 5}, shop.shop), _closer(shop.shop))
        assert isinstance(posting, Posting)
        assert refusal.code == "location_has_stock"
        shop.shop.refresh_from_db()
        assert shop.shop.is_active

    def test_no_goods_come_to_a_place_that_is_being_closed(self, live_shop: Shop) -> None:
        shop = live_shop
        location, refusal = in_turn(_closer(shop.shop), _receiver(shop, {shop.shirts[0].pk: 5}, shop.shop))
        assert isinstance(location, Location)
        assert [(p.line, p.field, p.code) for p in refusal.problems] == [(1, "destination", "closed_location")]
        assert shop.on_hand(shop.shirts[0], shop.shop) == 0

    def test_the_last_two_places_are_not_closed_at_once(self, live_shop: Shop) -> None:
        shop = live_shop
        answers = at_once([_closer(shop.main), _closer(shop.shop)])
        assert [answer.code for answer in answers if isinstance(answer, DomainError)] == ["last_location"]

    def test_a_new_name_waits_for_no_posting(self, live_shop: Shop) -> None:
        shop = live_shop
        arrived, named = Event(), Event()

        def clerk() -> bool:
            with transaction.atomic():
                _receiver(shop, {shop.shirts[0].pk: 5})()
                arrived.set()
                return named.wait(timeout=20)

        def owner() -> Location:
            assert arrived.wait(timeout=20)
            location = update_location(location=shop.main, name_ko="큰 창고")
            named.set()
            return location

        assert at_once([clerk, owner])[0]

    def test_standard_locations_are_made_once(self) -> None:
        brand = BrandFactory()
        at_once([lambda: ensure_locations(brand=brand)] * 4)
        assert Location.objects.of(brand).count() == 7


def _answer(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except DomainError as error:
        return error


def _receiver(shop: Shop, quantities: dict[int, int], location: Location | None = None) -> Callable[[], Posting]:
    place = location or shop.main
    return lambda: receive(brand=shop.brand, location=place, quantities=quantities, **shop.heading())


def _closer(location: Location) -> Callable[[], Location]:
    return lambda: update_location(location=location, is_active=False)


def _opener(shop: Shop, place: Location, quantities: dict[int, int]) -> Callable[[], Posting]:
    return lambda: post_opening(brand=shop.brand, location=place, quantities=quantities, **shop.heading())

"""Pieces that are held for a paper: never promised twice, never given back twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import Variant
from erp.core.errors import DomainError
from erp.inventory.models import Balance, MovementKind, Posting, Reservation
from erp.inventory.services import Claim, Line, post_movements, release, release_expired, reserve, reverse_posting, ship
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop, make_shop
from tests.inventory.racers import at_once


def hold(shop: Shop, *wanted: tuple[Variant, int], **options: Any) -> list[Reservation]:
    claims = [Claim(variant.pk, quantity, shop.main.pk) for variant, quantity in wanted]
    return reserve(brand=shop.brand, claims=claims, **(shop.heading() | options))


def ship_held(shop: Shop, *lines: tuple[Reservation, int], **options: Any) -> Posting:
    moves = [
        Line(held.variant_id, n, held.location_id, "customer", reservation_id=held.pk) for held, n in lines
    ]  # fmt: skip
    return post_movements(brand=shop.brand, kind=MovementKind.SHIPMENT, lines=moves, **(shop.heading() | options))


def numbers(shop: Shop, variant: Variant) -> tuple[int, int]:
    balance = Balance.objects.get(variant=variant, location=shop.main)
    return balance.on_hand, balance.reserved


def refused(action: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        action()
    return caught.value


def test_what_is_held_is_not_available(shop: Shop) -> None:
    first, second, _third = shop.shirts
    shop.stock(first, 5)
    shop.stock(second, 1)
    held = hold(shop, (first, 4), (second, 1), reference="SO-1")
    assert [(row.open, row.reference) for row in held] == [(4, "SO-1"), (1, "SO-1")]
    assert numbers(shop, first) == (5, 4)
    error = refused(lambda: ship(brand=shop.brand, location=shop.main, quantities={first.pk: 2}, **shop.heading()))
    assert error.code == "insufficient_stock"
    assert verify_ledger() == []


def test_all_or_none_and_every_short_line_is_named(shop: Shop) -> None:
    first, second, third = shop.shirts
    shop.stock(first, 5)
    error = refused(lambda: hold(shop, (first, 4), (second, 1), (first, 2), (third, 1)))
    assert [(p.line, p.code) for p in error.problems] == [(n, "insufficient_stock") for n in (2, 3, 4)]
    assert "1" in str(error.problems[1].message)
    assert numbers(shop, first) == (5, 0)
    assert not Reservation.objects.exists()


def test_partial_holds_what_is_there(shop: Shop) -> None:
    first, second, _third = shop.shirts
    shop.stock(first, 5)
    held = hold(shop, (first, 4), (second, 1), (first, 4), partial=True)
    assert [(row.line, row.quantity) for row in held] == [(1, 4), (3, 1)]
    assert numbers(shop, first) == (5, 5)
    assert hold(shop, (first, 1), partial=True) == []


def test_what_cannot_be_held_is_named_line_by_line(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    defective = shop.virtual("defective")
    stranger = make_shop()
    stranger.stock(stranger.shirts[0], 5)
    claims = [
        Claim(shop.shirts[0].pk, 0, shop.main.pk),
        Claim(stranger.shirts[0].pk, 1, shop.main.pk),
        Claim(shop.shirts[0].pk, 1, defective.pk),
        Claim(shop.shirts[0].pk, 1, stranger.main.pk),
    ]
    error = refused(lambda: reserve(brand=shop.brand, claims=claims, **shop.heading()))
    assert [(p.line, p.code) for p in error.problems] == [
        (1, "invalid_quantity"), (2, "unknown_variant"), (3, "unknown_location"), (4, "unknown_location"),
    ]  # fmt: skip
    assert refused(lambda: hold(shop)).code == "no_lines"
    assert refused(lambda: hold(shop, (shop.shirts[0], 1), idempotency_key="")).code == "invalid_key"
    assert not Reservation.objects.exists()


def test_the_same_key_holds_once(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    first = [hold(shop, (shop.shirts[0], 2), idempotency_key="k") for _time in range(10)]
    assert len({row.pk for [row] in first}) == 1
    assert numbers(shop, shop.shirts[0]) == (5, 2)
    shop.stock(shop.shirts[1], 5)
    assert refused(lambda: hold(shop, (shop.shirts[1], 2), idempotency_key="k")).code == "idempotency_conflict"


def test_release_is_exactly_once(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 4))
    assert release(brand=shop.brand, quantities={held.pk: 1}) == {held.pk: 1}
    assert numbers(shop, shop.shirts[0]) == (5, 3)
    assert release(brand=shop.brand, quantities={held.pk: None}) == {held.pk: 3}
    assert release(brand=shop.brand, quantities={held.pk: None}) == {held.pk: 0}
    error = refused(lambda: release(brand=shop.brand, quantities={held.pk: 1}))
    assert (error.code, error.status) == ("not_held", 409)
    assert numbers(shop, shop.shirts[0]) == (5, 0)
    held.refresh_from_db()
    assert (held.released, held.shipped) == (4, 0)
    assert held.closed_at is not None


def test_too_large_a_release_gives_nothing_back(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [one] = hold(shop, (shop.shirts[0], 2))
    [two] = hold(shop, (shop.shirts[0], 2))
    error = refused(lambda: release(brand=shop.brand, quantities={one.pk: 1, two.pk: 3}))
    assert [(p.line, p.code) for p in error.problems] == [(2, "not_held")]
    assert numbers(shop, shop.shirts[0]) == (5, 4)


def test_another_brands_hold_is_unknown(shop: Shop) -> None:
    stranger = make_shop()
    stranger.stock(stranger.shirts[0], 5)
    [held] = hold(stranger, (stranger.shirts[0], 2))
    assert refused(lambda: release(brand=shop.brand, quantities={held.pk: None})).code == "not_held"
    shop.stock(shop.shirts[0], 5)
    line = Line(shop.shirts[0].pk, 1, shop.main.pk, "customer", reservation_id=held.pk)
    error = refused(lambda: post_movements(brand=shop.brand, kind="shipment", lines=[line], **shop.heading()))
    assert [p.code for p in error.problems] == ["not_held"]
    assert numbers(stranger, stranger.shirts[0]) == (5, 2)
    assert verify_ledger() == []


def test_shipping_takes_out_of_the_hold(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 5))
    ship_held(shop, (held, 2))
    assert numbers(shop, shop.shirts[0]) == (3, 3)
    ship_held(shop, (held, 1), (held, 2))
    assert numbers(shop, shop.shirts[0]) == (0, 0)
    held.refresh_from_db()
    assert (held.shipped, held.open) == (5, 0)
    assert held.closed_at is not None
    assert refused(lambda: ship_held(shop, (held, 1))).problems[0].code == "not_held"
    assert verify_ledger() == []


def test_more_than_is_held_is_refused_whole(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    error = refused(lambda: ship_held(shop, (held, 2), (held, 2)))
    assert {p.code for p in error.problems} == {"not_held"}
    assert numbers(shop, shop.shirts[0]) == (5, 3)
    held.refresh_from_db()
    assert held.open == 3


def test_held_and_free_pieces_go_in_one_posting(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    here, pk = shop.main.pk, shop.shirts[0].pk
    lines = [Line(pk, 2, here, "customer"), Line(pk, 3, here, "customer", reservation_id=held.pk)]
    post_movements(brand=shop.brand, kind="shipment", lines=lines, **shop.heading())
    assert numbers(shop, shop.shirts[0]) == (0, 0)


def test_shipping_twice_with_one_key_ships_once(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    postings = [ship_held(shop, (held, 3), idempotency_key="s") for _time in range(3)]
    assert [posting.replayed for posting in postings] == [False, True, True]
    assert numbers(shop, shop.shirts[0]) == (2, 0)


def test_a_reversed_shipment_brings_available_pieces(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    reverse_posting(posting=ship_held(shop, (held, 3)), **shop.heading())
    assert numbers(shop, shop.shirts[0]) == (5, 0)
    assert verify_ledger() == []


def test_expired_holds_are_released_once(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    soon = timezone.now() - timedelta(seconds=1)
    hold(shop, (shop.shirts[0], 3), expires_at=soon)
    [kept] = hold(shop, (shop.shirts[0], 1), expires_at=soon + timedelta(hours=1))
    assert release_expired() == 1
    assert release_expired() == 0
    assert numbers(shop, shop.shirts[0]) == (5, 1)
    assert kept.open == 1


def test_an_expired_hold_gives_way_to_a_new_one(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    hold(shop, (shop.shirts[0], 4), expires_at=timezone.now() - timedelta(seconds=1))
    [held] = hold(shop, (shop.shirts[0], 5))
    assert held.open == 5
    assert numbers(shop, shop.shirts[0]) == (5, 5)
    assert verify_ledger() == []


def test_the_database_refuses_what_does_not_add_up(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    for wrong in ({"shipped": 4}, {"released": 3}, {"closed_at": timezone.now()}, {"quantity": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reservation.objects.filter(pk=held.pk).update(**wrong)


def test_a_forged_hold_is_named(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    [held] = hold(shop, (shop.shirts[0], 3))
    Reservation.objects.filter(pk=held.pk).update(quantity=4)
    assert [(d.check, d.recorded, d.computed) for d in verify_ledger()] == [("held", 3, 4)]


@pytest.mark.django_db(transaction=True)
class TestRaces:
    pytestmark = pytest.mark.postgres

    def test_the_last_piece_is_promised_once(self, live_shop: Shop) -> None:
        shop = live_shop
        for _round in range(5):
            shop.stock(shop.shirts[0], 1)
            answers = at_once([lambda: hold(shop, (shop.shirts[0], 1))] * 8)
            assert sum(not isinstance(answer, DomainError) for answer in answers) == 1
        assert verify_ledger() == []

    def test_it_is_released_or_shipped_but_not_both(self, live_shop: Shop) -> None:
        shop = live_shop
        shop.stock(shop.shirts[0], 40)
        for _round in range(10):
            [held] = hold(shop, (shop.shirts[0], 2))
            back = lambda held=held: release(brand=shop.brand, quantities={held.pk: 2})  # noqa: E731
            away = lambda held=held: ship_held(shop, (held, 2))  # noqa: E731
            answers = at_once([back, away, back, away])
            assert sum(not isinstance(answer, DomainError) for answer in answers) == 1
            held.refresh_from_db()
            assert held.released + held.shipped == 2
        assert verify_ledger() == []

    def test_one_key_at_once_holds_once(self, live_shop: Shop) -> None:
        shop = live_shop
        shop.stock(shop.shirts[0], 5)
        answers = at_once([lambda: hold(shop, (shop.shirts[0], 2), idempotency_key="k")] * 6)
        assert len({row.pk for [row] in answers}) == 1
        assert numbers(shop, shop.shirts[0]) == (5, 2)

    def test_opposite_orders_do_not_deadlock(self, live_shop: Shop) -> None:
        shop = live_shop
        for shirt in shop.shirts:
            shop.stock(shirt, 400)
        there = [(shirt, 1) for shirt in shop.shirts]

        def work(order: list[tuple[Variant, int]]) -> None:
            for _time in range(10):
                held = hold(shop, *order)
                ship_held(shop, *((row, 1) for row in held[:2]))
                release(brand=shop.brand, quantities={held[2].pk: None})

        assert at_once([lambda n=n: work(there[:: 1 if n % 2 else -1]) for n in range(6)]) == [None] * 6
        assert connection.vendor == "postgresql"
        assert verify_ledger() == []

"""Holding and releasing stock over the API."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from erp.inventory.models import Balance, CostEntry, Reservation
from erp.trade.models import Order
from tests.api.shop import Api, Shop, codes_of, make_shop

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/reservations/"


@pytest.fixture
def shop() -> Shop:
    made = make_shop("haneul")
    made.stock(made.variants[0], 5)
    return made


def hold(shop: Shop, lines: list[Any], key: str | None = None, user: Any = None, **more: Any) -> Any:
    body = {"brand": shop.slug, "lines": lines} | more
    return Api(user or shop.staff).post(ADDRESS, body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def line(shop: Shop, quantity: int, **more: Any) -> dict[str, Any]:
    return {"sku": shop.variants[0].sku, "quantity": quantity, "source": "MAIN"} | more


def test_hold_and_release(shop: Shop) -> None:
    soon = timezone.now() + timedelta(hours=1)
    answer = hold(shop, [line(shop, 3)], reference="basket 1", expires_at=soon.isoformat())
    assert answer.status_code == 201, answer.content
    [held] = answer.json()["reservations"]
    assert (held["open"], held["location"], held["reference"]) == (3, "MAIN", "basket 1")
    assert Balance.objects.get().reserved == 3
    client = Api(shop.staff)
    assert [row["id"] for row in client.get(ADDRESS, {"reference": "basket 1"}).json()["results"]] == [held["id"]]
    released = client.post(f"{ADDRESS}{held['id']}/release/", {"quantity": 1, "open": 3})
    assert (released.status_code, released.json()["open"]) == (200, 2)
    assert client.post(f"{ADDRESS}{held['id']}/release/", {}).json()["closed_at"]
    assert client.post(f"{ADDRESS}{held['id']}/release/", {"quantity": 1, "open": 0}).status_code == 409
    assert Balance.objects.get().reserved == 0


def test_a_part_is_released_once_however_often_it_is_asked(shop: Shop) -> None:
    [held] = hold(shop, [line(shop, 5)]).json()["reservations"]
    path = f"{ADDRESS}{held['id']}/release/"
    answers = [Api(shop.staff).post(path, {"quantity": 1, "open": 5}) for _time in range(10)]
    assert [answer.status_code for answer in answers] == [200] + [409] * 9
    assert answers[1].json()["errors"][0]["field"] == "open"
    blind = Api(shop.staff).post(path, {"quantity": 1})
    assert (blind.status_code, codes_of(blind)) == (400, [(None, "open", "required")])
    assert Balance.objects.get().reserved == 4


def test_nothing_is_held_until_yesterday(shop: Shop) -> None:
    answer = hold(shop, [line(shop, 1)], expires_at="2020-01-01T00:00:00Z")
    assert (answer.status_code, codes_of(answer)) == (400, [(None, "expires_at", "in_the_past")])
    assert not Reservation.objects.exists()


def test_a_key_is_for_the_same_quantities(shop: Shop) -> None:
    assert hold(shop, [line(shop, 2)], key="k").status_code == 201
    for other in ([line(shop, 1)], [line(shop, 3)], [line(shop, 2), line(shop, 1)]):
        assert hold(shop, other, key="k").status_code == 409
    assert Balance.objects.get().reserved == 2


def test_the_same_key_holds_once(shop: Shop) -> None:
    answers = [hold(shop, [line(shop, 3)], key="k").json() for _time in range(10)]
    assert all(answer == answers[0] for answer in answers)
    assert Balance.objects.get().reserved == 3


def test_every_line_that_is_wrong_is_named(shop: Shop) -> None:
    answer = hold(shop, [line(shop, 9), line(shop, 1, sku="NO"), line(shop, 1, source="NOWHERE"), 7])
    assert answer.status_code == 400
    assert codes_of(answer) == [
        (2, "sku", "unknown_variant"), (3, "source", "unknown_location"), (4, "lines", "not_an_object"),
    ]  # fmt: skip
    short = hold(shop, [line(shop, 9)])
    assert codes_of(short) == [(1, "quantity", "insufficient_stock")]
    assert hold(shop, {"sku": 1}).json()["code"] == "not_a_list"
    assert not Reservation.objects.exists()


def test_partial_holds_what_is_there(shop: Shop) -> None:
    assert [r["quantity"] for r in hold(shop, [line(shop, 9)], partial=True).json()["reservations"]] == [5]


def test_who_may_not_holds_and_releases_nothing(shop: Shop) -> None:
    [held] = hold(shop, [line(shop, 3)]).json()["reservations"]
    stranger = make_shop("stranger").owner
    for person, status in ((shop.viewer, 403), (stranger, 404)):
        assert hold(shop, [line(shop, 1)], user=person).status_code == status
        assert Api(person).post(f"{ADDRESS}{held['id']}/release/", {}).status_code == status
    assert Api(stranger).get(ADDRESS).json()["results"] == []
    assert Balance.objects.get(variant=shop.variants[0]).reserved == 3


def test_what_an_order_holds_is_left_to_the_order(shop: Shop) -> None:
    Order.objects.create(brand=shop.brand, number="SO-1", location=shop.main, idempotency_key="o")
    answer = hold(shop, [line(shop, 1)], reference="SO-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "held_by_order")
    [held] = hold(shop, [line(shop, 1)]).json()["reservations"]
    Reservation.objects.update(reference="SO-1")
    assert Api(shop.owner).post(f"{ADDRESS}{held['id']}/release/", {}).status_code == 409
    assert Balance.objects.get().reserved == 1


def test_a_receipt_may_say_what_it_cost(shop: Shop) -> None:
    def receipt(cost: Any) -> Any:
        entry = {"sku": shop.variants[0].sku, "quantity": 1, "destination": "MAIN", "unit_cost": cost}
        return Api(shop.staff).move({"brand": shop.slug, "kind": "receipt", "lines": [entry]})

    assert receipt("8000.50").status_code == 201
    assert receipt(9000).status_code == 201
    assert str(CostEntry.objects.order_by("pk").last().unit_cost) == "9000.000000"
    for wrong in ("many", -1, True, [1], "1e20", "NaN", "0.0000001"):
        answer = receipt(wrong)
        assert (answer.status_code, codes_of(answer)) == (400, [(1, "unit_cost", "invalid_cost")]), wrong
    assert CostEntry.objects.count() == 2


def test_goods_come_back_from_a_customer(shop: Shop) -> None:
    entry = {"sku": shop.variants[0].sku, "quantity": 1, "destination": "MAIN"}
    answer = Api(shop.staff).move({"brand": shop.slug, "kind": "return", "lines": [entry]})
    assert (answer.status_code, answer.json()["kind"]) == (201, "return")
    assert Balance.objects.get().on_hand == 6

"""Locations and balances over REST."""

from __future__ import annotations

import pytest

from erp.inventory.models import Balance, Location
from tests.api.shop import Api, codes_of, make_product

pytestmark = pytest.mark.django_db

LOCATIONS = "/api/v1/locations/"
BALANCES = "/api/v1/balances/"
SHOP = {"brand": "haneul", "code": "SHOP1", "kind": "shop", "name_ko": "동대문 매장"}


def results(client: Api, url: str) -> list[dict]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_locations_of_ones_brands(shop, other, api) -> None:
    assert {row["code"] for row in results(api, f"{LOCATIONS}?is_internal=true")} == {"MAIN", "DEFECT"}
    assert {row["brand"] for row in results(api, LOCATIONS)} == {"haneul"}
    assert [row["id"] for row in results(api, f"{LOCATIONS}?code=MAIN")] == [shop.main.pk]


def test_the_owner_opens_and_closes_a_shop(shop) -> None:
    owner = Api(shop.owner)
    made = owner.post(LOCATIONS, SHOP)
    assert made.status_code == 201, made.content
    assert (made.json()["is_internal"], made.json()["is_active"]) == (True, True)
    url = f"{LOCATIONS}{made.json()['id']}/"
    assert owner.patch(url, {"name_en": "Dongdaemun shop"}).json()["name_en"] == "Dongdaemun shop"
    assert owner.patch(url, {"is_active": False}).json()["is_active"] is False
    closed = owner.move(
        {"brand": "haneul", "kind": "receipt", "lines": [
            {"variant": shop.variants[0].pk, "quantity": 1, "destination": "SHOP1"}
        ]}
    )  # fmt: skip
    assert codes_of(closed) == [(1, "destination", "closed_location")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "customer"}, "kind"),
        ({"code": "has blank"}, "code"),
        ({"code": "MAIN"}, None),
        ({"name_ko": ""}, "name_ko"),
        ({"position": -1}, "position"),
    ],
)
def test_a_bad_location(change, field, shop) -> None:
    answer = Api(shop.owner).post(LOCATIONS, SHOP | change)
    assert answer.status_code == 400
    assert [e.get("field") for e in answer.json()["errors"]] == [field]
    assert Location.objects.filter(code__in=["SHOP1", "has blank"]).count() == 0


def test_stock_keeps_a_location_open(shop) -> None:
    shop.stock(shop.variants[0], 1)
    answer = Api(shop.owner).patch(f"{LOCATIONS}{shop.main.pk}/", {"is_active": False})
    assert (answer.status_code, answer.json()["code"]) == (409, "location_has_stock")
    shop.main.refresh_from_db()
    assert shop.main.is_active


def test_a_brand_keeps_a_place_to_sell_from(shop) -> None:
    """A place for defective goods is none."""
    owner, main = Api(shop.owner), f"{LOCATIONS}{shop.main.pk}/"
    for change, field in (({"is_active": False}, "is_active"), ({"kind": "defective"}, "kind")):
        answer = owner.patch(main, change)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_location")
        assert [e["field"] for e in answer.json()["errors"]] == [field]
    second = f"{LOCATIONS}{owner.post(LOCATIONS, SHOP).json()['id']}/"
    assert owner.patch(main, {"is_active": False}).status_code == 200
    assert owner.patch(second, {"is_active": False}).json()["code"] == "last_location"
    assert owner.patch(main, {"is_active": True}).status_code == 200
    assert owner.patch(second, {"is_active": False}).status_code == 200


def test_a_place_keeps_the_kind_that_goods_moved_by(shop) -> None:
    owner = Api(shop.owner)
    second = f"{LOCATIONS}{owner.post(LOCATIONS, SHOP).json()['id']}/"
    assert owner.patch(second, {"kind": "warehouse"}).json()["kind"] == "warehouse"
    shop.stock(shop.variants[0], 1)
    for kind in ("defective", "shop"):
        answer = owner.patch(f"{LOCATIONS}{shop.main.pk}/", {"kind": kind, "name_ko": "본점"})
        assert (answer.status_code, answer.json()["code"]) == (409, "location_in_use")
        assert [e["field"] for e in answer.json()["errors"]] == ["kind"]
    assert owner.patch(f"{LOCATIONS}{shop.main.pk}/", {"kind": "warehouse", "name_ko": "본점"}).status_code == 200
    shop.main.refresh_from_db()
    assert (shop.main.kind, shop.main.name_ko) == ("warehouse", "본점")


def test_virtual_locations_are_kept_by_the_house(shop) -> None:
    supplier = Location.objects.of(shop.brand).get(kind="supplier")
    answer = Api(shop.owner).patch(f"{LOCATIONS}{supplier.pk}/", {"name_ko": "우리", "kind": "warehouse"})
    assert answer.json()["code"] == "virtual_location"
    supplier.refresh_from_db()
    assert supplier.kind == "supplier"


def test_who_may_not_change_locations(shop, other, auditor) -> None:
    url = f"{LOCATIONS}{shop.main.pk}/"
    people = (shop.staff, shop.viewer, auditor, other.owner)
    assert [Api(p).post(LOCATIONS, SHOP).status_code for p in people] == [403, 403, 403, 404]
    assert [Api(p).patch(url, {"name_ko": "x"}).status_code for p in people] == [403, 403, 403, 404]
    assert not Location.objects.filter(code="SHOP1").exists()


@pytest.mark.parametrize(
    ("query", "on_hand"),
    [
        ("", [10, 2]),
        ("brand=haneul", [10, 2]),
        ("location=MAIN", [10, 2]),
        ("location=DEFECT", []),
        ("product={0.product.pk}", [10, 2]),
        ("product=999999", []),
        ("variant={0.variants[0].pk}", [10]),
        ("sku={0.variants[1].sku}", [2]),
        ("low=true", [2]),
        ("low=false", [10]),
    ],
)
def test_balances(query, on_hand, shop, other, api) -> None:
    shop.stock(shop.variants[0], 10)
    shop.stock(shop.variants[1], 2)
    other.stock(other.variants[0], 99)
    rows = results(api, f"{BALANCES}?{query.format(shop)}")
    assert sorted((row["on_hand"] for row in rows), reverse=True) == on_hand
    assert all(row["available"] == row["on_hand"] - row["reserved"] for row in rows)


def test_a_strangers_brand_is_no_filter(shop, other, api) -> None:
    assert api.get(f"{BALANCES}?brand=bada").status_code == 400
    assert api.get(f"{LOCATIONS}?brand=bada").status_code == 400


@pytest.mark.parametrize("url", [LOCATIONS, BALANCES, f"{BALANCES}?low=true"])
def test_constant_queries(url, shop, auditor, django_assert_max_num_queries) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(5) as counted:
            results(Api(auditor), url)
        return len(counted)

    shop.stock(shop.variants[0], 1)
    before = queries()
    product = make_product(shop.brand, shop.owner, (["navy", "red", "black"], ["S", "M", "L"]))
    for variant in product.variants.all():
        shop.stock(variant, 2)
    assert Balance.objects.count() > 9
    assert queries() == before

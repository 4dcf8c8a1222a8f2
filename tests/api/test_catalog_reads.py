"""Brands, taxonomy and variants: who sees what, in how many queries."""

from __future__ import annotations

import pytest

from catalog.models import Colour
from erp.core.models import User
from tests.api.shop import Api, make_product
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def results(client: Api, path: str) -> list[dict]:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_me_tells_role_and_rights(shop) -> None:
    body = Api(shop.staff).get("/api/v1/me/").json()
    assert body["username"] == "haneul-staff"
    [brand] = body["brands"]
    assert (brand["slug"], brand["role"], brand["rights"]) == ("haneul", "staff", ["view", "work"])


def test_brands_by_person(shop, other, auditor) -> None:
    superuser = UserFactory(is_superuser=True)
    seen = {
        user: [(b["slug"], b["role"], b["rights"]) for b in results(Api(user), "brands/")]
        for user in (shop.owner, shop.viewer, auditor, superuser, UserFactory())
    }
    everything = ["view", "work", "manage", "backdate"]
    assert list(seen.values()) == [
        [("haneul", "owner", everything)],
        [("haneul", "viewer", ["view"])],
        [("haneul", "auditor", ["view"]), ("bada", "auditor", ["view"])],
        [("haneul", None, everything), ("bada", None, everything)],
        [],
    ]


def test_one_brand_and_a_strangers(shop, other) -> None:
    assert Api(shop.staff).get("/api/v1/brands/haneul/").json()["currency"] == "KRW"
    assert Api(shop.staff).get("/api/v1/brands/bada/").status_code == 404


def test_taxonomy(api) -> None:
    assert len(results(api, "categories/")) == 12
    assert {row["slug"] for row in results(api, "patterns/")} >= {"solid", "stripe", "dot"}
    assert [row["hex"] for row in results(api, "colours/") if row["slug"] == "navy"] == ["#1e2744"]
    runs = {row["slug"]: row["sizes"] for row in results(api, "size-runs/")}
    assert runs["women_kr"] == ["44", "55", "66", "77", "88"]


def test_a_brands_own_colour_is_its_own(shop, other) -> None:
    Colour.objects.create(brand=other.brand, slug="deep_sea", name_ko="심해", code="DS", hex="#001122")
    assert "deep_sea" in {row["slug"] for row in results(Api(other.viewer), "colours/?page_size=200")}
    assert "deep_sea" not in {row["slug"] for row in results(Api(shop.owner), "colours/?page_size=200")}
    assert Api(shop.owner).get("/api/v1/colours/?brand=bada").status_code == 400


def test_lists_walk_by_cursor(shop, api) -> None:
    seen, url = [], "/api/v1/categories/?page_size=5"
    while url:
        page = api.get(url).json()
        seen += [row["slug"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize(
    "query", ["sku={0.sku}", "barcode={0.barcode}", "product={0.product_id}&sku={0.sku}", "brand=haneul&sku={0.sku}"]
)
def test_a_scanner_finds_a_variant(query, shop, other, api) -> None:
    variant = shop.variants[1]
    assert [row["id"] for row in results(api, f"variants/?{query.format(variant)}")] == [variant.pk]


def test_another_brands_variants_are_not_found(shop, other, api) -> None:
    hidden = other.variants[0]
    assert results(api, f"variants/?barcode={hidden.barcode}") == []
    assert api.get(f"/api/v1/variants/{hidden.pk}/").status_code == 404


PATHS = [
    "brands/",
    "products/",
    "variants/",
    "colours/",
    "size-runs/",
    "categories/",
    "products/{0.product.pk}/variants/",
]


@pytest.mark.parametrize("path", PATHS)
def test_lists_take_the_same_queries_however_long(path, shop, other, auditor, django_assert_max_num_queries) -> None:
    client, url = Api(auditor), f"/api/v1/{path.format(shop)}"

    def queries() -> int:
        with django_assert_max_num_queries(12) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    before = queries()
    for _ in range(3):
        make_product(shop.brand, shop.owner, (["navy", "red", "black"], ["S", "M", "L"]))
    assert queries() == before


def test_an_auditor_reads_all_and_writes_nothing(shop, other, auditor) -> None:
    client = Api(auditor)
    assert len(results(client, "products/")) == 2
    answers = [
        client.post("/api/v1/products/", {"brand": "haneul", "name_ko": "새것"}),
        client.patch(f"/api/v1/products/{shop.product.pk}/", {"name_ko": "새것"}),
        client.post(f"/api/v1/products/{shop.product.pk}/archive/"),
        client.patch(f"/api/v1/variants/{shop.variants[0].pk}/", {"is_active": False}),
        client.move({"brand": "haneul", "kind": "receipt", "lines": []}),
    ]
    assert [a.status_code for a in answers] == [403] * len(answers)
    shop.product.refresh_from_db()
    assert (shop.product.name_ko, shop.product.status) == ("셔츠", "active")


def test_closed_people_see_nothing(shop) -> None:
    User.objects.filter(pk=shop.staff.pk).update(is_active=False)
    shop.staff.refresh_from_db()
    assert results(Api(shop.staff), "products/") == []

"""The size table over REST: read with its product, written as a whole."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Measurement, Product
from catalog.services import set_size_table
from tests.api.shop import Api, codes_of, make_product

pytestmark = pytest.mark.django_db
TABLE = {"S": {"length": "68.0", "chest": "52.5"}, "M": {"length": "70.0"}}


def url_of(product: Product) -> str:
    return f"/api/v1/products/{product.pk}/"


def test_it_is_read_and_written_with_its_product(shop, api) -> None:
    url = url_of(shop.product)
    assert api.get(url).json()["size_table"] == {}
    changed = api.patch(url, {"size_table": {"M": {"length": 70}, "S": {"chest": "52,5", "length": "68"}}})
    assert (changed.status_code, changed.json()["size_table"]) == (200, TABLE)
    assert list(changed.json()["size_table"]) == ["S", "M"]
    assert api.patch(url, {"name_en": "Shirt"}).json()["size_table"] == TABLE
    assert api.get(f"{url}?fields=size_table").json() == {"size_table": TABLE}
    assert api.patch(url, {"size_table": {"M": {"length": "70"}}}).json()["size_table"] == {"M": {"length": "70.0"}}
    assert api.patch(url, {"size_table": {}}).json()["size_table"] == {}


def test_a_draft_is_made_with_its_table(shop, api) -> None:
    body = {"brand": shop.slug, "size_run": "alpha", "size_table": TABLE}
    made = api.post("/api/v1/products/", body)
    assert (made.status_code, made.json()["size_table"]) == (201, TABLE)
    wrong = api.post("/api/v1/products/", {"brand": shop.slug, "size_table": TABLE})
    assert (wrong.status_code, {code for _l, _f, code in codes_of(wrong)}) == (400, {"unknown_size"})
    assert Product.objects.count() == 2
    rows = [{"id": made.json()["id"], "size_table": {"S": {"length": "1"}}}, {"size_table": {"S": {"length": "1"}}}]
    bulk = api.post("/api/v1/products/bulk/", {"brand": shop.slug, "rows": rows}).json()
    assert [row["status"] for row in bulk["results"]] == ["changed", "refused"]
    assert [str(row.value) for row in Measurement.objects.all()] == ["1.0"]


@pytest.mark.parametrize(
    ("table", "field", "code"),
    [
        ({"S": {"length": "x"}}, "size_table.S.length", "no_measure"),
        ({"S": {"length": True}}, "size_table.S.length", "no_measure"),
        ({"S": {"length": "0"}}, "size_table.S.length", "measure_not_positive"),
        ({"S": {"length": "68\x00"}}, "size_table.S.length", "no_measure"),
        ({"S": {"nose": "3"}}, "size_table.S.nose", "unknown_point"),
        ({"QQ\x00": {"length": "3"}}, "size_table.QQ\x00", "unknown_size"),
        ({"S": "68"}, "size_table", "invalid"),
        ([["S", "68"]], "size_table", "invalid"),
        ("S", "size_table", "invalid"),
        (None, "size_table", "null"),
        ({str(n): {} for n in range(61)}, "size_table", "too_many"),
    ],
)
def test_a_bad_table_changes_nothing(table, field, code, shop, api) -> None:
    set_size_table(product=shop.product, actor=shop.staff, table=TABLE)
    before = Product.objects.values().get(pk=shop.product.pk)
    answer = api.patch(url_of(shop.product), {"size_table": table, "name_ko": "바뀌면 안 됨"})
    assert answer.status_code == 400, answer.content
    assert (field, code) in [(f, c) for _line, f, c in codes_of(answer)]
    assert Product.objects.values().get(pk=shop.product.pk) == before
    assert api.get(url_of(shop.product)).json()["size_table"] == TABLE


def test_strangers_and_viewers_change_nothing(shop, other) -> None:
    for person, status in ((other.staff, 404), (shop.viewer, 403)):
        assert Api(person).patch(url_of(shop.product), {"size_table": TABLE}).status_code == status
    assert not Measurement.objects.exists()


def test_a_change_of_the_table_alone_is_another_version(shop, api) -> None:
    url = url_of(shop.product)
    held = api.get(url).headers["ETag"]
    since = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert api.patch(url, {"size_table": TABLE}, headers={"If-Match": held}).status_code == 200
    late = api.patch(url, {"size_table": {}}, headers={"If-Match": held})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert api.get(url, headers={"If-None-Match": held}).status_code == 200
    assert [row["size_table"] for row in api.get(f"/api/v1/products/?updated_since={since}").json()["results"]] == [
        TABLE
    ]


def test_as_many_queries_for_ten_tables_as_for_one(shop, api) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get("/api/v1/products/").status_code == 200
        return len(queries)

    set_size_table(product=shop.product, actor=shop.staff, table={"S": {"length": "68"}})
    one = asked()
    for _number in range(3):
        set_size_table(product=make_product(shop.brand, shop.owner), actor=shop.staff, table=TABLE)
    assert asked() == one

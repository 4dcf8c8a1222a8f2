"""The reports and the reorder rules over REST."""

from __future__ import annotations

import pytest

from erp.reports.kinds import REPORTS
from erp.reports.models import ReorderRule
from tests.api.shop import Api, codes_of
from tests.reports.shop import Past
from tests.web.shop import a_stranger


@pytest.fixture
def api(past: Past) -> Api:
    first, second = past.shop.variants[:2]
    past.receive({first: 40, second: 30}, ago=20)
    past.sell({first: 12, second: 3}, ago=10)
    return Api(past.shop.viewer)


def ask(api: Api, past: Past, name: str, **query: object) -> dict:
    answer = api.get(f"/api/v1/reports/{name}/", {"brand": past.brand.slug, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("name", REPORTS)
def test_each_answers_with_its_documented_fields(name: str, api: Api, past: Past) -> None:
    body = ask(api, past, name)
    keys = {column.key for column in REPORTS[name].columns}
    assert body["report"] == name and body["brand"] == past.brand.slug and body["currency"] == "KRW"
    assert set(body["totals"]) == keys
    assert all(set(line) == keys | {"name", "product", "variant", "sku", "partner"} for line in body["results"])
    assert body["count"] == len(past.ask(name).lines)


def test_the_same_numbers_as_the_page(api: Api, past: Past) -> None:
    body = ask(api, past, "best", by="variant")
    first, second = past.shop.variants[:2]
    assert {line["variant"]: line["net"] for line in body["results"]} == {first.pk: 12, second.pk: 3}
    assert [line["sku"] for line in body["results"]] == [first.sku, second.sku]
    assert body["totals"]["net"] == 15 and body["totals"]["revenue"] is None
    assert "15 pieces were sold without an order" in body["notes"][0]


def test_pages_and_order(api: Api, past: Past) -> None:
    body = ask(api, past, "best", by="variant", sort="net", page_size=1, page=2)
    assert (body["pages"], body["page"], [line["net"] for line in body["results"]]) == (2, 2, [12])


def test_every_wrong_question_is_named(api: Api, past: Past) -> None:
    query = {"brand": past.brand.slug, "since": "x", "location": "NOWHERE", "by": "moon"}
    answer = api.get("/api/v1/reports/best/", query)
    assert answer.status_code == 400
    assert {field for _line, field, _code in codes_of(answer)} == {"since", "location", "by"}


def test_the_brand_is_named_and_visible(api: Api, past: Past) -> None:
    assert codes_of(api.get("/api/v1/reports/best/")) == [(None, "brand", "required")]
    stranger = Api(a_stranger())
    assert stranger.get("/api/v1/reports/best/", {"brand": past.brand.slug}).status_code == 404
    assert Api().get("/api/v1/reports/best/", {"brand": past.brand.slug}).status_code == 401


class TestRules:
    URL = "/api/v1/reorder-rules/"

    def body(self, past: Past, **more: object) -> dict:
        return {"brand": past.brand.slug, "point": 5, "target": 30} | more

    def test_set_list_and_remove(self, past: Past) -> None:
        api, variant = Api(past.shop.clerk), past.shop.variants[0]
        made = api.post(self.URL, self.body(past, variant=variant.pk))
        assert made.status_code == 201 and made.json()["sku"] == variant.sku
        assert api.post(self.URL, self.body(past, variant=variant.pk, point=6)).json()["id"] == made.json()["id"]
        [rule] = api.get(self.URL, {"brand": past.brand.slug}).json()["results"]
        assert (rule["point"], rule["target"], rule["product"]) == (6, 30, None)
        assert api.delete(f"{self.URL}{rule['id']}/").status_code == 204
        assert not ReorderRule.objects.exists()

    def test_refusals_name_the_field(self, past: Past) -> None:
        api = Api(past.shop.clerk)
        assert codes_of(api.post(self.URL, self.body(past, product=10**9))) == [(None, "product", "does_not_exist")]
        assert api.post(self.URL, self.body(past, target=5)).status_code == 400
        assert api.post(self.URL, self.body(past, point=-1)).status_code == 400
        assert not ReorderRule.objects.exists()

    def test_who_may(self, past: Past) -> None:
        for user, status in ((past.shop.viewer, 403), (a_stranger(), 404)):
            assert Api(user).post(self.URL, self.body(past)).status_code == status
        rule = Api(past.shop.clerk).post(self.URL, self.body(past)).json()["id"]
        assert Api(past.shop.viewer).delete(f"{self.URL}{rule}/").status_code == 403
        assert Api(a_stranger()).delete(f"{self.URL}{rule}/").status_code == 404
        assert Api(a_stranger()).get(self.URL).json()["results"] == []
        assert ReorderRule.objects.get().pk == rule

"""`?fields=`: less is shown, and less is asked of the database."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.shop import codes_of


def test_only_what_is_asked_for(shop, api) -> None:
    rows = api.get("/api/v1/products/?fields=id,name_ko").json()["results"]
    assert rows == [{"id": shop.product.pk, "name_ko": "셔츠"}]
    one = api.get(f"/api/v1/products/{shop.product.pk}/?fields=style_number").json()
    assert one == {"style_number": shop.product.style_number}


@pytest.mark.parametrize("address", ["products/", "products/{pk}/", "variants/", "balances/", "me/../colours/"])
def test_an_unknown_name_is_named(address, shop, api) -> None:
    answer = api.get(f"/api/v1/{address.replace('me/../', '').format(pk=shop.product.pk)}?fields=id,nonsense,")
    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown_field"
    assert (None, "fields", "unknown_field") in codes_of(answer)
    assert any("nonsense" in error["message"] for error in answer.json()["errors"])


def queries(api, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert api.get(address).status_code == 200
    return len(asked)


def test_what_is_not_shown_is_not_fetched(shop, api) -> None:
    whole = queries(api, "/api/v1/products/")
    assert queries(api, "/api/v1/products/?fields=id,colours") == whole - 2  # no photos, no measures
    assert queries(api, "/api/v1/products/?fields=id,name_ko") == whole - 4
    assert queries(api, f"/api/v1/products/{shop.product.pk}/?fields=id") < queries(
        api, f"/api/v1/products/{shop.product.pk}/"
    )


def test_what_a_method_looks_at_is_fetched_all_the_same(shop, api) -> None:
    """Who asks for a computed field of a brand needs what is fetched ahead for it."""
    rows = api.get("/api/v1/brands/?fields=slug,role").json()["results"]
    assert rows == [{"slug": "haneul", "role": "staff"}]


def test_a_change_is_answered_in_full(shop, api) -> None:
    answer = api.patch(f"/api/v1/products/{shop.product.pk}/?fields=id", {"name_en": "Shirt"})
    assert answer.json()["name_en"] == "Shirt"

"""Lists in the order a client chooses, walked by cursor to and fro."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import get_resolver

from catalog.models import Product, Variant
from erp.core.api.pages import Order, ordering_names, orderings_of
from erp.core.api.rest import RestViewSet
from tests.api.shop import Api, codes_of
from tests.api.walking import pages_of, walk

VARIANTS = "/api/v1/variants/"


@pytest.fixture
def products(shop) -> list[Product]:
    made = Product.objects.bulk_create(
        Product(brand=shop.brand, style_number=f"S{n % 4}-{n:02}", name_ko="옷") for n in range(11)
    )
    # All at one moment, as an import writes them: only the key tells them apart.
    Product.objects.update(updated_at=datetime(2026, 3, 1, tzinfo=UTC))
    return [shop.product, *made]


@pytest.mark.parametrize("name", ["created", "updated_at", "style_number"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_row_once_in_order(name, sign, products, api) -> None:
    found = walk(api, f"/api/v1/products/?page_size=5&ordering={sign}{name}")
    column = {"created": "id"}.get(name, name)
    keys = [(row[column], row["id"]) for row in found]
    assert keys == sorted(keys, reverse=bool(sign))
    assert {row["id"] for row in found} == {product.pk for product in products}
    assert len(found) == len(products)


def test_back_again(products, api) -> None:
    there = list(pages_of(api, "/api/v1/products/?page_size=5&ordering=updated_at"))
    assert [len(page["results"]) for page in there] == [5, 5, 2]
    assert there[0]["previous"] is None
    back = [there[-1]]
    while back[-1]["previous"]:
        back.append(api.get(back[-1]["previous"]).json())
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in there]


def test_rows_added_meanwhile_move_nothing(products, shop, api) -> None:
    first = api.get("/api/v1/products/?page_size=5&ordering=-created").json()
    Product.objects.create(brand=shop.brand, style_number="NEW")
    second = api.get(first["next"]).json()
    seen = [row["id"] for row in first["results"] + second["results"]]
    assert len(seen) == len(set(seen)) == 10


def test_what_cannot_be_ordered_by_is_said(api, shop) -> None:
    answer = api.get(f"{VARIANTS}?ordering=price")
    assert (answer.status_code, codes_of(answer)) == (400, [(None, "ordering", "unknown_ordering")])
    assert "-sku" in answer.json()["errors"][0]["message"]


def test_the_cursor_of_another_ordering_is_refused(api, shop) -> None:
    following = api.get(f"{VARIANTS}?page_size=2&ordering=sku").json()["next"]
    answer = api.get(following.replace("ordering=sku", "ordering=-sku"))
    assert (answer.status_code, codes_of(answer)) == (400, [(None, "cursor", "cursor_of_other_ordering")])


@pytest.mark.parametrize("keys", [[], ["x"], [None], [1, 2], [[1]], [{}], [10**40], [True]])
def test_a_forged_cursor_breaks_nothing(keys, api, shop) -> None:
    from erp.core.api.pages import Cursor

    answer = api.get(f"{VARIANTS}?cursor={Cursor('-pk', False, keys, None).encode()}")
    assert answer.status_code in (200, 404)


def _lists() -> dict[type[RestViewSet], object]:
    """The model of each list of rows."""
    found = {}
    for pattern in _patterns(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        if view and issubclass(view, RestViewSet) and "list" in getattr(pattern.callback, "actions", {}).values():
            found[view] = view.queryset.model
    return found


def _patterns(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def test_every_name_is_a_column_without_blanks() -> None:
    """A row without a value has no place in a walk by keys."""
    views = _lists()
    assert len(views) > 25
    for view, model in views.items():
        for name, path in orderings_of(view).items():
            field = Order.of([path])._field(model, path)
            assert not field.null, (view, name)
        assert "-created" in ordering_names(view)


@pytest.mark.parametrize("list_name", ["variants", "balances", "locations", "colours", "partners", "orders", "samples"])
def test_each_ordering_of_a_list_is_answered(list_name, api, shop) -> None:
    refused = api.get(f"/api/v1/{list_name}/?ordering=nothing").json()["errors"][0]["message"]
    names = refused.rpartition(": ")[2].rstrip(".").split(", ")
    assert len(names) >= 4
    shop.stock(shop.variants[0], 3)
    for name in names:
        assert api.get(f"/api/v1/{list_name}/?ordering={name}&page_size=1").status_code == 200, name


def test_a_list_that_a_put_answers_takes_no_cursor(api, shop) -> None:
    assert Variant.objects.filter(product=shop.product).count() == 4
    rows = walk(api, f"/api/v1/products/{shop.product.pk}/variants/?ordering=-sku&page_size=3")
    assert [row["sku"] for row in rows] == sorted((row["sku"] for row in rows), reverse=True)
    assert Api().get(VARIANTS).status_code == 401

"""The page of a product's size table: typed in a grid, refused beside the cell, shown on the product's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.measuring import measured
from catalog.models import Measurement, Product
from catalog.services import set_size_table
from tests.web.shop import Shop, a_stranger, queries_of


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def address(shop: Shop, product: Product | None = None) -> str:
    return reverse("catalog:size-table", args=[shop.brand.slug, (product or shop.product).pk])


def cell(shop: Shop, variant: int, point: str) -> str:
    return f"{shop.variants[variant].size_id}-{point}"


def table_of(shop: Shop) -> dict[str, dict[str, str]]:
    found = measured(Product.objects.get(pk=shop.product.pk))
    return {size: {point: str(cm) for point, cm in cells.items()} for size, cells in found.items()}


def put(shop: Shop, table: dict[str, Any]) -> None:
    set_size_table(product=shop.product, actor=shop.owner, table=table)


def test_strangers_and_viewers_change_nothing(shop: Shop) -> None:
    typed = {cell(shop, 0, "length"): "68"}
    for person, status in ((a_stranger(), 404), (shop.viewer, 403)):
        client = shop.client(person)
        assert client.get(address(shop)).status_code == client.post(address(shop), typed).status_code == status
    assert not Measurement.objects.exists()


def test_a_table_is_typed_and_shown(shop: Shop, clerk: Client) -> None:
    text = clerk.get(address(shop)).content.decode()
    assert [text.count(f">{name}</th>") for name in ("Length", "Chest width", "Heel height")] == [1, 1, 0]
    assert 'aria-label="L, Length"' in text and text.count('inputmode="decimal"') == 2 * 4
    typed = {cell(shop, 0, "length"): "68", cell(shop, 0, "chest"): "52,5", cell(shop, 1, "length"): " 70 cm "}
    answer = clerk.post(address(shop), typed, follow=True)
    assert answer.redirect_chain == [(shop.url("product", shop.product.pk), 302)]
    assert table_of(shop) == {"M": {"length": "68.0", "chest": "52.5"}, "L": {"length": "70.0"}}
    page = answer.content.decode()
    assert '<th scope="row">M</th><td>68</td><td>52.5</td>' in page and "<td>70</td><td>–</td>" in page
    again = clerk.get(address(shop)).content.decode()
    assert 'value="52.5"' in again and 'value="68"' in again
    clerk.post(address(shop), {cell(shop, 0, "length"): ""})
    assert table_of(shop) == {}


def test_bad_cells_are_told_beside_them_and_nothing_is_lost(shop: Shop, clerk: Client) -> None:
    put(shop, {"M": {"length": "60"}})
    typed = {
        cell(shop, 0, "length"): "6x",
        cell(shop, 0, "chest"): "52.55",
        cell(shop, 1, "chest"): "55",
        "points": "heel",
    }
    typed[cell(shop, 1, "heel")] = "400"
    answer = clerk.post(address(shop), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    for value in ("6x", "52.55", "55", "400"):
        assert f'value="{value}"' in text
    for name, message in (
        (cell(shop, 0, "length"), "“6x” is no measure."),
        (cell(shop, 0, "chest"), "Write at most one decimal"),
        (cell(shop, 1, "heel"), "At most 300 cm."),
    ):
        errors = answer.context["form"][name].errors
        assert len(errors) == 1 and errors[0].startswith(message) and f'id="id_{name}_error"' in text
    assert text.count('class="has-error"') == 3 and "data-dirty" in text
    assert table_of(shop) == {"M": {"length": "60.0"}}
    far = clerk.post(address(shop), {cell(shop, 0, "length"): "9" * 500})
    assert far.status_code == 422 and table_of(shop) == {"M": {"length": "60.0"}}


def test_more_columns_are_shown_with_what_is_typed_and_nothing_is_saved(shop: Shop, clerk: Client) -> None:
    typed = {cell(shop, 0, "length"): "68", "points": ["heel", "nonsense"], "action": "columns"}
    answer = clerk.post(address(shop), typed)
    text = answer.content.decode()
    assert answer.status_code == 200 and ">Heel height</th>" in text and 'value="68"' in text
    assert "nonsense" not in text and not Measurement.objects.exists()
    clerk.post(address(shop), {cell(shop, 0, "heel"): "3", "points": "heel"})
    assert table_of(shop) == {"M": {"heel": "3.0"}}
    assert ">Heel height</th>" in clerk.get(address(shop)).content.decode()


def test_rows_are_the_sizes_for_sale_and_those_that_are_measured(shop: Shop, clerk: Client) -> None:
    def rows() -> list[str]:
        return [size.code for size, _cells in clerk.get(address(shop)).context["form"].rows()]

    for variant in (shop.variants[1], shop.variants[3]):
        variant.is_active = False
        variant.save()
    assert rows() == ["M"]
    put(shop, {"L": {"length": "70"}})
    assert rows() == ["M", "L"]
    bare = Product.objects.create(brand=shop.brand, style_number="BARE")
    text = clerk.get(address(shop, bare)).content.decode()
    assert "Choose colours and sizes first" in text and "data-entry" not in text


def test_who_may_not_edit_is_offered_nothing(shop: Shop) -> None:
    page = shop.url("product", shop.product.pk)
    assert "Enter measures" in shop.client(shop.clerk).get(page).content.decode()
    viewer = shop.client(shop.viewer)
    assert "Size table" not in viewer.get(page).content.decode()
    put(shop, {"M": {"length": "68"}})
    text = viewer.get(page).content.decode()
    assert "<td>68</td>" in text and address(shop) not in text


def test_queries_do_not_grow(shop: Shop, clerk: Client) -> None:
    put(shop, {"M": {"length": "68"}})
    addresses = (address(shop), shop.url("product", shop.product.pk))
    few = [queries_of(clerk, one) for one in addresses]
    put(shop, {"M": {"length": "68", "chest": "52", "heel": "3"}, "L": {"length": "70", "chest": "54"}})
    assert [queries_of(clerk, one) for one in addresses] == few

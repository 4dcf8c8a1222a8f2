"""The stock list."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import LocationFactory, ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, queries_of


@pytest.fixture
def viewer(shop: Shop) -> Client:
    return shop.client(shop.viewer)


def skus(response) -> list[str]:
    return [row.variant.sku for row in response.context["rows"]]


class TestWhoMay:
    def test_a_viewer_sees_it_without_entry_buttons(self, shop: Shop, viewer: Client) -> None:
        response = viewer.get(shop.url("stock"))
        assert response.status_code == 200
        assert shop.url("receive") not in response.content.decode()

    def test_a_clerk_has_the_entry_buttons(self, shop: Shop) -> None:
        assert shop.url("receive") in shop.client(shop.clerk).get(shop.url("stock")).content.decode()

    def test_to_a_stranger_the_brand_does_not_exist(self, shop: Shop) -> None:
        assert shop.client(a_stranger()).get(shop.url("stock")).status_code == 404


class TestNumbers:
    def test_each_place_has_its_number_and_each_number_its_history(self, shop: Shop, viewer: Client) -> None:
        shop.stock(7)
        shop.stock(2, location=shop.defect)
        response = viewer.get(shop.url("stock"))
        row = response.context["rows"][0]
        assert row.places == [(shop.main, 7), (shop.defect, 2)]
        page = response.content.decode()
        for place in (shop.main, shop.defect):
            assert f"{shop.url('history')}?variant={shop.variants[0].pk}&amp;location={place.code}" in page

    def test_defective_pieces_are_not_available_but_where_asked_for(self, shop: Shop, viewer: Client) -> None:
        shop.stock(7)
        shop.stock(2, location=shop.defect)
        assert viewer.get(shop.url("stock")).context["rows"][0].available == 7
        assert viewer.get(shop.url("stock"), {"location": shop.defect.pk}).context["rows"][0].available == 2

    def test_a_variant_that_never_was_there_has_no_number(self, shop: Shop, viewer: Client) -> None:
        row = viewer.get(shop.url("stock")).context["rows"][0]
        assert row.places == [(shop.main, None), (shop.defect, None)]
        assert row.available == 0


class TestFilters:
    @pytest.mark.parametrize("text", ["{sku}", "{style} oxford", "옥스퍼드", "Oxford shirt"])
    def test_finds_by_sku_style_and_names(self, shop: Shop, viewer: Client, text: str) -> None:
        VariantFactory(product=ProductFactory(brand=shop.brand, status="active", name_ko="치마", name_en="Skirt"))
        words = text.format(sku=shop.variants[0].sku, style=shop.product.style_number)
        found = skus(viewer.get(shop.url("stock"), {"q": words}))
        assert shop.variants[0].sku in found
        assert len(found) in (1, 4)

    def test_finds_by_barcode(self, shop: Shop, viewer: Client) -> None:
        shop.variants[3].barcode = "4006381333931"
        shop.variants[3].save()
        assert skus(viewer.get(shop.url("stock"), {"q": "4006381333931"})) == [shop.variants[3].sku]

    def test_low_is_what_the_brand_calls_low(self, shop: Shop, viewer: Client) -> None:
        shop.stock(3, 4, 50, 50)
        response = viewer.get(shop.url("stock"), {"low": "1"})
        assert skus(response) == [shop.variants[0].sku]
        assert response.context["rows"][0].is_low

    def test_a_place_shows_what_is_there(self, shop: Shop, viewer: Client) -> None:
        shop.stock(0, 6)
        assert skus(viewer.get(shop.url("stock"), {"location": shop.main.pk})) == [shop.variants[1].sku]

    def test_retired_variants_and_drafts_stay_only_while_there_is_stock(self, shop: Shop, viewer: Client) -> None:
        draft = VariantFactory(product=ProductFactory(brand=shop.brand))
        shop.stock(1)
        for variant in shop.variants[:2]:
            variant.is_active = False
            variant.save()
        found = skus(viewer.get(shop.url("stock")))
        assert shop.variants[0].sku in found
        assert shop.variants[1].sku not in found
        assert draft.sku not in found

    @pytest.mark.parametrize("query", [{"location": "x"}, {"page": "-3"}, {"location": "999999999"}, {"q": "\x00"}])
    def test_nonsense_in_the_address_narrows_nothing(self, shop: Shop, viewer: Client, query: dict[str, str]) -> None:
        response = viewer.get(shop.url("stock"), query)
        assert response.status_code == 200
        assert len(skus(response)) == 4

    def test_the_place_of_another_brand_narrows_nothing(self, shop: Shop, viewer: Client) -> None:
        assert len(skus(viewer.get(shop.url("stock"), {"location": LocationFactory().pk}))) == 4

    def test_nothing_fits_offers_the_way_back(self, shop: Shop, viewer: Client) -> None:
        page = viewer.get(shop.url("stock"), {"q": "no such thing"}).content.decode()
        assert "Show all stock" in page

    def test_another_brands_stock_is_never_here(self, shop: Shop, viewer: Client) -> None:
        foreign = VariantFactory(product=ProductFactory(status="active"))
        assert foreign.sku not in skus(viewer.get(shop.url("stock")))

    def test_htmx_gets_the_results_only(self, shop: Shop, viewer: Client) -> None:
        response = viewer.get(shop.url("stock"), headers={"HX-Request": "true"})
        assert "<html" not in response.content.decode()
        assert shop.variants[0].sku in response.content.decode()


def test_more_rows_need_no_more_queries(shop: Shop, viewer: Client) -> None:
    shop.stock(1, 2, 3, 4)
    few = queries_of(viewer, shop.url("stock"))
    for _ in range(10):
        VariantFactory.create_batch(6, product=ProductFactory(brand=shop.brand, status="active"))
    assert queries_of(viewer, shop.url("stock")) == few <= 12
    assert len(skus(viewer.get(shop.url("stock")))) == 50
    assert len(skus(viewer.get(shop.url("stock"), {"page": 2}))) == 14

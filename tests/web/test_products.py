"""The list of products and the page of one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Category, Pattern, Product
from erp.inventory import overview
from tests.factories import BrandFactory, ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, queries_of


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def listed(client: Client, shop: Shop, **filters: str) -> list[Product]:
    response = client.get(shop.url("products"), filters)
    assert response.status_code == 200
    return list(response.context["page_obj"])


class TestList:
    def test_to_a_stranger_the_brand_does_not_exist(self, shop: Shop) -> None:
        assert shop.client(a_stranger()).get(shop.url("products")).status_code == 404

    def test_it_shows_the_products_of_this_brand_with_their_stock(self, clerk: Client, shop: Shop) -> None:
        ProductFactory(brand=BrandFactory())
        shop.stock(3, 4)
        shop.stock(50, location=shop.defect)
        (product,) = listed(clerk, shop)
        assert (product.pk, product.on_hand) == (shop.product.pk, 7)

    def test_a_brand_without_products_is_told_what_to_do_first(self, clerk: Client, shop: Shop) -> None:
        shop.product.variants.all().delete()
        shop.product.delete()
        page = clerk.get(shop.url("products")).content.decode()
        assert "No products yet" in page
        assert reverse("vision:new", args=[shop.brand.slug]) in page

    def test_archived_products_show_only_when_asked_for(self, clerk: Client, shop: Shop) -> None:
        archived = ProductFactory(brand=shop.brand, status="archived")
        assert archived not in listed(clerk, shop)
        assert listed(clerk, shop, status="archived") == [archived]

    @pytest.mark.parametrize("words", ["oxford", "셔츠", "OXFORD shirt"])
    def test_search_by_words(self, clerk: Client, shop: Shop, words: str) -> None:
        ProductFactory(brand=shop.brand, name_en="Skirt", name_ko="치마")
        assert listed(clerk, shop, q=words) == [shop.product]

    def test_search_by_style_number_and_sku(self, clerk: Client, shop: Shop) -> None:
        ProductFactory(brand=shop.brand)
        assert listed(clerk, shop, q=shop.product.style_number.lower()) == [shop.product]
        assert listed(clerk, shop, q=shop.variants[3].sku) == [shop.product]

    def test_nothing_fits(self, clerk: Client, shop: Shop) -> None:
        page = clerk.get(shop.url("products"), {"q": "no such thing"}).content.decode()
        assert "Nothing fits" in page
        assert "No products yet" not in page

    def test_filters_by_category_and_pattern(self, clerk: Client, shop: Shop) -> None:
        category, pattern = Category.objects.get(slug="dress"), Pattern.objects.get(slug="floral")
        dress = ProductFactory(brand=shop.brand, category=category, pattern=pattern)
        assert listed(clerk, shop, category="dress") == [dress]
        assert listed(clerk, shop, pattern="floral") == [dress]
        assert listed(clerk, shop, category="hat") == []

    def test_filters_by_stock(self, clerk: Client, shop: Shop) -> None:
        full = VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
        shop.variants.insert(0, full)
        shop.stock(99)
        assert listed(clerk, shop, stock="in") == [full.product]
        assert listed(clerk, shop, stock="low") == [shop.product]
        assert listed(clerk, shop, stock="out") == [shop.product]

    @pytest.mark.parametrize("name", ["status", "stock", "category", "pattern", "page"])
    def test_nonsense_in_the_address_narrows_nothing(self, clerk: Client, shop: Shop, name: str) -> None:
        assert listed(clerk, shop, **{name: "💥' OR 1=1"}) == [shop.product]

    def test_the_chips_count_under_the_other_filters(self, clerk: Client, shop: Shop) -> None:
        ProductFactory(brand=shop.brand, status="draft", name_en="Skirt")
        ProductFactory(brand=shop.brand, status="archived")
        chips = {value: n for value, _label, n in clerk.get(shop.url("products")).context["statuses"]}
        assert chips == {"": 2, "draft": 1, "active": 1, "archived": 1}
        chips = {value: n for value, _label, n in clerk.get(shop.url("products"), {"q": "skirt"}).context["statuses"]}
        assert chips == {"": 1, "draft": 1, "active": 0, "archived": 0}

    def test_htmx_gets_the_results_only(self, clerk: Client, shop: Shop) -> None:
        response = clerk.get(shop.url("products"), {"q": "oxford"}, headers={"HX-Request": "true"})
        page = response.content.decode()
        assert page.strip().startswith('<div id="results"')
        assert "<html" not in page
        assert "HX-Request" in response.headers["Vary"]

    def test_pages_keep_the_filters(self, clerk: Client, shop: Shop) -> None:
        for _ in range(30):
            ProductFactory(brand=shop.brand)
        response = clerk.get(shop.url("products"), {"q": "oxford"})
        assert len(response.context["page_obj"]) == 24
        assert "?q=oxford&amp;page=2" in response.content.decode()
        assert len(listed(clerk, shop, q="oxford", page="2")) == 7

    def test_its_queries_do_not_grow(self, clerk: Client, shop: Shop) -> None:
        clerk.get(shop.url("products"))
        few = queries_of(clerk, shop.url("products"))
        for _ in range(10):
            VariantFactory(product=ProductFactory(brand=shop.brand, category=Category.objects.first()))
        assert queries_of(clerk, shop.url("products")) == few


class TestProduct:
    def test_another_brands_product_does_not_exist_here(self, clerk: Client, shop: Shop) -> None:
        assert clerk.get(shop.url("product", ProductFactory().pk)).status_code == 404

    def test_to_a_stranger_it_does_not_exist(self, shop: Shop) -> None:
        assert shop.client(a_stranger()).get(shop.url("product", shop.product.pk)).status_code == 404

    def test_the_grid_over_all_places(self, clerk: Client, shop: Shop) -> None:
        shop.stock(5, 0, 2)
        shop.stock(1, location=shop.defect)
        table = clerk.get(shop.url("product", shop.product.pk)).context["table"]
        assert [[cell.on_hand for cell in row.cells] for row in table.rows] == [[6, 0], [2, 0]]
        assert ([row.total for row in table.rows], table.totals, table.total) == ([6, 2], [8, 0], 8)
        assert table.places == [(shop.main, 7), (shop.defect, 1)]

    def test_the_grid_of_one_place(self, clerk: Client, shop: Shop) -> None:
        shop.stock(5)
        shop.stock(1, location=shop.defect)
        page = clerk.get(shop.url("product", shop.product.pk), {"location": shop.defect.code})
        assert page.context["table"].total == 1
        linked = f"{shop.url('history')}?variant={shop.variants[0].pk}&amp;location={shop.defect.code}"
        assert linked in page.content.decode()
        assert shop.client(shop.viewer).get(linked.replace("&amp;", "&")).status_code == 200

    @pytest.mark.parametrize("location", ["x", "SUPPLIER", "²", "9" * 400, "\x00"])
    def test_a_place_that_is_not_ours_narrows_nothing(self, clerk: Client, shop: Shop, location: str) -> None:
        shop.stock(5)
        page = clerk.get(shop.url("product", shop.product.pk), {"location": location})
        assert page.context["table"].total == 5

    def test_each_number_leads_to_its_history(self, clerk: Client, shop: Shop) -> None:
        page = clerk.get(shop.url("product", shop.product.pk)).content.decode()
        for variant in shop.variants:
            assert f'href="{shop.url("history")}?variant={variant.pk}"' in page

    def test_a_retired_variant_shows_while_pieces_are_left(self, clerk: Client, shop: Shop) -> None:
        shop.stock(0, 0, 0, 1)
        for variant in shop.variants[2:]:
            variant.is_active = False
            variant.save()
        table = clerk.get(shop.url("product", shop.product.pk)).context["table"]
        assert [[cell and cell.on_hand for cell in row.cells] for row in table.rows] == [[0, 0], [None, 1]]

    def test_a_draft_without_a_grid_says_what_to_do(self, clerk: Client, shop: Shop) -> None:
        draft = ProductFactory(brand=shop.brand, name_ko="", name_en="")
        page = clerk.get(shop.url("product", draft.pk)).content.decode()
        assert draft.style_number in page
        assert reverse("vision:listing", args=[shop.brand.slug, draft.pk]) in page

    def test_its_queries_do_not_grow(self, clerk: Client, shop: Shop) -> None:
        shop.stock(1)
        clerk.get(shop.url("product", shop.product.pk))
        few = queries_of(clerk, shop.url("product", shop.product.pk))
        for _ in range(4):
            VariantFactory(product=shop.product)
            shop.stock(3, 2, 1)
        assert queries_of(clerk, shop.url("product", shop.product.pk)) == few


class TestLatestMovements:
    def test_the_last_ones_of_all_variants_newest_first(self, shop: Shop) -> None:
        for n in range(1, 8):
            shop.stock(n, 0, n)
        latest = overview.latest_movements(shop.product, 5)
        assert [(m.variant, m.quantity) for m in latest] == [
            (shop.variants[place], n) for n, place in ((7, 2), (7, 0), (6, 2), (6, 0), (5, 2))
        ]

    def test_a_busy_variant_does_not_hide_a_quiet_one(self, shop: Shop) -> None:
        for _ in range(6):
            shop.stock(1)
        shop.stock(0, 9)
        assert [m.quantity for m in overview.latest_movements(shop.product, 3)] == [9, 1, 1]

    def test_of_this_product_only(self, shop: Shop) -> None:
        other = VariantFactory(product__brand=shop.brand, product__status="active")
        shop.variants.append(other)
        shop.stock(0, 0, 0, 0, 5)
        assert overview.latest_movements(shop.product, 3) == []
        assert len(overview.latest_movements(other.product, 3)) == 1

    def test_a_product_without_variants(self, shop: Shop) -> None:
        assert overview.latest_movements(ProductFactory(brand=shop.brand), 3) == []

"""Opening stock: the last step of a listing, which puts the product on sale."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Category, Product
from erp.inventory.costs import average_costs
from erp.inventory.models import Posting
from erp.inventory.services import reverse_posting
from tests.factories import ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, build_shop


@pytest.fixture
def draft(shop: Shop) -> Product:
    """The shop's product, ready to go on sale."""
    shop.product.status = Product.Status.DRAFT
    shop.product.category = Category.objects.first()
    shop.product.save()
    return shop.product


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def is_on_sale(product: Product) -> bool:
    return Product.objects.get(pk=product.pk).status == Product.Status.ACTIVE


class TestFirst:
    def test_posts_activates_and_goes_to_the_product(self, shop: Shop, draft: Product, clerk: Client) -> None:
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("4", "", "6"), follow=True)
        assert response.redirect_chain == [(shop.url("product", draft.pk), 302)]
        assert is_on_sale(draft)
        posting = Posting.objects.get()
        assert posting.kind == "opening"
        assert [shop.on_hand(n) for n in range(4)] == [4, 0, 6, 0]
        page = response.content.decode()
        assert "Oxford shirt is on sale. Opened with 10 pieces of 2 variants." in page
        assert shop.url("reverse", posting.public_id) in page

    def test_with_what_it_cost(self, shop: Shop, draft: Product, clerk: Client) -> None:
        wrong = clerk.post(shop.url("opening", draft.pk), shop.entry("4", unit_cost="-1"))
        assert (wrong.status_code, "unit_cost" in wrong.context["form"].errors) == (422, True)
        assert not Posting.objects.exists()
        clerk.post(shop.url("opening", draft.pk), shop.entry("4", "", "6", unit_cost="8,500"))
        costs = average_costs(shop.brand, [variant.pk for variant in shop.variants])
        assert costs == {shop.variants[0].pk: 8500, shop.variants[2].pk: 8500}

    def test_zero_stock_is_fine(self, shop: Shop, draft: Product, clerk: Client) -> None:
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("", "0"), follow=True)
        assert "Oxford shirt is on sale." in response.content.decode()
        assert is_on_sale(draft)
        assert not Posting.objects.exists()

    def test_a_bad_cell_leaves_a_draft(self, shop: Shop, draft: Product, clerk: Client) -> None:
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("4", "-1"))
        assert response.status_code == 422
        assert not is_on_sale(draft)
        assert not Posting.objects.exists()
        assert f'name="q-{shop.variants[0].pk}" value="4"' in response.content.decode()

    def test_an_incomplete_product_posts_nothing_and_says_what_is_missing(
        self, shop: Shop, draft: Product, clerk: Client
    ) -> None:
        Product.objects.filter(pk=draft.pk).update(category=None)
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("4"))
        assert response.status_code == 422
        assert "Choose a category." in response.content.decode()
        assert not is_on_sale(draft)
        assert not Posting.objects.exists()

    def test_twice_opens_once(self, shop: Shop, draft: Product, clerk: Client) -> None:
        data = shop.entry("4")
        for _ in range(2):
            assert clerk.post(shop.url("opening", draft.pk), data).status_code == 302
        assert shop.on_hand() == 4

    def test_a_variant_of_another_product_is_refused(self, shop: Shop, draft: Product, clerk: Client) -> None:
        other = VariantFactory(product=ProductFactory(brand=shop.brand))
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("4", **{f"q-{other.pk}": "2"}))
        assert response.status_code == 422
        assert not Posting.objects.exists()

    def test_without_colours_and_sizes_it_leads_to_them(self, shop: Shop, clerk: Client) -> None:
        empty = ProductFactory(brand=shop.brand)
        page = clerk.get(shop.url("opening", empty.pk)).content.decode()
        assert "Choose colours and sizes first" in page


class TestLater:
    def test_what_was_opened_is_closed(self, shop: Shop, draft: Product, clerk: Client) -> None:
        clerk.post(shop.url("opening", draft.pk), shop.entry("4"))
        page = clerk.get(shop.url("opening", draft.pk))
        assert page.context["form"].sheet.cells[shop.variants[0].pk].done == "Opened with 4"
        response = clerk.post(shop.url("opening", draft.pk), shop.entry("9", "2"))
        assert response.status_code == 422
        assert "entered before" in response.context["form"].sheet.cells[shop.variants[0].pk].error
        assert [shop.on_hand(n) for n in range(2)] == [4, 0]

    def test_the_others_can_still_be_opened(self, shop: Shop, draft: Product, clerk: Client) -> None:
        clerk.post(shop.url("opening", draft.pk), shop.entry("4"))
        clerk.post(shop.url("opening", draft.pk), shop.entry("", "2"))
        assert [shop.on_hand(n) for n in range(2)] == [4, 2]

    def test_a_reversed_opening_can_be_entered_again(self, shop: Shop, draft: Product, clerk: Client) -> None:
        clerk.post(shop.url("opening", draft.pk), shop.entry("4"))
        reverse_posting(posting=Posting.objects.get(), actor=shop.owner, idempotency_key="undo")
        clerk.post(shop.url("opening", draft.pk), shop.entry("5"))
        assert shop.on_hand() == 5

    def test_on_sale_already_needs_a_number(self, shop: Shop, clerk: Client) -> None:
        assert clerk.post(shop.url("opening", shop.product.pk), shop.entry("")).status_code == 422


class TestWhoMay:
    def test_a_viewer_is_refused(self, shop: Shop, draft: Product) -> None:
        viewer = shop.client(shop.viewer)
        assert viewer.get(shop.url("opening", draft.pk)).status_code == 403
        assert viewer.post(shop.url("opening", draft.pk), shop.entry("4")).status_code == 403
        assert not is_on_sale(draft)

    def test_to_a_stranger_it_does_not_exist(self, shop: Shop, draft: Product) -> None:
        assert shop.client(a_stranger()).post(shop.url("opening", draft.pk), shop.entry("4")).status_code == 404
        assert not is_on_sale(draft)

    def test_the_product_of_another_brand_is_not_found(self, shop: Shop, clerk: Client) -> None:
        assert clerk.get(shop.url("opening", build_shop().product.pk)).status_code == 404

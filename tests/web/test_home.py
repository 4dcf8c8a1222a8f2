"""The home of a brand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Brand
from erp.inventory import overview, services
from tests.factories import BrandFactory, MembershipFactory, ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, queries_of


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def test_to_a_stranger_the_brand_does_not_exist(shop: Shop) -> None:
    assert shop.client(a_stranger()).get(shop.url("home")).status_code == 404


def test_a_new_brand_is_invited_to_take_its_first_photo(clerk: Client, shop: Shop) -> None:
    brand = BrandFactory()
    MembershipFactory(brand=brand, user=shop.clerk, role="owner")
    page = clerk.get(f"/b/{brand.slug}/").content.decode()
    assert "Photograph your first garment" in page
    assert f"/b/{brand.slug}/new/" in page


def test_the_big_numbers(clerk: Client, shop: Shop) -> None:
    shop.stock(40, 3)
    shop.stock(5, location=shop.defect)
    services.ship(
        brand=shop.brand, location=shop.main, quantities={shop.variants[0].pk: 8}, actor=shop.clerk, idempotency_key="s"
    )
    ProductFactory(brand=shop.brand, status="draft")
    page = clerk.get(shop.url("home")).context
    assert page["on_hand"] == 40
    assert (page["today"].arrived, page["today"].left) == (48, 8)
    assert page["draft_count"] == 1
    # 3 of the second variant, and none of the two ivory ones
    assert (page["low"].variants, page["low"].products) == (3, 1)


def test_a_move_between_our_places_is_no_arrival(shop: Shop) -> None:
    shop.stock(10)
    services.transfer(
        brand=shop.brand, source=shop.main, destination=shop.defect, quantities={shop.variants[0].pk: 4},
        actor=shop.clerk, idempotency_key="t",
    )  # fmt: skip
    today = overview.today(Brand.objects.get(), limit=5)
    assert (today.arrived, today.left) == (10, 0)
    assert [row.pieces for row in today.postings] == [4, 10]


def test_what_happened_on_an_earlier_day_is_not_of_today(shop: Shop) -> None:
    services.receive(
        brand=shop.brand, location=shop.main, quantities={shop.variants[0].pk: 4}, actor=shop.owner,
        idempotency_key="old", occurred_at=timezone.now() - timedelta(days=2),
    )  # fmt: skip
    today = overview.today(Brand.objects.get(), limit=5)
    assert (today.arrived, today.left, today.postings) == (0, 0, [])


class TestLow:
    def test_one_line_a_product_with_a_button_to_receive(self, clerk: Client, shop: Shop) -> None:
        shop.stock(50, 2, 0, 1)
        empty = VariantFactory(product=ProductFactory(brand=shop.brand, status="active")).product
        two = [VariantFactory(product=empty) for _ in range(2)]
        response = clerk.get(shop.url("home"))
        low = response.context["low"]
        assert [(row.product, row.sold_out, row.few) for row in low.worst] == [(empty, 3, 0), (shop.product, 1, 2)]
        assert low.worst[1].variants == [shop.variants[2], shop.variants[3], shop.variants[1]]
        assert (low.variants, low.products, len(two)) == (6, 2, 2)
        assert f"{shop.url('receive')}?product={shop.product.pk}" in response.content.decode()

    def test_more_products_need_no_more_queries(self, clerk: Client, shop: Shop) -> None:
        before = queries_of(clerk, shop.url("home"))
        for _ in range(3):
            VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
        assert queries_of(clerk, shop.url("home")) == before

    def test_defective_pieces_do_not_fill_a_gap(self, shop: Shop) -> None:
        shop.stock(50, 50, 50, 50)
        assert not overview.low_variants(shop.brand)
        shop.stock(50, location=shop.defect)
        services.ship(
            brand=shop.brand, location=shop.main, quantities={shop.variants[0].pk: 50}, actor=shop.clerk,
            idempotency_key="s",
        )  # fmt: skip
        assert [v.pk for v in overview.low_variants(shop.brand)] == [shop.variants[0].pk]

    def test_what_is_not_sold_is_not_low(self, shop: Shop) -> None:
        VariantFactory(product=ProductFactory(brand=shop.brand, status="draft"))
        VariantFactory(product=shop.product, is_active=False)
        VariantFactory(product=ProductFactory(brand=shop.brand, status="archived"))
        assert {v.pk for v in overview.low_variants(shop.brand)} == {v.pk for v in shop.variants}

    def test_the_brand_decides_what_is_low(self, shop: Shop) -> None:
        shop.stock(9, 10, 11, 12)
        shop.brand.low_stock_at = 10
        shop.brand.save()
        assert [v.on_hand for v in overview.low_variants(shop.brand)] == [9, 10]


def test_its_queries_do_not_grow(clerk: Client, shop: Shop) -> None:
    shop.stock(1)
    ProductFactory(brand=shop.brand, status="draft")
    clerk.get(shop.url("home"))
    few = queries_of(clerk, shop.url("home"))
    for n in range(6):
        product = ProductFactory(brand=shop.brand, status="active")
        VariantFactory(product=product)
        ProductFactory(brand=shop.brand, status="draft")
        shop.stock(*([n + 1] * 4))
    assert queries_of(clerk, shop.url("home")) == few

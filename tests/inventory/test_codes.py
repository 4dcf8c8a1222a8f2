"""Every reader of a typed or scanned code means the same variant, in any case, and finds it by index."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.db import connection

from catalog.api.filters import VariantFilter
from catalog.models import Brand, Variant
from erp.inventory.api.lines import read_lines
from erp.inventory.api.places import BalanceFilter
from erp.inventory.filters import MovementFilter
from erp.inventory.lookup import find_variant
from erp.inventory.models import Balance, StockMovement
from tests.web.shop import Shop, build_shop

pytestmark = pytest.mark.django_db
SKU = "HA0012-BK-S"


@pytest.fixture
def shop() -> Shop:
    shop = build_shop()
    Variant.objects.filter(pk=shop.variants[0].pk).update(sku=SKU, barcode="0036000291452")
    shop.stock(3, 4)
    return shop


@pytest.mark.parametrize("code", [SKU, SKU.lower(), "Ha0012-bk-S"])
def test_a_sku_in_any_case(shop: Shop, code: str) -> None:
    pk = shop.variants[0].pk
    assert find_variant(shop.brand, code).pk == pk
    [line] = read_lines(shop.brand, "receipt", [{"sku": code, "quantity": 1, "destination": "MAIN"}]).lines
    assert line.variant_id == pk
    found = MovementFilter({"sku": code}, StockMovement.objects.all(), brand=shop.brand).qs
    assert [movement.variant_id for movement in found] == [pk]
    assert [variant.pk for variant in VariantFilter({"sku": code}, Variant.objects.all()).qs] == [pk]
    assert [balance.variant_id for balance in BalanceFilter({"sku": code}, Balance.objects.all()).qs] == [pk]
    admin = site.get_model_admin(StockMovement)
    movements, _many = admin.get_search_results(None, StockMovement.objects.all(), code)
    assert [movement.variant_id for movement in movements] == [pk]


@pytest.mark.parametrize("code", ["0036000291452", "036000291452"])
def test_a_barcode_with_or_without_its_leading_nought(shop: Shop, code: str) -> None:
    assert find_variant(shop.brand, code).pk == shop.variants[0].pk
    found = MovementFilter({"sku": code}, StockMovement.objects.all(), brand=shop.brand).qs
    assert [movement.variant_id for movement in found] == [shop.variants[0].pk]


def test_another_brands_code_is_not_found(shop: Shop) -> None:
    assert find_variant(build_shop().brand, SKU) is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table as small as this one whole")
def test_codes_are_found_by_index(shop: Shop) -> None:
    variants = Variant.objects.order_by()
    of_brand = variants.filter(brand__in=Brand.objects.all())
    for found in (
        variants.of(shop.brand).of_code(SKU),
        variants.of_code(SKU),
        of_brand.of_code(SKU),
        variants.filter(sku=SKU),
        variants.of(shop.brand).filter(sku__in=[SKU]),
    ):
        plan = found.explain()
        assert "SCAN catalog_variant" not in plan
        assert "(sku=?" in plan

"""Many listings saved at once, by the rules of the single services."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Category, Product, Variant
from catalog.services import ProductEntry, VariantEntry, listing_problems, save_listings
from erp.core.errors import DomainError
from tests.api.shop import Shop, colours, make_shop, sizes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("haneul")


def entry(shop: Shop, style: str, *codes: str, status: str = "active", **cell: Any) -> ProductEntry:
    product = Product(brand=shop.brand, currency="KRW", style_number=style)
    details = {"name_ko": "셔츠", "category": Category.objects.get(slug="shirt")}
    cells = [VariantEntry(n, colours(["navy"])[0], size, **cell) for n, size in enumerate(sizes(codes), 1)]
    return ProductEntry(1, product, details, cells, status)


def save(shop: Shop, *entries: ProductEntry) -> None:
    save_listings(brand=shop.brand, actor=shop.staff, entries=entries)


def codes_of(shop: Shop, *entries: ProductEntry) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in listing_problems(brand=shop.brand, entries=entries)]


def test_products_come_with_skus_barcodes_and_colours(shop: Shop) -> None:
    save(shop, entry(shop, "A1", "S", "M"), entry(shop, "A2", "L"))
    product = Product.objects.get(style_number="A1")
    assert (product.status, product.created_by, product.size_run.slug) == ("active", shop.staff, "alpha")
    assert [variant.sku for variant in product.variants.order_by("pk")] == ["A1-NV-S", "A1-NV-M"]
    assert all(len(barcode) == 13 for barcode in product.variants.values_list("barcode", flat=True))
    assert [row.colour.slug for row in product.product_colours.all()] == ["navy"]
    newest = Variant.objects.create(product=product, brand=shop.brand, colour=colours(["white"])[0],
                                    size=sizes(["S"])[0], sku="LATER")  # fmt: skip
    assert newest.pk > max(product.variants.exclude(pk=newest.pk).values_list("pk", flat=True))


def test_a_sku_of_the_scheme_that_is_taken_gets_a_number(shop: Shop) -> None:
    Variant.objects.filter(pk=shop.variants[0].pk).update(sku="A1-NV-S")
    save(shop, entry(shop, "A1", "S"))
    assert Variant.objects.get(product__style_number="A1").sku == "A1-NV-S-2"


def test_everything_wrong_is_named_and_nothing_is_saved(shop: Shop) -> None:
    taken = shop.variants[0]
    wrong = [
        (entry(shop, shop.product.style_number, "S"), (1, "style_taken")),
        (entry(shop, "A2", "S", sku=taken.sku), (1, "sku_taken")),
        (entry(shop, "A3", "S", barcode=taken.barcode), (1, "barcode_taken")),
        (entry(shop, "A4", "S", is_active=False), (1, "missing_variants")),
    ]
    assert [codes_of(shop, each) for each, _code in wrong] == [[code] for _each, code in wrong]
    nameless = entry(shop, "A5", "S")
    nameless.details = {"price": 12}
    assert codes_of(shop, nameless) == [(1, "missing_name"), (1, "missing_category")]
    with pytest.raises(DomainError):
        save(shop, entry(shop, "A6", "S"), wrong[1][0])
    assert not Product.objects.filter(style_number="A6").exists()


def test_cells_are_added_and_changed_and_the_others_stay(shop: Shop) -> None:
    first = shop.variants[0]
    change = VariantEntry(1, first.colour, first.size, first, sku="NEW-SKU", is_active=False)
    add = VariantEntry(2, colours(["black"])[0], sizes(["L"])[0], barcode="OWN-CODE")
    save(shop, ProductEntry(1, shop.product, {"price": 9000}, [change, add]))
    first.refresh_from_db()
    assert (first.sku, first.is_active) == ("NEW-SKU", False)
    assert (add.variant.sku, add.variant.barcode) == (f"{shop.product.style_number}-BK-L", "OWN-CODE")
    assert shop.product.variants.count() == 5
    assert [row.colour.slug for row in shop.product.product_colours.all()] == ["navy", "white", "black"]
    assert Product.objects.get(pk=shop.product.pk).price == 9000

"""What becomes of each row: created, changed, left alone, or refused with the column, the reason and the mend."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import Product, Variant
from erp.inventory.models import Location, Posting
from erp.inventory.verify import verify_ledger
from tests.api.shop import Shop
from tests.exchange.shop import (
    HEADINGS,
    applied,
    checked,
    csv_file,
    errors_of,
    grid,
    imported,
    on_hand,
    rows_of,
    xlsx_file,
)

pytestmark = pytest.mark.django_db


def test_new_products_come_with_variants_and_stock(shop: Shop) -> None:
    job = imported(shop, csv_file(grid(3, each=12)))
    assert (job.state, job.applied, job.errors) == ("done", 36, 0)
    product = Product.objects.of(shop.brand).get(style_number="IM0001")
    assert (product.name_ko, product.category.slug, product.price, product.status) == (
        "셔츠 1", "shirt", Decimal(12001), "active",
    )  # fmt: skip
    assert product.size_run.slug == "alpha"
    assert [row.colour.slug for row in product.product_colours.all()] == ["black", "white"]
    variant = Variant.objects.get(product=product, sku="IM0001-BK-L")
    assert len(variant.barcode) == 13
    assert on_hand(shop, "IM0001-BK-L") == 3
    assert {p.kind for p in Posting.objects.of(shop.brand)} == {"opening"}
    assert verify_ledger(shop.brand) == []


def test_the_same_file_twice_changes_nothing(shop: Shop) -> None:
    data = csv_file(grid(5))
    imported(shop, data)
    again = checked(shop, data)
    assert again.counts == {"create": 0, "change": 0, "skip": 50, "error": 0}


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_a_change_shows_before_and_after(shop: Shop, make) -> None:
    imported(shop, make(grid(1, each=3)))
    rows = grid(1, each=3)
    rows = [[*row[:3], 15000, *row[4:]] for row in rows]
    rows[0][7] = 40
    job = checked(shop, make(rows))
    assert [row.changes for row in rows_of(job)] == [
        {"price": ["12000", "15000"], "stock": [0, 40]}, {"price": ["12000", "15000"]}, {"price": ["12000", "15000"]},
    ]  # fmt: skip
    applied(shop, job)
    assert Product.objects.get(style_number="IM0000").price == 15000
    assert on_hand(shop, "IM0000-BK-XS") == 40
    kinds = list(Posting.objects.of(shop.brand).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["opening", "adjustment"] or kinds == ["opening", "opening"]


WRONG = [
    (["A1", "셔츠", "셔츠", "만이천원", "블랙", "M", "", 1], [("price", "no_number")]),
    (["A1", "셔츠", "셔츠", "=1+1", "블랙", "M", "", 1], [("price", "formula")]),
    (["A1", "셔츠", "셔츠", -5, "블랙", "M", "", 1], [("price", "price_negative")]),
    (["A1", "셔츠", "셔츠", "12.5", "블랙", "M", "", 1], [("price", "price_decimals")]),
    (["A1", "셔츠", "셔추", 1000, "블랙", "M", "", 1], [("category", "unknown_word")]),
    (["A1", "셔츠", "셔츠", 1000, "검정검정", "M", "", 1], [("colour", "unknown_colour")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "", "", 1], [("size", "missing_size")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "999", "", 1], [("size", "unknown_size")]),
    (["", "셔츠", "셔츠", 1000, "블랙", "M", "", 1], [("style_number", "missing_style_number")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "M", "a b!", 1], [("sku", "sku_signs")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "M", "8.80E+12", 1], [("sku", "number_shortened")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "M", "", "1.5"], [("stock", "stock_fraction")]),
    (["A1", "셔츠", "셔츠", 1000, "블랙", "M", "", -1], [("stock", "stock_negative")]),
    (["A1", "셔츠", "", 1000, "블랙", "M", "", 1], [("stock", "draft_stock")]),
    (["A1", "가" * 121, "", 1000, "블랙", "M", "", ""], [("name_ko", "too_long")]),
    (["A1", "", "셔추", "x", "블랙", "M", "a b", -1],
     [("category", "unknown_word"), ("price", "no_number"), ("sku", "sku_signs"), ("stock", "stock_negative")]),
]  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), WRONG)
def test_a_wrong_cell_is_named(shop: Shop, row, expected) -> None:
    job = checked(shop, csv_file([row]))
    assert sorted(errors_of(job)) == sorted((2, *error) for error in expected)
    assert job.counts["error"] == 1


def test_rows_of_one_product_that_contradict_each_other_name_each_other(shop: Shop) -> None:
    rows = [
        ["A1", "셔츠", "셔츠", price, "블랙", size, "", 1] for price, size in ((1000, "M"), (1000, "L"), (2000, "XL"))
    ]
    job = checked(shop, csv_file(rows))
    assert errors_of(job) == [(2, "price", "contradiction"), (4, "price", "contradiction")]
    named = {row.number: row.errors[0]["params"]["row"] for row in rows_of(job) if row.errors}
    assert named == {2: 4, 4: 2}


def test_the_same_variant_twice_and_one_code_for_two_products(shop: Shop) -> None:
    rows = [
        ["A1", "셔츠", "셔츠", 1000, "블랙", "M", "", 1],
        ["A1", "셔츠", "셔츠", 1000, "블랙", "m", "", 2],
        ["A2", "셔츠", "셔츠", 1000, "블랙", "M", "CODE", 2],
        ["A3", "셔츠", "셔츠", 1000, "블랙", "M", "code", 2],
        ["A4", "셔츠", "셔츠", 1000, "블랙", "M", shop.variants[0].sku, 2],
    ]
    assert errors_of(checked(shop, csv_file(rows))) == [
        (2, "size", "row_twice"), (3, "size", "row_twice"), (4, "sku", "code_twice"), (5, "sku", "code_twice"),
        (6, "style_number", "elsewhere"), (6, "colour", "elsewhere"), (6, "size", "elsewhere"),
    ]  # fmt: skip


def test_only_the_good_rows_are_applied_if_one_says_so(shop: Shop) -> None:
    rows = grid(2, each=2)
    rows[3][3] = "x"
    job = applied(shop, checked(shop, csv_file(rows)), only_good=True)
    assert (job.state, job.applied, job.errors, job.only_good) == ("done", 3, 1, True)
    assert Variant.objects.filter(product__style_number__in=["IM0000", "IM0001"]).count() == 3


def test_stock_is_set_by_a_code_alone_and_at_several_places(shop: Shop) -> None:
    shop.stock(shop.variants[0], 5)
    second = Location.objects.create(brand=shop.brand, code="SHOP", kind="shop", name_ko="매장")
    skus = [variant.sku for variant in shop.variants[:2]]
    rows = [[skus[0].lower(), 3, "main"], [skus[0], 7, "매장"], [skus[1], 2, ""]]
    job = imported(shop, csv_file(rows, ("SKU", "재고", "창고")))
    assert job.applied == 3
    assert [on_hand(shop, skus[0]), on_hand(shop, skus[0], second), on_hand(shop, skus[1])] == [3, 7, 2]
    assert verify_ledger(shop.brand) == []


def test_stock_that_moved_since_the_check_is_an_error_and_the_rest_is_applied(shop: Shop) -> None:
    first, second = shop.variants[:2]
    shop.stock(first, 5)
    job = checked(shop, csv_file([[first.sku, 9], [second.sku, 4]], ("SKU", "수량")))
    shop.stock(first, 1)
    job = applied(shop, job)
    assert errors_of(job) == [(2, "stock", "changed_since")]
    assert (on_hand(shop, first.sku), on_hand(shop, second.sku)) == (6, 4)


def test_a_detail_changed_since_the_check_is_not_overwritten(shop: Shop) -> None:
    rows = [
        [shop.product.style_number, "navy", "S", "새 이름", 5000],
        [shop.product.style_number, "navy", "M", "새 이름", 5000],
    ]
    job = checked(shop, csv_file(rows, ("style", "color", "size", "name", "price")))
    Product.objects.filter(pk=shop.product.pk).update(name_ko="남의 이름")
    job = applied(shop, job)
    assert errors_of(job) == [(2, "name_ko", "changed_since"), (3, "name_ko", "changed_since")]
    shop.product.refresh_from_db()
    assert (shop.product.name_ko, shop.product.price) == ("남의 이름", None)


def test_blank_cells_leave_what_is_there(shop: Shop) -> None:
    variant = shop.variants[0]
    Product.objects.filter(pk=shop.product.pk).update(material="면 100%")
    headings = ("SKU", "소재", "가격", "재고")
    job = imported(shop, csv_file([[variant.sku, "", "₩12,000원", ""]], headings))
    shop.product.refresh_from_db()
    assert (shop.product.material, shop.product.price, job.applied) == ("면 100%", 12000, 1)


def test_what_is_incomplete_stays_a_draft(shop: Shop) -> None:
    imported(shop, csv_file([["A1", "셔츠", "", "", "블랙", "M", "", ""]]))
    assert Product.objects.get(style_number="A1").status == "draft"
    job = imported(shop, csv_file([["A1", "", "티셔츠", "", "블랙", "M", "", 3]]))
    assert rows_of(job)[0].changes["status"] == ["draft", "active"]
    assert Product.objects.get(style_number="A1").status == "active"
    assert HEADINGS[0] == "품번"

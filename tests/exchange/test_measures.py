"""Measured sizes in tables of products: one column, the same in every colour of a size."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.measuring import measured
from catalog.models import Product
from catalog.services import set_size_table
from erp.exchange.products.exporting import csv_products
from erp.exchange.products.showing import Reader
from tests.api.shop import Shop
from tests.exchange.shop import checked, csv_file, errors_of, imported

pytestmark = pytest.mark.django_db

HEADINGS = ("품번", "상품명", "카테고리", "색상", "사이즈", "실측(cm)")


def file_of(*rows: tuple[str, str, str]) -> bytes:
    """(colour, size, measures) of one shirt."""
    return csv_file([["MS0001", "셔츠", "셔츠", *row] for row in rows], HEADINGS)


def table_of(style: str = "MS0001") -> dict[str, dict[str, str]]:
    found = measured(Product.objects.get(style_number=style))
    return {size: {point: str(cm) for point, cm in cells.items()} for size, cells in found.items()}


def test_new_products_come_with_their_measures(shop: Shop) -> None:
    imported(
        shop,
        file_of(("블랙", "S", "총장 68, 가슴단면: 52.5cm"), ("블랙", "M", "length 70 / 身幅 55"), ("블랙", "L", "")),
    )
    assert table_of() == {"S": {"length": "68.0", "chest": "52.5"}, "M": {"length": "70.0", "chest": "55.0"}}
    imported(shop, file_of(("블랙", "S", "총장 69"), ("블랙", "M", "")))
    assert table_of() == {"S": {"length": "69.0"}, "M": {"length": "70.0", "chest": "55.0"}}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_exported_changes_nothing(shop: Shop, language: str) -> None:
    from django.utils import translation

    set_size_table(product=shop.product, actor=shop.staff, table={"S": {"length": "68", "chest": "52.5"}})
    with translation.override(language):
        data = b"".join(csv_products(shop.brand))
    assert ("총장 68, 가슴단면 52.5" if language == "ko" else "Length 68, Chest width 52.5") in data.decode()
    job = checked(shop, data)
    assert errors_of(job) == [] and job.counts["skip"] == job.total > 0
    Product.objects.get().measurements.all().delete()
    imported(shop, data)
    assert table_of(shop.product.style_number) == {"S": {"length": "68.0", "chest": "52.5"}}


def test_a_change_is_shown_before_it_is_applied(shop: Shop) -> None:
    set_size_table(product=shop.product, actor=shop.staff, table={"S": {"length": "68"}})
    data = csv_file([[v.sku, "총장 70"] for v in shop.variants if v.size.code == "S"], ("SKU", "실측"))
    job = checked(shop, data)
    shown: list[Any] = [Reader(job).shown(row).changes for row in job.rows.all()]
    assert [changes[0][1:] for changes in shown] == [("총장 68", "총장 70")] * 2
    assert table_of(shop.product.style_number) == {"S": {"length": "68.0"}}


@pytest.mark.parametrize(
    ("measures", "code"),
    [("코 3", "unknown_measure"), ("68", "unknown_measure"), ("총장", "unknown_measure"), ("=1+1", "unknown_measure"),
     ("총장 68" + " 1" * 60, "unknown_measure"), ("총장 0", "measure_not_positive"), ("총장 680", "measure_too_long"),
     ("총장 6.85", "measure_too_fine")],
)  # fmt: skip
def test_a_wrong_cell_is_named(shop: Shop, measures: str, code: str) -> None:
    job = checked(shop, file_of(("블랙", "S", measures), ("블랙", "M", "총장 70")))
    assert [(row, error["field"], error["code"]) for row, error in found(job)] == [(2, "measures", code)]
    assert all("%(" not in sentence for row in job.rows.all() for _f, sentence in Reader(job).shown(row).errors)
    assert not Product.objects.filter(style_number="MS0001").exists()


def found(job: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(row.number, error) for row in job.rows.order_by("number") for error in row.errors]


def test_colours_of_one_size_agree(shop: Shop) -> None:
    job = checked(shop, file_of(("블랙", "S", "총장 68"), ("화이트", "S", "총장 69"), ("블랙", "M", "총장 70")))
    assert [(row, error["code"]) for row, error in found(job)] == [(2, "size_contradiction"), (3, "size_contradiction")]
    sentences = [sentence for row in job.rows.all() for _f, sentence in Reader(job).shown(row).errors]
    assert "총장 69" in sentences[0] and "총장 68" in sentences[1]

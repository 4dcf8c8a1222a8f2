"""What is exported can be imported again, and then nothing changes."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from catalog.models import Product, Variant
from erp.exchange.products.exporting import csv_products, xlsx_products
from erp.inventory.models import Location
from tests.api.shop import Shop
from tests.exchange.shop import checked, csv_file, errors_of, grid, imported

pytestmark = pytest.mark.django_db

NASTY = [
    "=HYPERLINK(\"http://x\")", "'=already", "''+twice", "-5", "@sum", "|pipe", "%t", "a,b;c\td|e", 'say "hi"',
    "line\nbreak", "  blanks  ", "_x0041_", "\x0bcontrol", "뷁똠", "👕 emoji", "Ä é 漢字", "0012", "1e5", "TRUE", "NaN",
    "\u1112\u1161\u11ab", "a'b", "'", "#REF!", "2026-03-01", "\u200b", "x" * 120,
]  # fmt: skip


def exports(shop: Shop) -> dict[str, bytes]:
    book = BytesIO()
    xlsx_products(shop.brand, book)
    return {
        "utf-8.csv": b"".join(csv_products(shop.brand)),
        "cp949.csv": b"".join(csv_products(shop.brand, encoding="cp949")),
        "book.xlsx": book.getvalue(),
    }


def unchanged(shop: Shop, data: bytes) -> None:
    job = checked(shop, data)
    assert errors_of(job) == []
    assert (job.counts["create"], job.counts["change"]) == (0, 0), [row.changes for row in job.rows.exclude(changes={})]
    assert job.counts["skip"] == job.total > 0


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_whole_brand_comes_back_unchanged(shop: Shop, language: str) -> None:
    from django.utils import translation

    imported(shop, csv_file(grid(3)))
    Location.objects.create(brand=shop.brand, code="SHOP", kind="shop", name_ko="매장")
    shop.stock(shop.variants[0], 5)
    Variant.objects.filter(pk=shop.variants[1].pk).update(is_active=False)
    Product.objects.filter(style_number="IM0002").update(status="archived", season="winter", gender="women", price=None)
    with translation.override(language):
        files = exports(shop)
    for data in files.values():
        unchanged(shop, data)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_come_back_unchanged(shop: Shop, text: str) -> None:
    Product.objects.filter(pk=shop.product.pk).update(name_ko=text, material=text, care=text[:200])
    files = exports(shop)
    unchanged(shop, files["utf-8.csv"])
    unchanged(shop, files["book.xlsx"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60).filter(lambda text: "\0" not in text and text.isprintable() or text.isspace()))
def test_any_text_comes_back_unchanged(shop: Shop, text: str) -> None:
    Product.objects.filter(pk=shop.product.pk).update(name_en=text, material=text)
    for name, data in exports(shop).items():
        if name != "cp949.csv":
            unchanged(shop, data)


def test_no_cell_is_a_formula(shop: Shop) -> None:
    Product.objects.filter(pk=shop.product.pk).update(name_ko="=1+1", material="\t@x", care="+1")
    files = exports(shop)
    cells = [cell for row in csv.reader(StringIO(files["utf-8.csv"].decode("utf-8-sig"))) for cell in row]
    sheet = load_workbook(BytesIO(files["book.xlsx"])).active
    cells += [str(cell.value or "") for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_every_place_with_stock_has_a_row(shop: Shop) -> None:
    second = Location.objects.create(brand=shop.brand, code="SHOP", kind="shop", name_ko="매장")
    shop.stock(shop.variants[0], 5)
    data = csv_file([[shop.variants[0].sku, 2, "SHOP"]], ["SKU", "재고", "창고"])
    imported(shop, data)
    rows = list(csv.DictReader(StringIO(b"".join(csv_products(shop.brand)).decode("utf-8-sig"))))
    assert second.code == "SHOP"
    assert sorted((row["장소 코드"], row["재고"]) for row in rows if row["SKU"] == shop.variants[0].sku) == [
        ("MAIN", "5"), ("SHOP", "2"),
    ]  # fmt: skip
    assert len(rows) == 5

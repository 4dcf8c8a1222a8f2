"""Every format's exported file, read back by parsers that are not ours and held against the marketplaces' own rules."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from catalog.services import add_image
from erp.channels.models import Channel, ChannelListing, Export
from erp.channels.services import exports
from erp.channels.services.tables import save_form
from tests import photos
from tests.channels import rules_google, rules_shopify
from tests.channels.facts import GTIN, listing
from tests.channels.test_formats import file_of

ORIGIN = "https://jangbu.example"
SETTINGS: dict[str, dict[str, Any]] = {
    "shopify": {"language": "en", "attributes": {"Location": "Seoul"}},
    "google": {"language": "en", "shop_url": "https://shop.example/products"},
    "smartstore": {"attributes": {"원산지코드": "00", "A/S 전화번호": "02-000-0000", "A/S 안내": "7일 안에"}},
    "cafe24": {},
    "qoo10_jp": {
        "language": "ja",
        "currency": "JPY",
        "price_factor": Decimal("0.11"),
        "price_step": Decimal(10),
        "attributes": {"Shipping_number": "0"},
    },  # fmt: skip
    "shopee": {"language": "en"},
    "shakalaka": {"language": "en"},
    "generic": {},
}
EVIL = '=HYPERLINK("http://evil.example";"x")'
FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


@pytest.fixture
def stocked(shop):
    """A product with two photos, a true GTIN on its first variant, and texts that would run in a spreadsheet."""
    product = shop.product
    product.name_ko, product.name_en, product.material, product.care = EVIL, EVIL, "+cmd|' /C calc'!A0", "@SUM(1)"
    product.gender = "women"
    product.save()
    for seed in (1, 2):
        add_image(product=product, data=photos.jpeg((1000, 1000), seed=seed), filename="a.jpg", actor=shop.owner)
    shop.variants[0].barcode = GTIN
    shop.variants[0].save()
    return shop


def shopee_form() -> bytes:
    keys = ["ps_product_name|1|0", "ps_product_description|1|0", "ps_price|1|1", "ps_stock|0|1", "ps_sku_short|0|0",
            "et_title_option_for_variation_1|0|0", "et_title_option_for_variation_2|0|0"]  # fmt: skip
    book, file = Workbook(), io.BytesIO()
    book.active.append(keys)
    book.active.append(["Name", "Description", "Price", "Stock", "SKU", "Colour", "Size"])
    book.save(file)
    return file.getvalue()


def exported(shop, kind: str, what: str = "products") -> bytes:
    channel = Channel.objects.create(brand=shop.brand, kind=kind, name=kind, **SETTINGS[kind])
    if kind == "shopee":
        save_form(channel=channel, data=shopee_form())
        channel = Channel.objects.get(pk=channel.pk)
    row = ChannelListing.objects.create(
        channel=channel, product=shop.product, status="ready", target_category="50000830"
    )
    export = exports.start_export(channel=channel, actor=shop.owner, what=what, origin=ORIGIN)
    export = exports.make_export(export=export)
    row.refresh_from_db()
    assert (export.state, export.listings_count) == (Export.State.DONE, 1), (row.problem, list(export.findings.all()))
    with export.file.open("rb") as file:
        return file.read()


def table(data: bytes, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter, strict=True))


def sheet(data: bytes, *, head: int = 1) -> list[dict[str, Any]]:
    """The rows of a workbook whose headings are in line `head`; no cell of it is a formula."""
    book = load_workbook(io.BytesIO(data))
    assert not [c.coordinate for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    return [dict(zip(rows[head - 1], row, strict=True)) for row in rows[head:]]


def harmless(rows: list[dict[str, Any]]) -> bool:
    """No text that a spreadsheet would take for a formula; numbers are numbers."""
    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    return not [text for text in texts if text.startswith(FORMULA) and not text.lstrip("-").replace(".", "").isdigit()]


def test_shopify(stocked):
    rows = rules_shopify.read_products(exported(stocked, "shopify"))
    assert rules_shopify.broken_rules(rows) == []
    assert [row["sku"] for row in rows] == [variant.sku for variant in stocked.variants]
    assert [(row["price"], row["quantity"]) for row in rows] == [("12000", str(n)) for n in (1, 2, 3, 4)]
    assert (rows[0]["title"], rows[0]["barcode"], rows[0]["status"]) == (f"'{EVIL}", GTIN, "active")
    assert [bool(row["image"]) for row in rows] == [True, True, False, False] and harmless(rows)
    assert rows[0]["image"].startswith(ORIGIN)


def test_shopifys_stock(stocked):
    rows = table(exported(stocked, "shopify", "stock"))
    assert [(row["SKU"], row["On hand (new)"], row["Location"]) for row in rows] == [
        (variant.sku, str(number), "Seoul") for number, variant in enumerate(stocked.variants, start=1)
    ]


def test_google(stocked):
    items = rules_google.read_xml(exported(stocked, "google"))
    assert rules_google.broken_rules(items) == []
    first = items[0]
    assert (first["id"], first["gtin"], first["price"]) == ([stocked.variants[0].sku], [GTIN], ["12000 KRW"])
    assert first["gender"] == ["female"] and first["color"] == ["Navy"] and len(first["additional_image_link"]) == 1
    assert items[1]["identifier_exists"] == ["no"] and first["title"][0].startswith(EVIL)


def test_smartstore(stocked):
    [row] = sheet(exported(stocked, "smartstore"))
    assert (row["판매자 상품코드"], row["카테고리코드"]) == (stocked.product.style_number, "50000830")
    assert (row["판매가"], row["재고수량"]) == (12000, 10)
    assert [sum(map(int, str(row["옵션 재고수량"]).split(",")))] == [10]
    assert row["옵션값"].split("\n") == ["네이비,화이트", "S,M"] and harmless([row])


def test_cafe24(stocked):
    data = exported(stocked, "cafe24")
    [row] = table(data)
    assert data.startswith(b"\xef\xbb\xbf") and row["자체 상품코드"] == stocked.product.style_number
    assert row["옵션입력"] == "색상{네이비|화이트}//사이즈{S|M}" and harmless([row])


def test_qoo10(stocked):
    [row] = [r for r in sheet(exported(stocked, "qoo10_jp")) if r["seller_unique_item_id"]]
    assert str(row["price_yen"]) == "1320" and str(row["quantity"]) == "10"
    entries = [entry.split("||*") for entry in row["option_info"].split("$$")]
    assert [entry[-1] for entry in entries] == [variant.sku for variant in stocked.variants] and harmless([row])


def test_shopee(stocked):
    rows = sheet(exported(stocked, "shopee"))[1:]
    assert [row["ps_sku_short|0|0"] for row in rows] == [variant.sku for variant in stocked.variants]
    assert [row["ps_stock|0|1"] for row in rows] == [1, 2, 3, 4] and harmless(rows)
    assert {str(row["ps_price|1|1"]) for row in rows} == {"12000"}


def test_shakalaka(stocked):
    told = json.loads(exported(stocked, "shakalaka"))
    assert [item["sku"] for item in told["items"]] == [variant.sku for variant in stocked.variants]
    assert {(item["price"], item["currency"], item["name"]) for item in told["items"]} == {("12000", "KRW", EVIL)}


def test_a_table_of_ones_own(stocked):
    rows = table(exported(stocked, "generic"))
    assert [(row["SKU"], row["Quantity"]) for row in rows] == [
        (variant.sku, str(number)) for number, variant in enumerate(stocked.variants, start=1)
    ]
    assert harmless(rows) and rows[0]["Material"].startswith("'+")


@pytest.mark.parametrize("kind", ["cafe24", "generic", "smartstore"])
def test_files_of_stock(stocked, kind):
    rows = table(exported(stocked, kind, "stock"))
    assert [row["Quantity"] for row in rows] == ["1", "2", "3", "4"] and harmless(rows)


DEAR = tuple(replace(variant, price=Decimal("12.50")) for variant in listing(4).variants)
CASES = [
    listing(1),
    listing(2, title="가" * 100, description="<p>" + "나" * 4000 + "</p>", material=""),
    listing(3, gender="kids", compare_at=Decimal(15000), title='She said "hi",\n\tand = more'),
    listing(4, currency="USD", price=Decimal("12.50"), variants=DEAR),
    listing(5, pictures=listing(5).pictures[:1], category_name="", pattern_name="체크"),
    listing(6, published=False),
]


@pytest.mark.parametrize("name", ["shopify-2025", "shopify-legacy"])
def test_both_dialects_of_shopify_hold_for_hard_cases(name):
    rows = rules_shopify.read_products(file_of(name, *CASES))
    assert rules_shopify.broken_rules(rows) == []
    assert [row["status"] for row in rows if row["status"]] == ["active"] * 5 + ["draft"]
    assert {row["price"] for row in rows if row["handle"] == "a104"} == {"12.50"}


@pytest.mark.parametrize(
    ("name", "read"), [("google_xml-2025", rules_google.read_xml), ("google_tsv-2025", rules_google.read_tsv)]
)
def test_both_feeds_of_google_hold_for_hard_cases(name, read):
    items = read(file_of(name, *CASES))
    assert rules_google.broken_rules(items) == [] and len(items) == 36
    dear = [item for item in items if item["item_group_id"] == ["a103"]]
    assert {(item["price"][0], item["sale_price"][0]) for item in dear} == {("15000 KRW", "12000 KRW")}
    assert {item["age_group"][0] for item in dear} == {"kids"}


def test_the_checks_themselves_find_what_is_wrong():
    """A check that cannot fail says nothing: each broken rule of a file is told."""
    good = {
        "id": ["A"], "title": ["T"], "description": ["D"], "link": ["https://x.example/a"], "brand": ["B"],
        "image_link": ["https://x.example/a.jpg"], "availability": ["in_stock"], "price": ["1 KRW"], "color": ["red"],
        "size": ["S"], "gender": ["female"], "age_group": ["adult"], "identifier_exists": ["no"],
    }  # fmt: skip
    assert rules_google.broken_rules([good]) == []
    for change in (
        {"id": ["x" * 51]}, {"price": ["0 KRW"]}, {"price": ["12,000원"]}, {"gtin": ["4006381333932"]}, {"mpn": ["M"]},
        {"gtin": ["2000000000015"]}, {"link": ["/a"]}, {"availability": ["yes"]}, {"gender": ["women"]},
        {"sale_price": ["2 KRW"]}, {"additional_image_link": ["https://x.example/a.jpg"] * 11}, {"color": [""]},
    ):  # fmt: skip
        assert rules_google.broken_rules([good | change]), change
    [first, *_rest] = rows = rules_shopify.read_products(file_of("shopify-2025", listing()))
    for change in (
        {"price": "12,000"}, {"status": "on"}, {"policy": "no"}, {"quantity": "1.5"}, {"handle": "A 1"}, {"title": ""},
        {"position": "2"}, {"option2": ""}, {"sku": rows[1]["sku"]}, {"published": "yes"}, {"image": "a.jpg"},
    ):  # fmt: skip
        assert rules_shopify.broken_rules([first | change, *rows[1:]]), change

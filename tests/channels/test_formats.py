"""What goes out is what comes back, read by parsers that are not ours; and what a marketplace would refuse is told."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from erp.channels.formats.findings import RULES, WARNING, findings
from erp.channels.formats.reading import best_template, match, read
from erp.channels.formats.template import DATA, shipped_template
from erp.channels.formats.values import VALUES
from erp.channels.formats.writing import GOOGLE, rows_of, write
from erp.core.tables import safe_text
from erp.exchange.products.tables import read_table
from erp.exchange.products.text import restored
from tests.channels.facts import GTIN, listing

SHOPIFY = ("shopify-2025", "shopify-legacy")


def file_of(name: str, *listings) -> bytes:
    template, file = shipped_template(name), io.BytesIO()
    write(
        template, (row for found in listings for row in rows_of(template, found)), file, title="하루", link="https://x"
    )
    return file.getvalue()


def table_of(name: str, *listings) -> list[dict[str, str]]:
    """A shipped template's file as other programs read it."""
    template, data = shipped_template(name), file_of(name, *listings)
    if template.file == "xlsx":
        header, *rows = load_workbook(io.BytesIO(data))[template.sheet].iter_rows(values_only=True)
        return [{h: "" if v is None else str(v) for h, v in zip(header, row, strict=True)} for row in rows]
    delimiter = "\t" if template.file == "tsv" else ","
    return list(csv.DictReader(io.StringIO(data.decode(template.encoding), newline=""), delimiter=delimiter))


def told(name: str, **changes) -> dict[str, str]:
    """Code -> field of what is wrong with a listing."""
    return {found.code: found.field for found in findings(shipped_template(name), [listing(**changes)])}


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.json")))
def test_a_template_names_what_there_is(name):
    template = shipped_template(name)
    named = {column.value for column in template.columns if column.value and "=" not in column.value}
    assert named <= VALUES.keys() and template.rules.keys() <= RULES.keys()
    assert len(set(template.headers)) == len(template.headers)
    assert template.source and template.version


@pytest.mark.parametrize("name", SHOPIFY)
def test_shopifys_file_comes_back_as_the_same_products(name):
    sent = [listing(1), listing(2, title='Shirt, "blue"\nand = more', pictures=())]
    found = read(shipped_template(name), read_table(file_of(name, *sent)))
    assert found.problems == [] and found.matched.missing == []
    for before, after in zip(sent, found.listings, strict=True):
        for field in ("handle", "description", "brand", "price", "colour_option", "size_option"):
            assert getattr(after, field) == getattr(before, field)
        assert after.title.split() == before.title.split()
        assert [p.url for p in after.pictures] == [p.url for p in before.pictures]
        for one, other in zip(before.variants, after.variants, strict=True):
            assert (one.sku, one.colour, one.size, one.price, one.quantity) == (
                other.sku, other.colour, other.size, other.price, other.quantity,
            )  # fmt: skip


def test_columns_that_moved_are_found_and_missing_ones_named():
    header, *rows = csv.reader(io.StringIO(file_of("shopify-2025", listing()).decode()))
    turned = [list(reversed(row)) + ["?"] for row in (header, *rows)]
    turned[0][-1] = "My own"
    out = io.StringIO()
    csv.writer(out).writerows(turned)
    table = read_table(out.getvalue().encode("utf-16"))
    found = read(best_template(map(shipped_template, SHOPIFY), table.headings), table)
    assert found.matched.extra == ["My own"] and len(found.listings[0].variants) == 6
    assert match(shipped_template("shopify-2025"), ["Title"]).missing[0] == "URL handle"


def test_cells_that_cannot_be_read_are_named_by_line_and_column():
    lines = file_of("shopify-2025", listing()).decode().replace("12000", "a lot", 1).encode()
    (problem,) = read(shipped_template("shopify-2025"), read_table(lines)).problems
    assert (problem.code, problem.field, problem.line) == ("no_number", "Price", 2)


def test_options_as_each_marketplace_writes_them():
    (smart,) = table_of("smartstore-2024", listing())
    assert (smart["옵션명"], smart["옵션값"]) == ("색상\n사이즈", "네이비,화이트\nS,M,L")
    assert (smart["옵션가"], smart["옵션 재고수량"], smart["재고수량"]) == ("0,0,0,0,0,0", "0,1,2,3,4,5", "15")
    (cafe,) = table_of("cafe24-2024", listing())
    assert cafe["옵션입력"] == "색상{네이비|화이트}//사이즈{S|M|L}"
    (qoo,) = table_of("qoo10_jp-2024", listing())
    first, *_others, last = qoo["option_info"].split("$$")
    assert first.split("||*") == ["색상/사이즈", "네이비/S", "0", "0", "A101-네이비-S"]
    assert last.split("||*")[3] == "5"


def test_googles_feed_is_read_by_lxml():
    dear = replace(listing(), compare_at=Decimal(15000))
    items = etree.fromstring(file_of("google_xml-2025", dear)).findall("channel/item")
    first = {etree.QName(part).localname: part.text for part in items[1]}
    assert len(items) == 6 and etree.QName(items[0][0]).namespace == GOOGLE
    assert (first["price"], first["sale_price"], first["availability"]) == ("15000 KRW", "12000 KRW", "in_stock")
    assert (first["item_group_id"], first["identifier_exists"], first["color"]) == ("a101", "no", "네이비")
    assert "gtin" not in first


def test_only_a_true_gtin_is_told_as_one():
    variants = tuple(replace(v, barcode=b) for v, b in zip(listing().variants, (GTIN, "2000000000015"), strict=False))
    made, own = table_of("google_tsv-2025", listing(variants=variants))
    assert (made["gtin"], made["identifier_exists"]) == (GTIN, "")
    assert (own["gtin"], own["identifier_exists"]) == ("", "no")
    (found,) = list(findings(shipped_template("google_tsv-2025"), [listing(variants=variants)]))
    assert (found.code, found.level, found.sku) == ("not_a_gtin", WARNING, variants[1].sku)


def test_the_storefronts_feed_is_json():
    found = json.loads(file_of("shakalaka-1", listing()))
    assert [item["quantity"] for item in found["items"]] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["shopify-2025", "smartstore-2024", "google_tsv-2025", "generic-1", "cafe24-2024"])
@given(title=st.text(min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_no_text_runs_in_a_spreadsheet(name, title):
    for line in table_of(name, listing(title=title)):
        assert not any(value[:1] in "=+-@\t\r|%" for value in line.values() if value)


def test_everything_a_marketplace_would_refuse_at_once():
    cheap = tuple(replace(v, price=Decimal(12005)) for v in listing().variants)
    found = told("smartstore-2024", title="가" * 101, variants=cheap, pictures=(), target_category="")
    assert found["too_long"] == "상품명" and found["price_multiple"] == "price" and found["picture_count"] == "pictures"
    assert found["required"] in {"카테고리코드", "대표이미지", "원산지코드", "A/S 전화번호", "A/S 안내"}


def test_options_that_would_lose_codes_and_stock():
    sent_before = (("네이비", "화이트"), ("S", "M"))
    assert "options_moved" not in told("cafe24-2024", options_before=sent_before)
    assert "options_moved" in told("cafe24-2024", options_before=(("화이트", "네이비"), ("S", "M", "L")))
    assert "options_reset" in told("cafe24-2024", options_before=(("네이비",),))


def test_attributes_of_the_channel_fill_the_marketplaces_own_columns():
    asked = {"원산지코드": "00", "A/S 전화번호": "02-000-0000", "A/S 안내": "7일"}
    assert told("smartstore-2024", attributes=asked) == {}
    (line,) = table_of("smartstore-2024", listing(attributes=asked))
    assert line["원산지코드"] == "00"


SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠", "'=", "''=")


@pytest.mark.parametrize("sign", SIGNS)
def test_what_begins_like_a_formula_is_harmless_and_comes_back(sign):
    text = f"{sign}1+1"
    assert safe_text(text) == f"'{text}" and restored(safe_text(text)) == text
    assert safe_text("'quoted'") == "'quoted'" == restored("'quoted'")


def test_a_cheaper_option_is_an_amount_and_no_formula():
    first, *rest = listing().variants
    (smart,) = table_of("smartstore-2024", listing(variants=(replace(first, price=Decimal(11000)), *rest)))
    assert smart["옵션가"] == "-1000,0,0,0,0,0"

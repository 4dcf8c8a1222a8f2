"""The people's own form is filled by its hidden keys, wherever its columns were moved to."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

from erp.channels.formats.shopee import fill, keys_of
from erp.channels.models import Channel, ChannelListing, Export
from erp.channels.services.exports import start_export
from erp.channels.services.tables import save_form
from erp.core.errors import DomainError
from tests.channels.facts import listing
from tests.channels.test_exports import sent

KEYS = [
    "channel_id.1|0|0",
    "ps_stock|0|1",
    "ps_product_name|1|0",
    "ps_price|1|1",
    "et_title_option_for_variation_1|0|0",
]


def form(keys) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["Read this first"])
    sheet = book.create_sheet("Template")
    sheet.append(keys)
    sheet.append(["", "Stock", "Name", "Price", "Colour"])
    sheet.append(["", "how many", "required", "required", ""])
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("keys", [KEYS, list(reversed(KEYS))])
def test_cells_go_where_the_keys_are(keys):
    out = io.BytesIO()
    assert fill(form(keys), [listing(title="=1+1", attributes={"channel_id.1": "On"})], out) == 6
    book = load_workbook(io.BytesIO(out.getvalue()))
    head, _names, _hints, *rows = book["Template"].iter_rows(values_only=True)
    assert book.sheetnames == ["Sheet", "Template"] and list(head) == keys
    first = dict(zip((key.partition("|")[0] for key in keys), rows[0], strict=True))
    assert first == {
        "channel_id.1": "On",
        "ps_stock": 0,
        "ps_product_name": "'=1+1",
        "ps_price": 12000,
        "et_title_option_for_variation_1": "네이비",
    }
    assert len(rows) == 6


def test_what_the_form_requires():
    assert [key for key, required in keys_of(form(KEYS)).items() if required] == ["ps_product_name", "ps_price"]


def test_another_workbook_is_refused():
    with pytest.raises(DomainError) as refused:
        fill(form(["a", "b", "c"]), [], io.BytesIO())
    assert refused.value.code == "no_form"


def test_lines_that_people_filled_in_stay():
    """Also where they are below the rows in which the head is looked for."""
    book = load_workbook(io.BytesIO(form(KEYS)))
    for number in range(20):
        book["Template"].append(["On", number, f"Typed {number}", 1, "Red"])
    typed, out = io.BytesIO(), io.BytesIO()
    book.save(typed)
    fill(typed.getvalue(), [listing()], out)
    rows = list(load_workbook(io.BytesIO(out.getvalue()))["Template"].iter_rows(values_only=True))
    assert [row[2] for row in rows[3:23]] == [f"Typed {number}" for number in range(20)]
    assert {row[2] for row in rows[23:]} == {"네이비 셔츠"} and len(rows) == 29


@pytest.fixture
def shopee(shop):
    made = Channel.objects.create(brand=shop.brand, kind="shopee", name="Shopee", language="en")
    ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    return made


def test_without_its_form_nothing_is_made(shop, shopee):
    with pytest.raises(DomainError) as refused:
        start_export(channel=shopee, actor=shop.owner)
    assert refused.value.code == "no_form" and not Export.objects.exists()
    assert start_export(channel=shopee, actor=shop.owner, what="stock").pk


def test_its_form_gives_nothing_away_and_takes_no_product_without_a_picture(shop, shopee):
    save_form(channel=shopee, data=form(KEYS))
    shop.product.price = None
    shop.product.save()
    export = sent(Channel.objects.get(pk=shopee.pk), shop.owner)
    assert (export.left_out, export.lines_count) == (1, 0)
    assert {finding.code for finding in export.findings.all()} == {"no_price", "picture_count"}

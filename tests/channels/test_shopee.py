"""The people's own form is filled by its hidden keys, wherever its columns were moved to."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

from erp.channels.formats.shopee import fill, keys_of
from erp.core.errors import DomainError
from tests.channels.facts import listing

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
        "ps_price": "12000",
        "et_title_option_for_variation_1": "네이비",
    }
    assert len(rows) == 6


def test_what_the_form_requires():
    assert [key for key, required in keys_of(form(KEYS)).items() if required] == ["ps_product_name", "ps_price"]


def test_another_workbook_is_refused():
    with pytest.raises(DomainError) as refused:
        fill(form(["a", "b", "c"]), [], io.BytesIO())
    assert refused.value.code == "no_form"

"""What marketplaces would refuse or take otherwise than meant, beyond what single cells tell."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest

from erp.channels.formats.findings import ERROR, WARNING, findings
from erp.channels.formats.template import shipped_template, template_of
from erp.channels.formats.writing import rows_of, write
from erp.exchange.products.tables import read_table
from tests.channels.facts import listing


def told(name: str, **changes) -> dict[str, tuple[str, str, str]]:
    """Code -> field, SKU and level of what is wrong with a listing."""
    found = findings(shipped_template(name), [listing(**changes)])
    return {finding.code: (finding.field, finding.sku, finding.level) for finding in found}


OF_OPTIONS = ("shopify-2025", "shopify-legacy", "google_xml-2025", "google_tsv-2025", "smartstore-2024", "cafe24-2024",
              "qoo10_jp-2024", "shakalaka-1")  # fmt: skip


@pytest.mark.parametrize("name", OF_OPTIONS)
def test_two_colours_that_go_by_one_word_are_told(name):
    variants = tuple(replace(v, colour={"화이트": "네이비"}.get(v.colour, v.colour)) for v in listing().variants)
    assert told(name, variants=variants)["same_options"] == ("options", variants[-1].sku, ERROR)
    assert "same_options" not in told(name)


def test_qoo10_parts_names_by_a_sign_that_no_name_may_hold():
    first, *rest = listing().variants
    mixed = told("qoo10_jp-2024", variants=(replace(first, colour="블랙/화이트"), *rest))
    assert mixed["option_sign"][0] == "options"


def test_a_price_that_a_file_cannot_carry_is_told():
    first, *rest = listing().variants
    dearer = (replace(first, price=Decimal(13000)), *rest)
    assert told("cafe24-2024", variants=dearer)["one_price"] == ("price", first.sku, WARNING)
    assert "one_price" not in told("cafe24-2024")


def test_smartstore_needs_an_option_without_an_extra():
    all_dearer = tuple(replace(v, price=Decimal(13000)) for v in listing().variants)
    assert told("smartstore-2024", variants=all_dearer)["no_plain_option"][2] == WARNING
    assert "no_plain_option" not in told("smartstore-2024", variants=(*all_dearer[1:], listing().variants[0]))


def test_a_form_that_registers_takes_only_what_is_on_sale_and_warns_of_what_is_there():
    assert told("smartstore-2024", published=False)["not_on_sale"][2] == ERROR
    assert told("smartstore-2024", options_before=(("네이비",), ("S",)))["registered"][2] == WARNING
    assert not {"not_on_sale", "registered"} & told("cafe24-2024", published=False).keys()


def test_korean_on_a_channel_of_another_language_is_told():
    assert told("shopify-2025", language="en")["korean"] == ("title", "", WARNING)
    assert "korean" not in told("shopify-2025", language="en", title="Navy shirt") | told("shopify-2025")


def test_a_price_before_that_is_no_higher_is_told():
    assert told("shopify-2025", compare_at=Decimal(12000))["not_reduced"] == ("compare_at", "", WARNING)
    assert "not_reduced" not in told("shopify-2025", compare_at=Decimal(12001))


def own(**raw):
    columns = [{"header": "Name", "value": "title"}, {"header": "SKU", "value": "sku"}]
    return template_of({"key": "own", "version": "1", "name": "", "columns": columns, "file": "csv"} | raw)


def test_signs_that_the_encoding_lacks_are_named():
    (found,) = findings(own(encoding="cp949"), [listing(title="셔츠 😀 ♥ ✂")])
    assert (found.code, found.field, found.level) == ("not_in_encoding", "Name", WARNING)
    assert "CP949" in found.message and "😀 ✂" in found.message
    assert list(findings(own(encoding="utf-16"), [listing(title="셔츠 😀")])) == []


def test_what_a_cell_of_a_workbook_would_cut_off_is_told():
    (found,) = findings(own(file="xlsx"), [listing(title="가" * 32_768)])
    assert (found.code, found.field, found.params["most"]) == ("too_long", "Name", 32_767)
    assert list(findings(own(), [listing(title="가" * 32_768)])) == []


def test_smartstore_refuses_some_signs_in_names():
    assert told("smartstore-2024", title='Shirt "blue" <new>')["title_sign"] == ("title", "", WARNING)
    assert "title_sign" not in told("smartstore-2024", title="Shirt [blue] 100%")


def test_barcodes_of_ones_own_are_told_once():
    variants = tuple(replace(v, barcode="2000000000015") for v in listing().variants)
    assert [f.code for f in findings(shipped_template("google_xml-2025"), [listing(variants=variants)])] == [
        "not_a_gtin"
    ]


@pytest.mark.parametrize("file", ["csv", "tsv", "xlsx"])
def test_headings_of_ones_own_run_in_no_spreadsheet(file):
    made, template = io.BytesIO(), own(file=file, columns=[{"header": "=1+1", "value": "title"}])
    write(template, rows_of(template, listing()), made)
    assert read_table(made.getvalue()).headings == ["'=1+1"]


def test_a_combination_that_does_not_exist_is_told_as_each_file_has_it():
    holes = listing().variants[1:]
    assert "grid_holes" in told("smartstore-2024", variants=holes)
    assert told("cafe24-2024", variants=holes)["grid_made"] == ("variants", "", WARNING)
    assert "grid_made" not in told("cafe24-2024")

"""Which labels are printed: numbers, limits, the brand's own variants, and what is remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.models import Variant
from erp.core.errors import DomainError
from erp.inventory.services import reverse_posting
from erp.labels.models import LabelSettings
from erp.labels.selectors import of_posting, of_stock
from erp.labels.services import (
    MOST_LABELS,
    LabelOptions,
    make_labels,
    preview_labels,
    remember_options,
    remembered_options,
)
from erp.labels.templates import templates
from tests.factories import VariantFactory
from tests.labels.pictures import codes_in, pages

OPTIONS = LabelOptions(templates()["roll-50x30"], "qr")


def codes(shop, quantities, tmp_path, options=OPTIONS) -> list[str]:
    content = make_labels(brand=shop.brand, quantities=quantities, options=options)
    return [text for page in pages(content, tmp_path) for text, _format in codes_in(page)]


def test_a_label_for_each_piece_in_the_order_given(shop, tmp_path) -> None:
    first, second = shop.variants[:2]
    assert codes(shop, {second.pk: 2, first.pk: 1}, tmp_path) == [second.sku, second.sku, first.sku]


def test_the_barcode_is_printed_as_ean13(shop, tmp_path) -> None:
    variant = shop.variants[0]
    Variant.objects.filter(pk=variant.pk).update(barcode="2000000000015")
    options = replace(OPTIONS, code="ean13")
    assert codes(shop, {variant.pk: 1}, tmp_path, options) == ["2000000000015"]


def test_a_receiving_has_a_label_for_each_piece_that_stays(shop) -> None:
    posting = shop.stock(3, 2)
    assert of_posting(posting) == {shop.variants[0].pk: 3, shop.variants[1].pk: 2}
    reverse_posting(posting=posting, actor=shop.owner, idempotency_key="back")
    assert of_posting(posting) == {}


def test_the_stock_of_a_place(shop) -> None:
    shop.stock(3, 2)
    shop.stock(5, location=shop.defect)
    assert of_stock(shop.main) == {shop.variants[0].pk: 3, shop.variants[1].pk: 2}
    assert of_stock(shop.defect) == {shop.variants[0].pk: 5}


def refusal(shop, quantities, options=OPTIONS) -> DomainError:
    for service in (make_labels, preview_labels):
        with pytest.raises(DomainError) as refused:
            service(brand=shop.brand, quantities=quantities, options=options)
    return refused.value


def test_nothing_to_print(shop) -> None:
    assert refusal(shop, {}).code == "no_labels"
    assert refusal(shop, {shop.variants[0].pk: 0}).code == "no_labels"


def test_more_than_a_printer_takes_at_once(shop) -> None:
    error = refusal(shop, {shop.variants[0].pk: MOST_LABELS, shop.variants[1].pk: 1})
    assert error.code == "too_many_labels"
    assert "5,001" in str(error.message) and "5,000" in str(error.message)


def test_another_brands_variant_is_unknown(shop) -> None:
    theirs = VariantFactory()
    error = refusal(shop, {shop.variants[0].pk: 1, theirs.pk: 1})
    assert (error.code, error.problems[0].line) == ("unknown_variant", 2)
    assert theirs.sku not in str(error.problems[0].message)


@pytest.mark.parametrize("start", [0, 25, -3])
def test_a_start_that_is_not_on_the_sheet(shop, start) -> None:
    error = refusal(shop, {shop.variants[0].pk: 1}, LabelOptions(templates()["a4-3x8"], start=start))
    assert (error.code, error.problems[0].field) == ("wrong_start", "start")


def test_the_choice_of_a_brand_is_remembered(shop) -> None:
    assert remembered_options(shop.brand).template == templates()["a4-3x8"]
    chosen = LabelOptions(templates()["roll-40x30"], "qr", "en", with_price=True, start=1)
    for options in (chosen, replace(chosen, code="code128")):
        remember_options(brand=shop.brand, options=options)
        assert remembered_options(shop.brand) == options
    assert LabelSettings.objects.count() == 1
    LabelSettings.objects.update(template="no-longer-sold")
    assert remembered_options(shop.brand).template == templates()["a4-3x8"]


def test_the_preview_counts_without_drawing_everything(shop, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        preview = preview_labels(
            brand=shop.brand,
            quantities={variant.pk: 1_000 for variant in shop.variants},
            options=LabelOptions(templates()["a4-5x13"], start=65),
        )
    assert (preview.labels, preview.pages) == (4_000, 63)
    assert preview.picture.startswith(b"\x89PNG")


def test_labels_ask_one_query_however_many(shop, django_assert_num_queries) -> None:
    for quantities in ({shop.variants[0].pk: 1}, {variant.pk: 5 for variant in shop.variants}):
        with django_assert_num_queries(1):
            make_labels(brand=shop.brand, quantities=quantities, options=OPTIONS)

"""The colour x size grid: made whole, never deleted, with SKUs and barcodes that are free."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.models import Colour, Product, Size, SizeRun, Variant
from catalog.services import create_product, set_variants, update_variant
from catalog.validators import ean13_check_digit
from erp.core.errors import DomainError
from tests.factories import (
    BrandFactory,
    ColourFactory,
    ProductFactory,
    SizeFactory,
    SizeRunFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def colours(*slugs: str) -> list[Colour]:
    return [Colour.objects.get(slug=slug, brand=None) for slug in slugs]


def sizes(*codes: str, run: str = "alpha") -> list[Size]:
    return [SizeRun.objects.get(slug=run).sizes.get(code=code) for code in codes]


def codes(refusal: pytest.ExceptionInfo[DomainError]) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def skus(variants: list[Variant]) -> list[str]:
    return [variant.sku for variant in variants]


@pytest.fixture
def product() -> Product:
    return create_product(brand=BrandFactory(slug="haru"), actor=UserFactory())


def test_the_grid_is_made_whole_in_its_order(product) -> None:
    made = set_variants(product=product, colours=colours("navy", "black"), sizes=sizes("S", "M"))
    assert skus(made) == ["HA0001-NV-S", "HA0001-NV-M", "HA0001-BK-S", "HA0001-BK-M"]
    assert all(variant.is_active and variant.brand == product.brand for variant in made)
    for variant in made:
        assert variant.barcode.startswith("20")
        assert len(variant.barcode) == 13
        assert int(variant.barcode[-1]) == ean13_check_digit(variant.barcode[:12])
        variant.full_clean()
    product.refresh_from_db()
    assert product.size_run.slug == "alpha"
    assert [c.colour.slug for c in product.product_colours.all()] == ["navy", "black"]


def test_a_changed_grid_keeps_what_it_had_and_retires_what_left(product) -> None:
    first = set_variants(product=product, colours=colours("navy", "black"), sizes=sizes("S", "M"))
    second = set_variants(product=product, colours=colours("navy", "white"), sizes=sizes("M", "L"))
    assert skus(second) == ["HA0001-NV-M", "HA0001-NV-L", "HA0001-WH-M", "HA0001-WH-L"]
    assert second[0] == first[1]
    retired = Variant.objects.filter(is_active=False)
    assert set(retired.values_list("sku", flat=True)) == {"HA0001-NV-S", "HA0001-BK-S", "HA0001-BK-M"}
    again = set_variants(product=product, colours=colours("navy", "black"), sizes=sizes("S", "M"))
    assert [(v.pk, v.sku, v.barcode) for v in again] == [(v.pk, v.sku, v.barcode) for v in first]
    assert Variant.objects.count() == 7


def test_saying_a_colour_or_size_twice_is_saying_it_once(product) -> None:
    assert len(set_variants(product=product, colours=colours("navy", "navy"), sizes=sizes("M", "M"))) == 1


def test_a_grid_without_colours_or_sizes_is_refused_and_changes_nothing(product) -> None:
    set_variants(product=product, colours=colours("navy"), sizes=sizes("M"))
    for grid, problem in (
        ({"colours": [], "sizes": sizes("M")}, ("colours", "no_colours")),
        ({"colours": colours("navy"), "sizes": []}, ("sizes", "no_sizes")),
        ({"colours": colours("navy"), "sizes": sizes("M") + sizes("30", run="waist")}, ("sizes", "mixed_size_runs")),
    ):
        with pytest.raises(DomainError) as refusal:
            set_variants(product=product, **grid)
        assert codes(refusal) == [problem]
    assert Variant.objects.get().is_active


def test_colours_and_sizes_of_another_brand_are_refused(product) -> None:
    theirs = BrandFactory()
    with pytest.raises(DomainError) as refusal:
        set_variants(product=product, colours=[ColourFactory(brand=theirs)], sizes=sizes("M"))
    assert codes(refusal) == [("colours", "other_brand")]
    size = SizeFactory(run=SizeRunFactory(brand=theirs))
    with pytest.raises(DomainError) as refusal:
        set_variants(product=product, colours=colours("navy"), sizes=[size])
    assert codes(refusal) == [("sizes", "other_brand")]
    assert not Variant.objects.exists()
    own = ColourFactory(brand=product.brand, code="DUSK")
    size = SizeFactory(run=SizeRunFactory(brand=product.brand), code="1")
    assert skus(set_variants(product=product, colours=[own], sizes=[size])) == ["HA0001-DUSK-1"]


def test_a_colour_with_the_same_code_gets_another_sku(product) -> None:
    own = ColourFactory(brand=product.brand, code="nv")
    made = set_variants(product=product, colours=[*colours("navy"), own], sizes=sizes("M"))
    assert skus(made) == ["HA0001-NV-M", "HA0001-NV-M-2"]


def test_a_scheme_without_the_style_number_falls_back_on_it(product) -> None:
    product.brand.sku_scheme = "{colour}.{size}"
    product.brand.save()
    grid = {"colours": colours("navy", "black"), "sizes": sizes("M")}
    assert skus(set_variants(product=product, **grid)) == ["NV.M", "BK.M"]
    other = create_product(brand=product.brand, actor=UserFactory())
    assert skus(set_variants(product=other, **grid)) == ["NV.M-HA0002", "BK.M-HA0002"]
    elsewhere = create_product(brand=BrandFactory(sku_scheme="{colour}.{size}"), actor=UserFactory())
    assert skus(set_variants(product=elsewhere, **grid)) == ["NV.M", "BK.M"]


def test_skus_that_cannot_be_made_are_refused(product) -> None:
    product.brand.sku_scheme = "{style}{style}{style}-{colour}-{size}"
    product.style_number = "X" * 40
    with pytest.raises(DomainError) as refusal:
        set_variants(product=product, colours=colours("navy"), sizes=sizes("M"))
    assert codes(refusal) == [("style_number", "sku_unusable")]


def test_when_every_fallback_is_taken_the_brand_is_told(product) -> None:
    for ending in ("", *(f"-{n}" for n in range(2, 10))):
        VariantFactory(product=ProductFactory(brand=product.brand), sku=f"HA0001-NV-M{ending}")
    with pytest.raises(DomainError) as refusal:
        set_variants(product=product, colours=colours("navy"), sizes=sizes("M"))
    assert codes(refusal) == [("style_number", "sku_taken")]


def test_a_code_that_somebody_typed_is_not_given_again(product) -> None:
    first = set_variants(product=product, colours=colours("navy"), sizes=sizes("M"))[0]
    expected = f"20{first.pk + 1:010d}"
    other = VariantFactory(product=ProductFactory(brand=product.brand))
    Variant.objects.filter(pk=other.pk).delete()
    typed = f"{expected}{ean13_check_digit(expected)}"
    update_variant(variant=first, actor=UserFactory(), barcode=typed)
    for size in ("S", "L", "XL"):
        set_variants(product=product, colours=colours("navy"), sizes=sizes("M", size))
    barcodes = list(Variant.objects.values_list("barcode", flat=True))
    assert len(set(barcodes)) == 4
    assert typed in barcodes


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"barcode": "8801234567890"}, ("barcode", "ean13_check_digit")),
        ({"barcode": "has blanks"}, ("barcode", "barcode")),
        ({"sku": "  "}, ("sku", "blank")),
        ({"sku": "X" * 81}, ("sku", "max_length")),
        ({"sku": "HA\n1"}, ("sku", "sku")),
        ({"sku": 'HA"1'}, ("sku", "sku")),
        ({"sku": "HA 1"}, ("sku", "sku")),
        ({"sku": "HA/1"}, ("sku", "sku")),
        ({"sku": "\u3131-1"}, ("sku", "sku")),
    ],
)
def test_codes_that_are_none_are_refused(product, fields, problem) -> None:
    variant = set_variants(product=product, colours=colours("navy"), sizes=sizes("M"))[0]
    with pytest.raises(DomainError) as refusal:
        update_variant(variant=variant, actor=UserFactory(), **fields)
    assert problem in codes(refusal)
    assert Variant.objects.get().sku == "HA0001-NV-M"


def test_codes_are_unique_in_their_brand(product) -> None:
    first, second = set_variants(product=product, colours=colours("navy"), sizes=sizes("S", "M"))
    update_variant(variant=first, actor=UserFactory(), barcode="8801234567893", sku="OWN-1")
    for fields in ({"barcode": "8801234567893"}, {"sku": "OWN-1"}):
        with pytest.raises(DomainError) as refusal:
            update_variant(variant=Variant.objects.get(pk=second.pk), actor=UserFactory(), **fields)
        assert refusal.value.problems
    theirs = create_product(brand=BrandFactory(), actor=UserFactory())
    variant = set_variants(product=theirs, colours=colours("navy"), sizes=sizes("S"))[0]
    update_variant(variant=variant, actor=UserFactory(), barcode="8801234567893", sku="OWN-1")


@pytest.mark.parametrize(("typed", "kept"), [(" own-1.a_b ", "OWN-1.A_B"), ("\u1109\u1161\u11bc-1", "상-1")])
def test_a_sku_is_written_in_one_way(product, typed, kept) -> None:
    variant = set_variants(product=product, colours=colours("navy"), sizes=sizes("S"))[0]
    assert update_variant(variant=variant, actor=UserFactory(), sku=typed).sku == kept
    assert Variant.objects.get(sku=typed).sku == kept


def test_a_twin_in_another_case_is_refused(product) -> None:
    first, second = set_variants(product=product, colours=colours("navy"), sizes=sizes("S", "M"))
    with pytest.raises(DomainError) as refusal:
        update_variant(variant=second, actor=UserFactory(), sku=first.sku.lower())
    assert refusal.value.problems
    assert set(Variant.objects.values_list("sku", flat=True)) == {"HA0001-NV-S", "HA0001-NV-M"}
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE catalog_variant SET sku = 'ha0001-nv-s' WHERE id = %s", [second.pk])


def on_sale(product: Product) -> list[Variant]:
    made = set_variants(product=product, colours=colours("navy"), sizes=sizes("S", "M"))
    Product.objects.filter(pk=product.pk).update(status=Product.Status.ACTIVE)
    return made


def test_a_product_on_sale_keeps_a_variant(product) -> None:
    first, second = on_sale(product)
    update_variant(variant=first, actor=UserFactory(), is_active=False)
    update_variant(variant=first, actor=UserFactory(), is_active=False)
    with pytest.raises(DomainError) as refusal:
        update_variant(variant=second, actor=UserFactory(), is_active=False, sku="OWN-1")
    assert codes(refusal) == [("is_active", "last_variant")]
    second.refresh_from_db()
    assert (second.is_active, second.sku) == (True, "HA0001-NV-M")
    update_variant(variant=second, actor=UserFactory(), sku="OWN-1", is_active=True)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_product_that_is_not_on_sale_may_lose_its_last_variant(product, status) -> None:
    made = on_sale(product)
    Product.objects.filter(pk=product.pk).update(status=status)
    for variant in made:
        update_variant(variant=variant, actor=UserFactory(), is_active=False)
    assert not Variant.objects.filter(is_active=True).exists()


def test_a_cleared_barcode_becomes_an_internal_one(product) -> None:
    variant = set_variants(product=product, colours=colours("navy"), sizes=sizes("S"))[0]
    own = variant.barcode
    update_variant(variant=variant, actor=UserFactory(), barcode="ABC-1")
    assert Variant.objects.get().barcode == "ABC-1"
    update_variant(variant=variant, actor=UserFactory(), barcode="")
    assert Variant.objects.get().barcode == own


def test_a_variant_of_another_brand_than_its_product_is_refused(product) -> None:
    variant = set_variants(product=product, colours=colours("navy"), sizes=sizes("S"))[0]
    variant.brand = BrandFactory()
    with pytest.raises(DomainError) as refusal:
        update_variant(variant=variant, actor=UserFactory(), is_active=False)
    assert codes(refusal) == [("brand", "other_brand")]


def test_queries_do_not_grow_with_the_grid(product, django_assert_max_num_queries) -> None:
    many = list(Colour.objects.filter(brand=None)[:20])
    run = list(SizeRun.objects.get(slug="shoes_mm").sizes.select_related("run"))
    with django_assert_max_num_queries(26):
        made = set_variants(product=product, colours=many, sizes=run)
    assert len(made) == 300
    with django_assert_max_num_queries(8):
        set_variants(product=product, colours=many, sizes=run)

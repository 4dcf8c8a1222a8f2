"""Drafts, what a product on sale needs, and numbers that are given once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import Category, Colour, Product, SizeRun
from catalog.services import (
    activate_product,
    archive_product,
    create_product,
    next_style_number,
    products,
    set_product_colours,
    set_variants,
    update_product,
)
from erp.core.errors import DomainError
from tests.factories import BrandFactory, ColourFactory, ProductFactory, SizeRunFactory, UserFactory

pytestmark = pytest.mark.django_db


def codes(refusal: pytest.ExceptionInfo[DomainError]) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.code) for problem in refusal.value.problems]


@pytest.fixture
def brand():
    return BrandFactory(slug="haru")


@pytest.fixture
def actor():
    return UserFactory()


def shirt_in_navy(product: Product) -> None:
    size = SizeRun.objects.get(slug="alpha").sizes.get(code="M")
    set_variants(product=product, colours=[Colour.objects.get(slug="navy")], sizes=[size])


def test_a_draft_needs_nothing_and_gets_the_next_number(brand, actor) -> None:
    first = create_product(brand=brand, actor=actor)
    assert (first.style_number, first.status, first.currency, first.created_by) == ("HA0001", "draft", "KRW", actor)
    assert create_product(brand=brand, actor=actor).style_number == "HA0002"
    assert create_product(brand=BrandFactory(slug="한"), actor=actor).style_number == "ST0001"


def test_numbers_continue_after_the_highest(brand, actor) -> None:
    for style_number in ("HA0009", "HA0100", "HA12345", "HA-7", "HAX0500", "HA20261120", "JB9999"):
        ProductFactory(brand=brand, style_number=style_number)
    ProductFactory(brand=BrandFactory(slug="hana"), style_number="HA99999")
    assert next_style_number(brand) == "HA12346"


def test_a_number_that_another_draft_took_meanwhile_is_stepped_over(brand, actor, monkeypatch) -> None:
    ProductFactory(brand=brand, style_number="HA0001")
    answers = iter(["HA0001", "HA0001", "HA0002"])
    monkeypatch.setattr(products, "next_style_number", lambda brand: next(answers))
    assert create_product(brand=brand, actor=actor).style_number == "HA0002"


def test_a_typed_number_is_kept_and_must_be_free(brand, actor) -> None:
    assert create_product(brand=brand, actor=actor, style_number=" 26SS-01 ").style_number == "26SS-01"
    with pytest.raises(DomainError) as refusal:
        create_product(brand=brand, actor=actor, style_number="26SS-01")
    assert refusal.value.problems[0].message
    with pytest.raises(DomainError) as refusal:
        create_product(brand=brand, actor=actor, style_number="")
    assert codes(refusal) == [("style_number", "blank")]
    assert Product.objects.count() == 1
    create_product(brand=BrandFactory(), actor=actor, style_number="26SS-01")


@pytest.mark.parametrize(
    ("currency", "price", "code"),
    [
        ("KRW", "12000", None),
        ("KRW", "12000.00", None),
        ("KRW", "12000.50", "price_decimals"),
        ("JPY", "0.01", "price_decimals"),
        ("USD", "12.50", None),
        ("USD", "12.505", "max_decimal_places"),
        ("USD", "-1", "min_value"),
        ("KRW", "abc", "invalid"),
        ("KRW", "NaN", "invalid"),
        ("KRW", "Infinity", "invalid"),
        ("KRW", "1" + "0" * 12, "max_digits"),
    ],
)
def test_prices_follow_their_currency(brand, actor, currency, price, code) -> None:
    def price_product() -> Product:
        return create_product(brand=brand, actor=actor, currency=currency, price=price)

    if code is None:
        assert Product.objects.get(pk=price_product().pk).price == Decimal(price)
        return
    with pytest.raises(DomainError) as refusal:
        price_product()
    assert codes(refusal)[0][0] == "price"
    assert code in [c for _field, c in codes(refusal)]
    assert not Product.objects.exists()


def test_a_decimal_out_of_reach_is_refused_too(brand, actor) -> None:
    with pytest.raises(DomainError):
        create_product(brand=brand, actor=actor, price=Decimal("Infinity"))


def test_another_brands_size_run_is_refused(brand, actor) -> None:
    theirs = SizeRunFactory(brand=BrandFactory())
    with pytest.raises(DomainError) as refusal:
        create_product(brand=brand, actor=actor, size_run=theirs)
    assert codes(refusal) == [("size_run", "other_brand")]
    create_product(brand=brand, actor=actor, size_run=SizeRunFactory(brand=brand))


def test_two_people_edit_one_product_without_undoing_each_other(brand, actor) -> None:
    mine = create_product(brand=brand, actor=actor)
    theirs = Product.objects.get(pk=mine.pk)
    update_product(product=mine, actor=actor, name_ko="셔츠")
    update_product(product=theirs, actor=actor, material="면 100%")
    mine.refresh_from_db()
    assert (mine.name_ko, mine.material) == ("셔츠", "면 100%")


def test_status_and_brand_are_not_among_the_details(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor)
    for field in ({"status": "active"}, {"brand": BrandFactory()}, {"nonsense": 1}):
        with pytest.raises(TypeError):
            update_product(product=product, actor=actor, **field)


def test_activation_names_everything_that_is_missing(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor, name_ko="  ")
    with pytest.raises(DomainError) as refusal:
        activate_product(product=product, actor=actor)
    assert codes(refusal) == [
        ("name_ko", "missing_name"),
        ("category", "missing_category"),
        ("variants", "missing_variants"),
    ]
    assert product.status == Product.objects.get().status == "draft"
    update_product(product=product, actor=actor, name_en="Shirt", category=Category.objects.get(slug="shirt"))
    shirt_in_navy(product)
    assert activate_product(product=product, actor=actor).status == "active"
    assert activate_product(product=product, actor=actor).status == "active"
    assert Product.objects.get().status == "active"


def test_a_product_on_sale_stays_complete(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor, name_ko="셔츠", category=Category.objects.get(slug="shirt"))
    shirt_in_navy(product)
    activate_product(product=product, actor=actor)
    with pytest.raises(DomainError) as refusal:
        update_product(product=product, actor=actor, name_ko="", price="1.5", currency="KRW")
    assert codes(refusal) == [("name_ko", "missing_name"), ("price", "price_decimals")]
    assert Product.objects.get().name_ko == "셔츠"
    product.refresh_from_db()
    archive_product(product=product, actor=actor)
    update_product(product=product, actor=actor, name_ko="")
    assert Product.objects.get().status == "archived"


def test_colours_keep_their_order_and_measured_hex(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor)
    navy, white = Colour.objects.get(slug="navy"), Colour.objects.get(slug="white")
    set_product_colours(product=product, colours=[(white, ""), (navy, "#1C2541")])
    assert [(c.colour, c.swatch) for c in product.product_colours.all()] == [(white, white.hex), (navy, "#1c2541")]
    set_product_colours(product=product, colours=[(navy, "#101010"), (navy, "#202020")])
    assert [(c.colour, c.hex) for c in product.product_colours.all()] == [(navy, "#202020")]


def test_colours_that_are_sold_stay(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor)
    shirt_in_navy(product)
    set_product_colours(product=product, colours=[(Colour.objects.get(slug="red"), "")])
    assert [c.colour.slug for c in product.product_colours.all()] == ["red", "navy"]


@pytest.mark.parametrize(("measured", "field"), [("navy", "hex"), ("#12345", "hex")])
def test_a_colour_that_is_none_is_refused_and_nothing_changes(brand, actor, measured, field) -> None:
    product = create_product(brand=brand, actor=actor)
    navy, red = Colour.objects.get(slug="navy"), Colour.objects.get(slug="red")
    set_product_colours(product=product, colours=[(navy, "")])
    with pytest.raises(DomainError) as refusal:
        set_product_colours(product=product, colours=[(red, ""), (navy, measured)])
    assert codes(refusal)[0][0] == field
    assert [c.colour for c in product.product_colours.all()] == [navy]


def test_another_brands_colour_is_refused(brand, actor) -> None:
    product = create_product(brand=brand, actor=actor)
    with pytest.raises(DomainError) as refusal:
        set_product_colours(product=product, colours=[(ColourFactory(brand=BrandFactory()), "")])
    assert codes(refusal) == [("colour", "other_brand")]
    set_product_colours(product=product, colours=[(ColourFactory(brand=brand), "")])

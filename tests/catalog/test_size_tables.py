"""The size table of a product: what it takes, what it refuses, and who learns of a change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.measuring import measured, point_choices, points, size_table, usual_points
from catalog.models import Category, Change, Colour, Measurement, Product, Size, SizeRun
from catalog.services import set_size_table, set_variants
from catalog.services.measurements import read_cm
from erp.core.errors import DomainError
from tests.api.shop import colours, make_shop, sizes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("haneul")


def put(shop, table, product=None) -> None:
    set_size_table(product=product or shop.product, actor=shop.staff, table=table)


def table_of(product: Product) -> dict[str, dict[str, str]]:
    found = measured(Product.objects.get(pk=product.pk))
    return {size: {point: str(cm) for point, cm in cells.items()} for size, cells in found.items()}


def refused(shop, table, product=None) -> dict[str | None, str]:
    with pytest.raises(DomainError) as refusal:
        put(shop, table, product)
    return {problem.field: problem.code for problem in refusal.value.problems}


def test_it_is_set_as_a_whole(shop) -> None:
    put(shop, {"M": {"chest": 55, "length": "70"}, "S": {"length": "68", "chest": "52,5", "sleeve": " "}})
    assert list(table_of(shop.product).items()) == [
        ("S", {"length": "68.0", "chest": "52.5"}),
        ("M", {"length": "70.0", "chest": "55.0"}),
    ]
    put(shop, {"S": {"length": Decimal("68.5"), "shoulder": "44"}})
    assert table_of(shop.product) == {"S": {"length": "68.5", "shoulder": "44.0"}}
    put(shop, {})
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("said", "value"),
    [("52.5", "52.5"), ("52,5", "52.5"), (52, "52"), (52.5, "52.5"), ("５２．５", "52.5"), ("52.50 cm", "52.5"),
     ("300", "300"), ("0.1", "0.1"), ("", None), ("  ", None), (None, None)],
)  # fmt: skip
def test_centimetres_as_people_write_them(said, value) -> None:
    assert read_cm(said) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("said", "code"),
    [("x", "no_measure"), ("5 2", "no_measure"), ("-3", "no_measure"), ("1e3", "no_measure"), ("NaN", "no_measure"),
     (float("inf"), "no_measure"), (True, "no_measure"), ([52], "no_measure"), ("1,234.5", "no_measure"),
     ("9" * 60, "no_measure"), ("52.55", "measure_too_fine"), ("0", "measure_not_positive"),
     ("0.0", "measure_not_positive"), ("300.1", "measure_too_long"), (520, "measure_too_long")],
)  # fmt: skip
def test_what_is_no_measure_is_refused(shop, said, code) -> None:
    assert refused(shop, {"S": {"length": said}}) == {"size_table.S.length": code}


def test_everything_wrong_is_told_at_once_and_nothing_is_saved(shop) -> None:
    put(shop, {"S": {"length": "68"}})
    before = Product.objects.values().get(pk=shop.product.pk)
    wrong = {"S": {"length": "x", "chest": "52", "nose": "1"}, "XXL": {"length": "1"}, "M": {"chest": "0"}}
    assert refused(shop, wrong) == {
        "size_table.S.length": "no_measure",
        "size_table.S.nose": "unknown_point",
        "size_table.XXL": "unknown_size",
        "size_table.M.chest": "measure_not_positive",
    }
    assert table_of(shop.product) == {"S": {"length": "68.0"}}
    assert Product.objects.values().get(pk=shop.product.pk) == before


def test_sizes_are_those_of_the_size_run_and_of_the_variants(shop) -> None:
    put(shop, {"XL": {"length": "74"}})  # not for sale yet
    assert refused(shop, {"55": {"length": "74"}}) == {"size_table.55": "unknown_size"}
    bare = Product.objects.create(brand=shop.brand, style_number="BARE")
    assert refused(shop, {"S": {"length": "68"}}, bare) == {"size_table.S": "unknown_size"}


def test_a_table_outlives_a_change_to_a_run_with_the_same_sizes(shop) -> None:
    put(shop, {"S": {"length": "68"}})
    own = SizeRun.objects.create(brand=shop.brand, slug="own", name_ko="우리 사이즈")
    small = Size.objects.create(run=own, code="S")
    set_variants(product=shop.product, colours=colours(["navy"]), sizes=[small])
    product = Product.objects.get(pk=shop.product.pk)
    assert table_of(product) == {"S": {"length": "68.0"}}
    put(shop, {"S": {"length": "68"}}, product)
    assert [row.size for row in Measurement.objects.all()] == [small]


def test_a_change_moves_the_product_and_the_same_again_does_not(shop) -> None:
    def moved(table) -> bool:
        before = Product.objects.get(pk=shop.product.pk).updated_at
        put(shop, table)
        return Product.objects.get(pk=shop.product.pk).updated_at > before

    assert moved({"S": {"length": "68", "chest": "52"}})
    assert not moved({"S": {"length": "68.0", "chest": 52}})
    assert moved({"S": {"length": "68.5", "chest": "52"}})
    assert moved({"S": {"length": "68.5"}})


def test_every_cell_is_audited_on_the_page_of_its_product(shop) -> None:
    put(shop, {"S": {"length": "68", "chest": "52"}})
    put(shop, {"S": {"length": "69"}})
    found = Change.objects.about(f"product:{shop.product.pk}").filter(content_type__model="measurement")
    told = [(c.object_repr, c.action, c.changes["value"], c.actor, c.brand) for c in found.order_by("pk")]
    who = (shop.staff, shop.brand)
    assert [row[:3] for row in told] == [
        ("S · 총장", 0, [None, "68.0"]),
        ("S · 가슴단면", 0, [None, "52.0"]),
        ("S · 가슴단면", 2, ["52.0", None]),
        ("S · 총장", 1, ["68.0", "69.0"]),
    ]
    assert {row[3:] for row in told} == {who}


def test_a_first_table_is_written_in_few_statements(shop) -> None:
    every = {code: dict.fromkeys(points(), "10") for code in ("S", "M")}

    def asked(table) -> int:
        with CaptureQueriesContext(connection) as queries:
            put(shop, table)
        return len(queries)

    few = asked({"S": {"length": "68"}})
    put(shop, {})
    assert asked(every) == few


def test_the_database_holds_the_bounds(shop) -> None:
    size = sizes(["S"])[0]
    for value in ("0", "300.1", "-1"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Measurement.objects.create(product=shop.product, size=size, point="length", value=Decimal(value))
    put(shop, {"S": {"length": "68"}})
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.create(product=shop.product, size=size, point="length", value=Decimal(1))


def test_every_category_has_points_that_are_known() -> None:
    named = {slug: usual_points(Category(slug=slug)) for slug in Category.objects.values_list("slug", flat=True)}
    assert len(named) == 12
    assert all(usual and set(usual) <= points().keys() for usual in named.values())
    assert named["pants"] != named["shoes"] != named["hat"]
    assert usual_points(None) == usual_points(Category(slug="unheard_of")) == named["t_shirt"]
    for point in points().values():
        assert all((point.name_ko, point.name_en, point.name_ja)) and len(point.code) <= 20
    for language in ("ko", "en", "ja"):
        names = [point.named(language) for point in points().values()]
        assert len(set(names)) == len(names) == len(point_choices())


def test_a_table_shows_the_columns_that_anything_has(shop) -> None:
    found = {"S": {"length": Decimal("68.0")}, "M": {"chest": Decimal("55.5")}, "L": {"heel": Decimal(3)}}
    table = size_table(found, sizes=["S", "M"])
    assert [point.code for point in table.points] == ["length", "chest"]
    assert table.rows == (("S", ("68", "")), ("M", ("", "55.5")))
    assert size_table({}).rows == ()


def test_a_colour_has_no_table(shop) -> None:
    """Sizes are measured once for all colours."""
    put(shop, {"S": {"length": "68"}})
    navy = Colour.objects.get(slug="navy", brand=None)
    set_variants(product=shop.product, colours=[navy], sizes=sizes(["S", "M"]))
    assert table_of(shop.product) == {"S": {"length": "68.0"}}

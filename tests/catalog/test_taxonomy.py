"""The shipped vocabulary: the models' words and the database's rows are the same."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from catalog.models import Category, Colour, Pattern, Product, Size, SizeRun
from catalog.taxonomy import load_taxonomy, shipped, unload_taxonomy
from tests.factories import BrandFactory, ColourFactory, ProductFactory
from vision.ml import labels

pytestmark = pytest.mark.django_db


def test_slugs_and_their_order_are_those_of_the_models() -> None:
    assert tuple(Category.objects.values_list("slug", flat=True)) == labels.CATEGORIES
    assert tuple(Pattern.objects.values_list("slug", flat=True)) == labels.PATTERNS
    colours = Colour.objects.filter(brand=None)
    assert dict(colours.values_list("slug", "hex")) == labels.COLOURS
    assert [c.slug for c in colours] == list(labels.COLOURS)


def test_every_row_has_both_names_and_passes_its_own_checks() -> None:
    for model in (Category, Pattern, Colour, SizeRun):
        for row in model.objects.all():
            assert row.name_ko, row.slug
            assert row.name_en, row.slug
            row.full_clean()
    codes = [c.code for c in Colour.objects.filter(brand=None)]
    assert len(set(codes)) == len(codes)


def test_size_runs_are_complete_and_every_category_has_its_usual_one() -> None:
    runs = {run.slug: [size.code for size in run.sizes.all()] for run in SizeRun.objects.prefetch_related("sizes")}
    assert runs["alpha"] == ["XS", "S", "M", "L", "XL", "2XL", "3XL"]
    assert runs["women_kr"] == ["44", "55", "66", "77", "88"]
    assert runs["waist"][0] == "26"
    assert runs["waist"][-1] == "34"
    assert len(runs["shoes_mm"]) == 15
    assert runs["one_size"] == ["Free"]
    usual = dict(Category.objects.values_list("slug", "size_run__slug"))
    assert None not in usual.values()
    assert usual["shoes"] == "shoes_mm"
    assert usual["hat"] == "one_size"


def test_loading_again_changes_nothing_and_mends_what_was_changed() -> None:
    before = (Category.objects.count(), Colour.objects.count(), Size.objects.count())
    Colour.objects.filter(slug="navy", brand=None).update(hex="#000000")
    load_taxonomy(apps)
    assert (Category.objects.count(), Colour.objects.count(), Size.objects.count()) == before
    assert Colour.objects.get(slug="navy", brand=None).hex == labels.COLOURS["navy"]


def test_unloading_leaves_what_products_use() -> None:
    shirt = Category.objects.get(slug="shirt")
    ProductFactory(category=shirt)
    unload_taxonomy(apps)
    assert list(Category.objects.all()) == [shirt]
    assert list(SizeRun.objects.all()) == [shirt.size_run]
    assert not Colour.objects.exists()
    load_taxonomy(apps)
    assert Product.objects.get().category == shirt
    assert Category.objects.count() == len(shipped()["categories"])


@pytest.mark.parametrize("own", [False, True])
def test_the_database_refuses_a_second_row_of_one_slug(own: bool) -> None:
    """Also among the platform's rows, whose brand is null, on every database."""
    brand = BrandFactory() if own else None
    ColourFactory(brand=brand, slug="dusk")
    ColourFactory(brand=BrandFactory(), slug="dusk")
    with pytest.raises(IntegrityError), transaction.atomic():
        ColourFactory(brand=brand, slug="dusk")

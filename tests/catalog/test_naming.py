"""Names proposed from what a photo shows."""

import pytest

from catalog.models import Category, Colour, Pattern
from catalog.naming import propose_names

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("category", "pattern", "colours", "names"),
    [
        ("shirt", "stripe", ["navy", "white"], ("네이비 스트라이프 셔츠", "Navy striped shirt")),
        ("t_shirt", "solid", ["sky_blue"], ("스카이블루 티셔츠", "Sky blue T-shirt")),
        ("t_shirt", None, [], ("티셔츠", "T-shirt")),
        ("dress", "floral", [], ("플로럴 원피스", "Floral dress")),
        ("shoes", "solid", ["white"], ("화이트 슈즈", "White shoes")),
        (None, "stripe", ["navy"], ("", "")),
    ],
)
def test_names(category, pattern, colours, names) -> None:
    assert names == propose_names(
        Category.objects.filter(slug=category).first(),
        Pattern.objects.filter(slug=pattern).first(),
        [Colour.objects.get(slug=slug) for slug in colours],
    )


def test_every_category_and_pattern_has_its_words() -> None:
    for category in Category.objects.all():
        for pattern in Pattern.objects.all():
            assert all(propose_names(category, pattern))


def test_a_term_that_somebody_added_is_called_by_its_name() -> None:
    scarf = Category(slug="scarf", name_ko="스카프", name_en="Scarf")
    assert propose_names(scarf, None, [Colour(name_ko="노을")]) == ("노을 스카프", "노을 scarf")

"""What people make of the suggestions."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Category, Colour, Pattern
from catalog.services import set_product_colours
from tests.factories import UserFactory
from vision.models import Analysis, Correction, ModelVersion
from vision.services import accept_suggestions, record_answers

pytestmark = pytest.mark.django_db


def category(slug: str) -> Category:
    return Category.objects.get(slug=slug)


def pattern(slug: str) -> Pattern:
    return Pattern.objects.get(slug=slug)


def test_a_confirmed_and_a_corrected_answer(product: Any, actor: Any, analysed: Any) -> None:
    analysis = analysed(category="shirt", pattern="stripe", confidence=0.9)
    version = ModelVersion.objects.create(name="m1", sha256="1")
    Analysis.objects.update(model_version=version)
    rows = record_answers(product=product, actor=actor, category=category("shirt"), pattern=pattern("check"))
    assert len(rows) == 2
    confirmed, corrected = Correction.objects.order_by("pk")
    assert (confirmed.task, confirmed.suggested, confirmed.label, confirmed.accepted) == (
        "category",
        "shirt",
        "shirt",
        True,
    )
    assert (corrected.task, corrected.suggested, corrected.label, corrected.accepted) == (
        "pattern",
        "stripe",
        "check",
        False,
    )
    assert (corrected.actor, corrected.model_version, corrected.analysis) == (actor, version, analysis)
    assert (corrected.confidence, corrected.decision) == (0.9, "prefill")
    assert corrected.created_at


def test_the_same_answer_is_kept_once_and_a_changed_one_again(product: Any, actor: Any, analysed: Any) -> None:
    analysed()
    for label in ("shirt", "shirt", "dress", "dress", "shirt"):
        record_answers(product=product, actor=actor, category=category(label), pattern=None)
    assert list(Correction.objects.order_by("pk").values_list("label", flat=True)) == ["shirt", "dress", "shirt"]
    record_answers(product=product, actor=UserFactory(), category=category("shirt"), pattern=None)
    assert Correction.objects.count() == 3


def test_a_new_models_suggestion_is_answered_anew(product: Any, actor: Any, analysed: Any) -> None:
    analysed()
    record_answers(product=product, actor=actor, category=category("dress"), pattern=None)
    Analysis.objects.update(model_version=ModelVersion.objects.create(name="m2", sha256="2"))
    assert len(record_answers(product=product, actor=actor, category=category("dress"), pattern=None)) == 1


def test_each_analysed_photo_gets_the_label(product: Any, actor: Any, analysed: Any, upload: Any) -> None:
    analysed("navy", category="shirt")
    analysed("red", category="dress")
    upload("green")
    record_answers(product=product, actor=actor, category=category("shirt"), pattern=None)
    assert list(Correction.objects.order_by("analysis_id").values_list("suggested", "accepted")) == [
        ("shirt", True),
        ("dress", False),
    ]


def test_what_was_not_claimed_is_not_confirmed(product: Any, actor: Any, analysed: Any) -> None:
    analysed(category="shirt", decision="unknown", confidence=0.2)
    (row,) = record_answers(product=product, actor=actor, category=category("shirt"), pattern=None)
    assert (row.decision, row.accepted) == ("unknown", False)


def test_nothing_said_nothing_kept(product: Any, actor: Any, analysed: Any) -> None:
    analysed()
    assert record_answers(product=product, actor=actor, category=None, pattern=None) == []


def test_queries_do_not_grow_with_the_photos(
    product: Any, actor: Any, analysed: Any, django_assert_max_num_queries: Any
) -> None:
    for colour in ("navy", "red", "green", "blue"):
        analysed(colour)
    shirt, stripe = category("shirt"), pattern("stripe")
    with django_assert_max_num_queries(5):
        record_answers(product=product, actor=actor, category=shirt, pattern=stripe)


def test_accepting_fills_what_is_empty(product: Any, actor: Any, analysed: Any) -> None:
    analysed(category="dress", pattern="dot")
    accept_suggestions(product=product, actor=actor)
    product.refresh_from_db()
    assert (product.category.slug, product.pattern.slug) == ("dress", "dot")
    assert (product.name_ko, product.name_en) == ("네이비 도트 원피스", "Navy dotted dress")
    assert [(c.colour.slug, c.hex) for c in product.product_colours.all()] == [
        ("navy", "#1f2a4d"),
        ("white", "#f0f0ee"),
    ]
    assert list(Correction.objects.order_by("task").values_list("task", "label", "accepted", "actor")) == [
        ("category", "dress", True, actor.pk),
        ("pattern", "dot", True, actor.pk),
    ]


def test_accepting_leaves_what_a_person_entered(product: Any, actor: Any, analysed: Any) -> None:
    analysed(category="dress", pattern="dot")
    product.name_ko, product.category = "봄 원피스", category("skirt")
    product.save()
    red = Colour.objects.get(brand=None, slug="red")
    set_product_colours(product=product, colours=[(red, "#c00000")])
    accept_suggestions(product=product, actor=actor)
    product.refresh_from_db()
    assert (product.name_ko, product.category.slug, product.pattern.slug) == ("봄 원피스", "skirt", "dot")
    assert [c.colour for c in product.product_colours.all()] == [red]
    assert list(Correction.objects.values_list("task", flat=True)) == ["pattern"]


def test_accepting_without_a_claim_changes_nothing(product: Any, actor: Any, analysed: Any) -> None:
    analysed(decision="unknown", colours=())
    product.refresh_from_db()
    before = product.updated_at
    accept_suggestions(product=product, actor=actor)
    product.refresh_from_db()
    assert (product.category, product.name_ko, product.updated_at) == (None, "", before)
    assert not Correction.objects.exists()


def test_an_answer_outlives_its_photo(product: Any, actor: Any, analysed: Any) -> None:
    image = analysed(category="shirt").image
    record_answers(product=product, actor=actor, category=category("shirt"), pattern=None)
    image.delete()
    kept = Correction.objects.of(product.brand).get()
    assert (kept.analysis, kept.brand, kept.photo_sha256, kept.label) == (None, product.brand, image.sha256, "shirt")

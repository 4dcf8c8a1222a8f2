"""One answer for a product from what several photos show."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from catalog.models import Colour
from tests.factories import BrandFactory, ColourFactory
from vision.models import Analysis
from vision.selectors import merge_colours, merge_ranked, merge_states
from vision.services import suggestions_for

TERMS: Any = {name: name.upper() for name in ("shirt", "dress", "hat", "skirt", "shoes")}


def answer(decision: str, *top3: tuple[str, float]) -> dict[str, Any]:
    return {"label": top3[0][0], "confidence": top3[0][1], "top3": [list(t) for t in top3], "decision": decision}


@pytest.mark.parametrize(
    ("states", "merged"),
    [
        ([], "none"),
        (["queued", "queued"], "queued"),
        (["queued", "running"], "running"),
        (["done", "queued"], "running"),
        (["failed", "running"], "running"),
        (["done", "failed"], "done"),
        (["failed"], "failed"),
    ],
)
def test_states(states: list[str], merged: str) -> None:
    assert merge_states(states) == merged


def test_no_photo_says_nothing() -> None:
    assert merge_ranked([], TERMS) is None


def test_one_photo_is_taken_at_its_word() -> None:
    said = merge_ranked([answer("suggest", ("shirt", 0.5), ("dress", 0.3), ("hat", 0.1))], TERMS)
    assert said is not None
    assert (said.term, said.confidence, said.decision) == ("SHIRT", 0.5, "suggest")
    assert said.choices == [("SHIRT", 0.5), ("DRESS", 0.3), ("HAT", 0.1)]


def test_photos_that_agree_are_sure() -> None:
    said = merge_ranked([answer("prefill", ("shirt", 0.98)), answer("suggest", ("shirt", 0.6), ("dress", 0.4))], TERMS)
    assert said is not None
    assert (said.term, said.decision) == ("SHIRT", "prefill")
    assert said.confidence == pytest.approx(0.79)
    assert said.choices[1] == ("DRESS", pytest.approx(0.2))


def test_photos_that_contradict_each_other_leave_the_choice() -> None:
    said = merge_ranked([answer("prefill", ("shirt", 0.99)), answer("prefill", ("dress", 0.97))], TERMS)
    assert said is not None
    assert (said.term, said.decision) == ("SHIRT", "suggest")
    assert [term for term, _p in said.choices] == ["SHIRT", "DRESS"]


def test_a_doubtful_majority_is_not_filled_in() -> None:
    doubts = [answer("suggest", ("dress", 0.8), ("shirt", 0.1))] * 3
    said = merge_ranked([answer("prefill", ("shirt", 0.95)), *doubts], TERMS)
    assert said is not None
    assert (said.term, said.decision) == ("DRESS", "suggest")


def test_a_photo_of_the_label_has_no_vote() -> None:
    said = merge_ranked([answer("unknown", ("hat", 0.2)), answer("prefill", ("shirt", 0.96))], TERMS)
    assert said is not None
    assert (said.term, said.confidence, said.decision) == ("SHIRT", 0.96, "prefill")


def test_nothing_is_claimed_below_the_floor() -> None:
    said = merge_ranked([answer("unknown", ("hat", 0.2), ("shirt", 0.1))], TERMS)
    assert said is not None
    assert (said.term, said.decision, said.choices) == (None, "unknown", [])


def test_a_term_the_catalog_lacks_is_not_offered() -> None:
    said = merge_ranked([answer("prefill", ("kimono", 0.9), ("dress", 0.1))], TERMS)
    assert said is not None
    assert (said.term, said.decision) == ("DRESS", "suggest")


def test_colours_are_averaged_over_photos_that_show_any() -> None:
    terms: Any = {name: name.upper() for name in ("navy", "white", "red")}
    photos = [
        [{"name": "navy", "hex": "#101010", "share": 0.6}, {"name": "white", "hex": "#fefefe", "share": 0.4}],
        [{"name": "navy", "hex": "#202020", "share": 0.9}, {"name": "red", "hex": "#ff0000", "share": 0.1}],
        [],
    ]
    merged = merge_colours(photos, terms)
    assert [(c.colour, c.hex, c.share) for c in merged] == [("NAVY", "#202020", 0.75), ("WHITE", "#fefefe", 0.2)]


@pytest.mark.django_db
def test_a_product_without_photos(product: Any) -> None:
    found = suggestions_for(product)
    assert (found.state, found.photos, found.category, found.colours, found.total) == ("none", [], None, [], 0)
    assert (found.name_ko, found.name_en) == ("", "")


@pytest.mark.django_db
def test_a_product_with_photos(product: Any, analysed: Any, upload: Any) -> None:
    analysed("navy", category="shirt", pattern="stripe")
    upload("red")
    found = suggestions_for(product)
    assert (found.state, found.done, found.total) == ("running", 1, 2)
    assert [photo.state for photo in found.photos] == ["done", "queued"]
    assert found.category is not None
    assert found.pattern is not None
    assert (found.category.term.slug, found.pattern.term.slug) == ("shirt", "stripe")
    assert [(c.colour.slug, c.hex) for c in found.colours] == [("navy", "#1f2a4d"), ("white", "#f0f0ee")]
    assert (found.name_ko, found.name_en) == ("네이비 스트라이프 셔츠", "Navy striped shirt")


@pytest.mark.django_db
def test_a_name_says_nothing_doubtful(product: Any, analysed: Any) -> None:
    analysed("navy", decision="suggest", confidence=0.5)
    assert suggestions_for(product).name_en == "Navy shirt"


@pytest.mark.django_db
def test_answers_show_before_the_pictures_are_made(product: Any, analysed: Any) -> None:
    analysis = analysed("navy")
    Analysis.objects.filter(pk=analysis.pk).update(state="running")
    found = suggestions_for(product)
    assert found.state == "running"
    assert found.category is not None


@pytest.mark.django_db
def test_a_failed_photo_says_why(product: Any, upload: Any) -> None:
    analysis = upload().analysis
    Analysis.objects.filter(pk=analysis.pk).update(state="failed", error_code="photo_missing")
    found = suggestions_for(product)
    assert (found.state, found.done, found.total) == ("failed", 1, 1)
    assert found.photos[0].error_message


@pytest.mark.django_db
def test_a_brands_own_colour_goes_before_the_platforms(product: Any, analysed: Any) -> None:
    own = ColourFactory(brand=product.brand, slug="navy")
    ColourFactory(brand=BrandFactory(), slug="white")
    analysed("navy")
    found = suggestions_for(product)
    assert [c.colour for c in found.colours] == [own, Colour.objects.get(brand=None, slug="white")]


@pytest.mark.django_db
def test_as_many_queries_for_six_photos_as_for_one(product: Any, analysed: Any, django_assert_num_queries: Any) -> None:
    analysed("navy")
    with django_assert_num_queries(4):
        suggestions_for(product)
    for colour in ("red", "green", "blue", "black", "white"):
        analysed(colour)
    with django_assert_num_queries(4):
        suggestions_for(product)


def scene(analysis: Any, label: str) -> None:
    analysis.result = analysis.result | {"scene": {"label": label, "confidence": 0.97}}
    analysis.save()


@pytest.mark.parametrize(
    ("label", "english", "korean"),
    [
        ("none", "This does not look like a garment.", "옷"),
        ("several", "There are several garments in this photo. Photograph one at a time.", "한 벌"),
    ],
)
def test_a_photo_of_no_single_garment_says_so_and_has_no_vote(
    product: Any, analysed: Any, label: str, english: str, korean: str
) -> None:
    scene(analysed("red", category="hat", decision="unknown", colours=(("red", "#c00000", 1.0),)), label)
    analysed("navy", category="shirt")
    found = suggestions_for(product)
    assert found.category is not None
    assert (found.category.term.slug, found.category.decision) == ("shirt", "prefill")
    assert [c.colour.slug for c in found.colours] == ["navy", "white"]
    assert [photo.scene for photo in found.photos] == [label, "single"]
    with translation.override("en"):
        assert [photo.note for photo in suggestions_for(product).photos] == [english, ""]
    with translation.override("ko"):
        assert korean in suggestions_for(product).photos[0].note


def test_alone_it_claims_nothing(product: Any, analysed: Any) -> None:
    scene(analysed(decision="unknown"), "none")
    found = suggestions_for(product)
    assert found.category is not None
    assert (found.category.term, found.category.decision, found.colours) == (None, "unknown", [])


def test_answers_from_before_scenes_were_told_apart(product: Any, analysed: Any) -> None:
    analysis = analysed()
    analysis.result = {name: value for name, value in analysis.result.items() if name != "scene"}
    analysis.save()
    (photo,) = suggestions_for(product).photos
    assert (photo.scene, photo.note) == ("single", "")

"""What the photos suggest, and accepting it."""

from __future__ import annotations

import pytest

from catalog.models import ProductImage
from catalog.services import create_product
from tests import photos
from tests.api.shop import Api, codes_of
from vision.models import Analysis, Correction

pytestmark = pytest.mark.django_db

RESULT = {
    "category": {
        "label": "shirt",
        "confidence": 0.97,
        "top3": [["shirt", 0.97], ["jacket", 0.02], ["dress", 0.01]],
        "decision": "prefill",
    },
    "pattern": {
        "label": "stripe",
        "confidence": 0.5,
        "top3": [["stripe", 0.5], ["check", 0.4], ["solid", 0.1]],
        "decision": "suggest",
    },
    "colours": [{"name": "navy", "hex": "#1f2a4d", "share": 0.8}],
    "mask_share": 0.4,
    "decision": "suggest",
}


@pytest.fixture
def draft(shop):
    return create_product(brand=shop.brand, actor=shop.staff)


@pytest.fixture
def url(draft) -> str:
    return f"/api/v1/products/{draft.pk}/suggestions/"


@pytest.fixture
def analysed(draft) -> Analysis:
    image = ProductImage.objects.create(
        product=draft, original="x", content_type="image/jpeg", sha256="0" * 64, width=96, height=72
    )
    return Analysis.objects.create(image=image, state="done", result=RESULT)


def test_nothing_yet(url, api) -> None:
    body = api.get(url).json()
    assert (body["state"], body["category"], body["colours"], body["total"]) == ("none", None, [], 0)


def test_what_the_photos_say(url, analysed, api) -> None:
    body = api.get(url).json()
    assert (body["state"], body["done"], body["total"]) == ("done", 1, 1)
    assert (body["category"]["term"], body["category"]["decision"]) == ("shirt", "prefill")
    assert [choice["slug"] for choice in body["pattern"]["choices"]] == ["stripe", "check", "solid"]
    assert body["colours"][0] | {"share": 0} == {
        "colour": "navy",
        "name_ko": "네이비",
        "name_en": "Navy",
        "hex": "#1f2a4d",
        "share": 0,
    }
    assert body["name_ko"]
    assert body["photos"][0]["state"] == "done"
    analysis = api.get(f"/api/v1/images/{analysed.image.public_id}/analysis/").json()
    assert analysis["result"]["category"]["label"] == "shirt"


def test_accepting_fills_what_is_empty_and_keeps_the_answers(url, analysed, draft, shop, api) -> None:
    answer = api.post(f"{url}accept/", {"pattern": "check"})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["category"], body["pattern"], body["colours"][0]["hex"]) == ("shirt", "check", "#1f2a4d")
    assert body["name_ko"]
    answers = {row.task: (row.label, row.accepted, row.actor) for row in Correction.objects.all()}
    assert answers == {"category": ("shirt", True, shop.staff), "pattern": ("check", False, shop.staff)}
    assert api.post(f"{url}accept/").status_code == 200
    assert Correction.objects.count() == 2


def test_what_a_person_entered_stays(url, analysed, draft, api) -> None:
    api.patch(f"/api/v1/products/{draft.pk}/", {"name_ko": "내 이름", "category": "dress"})
    body = api.post(f"{url}accept/").json()
    assert (body["name_ko"], body["category"]) == ("내 이름", "dress")


def test_a_word_that_is_none(url, analysed, draft, api) -> None:
    answer = api.post(f"{url}accept/", {"category": "spaceship"})
    assert codes_of(answer) == [(None, "category", "does_not_exist")]
    assert not Correction.objects.exists()
    draft.refresh_from_db()
    assert draft.category is None


def test_who_may_not_accept(url, analysed, shop, other, auditor) -> None:
    people = (shop.viewer, auditor, other.owner, None)
    assert [Api(p).post(f"{url}accept/").status_code for p in people] == [403, 403, 404, 401]
    assert [Api(p).get(url).status_code for p in people] == [200, 200, 404, 401]
    assert not Correction.objects.exists()


def test_uploading_to_a_draft_of_ones_own_brand_only(draft, other) -> None:
    answer = Api(other.owner).post(f"/api/v1/products/{draft.pk}/images/", {"image": photos.jpeg()}, format="multipart")
    assert answer.status_code == 404


def test_a_photo_of_no_garment_says_so(url, analysed, api) -> None:
    Analysis.objects.update(result=RESULT | {"scene": {"label": "none", "confidence": 0.9}})
    (photo,) = api.get(url, headers={"Accept-Language": "en"}).json()["photos"]
    assert (photo["scene"], photo["note"]) == ("none", "This does not look like a garment.")

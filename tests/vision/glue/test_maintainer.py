"""The maintainer's page: what it counts, who may see it, and who may act."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import ProductImage
from tests.factories import BrandFactory, MembershipFactory, ProductFactory, UserFactory
from tests.vision.tiny import make_weights
from tests.web.shop import queries_of
from vision.maintainer.counting import inputs_in, latency_in, percentiles, said_in, seen_in, tenth_of
from vision.maintainer.periods import BEFORE, PARTS, Period, days_of
from vision.models import Analysis, Correction, ModelVersion, Retraining
from vision.services import activate_model, register_model

pytestmark = pytest.mark.django_db

PAGE, PHOTOS = reverse("vision:maintainer"), reverse("vision:maintainer-answers")
ACTIONS = ["activate", "roll-back", "retrain"]


@pytest.fixture(autouse=True)
def nothing_counted_before() -> None:
    cache.clear()


def browser(language: str = "en", **fields: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(**fields))
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def root() -> Client:
    return browser(is_superuser=True)


@pytest.fixture
def version(db: None) -> ModelVersion:
    return ModelVersion.objects.create(name="m1", sha256="1")


def ranked(label: str, confidence: float = 0.95, decision: str = "prefill") -> dict[str, Any]:
    return {"label": label, "confidence": confidence, "top3": [[label, confidence]], "decision": decision}


class World:
    """Photos and answers, made without looking at a picture."""

    def __init__(self, version: ModelVersion) -> None:
        self.version = version
        self.product = ProductFactory(style_number="WORLD-1", name_en="A shirt of the world")
        self.made = 0

    def photo(self, category: str = "shirt", days: float = 1, *, scene: str = "single", **more: Any) -> Analysis:
        self.made += 1
        image = ProductImage.objects.create(
            product=self.product, original="x", content_type="image/jpeg", sha256=f"{self.made:064d}", width=9, height=9
        )
        result = {
            "category": ranked(category, more.get("confidence", 0.95), more.get("decision", "prefill")),
            "pattern": ranked("solid", 0.7, "suggest"),
            "scene": {"label": scene, "confidence": 0.9},
            "mask_share": more.get("mask", 0.4),
            "ms": {"segment": 10.0, "classify": 20.0, "total": more.get("ms", 35.0)},
        }
        moment = timezone.now() - timedelta(days=days)
        analysis = Analysis.objects.create(
            image=image, state="done", result=result, model_version=self.version, finished_at=moment
        )
        Analysis.objects.filter(pk=analysis.pk).update(created_at=moment - timedelta(seconds=2))
        return analysis

    def said(self, label: str, analysis: Analysis | None = None, *, days: float = 1, task: str = "category") -> Any:
        analysis = analysis or self.photo(days=days)
        answer = analysis.result[task]
        row = Correction.objects.create(
            brand=self.product.brand, analysis=analysis, photo_sha256=analysis.image.sha256, task=task,
            suggested=answer["label"], confidence=answer["confidence"], decision=answer["decision"], label=label,
            accepted=answer["label"] == label, model_version=self.version,
        )  # fmt: skip
        Correction.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
        return row


@pytest.fixture
def world(version: ModelVersion) -> World:
    return World(version)


@pytest.fixture
def auditor() -> Any:
    return UserFactory(is_auditor=True)


def period(days: int = 90) -> Period:
    return Period.ending_now(days)


# ---- what is counted


def test_right_and_wrong_by_task_label_and_part(world: World, auditor: Any) -> None:
    world.said("shirt", days=1)
    world.said("shirt", days=20)
    world.said("dress", days=20)
    world.said("check", world.photo(days=1), task="pattern")
    world.said("shirt", days=100)
    said = said_in(auditor, period(90))
    category = said.total["category"]
    assert (category.answers, category.right, category.accuracy) == (3, 2, pytest.approx(2 / 3))
    assert (category.filled, category.precision) == (3, pytest.approx(2 / 3))
    assert (said.total["pattern"].answers, said.total["pattern"].filled) == (1, 0)
    assert said.by_label["category"]["dress"].accuracy == 0.0
    assert sorted(right.answers for right in said.by_part["category"].values()) == [1, 2]
    assert said.pairs["category"] == {("shirt", "shirt"): 2, ("dress", "shirt"): 1}


def test_of_several_answers_to_one_suggestion_the_last_counts(world: World, auditor: Any) -> None:
    photo = world.photo()
    for label in ("dress", "hat", "shirt"):
        world.said(label, photo)
    assert (said_in(auditor, period()).total["category"].answers) == 1
    assert said_in(auditor, period()).total["category"].right == 1


def test_answers_to_a_removed_photo_still_count(world: World, auditor: Any) -> None:
    world.said("dress").analysis.image.delete()
    world.said("hat").analysis.image.delete()
    assert said_in(auditor, period()).total["category"].answers == 2


def test_what_was_filled_in_and_the_days_before(world: World, auditor: Any) -> None:
    world.photo("shirt", 1)
    world.photo("shirt", 1, decision="suggest", confidence=0.5)
    world.photo("dress", 40)
    Analysis.objects.create(image=ProductImage.objects.create(
        product=world.product, original="x", content_type="image/jpeg", sha256="f" * 64, width=9, height=9
    ), state="failed", finished_at=timezone.now())  # fmt: skip
    seen = seen_in(auditor, period(30), "category")
    assert seen.labels[BEFORE] == {"dress": 1}
    last = max(seen.decisions)
    assert seen.decisions[last] == {"prefill": 1, "suggest": 1} and seen.filled == {"shirt": 1}
    assert seen.confidence[last] == pytest.approx(1.45)


def test_what_the_photos_are_like(world: World, auditor: Any) -> None:
    world.photo(confidence=0.95, mask=0.41)
    world.photo(confidence=1.0, mask=0.00004, scene="several", days=40)
    found = inputs_in(auditor, period(30))
    assert (found.confidence[False], found.mask[False], found.scene[False]) == ({9: 1}, {4: 1}, {"single": 1})
    assert (found.confidence[True], found.mask[True], found.scene[True]) == ({10: 1}, {0: 1}, {"several": 1})
    assert found.models[False] == found.models[True] == {world.version.pk}


def test_rows_of_older_models_without_scene_or_times(world: World, auditor: Any) -> None:
    photo = world.photo()
    photo.result = {"category": ranked("shirt"), "pattern": ranked("solid"), "mask_share": 0.3}
    photo.save()
    assert inputs_in(auditor, period()).scene[False] == {"single": 1}
    assert latency_in(auditor, period()).stages["total"] == (0.0, 0.0)


def test_how_long_it_takes(world: World, auditor: Any) -> None:
    for ms in range(1, 101):
        world.photo(ms=float(ms))
    Analysis.objects.filter(pk=Analysis.objects.latest("pk").pk).update(created_at=timezone.now() - timedelta(days=9))
    found = latency_in(auditor, period())
    assert (found.photos, found.stages["segment"]) == (100, (10.0, 10.0))
    assert found.stages["total"] == (51.0, 96.0)
    assert found.waited == (pytest.approx(2.0), pytest.approx(2.0))  # one that was looked at again did not wait


@pytest.mark.parametrize("days", PARTS)
def test_parts_cover_the_period(days: int) -> None:
    asked = period(days)
    starts = asked.starts
    assert starts[0] == asked.since and starts == sorted(starts) and len(starts) <= 13
    assert asked.since - asked.before == asked.now - asked.since


@pytest.mark.parametrize(("text", "days"), [("30", 30), ("31", 90), ("", 90), (None, 90), ("9" * 40, 90), ("²", 90)])
def test_periods_of_addresses(text: str | None, days: int) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize(("text", "tenth"), [("0.9", 9), ("1.0", 10), ("1", 10), ("4e-", 0), ("4.0", 0), (None, 0)])
def test_tenths(text: str | None, tenth: int) -> None:
    assert tenth_of(text) == tenth


def test_percentiles() -> None:
    assert percentiles([]) == (0.0, 0.0) and percentiles([3.0]) == (3.0, 3.0)
    assert percentiles(range(1, 101)) == (51, 96)


# ---- the page


def test_it_tells_everything(world: World, root: Client) -> None:
    for n in range(3):
        world.said("shirt", days=n)
    world.said("dress")
    body = root.get(PAGE).content.decode()
    for words in ("75%", "Shirt", "taken for", "What is mistaken for what", "How long it takes", "m1"):
        assert words in body
    assert f"{PHOTOS}?task=category&amp;days=90&amp;label=dress&amp;suggested=shirt" in body


def test_korean(world: World) -> None:
    world.said("dress")
    body = browser("ko", is_superuser=True).get(PAGE).content.decode()
    assert "사진 모델" in body and "Photo models" not in body and "taken for" not in body


def test_without_photos_it_says_what_to_do(root: Client) -> None:
    assert "No photos in these days" in root.get(PAGE).content.decode()


def test_a_change_of_the_photos_is_told(world: World, root: Client) -> None:
    for n in range(110):
        world.photo("shirt" if n % 10 else "dress", days=1)
        world.photo("dress" if n % 10 else "shirt", days=40)
    body = root.get(PAGE, {"days": 30}).content.decode()
    assert "The photos changed against the days before." in body and "Suggested categories" in body
    assert "it learns what is new" in body


def test_a_change_of_the_model_is_not_taken_for_one_of_the_photos(world: World, root: Client) -> None:
    for n in range(110):
        world.photo("shirt" if n % 10 else "dress", days=1)
        world.photo("dress" if n % 10 else "shirt", days=40)
    recent = Analysis.objects.filter(finished_at__gte=timezone.now() - timedelta(days=9))
    recent.update(model_version=ModelVersion.objects.create(name="m2", sha256="2"))
    assert "Another model answered part of them" in root.get(PAGE, {"days": 30}).content.decode()


def test_as_many_queries_for_many_photos(world: World, root: Client) -> None:
    world.said("shirt")
    few = queries_of(root, PAGE)
    for n in range(30):
        world.said("dress" if n % 2 else "hat", days=n)
    cache.clear()
    assert queries_of(root, PAGE) == few
    assert queries_of(root, PAGE) < few  # counted a moment ago


def test_photos_behind_a_cell(world: World, root: Client) -> None:
    wrong = world.said("dress")
    world.said("shirt")
    body = root.get(PHOTOS, {"task": "category", "label": "dress", "suggested": "shirt"}).content.decode()
    assert "1 answers" in body and "A shirt of the world" in body
    assert str(wrong.analysis.image.public_id) in body
    wrong.analysis.image.delete()
    assert "The photo was removed" in root.get(PHOTOS, {"label": "dress"}).content.decode()
    assert "No such answers" in root.get(PHOTOS, {"label": "kimono"}).content.decode()


def test_photos_page_and_cost_the_same(world: World, root: Client) -> None:
    world.said("dress")
    few = queries_of(root, f"{PHOTOS}?label=dress")
    for _ in range(60):
        world.said("dress")
    assert queries_of(root, f"{PHOTOS}?label=dress") == few
    assert "page=2" in root.get(PHOTOS, {"label": "dress"}).content.decode()


def candidate(base: str = "m1", **figures: Any) -> ModelVersion:
    one = {"photos": 120, "accuracy": 0.9, "accuracy_95": [0.85, 0.94]}
    two = one | {"accuracy": 0.96, "accuracy_95": [0.92, 0.99]}
    found = {
        "verdict": "better",
        "base": base,
        "base_figures": {"frozen": {"category": one}},
        "candidate_figures": {"frozen": {"category": two}},
    } | figures
    return ModelVersion.objects.create(name="m1+", sha256="9", folder="/x", card={"metrics": {"retraining": found}})


def test_a_candidate_stands_beside_what_it_began_from(version: ModelVersion, root: Client) -> None:
    candidate()
    body = root.get(PAGE).content.decode()
    for words in ("Candidate", "Better: right more often", "90%", "96%", "92%–99%", "Beside m1"):
        assert words in body


@pytest.mark.parametrize(
    "card", [{}, {"metrics": None}, {"metrics": {"category": []}}, {"metrics": {"retraining": 1}}, []]
)
def test_cards_that_lack_things(card: Any, root: Client) -> None:
    ModelVersion.objects.create(name="odd", sha256="9", card=card)
    assert "odd" in root.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        ("running", "", "Training and measuring"),
        ("failed", "retrain_no_torch", "requirements.txt"),
        ("failed", "Row 3 of manifest.csv", "Row 3 of manifest.csv"),
        ("nothing", "retrain_too_few", "Too few photos"),
    ],
)
def test_how_trainings_went(state: str, problem: str, words: str, root: Client) -> None:
    Retraining.objects.create(state=state, problem=problem, step="train", photos=12)
    body = root.get(PAGE).content.decode()
    assert words in body
    assert ("Train a candidate" in body) == (state != "running")


# ---- who may


@pytest.mark.parametrize("role", ["owner", "staff", "viewer", "stranger"])
def test_it_does_not_exist_for_others(role: str, world: World) -> None:
    client = Client()
    brand = world.product.brand if role != "stranger" else BrandFactory()
    client.force_login(MembershipFactory(brand=brand, role="owner" if role == "stranger" else role).user)
    for address in (PAGE, PHOTOS):
        assert client.get(address).status_code == 404
    for name in ACTIONS:
        assert client.post(reverse(f"vision:maintainer-{name}")).status_code == 404
    assert Client().get(PAGE).status_code == 302


def test_an_auditor_reads_and_changes_nothing(world: World, models: Any) -> None:
    world.said("dress")
    client = browser(is_auditor=True)
    body = client.get(PAGE).content.decode()
    assert "taken for" in body and client.get(PHOTOS).status_code == 200
    assert "Train a candidate" not in body and ">Activate<" not in body and "Roll back" not in body
    for name in ACTIONS:
        answer = client.post(reverse(f"vision:maintainer-{name}"), {"version": models[1].pk})
        assert answer.status_code == 403
    assert ModelVersion.objects.get(is_active=True) == models[0] and not Retraining.objects.exists()


@pytest.fixture
def models(tmp_path: Path) -> tuple[ModelVersion, ModelVersion]:
    first = register_model(folder=make_weights(tmp_path / "first", name="first"))
    second = register_model(folder=make_weights(tmp_path / "second", name="second", category="hat"))
    return activate_model(version=first, actor=None), second


def active() -> ModelVersion:
    return ModelVersion.objects.get(is_active=True)


def test_a_superuser_activates_and_rolls_back(models: Any, root: Client) -> None:
    first, second = models
    answer = root.post(reverse("vision:maintainer-activate"), {"version": second.pk}, follow=True)
    assert "second answers from now on." in answer.content.decode() and active() == second
    assert "Roll back to first" in answer.content.decode()
    root.post(reverse("vision:maintainer-roll-back"))
    assert active() == first


@pytest.mark.parametrize("name", ACTIONS)
def test_only_a_post_acts(name: str, models: Any, root: Client) -> None:
    assert root.get(reverse(f"vision:maintainer-{name}")).status_code == 405
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(UserFactory(is_superuser=True))
    assert checked.post(reverse(f"vision:maintainer-{name}"), {"version": models[1].pk}).status_code == 403
    assert active() == models[0]


@pytest.mark.parametrize("version", ["", "x", "0", "9" * 30, "-1"])
def test_a_model_that_does_not_exist(version: str, models: Any, root: Client) -> None:
    assert root.post(reverse("vision:maintainer-activate"), {"version": version}).status_code == 404
    assert active() == models[0]


def test_a_refusal_is_told(models: Any, root: Client) -> None:
    (Path(models[1].folder) / "card.json").unlink()
    answer = root.post(reverse("vision:maintainer-activate"), {"version": models[1].pk}, follow=True)
    assert "cannot be read" in answer.content.decode() and active() == models[0]


def test_training_is_asked_for_once(models: Any, root: Client, monkeypatch: pytest.MonkeyPatch, capture: Any) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("vision.services.retraining.async_task", lambda *args: sent.append(args))
    with capture(execute=True):
        first = root.post(reverse("vision:maintainer-retrain"), follow=True).content.decode()
        second = root.post(reverse("vision:maintainer-retrain"), follow=True).content.decode()
    assert "The candidate will stand here" in first and "A training runs already" in second
    assert len(sent) == Retraining.objects.count() == 1

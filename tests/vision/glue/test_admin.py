"""The admin of photo analysis: who sees what, and what may be done there."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import MembershipFactory, ProductFactory, UserFactory
from tests.vision.tiny import make_weights
from vision.models import Analysis, Correction, ModelVersion
from vision.services import record_answers, register_model

pytestmark = pytest.mark.django_db

LISTS = ["analysis", "correction"]


def page(model: str, name: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:vision_{model}_{name}", args=args)


def logged_in(**fields: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, **fields))
    return client


def member(product: Any, role: str) -> Client:
    client = Client()
    client.force_login(MembershipFactory(brand=product.brand, role=role, user=UserFactory(is_staff=True)).user)
    return client


@pytest.fixture
def answered(product: Any, actor: Any, analysed: Any) -> Analysis:
    version = ModelVersion.objects.create(name="m1", sha256="1")
    analysis = analysed("navy", confidence=0.91)
    Analysis.objects.update(model_version=version)
    product.category = product._meta.get_field("category").related_model.objects.get(slug="dress")
    record_answers(product=product, actor=actor, category=product.category, pattern=None)
    return analysis


@pytest.mark.parametrize("model", LISTS)
def test_an_owner_sees_their_own_only(answered: Analysis, product: Any, model: str) -> None:
    style = product.style_number.encode()
    row = page(model, "change", Analysis.objects.get().pk if model == "analysis" else Correction.objects.get().pk)
    owner, other = member(product, "owner"), member(ProductFactory(), "owner")
    assert style in owner.get(page("analysis")).content
    assert owner.get(row).status_code == 200
    assert style not in other.get(page(model)).content
    assert other.get(row).status_code in (302, 404)


@pytest.mark.parametrize("model", LISTS)
def test_nobody_changes_them(answered: Analysis, product: Any, model: str) -> None:
    row = Analysis.objects.get() if model == "analysis" else Correction.objects.get()
    for client in (member(product, "owner"), logged_in(is_superuser=True)):
        assert client.get(page(model, "add")).status_code == 403
        assert client.post(page(model, "change", row.pk), {"label": "hat", "state": "queued"}).status_code == 403
        assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert getattr(row, "label", "dress") == "dress"


@pytest.mark.parametrize("model", [*LISTS, "modelversion"])
def test_as_many_queries_for_many_rows(
    answered: Analysis, analysed: Any, product: Any, actor: Any, model: str, django_assert_max_num_queries: Any
) -> None:
    client = logged_in(is_superuser=True)
    with django_assert_max_num_queries(14) as few:
        client.get(page(model))
    for colour in ("red", "green", "blue", "black"):
        analysed(colour)
    record_answers(product=product, actor=actor, category=product.category, pattern=None)
    with django_assert_max_num_queries(len(few)):
        client.get(page(model))


@pytest.mark.parametrize(("role", "state"), [("owner", "queued"), ("staff", "queued"), ("viewer", "done")])
def test_analysing_again(answered: Analysis, product: Any, role: str, state: str) -> None:
    data = {"action": "analyse_again", "_selected_action": [answered.pk]}
    member(product, role).post(page("analysis"), data)
    answered.refresh_from_db()
    assert answered.state == state


def test_a_stranger_cannot_analyse_again(answered: Analysis) -> None:
    data = {"action": "analyse_again", "_selected_action": [answered.pk]}
    member(ProductFactory(), "owner").post(page("analysis"), data)
    answered.refresh_from_db()
    assert answered.state == "done"


def test_answers_are_exported(answered: Analysis, product: Any, actor: Any) -> None:
    actor.username = "=cmd()"
    actor.save()
    data = {"action": "export", "_selected_action": [Correction.objects.get().pk]}
    response = member(product, "owner").post(page("correction"), data)
    text = b"".join(response).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["brand"] == product.brand.slug
    assert row["photo_sha256"] == answered.image.sha256
    assert (row["task"], row["suggested"], row["label"], row["accepted"]) == ("category", "shirt", "dress", "False")
    assert (row["model"], row["by"], row["confidence"]) == ("m1", "'=cmd()", "0.91")


@pytest.fixture
def models(tmp_path: Path) -> tuple[ModelVersion, ModelVersion]:
    first = register_model(folder=make_weights(tmp_path / "first", name="first"))
    return first, register_model(folder=make_weights(tmp_path / "second", name="second", category="hat"))


def test_a_model_is_activated_and_rolled_back(models: Any) -> None:
    first, second = models
    client = logged_in(is_superuser=True)
    for version in (first, second, first):
        address = page("modelversion", "activate", version.pk)
        assert client.get(address).status_code == 200  # asks first
        assert not ModelVersion.objects.filter(pk=version.pk, is_active=True).exists()
        assert client.post(address, {"_form_submitted": "True"}).status_code == 302
        assert list(ModelVersion.objects.filter(is_active=True)) == [version]


def test_a_damaged_model_is_refused_with_a_reason(models: Any) -> None:
    first, _second = models
    (Path(first.folder) / "card.json").unlink()
    client = logged_in(is_superuser=True)
    response = client.post(page("modelversion", "activate", first.pk), {"_form_submitted": "True"}, follow=True)
    assert first.folder in response.content.decode()
    assert not ModelVersion.objects.filter(is_active=True).exists()


def test_only_the_platforms_people_choose_a_model(models: Any, product: Any) -> None:
    first, _second = models
    address = page("modelversion", "activate", first.pk)
    auditor, owner = logged_in(is_auditor=True), member(product, "owner")
    assert auditor.get(page("modelversion")).status_code == 200
    assert owner.get(page("modelversion")).status_code == 403
    for client in (auditor, owner):
        assert client.post(address, {"_form_submitted": "True"}).status_code == 403
    assert not ModelVersion.objects.filter(is_active=True).exists()
    assert logged_in(is_superuser=True).post(page("modelversion", "delete", first.pk)).status_code == 403


def test_how_often_a_model_was_right(answered: Analysis, product: Any, actor: Any) -> None:
    shirt = product._meta.get_field("category").related_model.objects.get(slug="shirt")
    record_answers(product=product, actor=actor, category=shirt, pattern=None)
    assert "50%" in logged_in(is_superuser=True).get(page("modelversion")).content.decode()


@pytest.mark.parametrize("person", [{"is_superuser": True}, {"is_auditor": True}])
def test_the_models_lead_to_their_figures(person: dict[str, bool], db: None) -> None:
    client = logged_in(**person)
    link = page("modelversion", "figures")
    assert link in client.get(page("modelversion")).content.decode()
    assert client.get(link).headers["Location"] == reverse("vision:maintainer")

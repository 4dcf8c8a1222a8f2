"""Keeping to a model, going back to the one before, and what a damaged one leaves serving."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from catalog.models import Change
from erp.core.errors import DomainError
from tests.vision.glue.test_admin import logged_in, page
from tests.vision.tiny import SIDE, make_weights
from vision import inference, registry
from vision.ml.card import sha256_of
from vision.models import ModelVersion
from vision.services import activate_model, pin_model, register_model, roll_back, unpin_model

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], ModelVersion]:
    return lambda name: register_model(folder=make_weights(tmp_path / name, name=name, category="dress"))


def serving() -> str:
    return inference.get_predictor().model_name


def active() -> ModelVersion:
    return ModelVersion.objects.get(is_active=True)


# ---- going back ----


def test_one_step_back_and_forth(make: Any, actor: Any) -> None:
    assert serving() == "shipped-1"
    for name in ("second", "third"):
        activate_model(version=make(name), actor=actor)
    assert serving() == "third"
    assert roll_back(actor=actor).name == "second"
    assert serving() == "second"
    assert roll_back(actor=actor).name == serving() == "third"


def test_nothing_to_go_back_to(actor: Any) -> None:
    assert serving() == "shipped-1"
    with pytest.raises(DomainError) as error:
        roll_back(actor=actor)
    assert error.value.code == "nothing_before"


def test_back_to_what_an_earlier_jangbu_shipped(shipped: Path, kept_models: Path, actor: Any) -> None:
    """The upgrade overwrote the files; the workers had kept a copy."""
    assert serving() == "shipped-1"
    make_weights(shipped, name="shipped-2", category="hat")
    inference.forget()
    assert serving() == "shipped-2"
    assert roll_back(actor=actor).name == "shipped-1"
    assert serving() == "shipped-1"
    assert inference.get_predictor().predict([Image.new("RGB", (40, 40))])[0].category.label == "shirt"
    assert len(list(kept_models.iterdir())) == 2


def test_only_the_last_copies_are_kept(shipped: Path, kept_models: Path) -> None:
    for number in range(6):
        make_weights(shipped, name=f"shipped-{number}", category=("hat", "dress")[number % 2])
        inference.forget()
        assert serving() == f"shipped-{number}"
    assert len(list(kept_models.iterdir())) == registry.KEPT
    assert registry.folder_of(active()) == shipped


def test_a_disk_that_is_full_keeps_no_worker_from_serving(monkeypatch: Any, kept_models: Path) -> None:
    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("vision.registry.shutil.copytree", full)
    assert serving() == "shipped-1"
    assert not kept_models.exists()


# ---- keeping to one ----


def test_an_upgrade_does_not_take_the_place_of_a_pinned_model(shipped: Path, actor: Any) -> None:
    assert serving() == "shipped-1"
    pin_model(version=active(), actor=actor)
    make_weights(shipped, name="shipped-2", category="hat")
    inference.forget()
    assert serving() == "shipped-1"
    assert ModelVersion.objects.get(name="shipped-2").is_active is False
    version = unpin_model(version=active(), actor=actor)
    assert (version.pinned_at, version.pinned_by, version.is_active) == (None, None, True)
    inference.forget()
    assert serving() == "shipped-2"


def test_nobody_else_is_activated_while_one_is_pinned(make: Any, actor: Any) -> None:
    second, third = make("second"), make("third")
    activate_model(version=third, actor=actor)
    pinned = pin_model(version=second, actor=actor)
    assert (pinned.is_active, pinned.pinned_by) == (True, actor)
    assert pinned.pinned_at
    for attempt in (
        lambda: activate_model(version=third, actor=actor),
        lambda: pin_model(version=third, actor=actor),
        lambda: roll_back(actor=actor),
    ):
        with pytest.raises(DomainError, match="second") as error:
            attempt()
        assert error.value.code == "model_pinned"
    assert active() == second
    assert pin_model(version=second, actor=None).pinned_at == pinned.pinned_at
    activate_model(version=second, actor=actor)  # the same one again: after its folder was mended
    assert active().pinned_at == pinned.pinned_at


def test_the_database_knows_that_only_the_active_one_is_pinned(make: Any, actor: Any) -> None:
    pin_model(version=make("second"), actor=actor)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.update(is_active=False)


def test_a_pinned_model_that_breaks_is_named_and_another_serves(make: Any, actor: Any) -> None:
    assert serving() == "shipped-1"
    second = pin_model(version=make("second"), actor=actor)
    shutil.rmtree(second.folder)
    inference.forget()
    assert serving() == "shipped-1"
    second.refresh_from_db()
    assert second.is_active and second.pinned_at and second.folder in second.problem


# ---- on record ----


def test_who_did_what_is_on_record(make: Any, actor: Any) -> None:
    serving()
    second = make("second")
    activate_model(version=second, actor=actor)
    pin_model(version=second, actor=actor)
    unpin_model(version=second, actor=actor)
    roll_back(actor=actor)
    told = [
        (change.object_repr, {name: pair[1] for name, pair in change.changes.items() if name == "is_active"})
        for change in Change.objects.filter(content_type__model="modelversion", actor=actor).order_by("pk")
    ]
    assert ("second", {"is_active": True}) in told
    assert told[-1] == ("shipped-1", {"is_active": True})
    assert Change.objects.filter(actor=actor, changes__has_key="pinned_at").count() == 2
    by_itself = Change.objects.filter(content_type__model="modelversion", actor=None)
    assert by_itself.filter(object_repr="shipped-1").exists()


# ---- damaged while it serves, and at the swap ----


def vouch(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    card = json.loads((folder / "card.json").read_text())
    card["files"][name] = sha256_of(folder / name)
    (folder / "card.json").write_text(json.dumps(card))


def cut(folder: Path) -> None:
    data = (folder / "student.onnx").read_bytes()
    (folder / "student.onnx").write_bytes(data[: len(data) // 2])


def change(**values: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        card = json.loads((folder / "card.json").read_text())
        (folder / "card.json").write_text(json.dumps(card | values))

    return spoil


SPOILT = {
    "truncated": (cut, "student.onnx"),
    "other weights": (lambda folder: (folder / "student.onnx").write_bytes(bytes(100)), "sha256"),
    "no network": (lambda folder: vouch(folder, "student.onnx", b"\x80\x04."), "cannot open"),
    "networks swapped": (
        lambda folder: vouch(folder, "student.onnx", (folder / "segmenter.onnx").read_bytes()), "no category",
    ),
    "other labels": (change(categories=["kimono"]), "other categories"),
    "other schema": (change(schema=2), "schema 2"),
    "other size": (change(student={"size": 2 * SIDE, "mean": [0, 0, 0], "std": [1, 1, 1]}), "cannot open"),
    "missing output": (change(scene={"none": 0.9, "several": 0.9}), "no scene"),
    "no card": (lambda folder: (folder / "card.json").unlink(), "no model card"),
    "folder gone": (shutil.rmtree, "no model card"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILT)
def test_what_cannot_be_served_leaves_the_old_one_serving_and_says_so(make: Any, actor: Any, kind: str) -> None:
    spoil, words = SPOILT[kind]
    old, second = inference.get_predictor(), make("second")
    activate_model(version=second, actor=actor)
    spoil(Path(second.folder))
    if (Path(second.folder) / "card.json").exists():  # as if it had been registered like this
        ModelVersion.objects.update(sha256=sha256_of(Path(second.folder) / "card.json"))
    assert inference.get_predictor() is old
    second.refresh_from_db()
    assert words in second.problem
    assert second.is_active


def test_a_folder_that_vanishes_while_it_serves(make: Any, actor: Any) -> None:
    second = make("second")
    activate_model(version=second, actor=actor)
    assert serving() == "second"
    shutil.rmtree(second.folder)
    assert serving() == "second"


# ---- the admin ----


def press(client: Client, action: str, *args: Any) -> str:
    response = client.post(page("modelversion", action, *args), {"_form_submitted": "True"}, follow=True)
    return response.content.decode()


def test_pinning_unpinning_and_going_back_in_the_admin(make: Any) -> None:
    serving()
    second = make("second")
    client = logged_in(is_superuser=True)
    assert client.get(page("modelversion", "pin", second.pk)).status_code == 200  # asks first
    assert "second" in press(client, "pin", second.pk)
    assert active() == second and active().pinned_at
    press(client, "roll_back")
    assert active() == second
    press(client, "unpin", second.pk)
    assert active().pinned_at is None
    press(client, "roll_back")
    assert active().name == "shipped-1"


def test_an_auditor_looks_and_changes_nothing(make: Any) -> None:
    serving()
    second = make("second")
    auditor = logged_in(is_auditor=True)
    assert auditor.get(page("modelversion", "change", second.pk)).status_code == 200
    for action, args in (("pin", [second.pk]), ("unpin", [second.pk]), ("roll_back", [])):
        address = page("modelversion", action, *args)
        assert auditor.post(address, {"_form_submitted": "True"}).status_code == 403
    assert active().name == "shipped-1" and not active().pinned_at

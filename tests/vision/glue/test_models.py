"""Which model serves: tiny real ones in folders of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from erp.core.errors import DomainError
from tests.vision.tiny import make_weights
from vision import inference
from vision.models import Analysis, ModelVersion
from vision.services import activate_model, register_model, roll_back, run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def better(tmp_path: Path) -> ModelVersion:
    return register_model(folder=make_weights(tmp_path / "better", name="better-2", category="dress"))


def test_the_shipped_model_registers_itself(django_assert_num_queries: Any) -> None:
    predictor = inference.get_predictor()
    version = ModelVersion.objects.get()
    assert (version.name, version.folder, version.is_active, version.problem) == ("shipped-1", "", True, "")
    assert version.card["name"] == "shipped-1"
    assert inference.version_id_of(predictor) == version.pk
    with django_assert_num_queries(1):
        assert inference.get_predictor() is predictor


def test_a_version_activated_meanwhile_serves_the_next_job(better: ModelVersion, actor: Any) -> None:
    assert inference.get_predictor().model_name == "shipped-1"
    assert not better.is_active
    activate_model(version=better, actor=actor)
    assert inference.get_predictor().model_name == "better-2"
    assert list(ModelVersion.objects.filter(is_active=True)) == [better]
    before = ModelVersion.objects.get(name="shipped-1")
    activate_model(version=before, actor=actor)
    assert inference.get_predictor().model_name == "shipped-1"


def test_an_analysis_names_its_model(upload: Any, better: ModelVersion, actor: Any) -> None:
    activate_model(version=better, actor=actor)
    analysis = upload("black").analysis
    assert run_analysis(analysis.pk) == "done"
    analysis.refresh_from_db()
    assert analysis.model_version == better
    assert analysis.result["category"]["label"] == "dress"
    assert analysis.result["category"]["decision"] == "prefill"
    assert analysis.result["mask_share"] == 1.0


def test_a_damaged_model_leaves_the_old_one_serving(
    better: ModelVersion, actor: Any, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    old = inference.get_predictor()
    activate_model(version=better, actor=actor)
    (Path(better.folder) / "student.onnx").write_bytes(b"half a file")
    assert inference.get_predictor() is old
    better.refresh_from_db()
    assert "student.onnx" in better.problem
    assert better.is_active
    with django_assert_num_queries(1):  # it is not tried again for every photo
        assert inference.get_predictor() is old
    make_weights(Path(better.folder), name="better-2", category="dress")
    activate_model(version=better, actor=actor)
    assert inference.get_predictor().model_name == "better-2"
    better.refresh_from_db()
    assert better.problem == ""


def test_a_fresh_worker_takes_the_last_model_that_works(better: ModelVersion, actor: Any) -> None:
    inference.get_predictor()
    activate_model(version=better, actor=actor)
    (Path(better.folder) / "segmenter.onnx").unlink()
    inference.forget()
    assert inference.get_predictor().model_name == "shipped-1"
    better.refresh_from_db()
    assert "segmenter.onnx" in better.problem


def test_without_any_usable_model(shipped: Path, upload: Any) -> None:
    card = (shipped / "card.json").read_text()
    (shipped / "card.json").write_text("{")
    analysis = upload().analysis
    assert run_analysis(analysis.pk) == "failed"
    analysis.refresh_from_db()
    assert analysis.error_code == "no_model"
    (shipped / "card.json").write_text(card)
    Analysis.objects.update(state="queued")
    assert run_analysis(analysis.pk) == "done"


def test_an_upgrade_brings_its_own_weights(shipped: Path) -> None:
    inference.get_predictor()
    make_weights(shipped, name="shipped-1", category="hat")
    inference.forget()
    predictor = inference.get_predictor()
    assert predictor.predict([Image.new("RGB", (40, 40))])[0].category.label == "hat"
    new, old = ModelVersion.objects.order_by("-pk")
    assert (new.is_active, old.is_active) == (True, False)
    assert new.name == f"shipped-1 {new.sha256[:8]}"


def test_an_upgrade_without_a_copy_of_the_weights_before(shipped: Path, kept_models: Path) -> None:
    inference.get_predictor()
    shutil.rmtree(kept_models)
    make_weights(shipped, name="shipped-2", category="hat")
    inference.forget()
    inference.get_predictor()
    with pytest.raises(DomainError) as error:
        roll_back(actor=None)
    assert error.value.code == "model_unusable"
    assert inference.get_predictor().model_name == "shipped-2"


def test_an_upgrade_leaves_a_chosen_model_alone(shipped: Path, better: ModelVersion, actor: Any) -> None:
    activate_model(version=better, actor=actor)
    make_weights(shipped, name="shipped-2")
    assert inference.get_predictor().model_name == "better-2"
    assert ModelVersion.objects.get(name="shipped-2").is_active is False


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "card.json").unlink(),
        lambda folder: (folder / "card.json").write_text("[]"),
        lambda folder: (folder / "card.json").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "student.onnx").write_bytes(b""),
    ],
)
def test_a_bad_folder_is_not_registered(tmp_path: Path, spoil: Any) -> None:
    folder = make_weights(tmp_path / "bad")
    spoil(folder)
    with pytest.raises(DomainError) as error:
        register_model(folder=folder)
    (problem,) = error.value.problems
    assert (error.value.code, problem.field) == ("bad_model", "folder")
    assert not ModelVersion.objects.exists()


def test_registering_twice_is_one_row(tmp_path: Path, better: ModelVersion) -> None:
    assert register_model(folder=tmp_path / "better" / ".." / "better") == better
    copy = register_model(folder=make_weights(tmp_path / "copy", name="better-2", category="hat"))
    assert copy.name == f"better-2 {copy.sha256[:8]}"


def test_copies_of_one_release_are_rows_of_their_own(tmp_path: Path) -> None:
    folder = make_weights(tmp_path / "release", name="release-1")
    copies = [Path(shutil.copytree(folder, tmp_path / f"copy-{number}")) for number in range(3)]
    first, *others = [register_model(folder=place) for place in (folder, *copies)]
    hashed = f"release-1 {first.sha256[:8]}"
    assert (first.name, *(copy.name for copy in others)) == ("release-1", hashed, f"{hashed} (2)", f"{hashed} (3)")


def test_a_model_whose_card_changed_is_not_activated(better: ModelVersion, actor: Any) -> None:
    make_weights(Path(better.folder), name="other")
    with pytest.raises(DomainError):
        activate_model(version=better, actor=actor)
    (Path(better.folder) / "card.json").unlink()
    with pytest.raises(DomainError):
        activate_model(version=better, actor=actor)
    assert not ModelVersion.objects.filter(is_active=True).exists()

"""Damaged or foreign weights are refused with a message that says what to do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from vision.ml.card import CARD_NAME, WeightsError, load_card, read_card, sha256_of, write_card
from vision.ml.card_text import whose_figures
from vision.ml.predictor import load_predictor


@pytest.fixture
def folder(tiny_weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


def change(folder: Path, **values) -> None:
    raw = json.loads((folder / CARD_NAME).read_text())
    (folder / CARD_NAME).write_text(json.dumps(raw | values))


def refusal(folder: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        load_predictor(folder)
    message = str(caught.value)
    assert "git checkout" in message and "vision.ml.export" in message
    return message


def test_a_card_survives_being_written_and_read(folder):
    card = load_card(folder)
    write_card(card, folder)
    assert read_card(folder) == card
    assert set(card.files) == {"student.onnx", "student.safetensors", "segmenter.onnx", "segmenter.safetensors"}


@pytest.mark.parametrize(("held_out", "words"), [("1", "on exactly these weights"), ("", "50 minutes on all senders")])
def test_the_card_says_whose_figures_it_gives(folder, held_out, words):
    recipe = {"student": {"train": {"held_out": held_out, "minutes": 50.0}}}
    assert words in whose_figures(replace(load_card(folder), recipe=recipe))


def test_missing_folder(tmp_path):
    assert "no model card" in refusal(tmp_path / "nowhere")


def test_card_that_is_no_json(folder):
    (folder / CARD_NAME).write_bytes(b"\xff\xfe{")
    assert "not readable JSON" in refusal(folder)


@pytest.mark.parametrize("schema", [0, 99, None, "1"])
def test_other_schema(folder, schema):
    change(folder, schema=schema)
    assert "schema" in refusal(folder)


def test_card_that_lacks_a_field(folder):
    raw = json.loads((folder / CARD_NAME).read_text())
    del raw["category"]
    (folder / CARD_NAME).write_text(json.dumps(raw))
    assert "lacks or misstates" in refusal(folder)


@pytest.mark.parametrize("key", ["categories", "patterns"])
def test_other_labels_or_another_order(folder, key):
    labels = json.loads((folder / CARD_NAME).read_text())[key]
    change(folder, **{key: labels[::-1]})
    assert f"trained for other {key}" in refusal(folder)


@pytest.mark.parametrize("name", ["student.onnx", "segmenter.onnx", "student.safetensors"])
def test_one_flipped_byte(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert name in refusal(folder)


def test_missing_file(folder):
    (folder / "student.onnx").unlink()
    assert "is missing" in refusal(folder)


def test_card_that_names_no_student(folder):
    files = json.loads((folder / CARD_NAME).read_text())["files"]
    del files["student.onnx"]
    change(folder, files=files)
    assert "names no student.onnx" in refusal(folder)


def test_right_hash_of_a_file_that_is_no_network(folder):
    (folder / "student.onnx").write_bytes(b"not a graph")
    files = json.loads((folder / CARD_NAME).read_text())["files"]
    change(folder, files=files | {"student.onnx": sha256_of(folder / "student.onnx")})
    with pytest.raises(WeightsError, match="cannot open"):
        load_predictor(folder)

"""8-bit graphs take the place of float ones only where the answers stay the same, and the card says so."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from vision.ml import data, export, quantise
from vision.ml.card import load_card
from vision.ml.predictor import load_predictor
from vision.ml.quantise import WAYS, Figures, QuantiseConfig, quantise_folder

from .drawing import garment_photo

LAX = QuantiseConfig(drop=1.0, agreement=0.0, overlap=0.0, speed=0.0)


@pytest.fixture
def folder(tiny_weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


@pytest.fixture
def records(dataset: Path) -> list[data.Record]:
    return data.read_garments(dataset)


@pytest.fixture(autouse=True)
def no_clock(monkeypatch):
    """The tiny networks are too small to be faster in anything."""
    monkeypatch.setattr(quantise, "speed_of", lambda *args: 2.0)


def operations(path: Path) -> set[str]:
    return {node.op_type for node in onnx.load(path).graph.node}


def test_graphs_that_hold_are_served_and_the_card_vouches_for_them(folder, records, tiny_weights):
    before = load_card(folder)
    card = quantise_folder(folder, records[:6], records[6:12], LAX)
    assert load_card(folder) == card
    for name in ("student.onnx", "segmenter.onnx"):
        assert "QuantizeLinear" in operations(folder / name)
        assert card.files[name] != before.files[name]
        told = card.metrics["int8"][name]
        assert (told["served"], told["problem"], told["way"]["method"]) == (True, "", "minmax")
    assert card.files["student.safetensors"] == before.files["student.safetensors"]
    images = [garment_photo(seed=n)[0] for n in range(3)]
    ours, theirs = (load_predictor(f, device="cpu").predict(images) for f in (folder, tiny_weights))
    for one, other in zip(ours, theirs, strict=True):
        assert float(one.embedding @ other.embedding) > 0.9


def test_graphs_that_do_not_hold_leave_the_float_ones(folder, records):
    before = load_card(folder)
    card = quantise_folder(folder, records[:4], records[4:8], replace(LAX, drop=-1.0))
    assert card.files == before.files
    assert load_card(folder) == card
    for told in card.metrics["int8"].values():
        assert not told["served"] and "accuracy drops" in told["problem"]


def test_always_means_whatever_the_answers_are(folder, records):
    card = quantise_folder(folder, records[:4], records[4:8], replace(LAX, drop=-1.0, mode="always"))
    assert all(told["served"] and told["problem"] for told in card.metrics["int8"].values())


def test_never_changes_nothing(folder):
    before = load_card(folder)
    assert quantise.run(QuantiseConfig(weights=str(folder), mode="never")) == before


@pytest.mark.parametrize("way", WAYS)
def test_every_way_makes_a_graph_that_runs(folder, tmp_path, way):
    images = np.random.default_rng(0).normal(size=(6, 3, 64, 64)).astype(np.float32)
    target = tmp_path / "student.onnx"
    quantise.quantise(folder / "student.onnx", target, images, way)
    assert "QuantizeLinear" in operations(target)
    spared = quantise.ends(target)
    graph = onnx.load(target).graph
    fed = {name for node in graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    assert any(set(node.input) & fed for node in graph.node if node.name in spared) != way.spare_ends


GOOD = Figures(WAYS[0], 1.5, 8.0, 0.9, 0.8, 0.902, 0.8, 0.99, 0.99)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ""),
        ({"category": 0.89}, "drops by 1.20 points"),
        ({"pattern": 0.79}, "drops by 1.00 points"),
        ({"agreement": 0.9}, "90.0% of the answers"),
        ({"overlap": 0.9}, "overlap by 0.900"),
        ({"speed": 1.0}, "1.00 times as fast"),
    ],
)
def test_what_counts_as_holding(changed, words):
    problem = replace(GOOD, **changed).problem(QuantiseConfig())
    assert words in problem and bool(problem) == bool(words)


@pytest.mark.parametrize(("mode", "calls"), [("never", 0), ("auto", 1), ("always", 1)])
def test_export_asks_for_it(tiny_runs, dataset, tmp_path, monkeypatch, mode, calls):
    asked = []
    monkeypatch.setattr(quantise, "run", lambda config: asked.append(config) or load_card(tmp_path))
    arguments = {
        "--student": tiny_runs["classifier"],
        "--segmenter": tiny_runs["segmenter"],
        "--out": tmp_path,
        "--student-size": 64,
        "--segmenter-size": 64,
        "--int8": mode,
        "--data": dataset,
    }
    export.main([str(part) for pair in arguments.items() for part in pair])
    assert [(config.mode, config.weights) for config in asked] == [(mode, str(tmp_path))] * calls

"""What is exported answers as what was trained, and a card without an evaluation claims nothing."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch

from vision.ml import export as exporting
from vision.ml.card import WEIGHTS_DIR, load_card
from vision.ml.export import export, load_classifier, load_segmenter, parity, recipe_of
from vision.ml.predictor import load_predictor
from vision.ml.views import full_view

from .drawing import garment_photo

EVALUATION = {
    "view": "full",
    "category": {"prefill": {"threshold": 0.9}, "floor": 0.3, "temperature": 1.4},
    "pattern": {"prefill": {"threshold": 0.8}, "floor": 0.25, "temperature": 1.2},
}


def test_tiny_networks_agree_with_pytorch(tiny_weights):
    for name, load in (("student", load_classifier), ("segmenter", load_segmenter)):
        model = load(tiny_weights / f"{name}.safetensors")
        assert parity(model, tiny_weights / f"{name}.onnx", 64) < 1e-3
        assert parity(model, tiny_weights / f"{name}.onnx", 64, seed=3) < 1e-3


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_any_batch_size_is_served(tiny_weights, batch):
    predictor = load_predictor(tiny_weights)
    views = [full_view(garment_photo(seed=i)[0], predictor.card.student) for i in range(batch)]
    category, pattern, embedding, _scene = predictor.classify(np.stack(views))
    assert category.shape == (batch, 12) and pattern.shape == (batch, 10) and embedding.shape == (batch, 256)
    assert np.allclose(np.linalg.norm(embedding, axis=1), 1, atol=1e-5)


def test_training_heads_are_left_behind(tiny_weights):
    model = load_classifier(tiny_weights / "student.safetensors")
    assert model.article is None
    graph = onnx.load(tiny_weights / "student.onnx").graph
    assert [o.name for o in graph.output] == ["category", "pattern", "embedding"]


def test_large_weights_are_stored_as_half(tiny_weights):
    graph = onnx.load(tiny_weights / "student.onnx").graph
    large = [t for t in graph.initializer if np.prod(t.dims) >= 256 and t.data_type == onnx.TensorProto.FLOAT]
    assert large == []


def test_evaluation_becomes_the_cards_decisions(tiny_runs, tmp_path):
    card = export(
        tiny_runs["classifier"],
        tiny_runs["segmenter"],
        tmp_path,
        name="tiny-2",
        student_size=64,
        segmenter_size=64,
        evaluation=EVALUATION,
    )
    assert load_card(tmp_path) == card
    assert (card.category.prefill, card.category.floor, card.category.temperature) == (0.9, 0.3, 1.4)
    assert card.pattern.temperature == 1.2 and card.recipe["student"]["train"]["task"] == "classifier"


def test_without_an_evaluation_nothing_is_prefilled(tiny_weights):
    prediction = load_predictor(tiny_weights).predict([garment_photo()[0]])[0]
    assert prediction.category.decision != "prefill" and prediction.pattern.decision != "prefill"


def test_a_graph_that_disagrees_is_not_released(tiny_runs, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "parity", lambda *a, **k: 0.5)
    with pytest.raises(RuntimeError, match="differs from PyTorch"):
        export(tiny_runs["classifier"], tiny_runs["segmenter"], tmp_path, name="x", student_size=64, segmenter_size=64)
    assert not (tmp_path / "card.json").exists()


@pytest.mark.skipif(not (WEIGHTS_DIR / "card.json").exists(), reason="no weights are shipped yet")
def test_shipped_networks_agree_with_pytorch():
    card = load_card(WEIGHTS_DIR)
    torch.set_num_threads(2)
    for name, load, size in (
        ("student", load_classifier, card.student.size),
        ("segmenter", load_segmenter, card.segmenter.size),
    ):
        if card.metrics.get("int8", {}).get(f"{name}.onnx", {}).get("served"):
            continue  # vision.ml.quantise measured how far it is from the floats
        model = load(WEIGHTS_DIR / f"{name}.safetensors")
        assert parity(model, WEIGHTS_DIR / f"{name}.onnx", size) < 2e-3


def test_the_card_names_no_folder_of_the_machine():
    meta = {"model": {"trunk": "resnet10t"}, "train": {"data": "/home/me/data", "out": "/tmp/x", "minutes": 3.0}}
    assert recipe_of(meta) == {"model": {"trunk": "resnet10t"}, "train": {"minutes": 3.0}}

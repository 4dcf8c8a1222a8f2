"""One interface, two ways to run the networks: both agree, and a network that is not what its card says is refused."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.vision.tiny import make_weights
from vision.ml import backends
from vision.ml.backends import TorchBackend, open_backend
from vision.ml.card import CARD_NAME, SceneDecision, WeightsError, load_card, read_card, sha256_of, write_card
from vision.ml.predictor import Predictor, load_predictor

from .conftest import REPOSITORY
from .drawing import garment_photo


def photos(count: int = 5) -> list:
    return [garment_photo((90 + 10 * i, 120), seed=i)[0] for i in range(count)]


def gap(first: np.ndarray, second: np.ndarray) -> float:
    """The largest difference, relative to the scale of the first."""
    return float(np.abs(first - second).max() / max(np.abs(first).max(), 1e-6))


@pytest.mark.parametrize(("precision", "allowed"), [("float32", 2e-3), ("bfloat16", 0.1), ("float16", 0.02)])
def test_pytorch_answers_as_onnx_runtime_does(tiny_weights, precision, allowed):
    card = load_card(tiny_weights)
    ours, theirs = (
        Predictor(card, backend)
        for backend in (
            open_backend(card, tiny_weights, "cpu"),
            TorchBackend(card, tiny_weights, "cpu", precision),
        )
    )
    assert "ONNX Runtime" in ours.backend.name and f"PyTorch {precision}" in re_version(theirs.backend.name)
    images = photos()
    assert gap(ours.segment(images), theirs.segment(images)) < allowed
    size = card.student.size
    views = np.random.default_rng(0).normal(size=(7, 3, size, size)).astype(np.float32)
    for name, one, other in zip(
        ("category", "pattern", "embedding"), ours.classify(views), theirs.classify(views), strict=False
    ):
        assert gap(one, other) < allowed, name
        assert other.dtype == np.float32
    for one, other in zip(ours.predict(images), theirs.predict(images), strict=True):
        assert abs(one.mask.astype(int) - other.mask).mean() < 255 * allowed
        assert one.category.confidence == pytest.approx(other.category.confidence, abs=allowed)


def re_version(name: str) -> str:
    """`cpu, PyTorch 2.8.0+cpu, float32` -> `PyTorch float32`."""
    return " ".join(part.split(" ")[0] for part in name.split(", ")[1:])


def test_more_pictures_than_go_at_once(tiny_weights, monkeypatch):
    card = load_card(tiny_weights)
    for backend in (open_backend(card, tiny_weights, "cpu"), TorchBackend(card, tiny_weights, "cpu", "float32")):
        images = np.random.default_rng(1).normal(size=(11, 3, 64, 64)).astype(np.float32)
        at_once = backend.classify(images)
        backend.rows = 4
        in_parts = backend.classify(images)
        assert in_parts["category"].shape == (11, 12)
        assert gap(at_once["embedding"], in_parts["embedding"]) < 1e-4
        assert backend.segment(images).shape == (11, 1, 64, 64)


def test_auto_takes_the_cpu_without_a_gpu_and_says_why_one_is_not_used(tiny_weights, monkeypatch):
    monkeypatch.setattr(backends, "CUDA_SIGNS", ())
    assert load_predictor(tiny_weights).backend.name.startswith("cpu, ONNX Runtime")
    monkeypatch.setattr(backends, "CUDA_SIGNS", (Path("/"),))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    name = load_predictor(tiny_weights).backend.name
    assert name.startswith("cpu, ONNX Runtime") and "no CUDA device" in name
    with pytest.raises(WeightsError, match="no CUDA device"):
        load_predictor(tiny_weights, device="cuda")
    with pytest.raises(WeightsError, match="device tpu is not known"):
        load_predictor(tiny_weights, device="tpu")


def test_a_gpu_that_is_there_is_used(tiny_weights, monkeypatch):
    """All of the way but the device itself: the worker's own choice, with the CPU standing for the GPU."""
    monkeypatch.setattr(backends, "CUDA_SIGNS", (Path("/"),))
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(backends, "TorchBackend", lambda card, folder, _device: TorchBackend(card, folder, "cpu"))
    predictor = load_predictor(tiny_weights)
    assert predictor.backend.name.startswith("cpu, PyTorch")
    assert len(predictor.predict(photos(2))) == 2


def test_a_gpu_needs_the_weights_for_it(tiny_weights):
    card = load_card(tiny_weights)
    files = {name: value for name, value in card.files.items() if name != "student.safetensors"}
    with pytest.raises(WeightsError, match=r"names no student\.safetensors"):
        TorchBackend(replace(card, files=files), tiny_weights, "cpu")


def test_a_cpu_worker_loads_no_torch(tiny_weights):
    code = (
        "import sys; from pathlib import Path; from vision.ml import backends; backends.CUDA_SIGNS = ();"
        "from vision.ml.predictor import load_predictor; from PIL import Image;"
        f"load_predictor(Path({str(tiny_weights)!r})).predict([Image.new('RGB', (80, 60))]);"
        "loaded = {'torch', 'timm', 'safetensors', 'onnx', 'cv2'} & set(sys.modules); assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, env=os.environ)


# ---- what must not be served ----


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_weights(tmp_path / "weights")


def put(folder: Path, name: str, data: bytes) -> None:
    """Another file in a folder whose card vouches for it."""
    (folder / name).write_bytes(data)
    raw = json.loads((folder / CARD_NAME).read_text())
    raw["files"][name] = sha256_of(folder / name)
    (folder / CARD_NAME).write_text(json.dumps(raw))


def refusal(folder: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        load_predictor(folder, device="cpu")
    return str(caught.value)


def bomb(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("student.onnx", bytes(50_000_000))
    return path.read_bytes()


class Danger:
    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("kind", ["truncated", "pickle", "zip bomb", "empty", "text"])
def test_a_file_that_is_no_network_although_the_card_vouches_for_it(folder, tmp_path, kind, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = (folder / "student.onnx").read_bytes()
    data = {
        "truncated": whole[: len(whole) // 2],
        "pickle": pickle.dumps(Danger()),
        "zip bomb": bomb(tmp_path / "bomb.zip"),
        "empty": b"",
        "text": b"<html>",
    }[kind]
    put(folder, "student.onnx", data)
    assert str(folder) in refusal(folder)
    assert not (tmp_path / "hacked").exists()


def edited(folder: Path, name: str, edit) -> None:
    model = onnx.load(folder / name)
    edit(model.graph)
    put(folder, name, model.SerializeToString())


def test_a_student_without_an_output_that_is_needed(folder):
    edited(folder, "student.onnx", lambda graph: graph.output.pop())
    assert "gives category, pattern, but no embedding" in refusal(folder)


def test_a_card_that_promises_scenes_of_a_student_without_them(folder):
    write_card(replace(read_card(folder), scene=SceneDecision(0.9, 0.9)), folder)
    assert "no scene" in refusal(folder)


def test_a_network_for_another_size_of_picture(folder):
    card = read_card(folder)
    write_card(replace(card, student=replace(card.student, size=64)), folder)
    assert str(folder) in refusal(folder)


def test_a_network_of_other_outputs_than_the_labels(folder):
    def narrow(graph):
        (bias,) = [t for t in graph.initializer if t.name == "pattern_bias"]
        (weight,) = [t for t in graph.initializer if t.name == "pattern_weight"]
        weight.CopyFrom(onnx.numpy_helper.from_array(np.zeros((3, 9), np.float32), weight.name))
        bias.CopyFrom(onnx.numpy_helper.from_array(np.zeros(9, np.float32), bias.name))
        graph.output[1].CopyFrom(helper.make_tensor_value_info("pattern", TensorProto.FLOAT, ["n", 9]))

    edited(folder, "student.onnx", narrow)
    assert "answers pattern in the shape (1, 9), its card promises (1, 10)" in refusal(folder)


def test_a_network_that_answers_no_numbers(folder):
    def spoil(graph):
        (bias,) = [t for t in graph.initializer if t.name == "category_bias"]
        bias.CopyFrom(onnx.numpy_helper.from_array(np.full(12, np.nan, np.float32), bias.name))

    edited(folder, "student.onnx", spoil)
    assert "what is no number" in refusal(folder)


def test_a_network_with_another_input(folder):
    def rename(graph):
        graph.input[0].name = "pixels"
        for node in graph.node:
            node.input[:] = ["pixels" if name == "images" else name for name in node.input]

    edited(folder, "segmenter.onnx", rename)
    assert "takes pixels instead of images" in refusal(folder)


def test_two_networks_that_changed_places(folder):
    student, segmenter = ((folder / name).read_bytes() for name in ("student.onnx", "segmenter.onnx"))
    put(folder, "student.onnx", segmenter)
    put(folder, "segmenter.onnx", student)
    assert str(folder) in refusal(folder)


def test_a_folder_that_vanishes_while_its_model_serves(folder):
    """A loaded model outlives its folder: an operator may move or remove it while it serves."""
    predictor = load_predictor(folder, device="cpu")
    shutil.rmtree(folder)
    assert predictor.predict(photos(1))[0].category.label == "shirt"

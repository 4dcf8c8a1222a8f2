"""A folder of weights as the trainer writes it, made in milliseconds: what is dark is a garment of one category."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vision.ml.card import Decision, ModelCard, Preprocessing, SceneDecision, sha256_of, write_card
from vision.ml.labels import CATEGORIES, PATTERNS, SCENES

SIDE = 32


def make_weights(
    folder: Path, *, name: str = "tiny-1", category: str = "shirt", pattern: str = "stripe", scene: str = ""
) -> Path:
    """With a `scene` the student has that output, and sees this one in every photo."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / "segmenter.onnx", _segmenter())
    _save(folder / "student.onnx", _student(CATEGORIES.index(category), PATTERNS.index(pattern), scene))
    card = ModelCard(
        name=name,
        student=Preprocessing(SIDE),
        segmenter=Preprocessing(SIDE),
        category=Decision(prefill=0.9, floor=0.3),
        pattern=Decision(prefill=0.9, floor=0.3),
        scene=SceneDecision(none=0.6, several=0.6) if scene else None,
        files={file: sha256_of(folder / file) for file in ("student.onnx", "segmenter.onnx")},
    )
    write_card(card, folder)
    return folder


def _segmenter() -> onnx.GraphProto:
    """Minus the mean of the channels: positive where the photo is darker than the average photo."""
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    nodes = [helper.make_node("ReduceMean", ["images", "axes"], ["mean"]), helper.make_node("Neg", ["mean"], ["mask"])]
    return helper.make_graph(nodes, "segmenter", [_images()], [_output("mask", ["n", 1, SIDE, SIDE])], [axes])


def _student(category: int, pattern: int, scene: str) -> onnx.GraphProto:
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["mean"]),
    ]
    outputs, constants = [], []
    heads = [("category", 12, category), ("pattern", 10, pattern), ("embedding", 256, 0)]
    heads += [("scene", 3, SCENES.index(scene))] if scene else []
    for head, width, favourite in heads:
        bias = np.zeros(width, np.float32)
        bias[favourite] = 8.0
        constants += [
            numpy_helper.from_array(np.zeros((3, width), np.float32), f"{head}_weight"),
            numpy_helper.from_array(bias, f"{head}_bias"),
        ]
        nodes.append(helper.make_node("Gemm", ["mean", f"{head}_weight", f"{head}_bias"], [head]))
        outputs.append(_output(head, ["n", width]))
    return helper.make_graph(nodes, "student", [_images()], outputs, constants)


def _images() -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])


def _output(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _save(path: Path, graph: onnx.GraphProto) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))

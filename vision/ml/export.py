"""Turn trained weights into a folder that can be served:

    python -m vision.ml.export --student runs/student/student.safetensors \\
        --segmenter runs/segmenter/segmenter.safetensors \\
        --evaluation runs/evaluation.json --name student-2026.12 --out vision/weights

Writes ONNX graphs (weights stored as fp16, computed in fp32), the same weights as fp16 safetensors, and the card with
their hashes, after checking that ONNX Runtime answers as PyTorch does. Without --evaluation the card claims nothing:
every answer is "suggest".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from . import quantise
from .card import Decision, ModelCard, Preprocessing, SceneDecision, sha256_of, write_card
from .card_text import describe
from .checkpoint import load_tensors, save_model
from .config import option, parse_config
from .model import Classifier
from .release import COMPUTE, DATA, INTENDED_USE, KNOWN_FAILURES
from .trained import load_classifier, load_segmenter

PARITY = 2e-3
# Settings of a training that name files of one machine.
PLACES = ("data", "manifest", "out", "cache", "masks", "start", "start_encoder", "teachers", "vote")
SILENT = 1.01


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Which trainings become a release, and what it is called."""

    student: str = option("", "classifier.safetensors of vision.ml.distil or vision.ml.train")
    segmenter: str = option("", "segmenter.safetensors of vision.ml.train")
    out: str = option("runs/export", "folder to write")
    name: str = option("student-dev", "the release's name, shown with every answer")
    student_size: int = option(160, "input side of the student in pixels")
    segmenter_size: int = option(192, "input side of the segmenter in pixels")
    evaluation: str = option("", "JSON of vision.ml.evaluate: temperatures, thresholds, metrics")
    history: str = option("", "JSON with more for the card: how the release was made and what it was chosen from")
    int8: str = option("never", "8-bit graphs where the answers hold", choices=quantise.MODES)
    data: str = option("../shared/data", "photos that judge 8-bit graphs")
    held_out: str = option("1,2", "folds whose photos judge them")


def round_to_half(model: nn.Module) -> None:
    """Round the weights as fp16 storage will, so that PyTorch and ONNX hold the very same numbers."""
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.dtype.is_floating_point:
                value.copy_(value.half().float())


def to_onnx(model: nn.Module, path: Path, size: int, outputs: Sequence[str]) -> None:
    """Export with a free batch dimension, then store large weights as fp16."""
    example = torch.zeros(2, 3, size, size)
    program = torch.onnx.export(
        model,
        (example,),
        input_names=["images"],
        output_names=list(outputs),
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=256)},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    graph = store_half(program.model_proto)
    onnx.checker.check_model(graph)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(graph.SerializeToString())
    temporary.replace(path)


def store_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep float weights of 256 values and more as fp16 with a Cast behind each, which ONNX Runtime folds at load."""
    graph = model.graph
    casts, kept = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 256:
            kept.append(tensor)
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
        kept.append(stored)
        casts.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.initializer[:]
    del graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    del graph.value_info[:]
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    return model


def parity(model: nn.Module, path: Path, size: int, *, seed: int = 0) -> float:
    """The largest difference between PyTorch and ONNX Runtime over all outputs, relative to each output's own scale."""
    images = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(seed))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    served = session.run(None, {"images": images.numpy()})
    with torch.no_grad():
        answers = model(images)
    answers = answers if isinstance(answers, tuple) else (answers,)
    return max(
        float(np.abs(a.numpy() - np.asarray(b)).max() / max(float(np.abs(a.numpy()).max()), 1e-6))
        for a, b in zip(answers, served, strict=True)
    )


def outputs_of(student: Classifier) -> tuple[str, ...]:
    """The names of what a student answers, in order."""
    return (
        ("category", "pattern", "embedding") if student.scene is None else ("category", "pattern", "embedding", "scene")
    )


def write_graph(model: nn.Module, path: Path, size: int, outputs: Sequence[str]) -> float:
    """Export one network and compare it with PyTorch. Raises RuntimeError when they disagree."""
    to_onnx(model, path, size, outputs)
    gap = parity(model, path, size)
    if gap > PARITY:
        raise RuntimeError(f"{path.name} differs from PyTorch by {gap:.2e} (allowed: {PARITY:.0e}).")
    return gap


def decision_from(figures: dict[str, Any] | None) -> Decision:
    if figures is None:
        return Decision(prefill=SILENT, floor=0.0)
    return Decision(prefill=figures["prefill"]["threshold"], floor=figures["floor"], temperature=figures["temperature"])


def scene_from(student: Classifier, figures: dict[str, Any] | None) -> SceneDecision | None:
    """Thresholds of the student's fourth output, if it has one; without figures it never speaks."""
    if student.scene is None:
        return None
    if figures is None:
        return SceneDecision(none=SILENT, several=SILENT)
    none, several = (figures[name]["threshold"] for name in ("none", "several"))
    return SceneDecision(none=none, several=several, temperature=figures["temperature"])


def recipe_of(meta: dict[str, Any]) -> dict[str, Any]:
    """A training's settings without the folders of the machine it ran on."""
    settings = {name: value for name, value in meta.get("train", {}).items() if name not in PLACES}
    return meta | {"train": settings}


def export(
    student_path: Path,
    segmenter_path: Path,
    out: Path,
    *,
    name: str,
    student_size: int = 160,
    segmenter_size: int = 192,
    evaluation: dict[str, Any] | None = None,
) -> ModelCard:
    """Write a complete weights folder and return its card. Raises RuntimeError when a graph disagrees with PyTorch."""
    out.mkdir(parents=True, exist_ok=True)
    student, segmenter = load_classifier(student_path), load_segmenter(segmenter_path)
    round_to_half(student)
    round_to_half(segmenter)
    meta, seg_meta = load_tensors(student_path)[1], load_tensors(segmenter_path)[1]
    save_model(out / "student.safetensors", student, {"model": meta["model"] | {"articles": 0, "pretrained": False}})
    save_model(out / "segmenter.safetensors", segmenter, {"model": seg_meta["model"]})
    gaps = {}
    outputs = {"student": outputs_of(student), "segmenter": ("mask",)}
    for part, model, size in (("student", student, student_size), ("segmenter", segmenter, segmenter_size)):
        gaps[part] = write_graph(model, out / f"{part}.onnx", size, outputs[part])
    files = [f"{part}.{kind}" for part in ("student", "segmenter") for kind in ("onnx", "safetensors")]
    found = evaluation or {}
    card = ModelCard(
        name=name,
        student=Preprocessing(student_size, source=int(meta.get("train", {}).get("source_size", 192))),
        segmenter=Preprocessing(segmenter_size, source=int(seg_meta.get("train", {}).get("source_size", 192))),
        category=decision_from(found.get("category")),
        pattern=decision_from(found.get("pattern")),
        scene=scene_from(student, found.get("scenes")),
        view=found.get("view", "full"),
        files={file: sha256_of(out / file) for file in files},
        metrics=found | {"onnx_parity": gaps},
        data=DATA,
        recipe={"student": recipe_of(meta), "segmenter": recipe_of(seg_meta)},
        compute=COMPUTE,
        seed=int(meta.get("train", {}).get("seed", 0)),
        known_failures=KNOWN_FAILURES,
        intended_use=INTENDED_USE,
    )
    write_release(card, out)
    return card


def write_release(card: ModelCard, out: Path) -> None:
    """The card for programs and for people."""
    write_card(card, out)
    (out / "MODEL_CARD.md").write_text(describe(card), encoding="utf-8")


def read_json(path: str) -> dict[str, Any]:
    return dict(json.loads(Path(path).read_text(encoding="utf-8"))) if path else {}


def main(arguments: Sequence[str] | None = None) -> None:
    config = parse_config(ExportConfig, "export", __doc__, arguments)
    out = Path(config.out)
    card = export(
        Path(config.student),
        Path(config.segmenter),
        out,
        name=config.name,
        student_size=config.student_size,
        segmenter_size=config.segmenter_size,
        evaluation=read_json(config.evaluation) or None,
    )
    if config.int8 != "never":
        card = quantise.run(
            quantise.QuantiseConfig(weights=config.out, data=config.data, held_out=config.held_out, mode=config.int8)
        )
    card = replace(card, recipe=card.recipe | read_json(config.history))
    write_release(card, out)
    for file in card.files:
        print(f"{out / file}  {(out / file).stat().st_size / 1e6:.1f} MB")
    print("parity", card.metrics["onnx_parity"])


if __name__ == "__main__":
    main()

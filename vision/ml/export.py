"""Turn trained weights into a folder that can be served:

    python -m vision.ml.export --student runs/student/student.safetensors \\
        --segmenter runs/segmenter/segmenter.safetensors \\
        --evaluation runs/evaluation.json --name student-2026.12 --out vision/weights

Writes ONNX graphs (weights stored as fp16, computed in fp32), the same weights as fp16 safetensors, and the card with
their hashes, after checking that ONNX Runtime answers as PyTorch does. Without --evaluation the card claims nothing:
every answer is "suggest".
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from . import quantise
from .card import Decision, ModelCard, Preprocessing, sha256_of, write_card
from .card_text import describe
from .checkpoint import load_tensors, save_model
from .release import COMPUTE, DATA, INTENDED_USE, KNOWN_FAILURES
from .trained import load_classifier, load_segmenter

PARITY = 2e-3
# Settings of a training that name files of one machine.
PLACES = ("data", "out", "cache", "masks", "start")


def round_to_half(model: nn.Module) -> nn.Module:
    """Round the weights as fp16 storage will, so that PyTorch and ONNX hold the very same numbers."""
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.dtype.is_floating_point:
                value.copy_(value.half().float())
    return model


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


def decision_from(figures: dict[str, Any]) -> Decision:
    return Decision(prefill=figures["prefill"]["threshold"], floor=figures["floor"], temperature=figures["temperature"])


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
    student, segmenter = round_to_half(load_classifier(student_path)), round_to_half(load_segmenter(segmenter_path))
    meta = load_tensors(student_path)[1]
    save_model(out / "student.safetensors", student, {"model": meta["model"] | {"articles": 0, "pretrained": False}})
    save_model(out / "segmenter.safetensors", segmenter, {"model": load_tensors(segmenter_path)[1]["model"]})
    gaps = {}
    outputs = {"student": ("category", "pattern", "embedding"), "segmenter": ("mask",)}
    for part, model, size in (("student", student, student_size), ("segmenter", segmenter, segmenter_size)):
        to_onnx(model, out / f"{part}.onnx", size, outputs[part])
        gaps[part] = parity(model, out / f"{part}.onnx", size)
        if gaps[part] > PARITY:
            raise RuntimeError(f"{part}.onnx differs from PyTorch by {gaps[part]:.2e} (allowed: {PARITY:.0e}).")
    files = [f"{part}.{kind}" for part in ("student", "segmenter") for kind in ("onnx", "safetensors")]
    silent = Decision(prefill=1.01, floor=0.0)
    card = ModelCard(
        name=name,
        student=Preprocessing(size=student_size),
        segmenter=Preprocessing(size=segmenter_size),
        category=decision_from(evaluation["category"]) if evaluation else silent,
        pattern=decision_from(evaluation["pattern"]) if evaluation else silent,
        view=evaluation["view"] if evaluation else "full",
        files={file: sha256_of(out / file) for file in files},
        metrics=(evaluation or {}) | {"onnx_parity": gaps},
        data=DATA,
        recipe={"student": recipe_of(meta), "segmenter": recipe_of(load_tensors(segmenter_path)[1])},
        compute=COMPUTE,
        seed=int(meta.get("train", {}).get("seed", 0)),
        known_failures=KNOWN_FAILURES,
        intended_use=INTENDED_USE,
    )
    write_card(card, out)
    (out / "MODEL_CARD.md").write_text(describe(card), encoding="utf-8")
    return card


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--student", type=Path, required=True, help="student.safetensors of vision.ml.train")
    parser.add_argument("--segmenter", type=Path, required=True, help="segmenter.safetensors of vision.ml.train")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--name", default="student-dev", help="the release's name, shown with every answer")
    parser.add_argument("--student-size", type=int, default=160, help="input side of the student in pixels")
    parser.add_argument("--segmenter-size", type=int, default=192, help="input side of the segmenter in pixels")
    parser.add_argument("--evaluation", type=Path, help="JSON of vision.ml.evaluate: temperature, thresholds, metrics")
    parser.add_argument("--int8", choices=quantise.MODES, default="never", help="8-bit graphs where the answers hold")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="photos that judge 8-bit graphs")
    parser.add_argument("--held-out", default="1,2", help="folds whose photos judge them")
    options = parser.parse_args(arguments)
    evaluation = json.loads(options.evaluation.read_text(encoding="utf-8")) if options.evaluation else None
    card = export(
        options.student,
        options.segmenter,
        options.out,
        name=options.name,
        student_size=options.student_size,
        segmenter_size=options.segmenter_size,
        evaluation=evaluation,
    )
    if options.int8 != "never":
        config = quantise.QuantiseConfig(
            weights=str(options.out), data=str(options.data), held_out=options.held_out, mode=options.int8
        )
        card = quantise.run(config)
        (options.out / "MODEL_CARD.md").write_text(describe(card), encoding="utf-8")
    for file in card.files:
        print(f"{options.out / file}  {(options.out / file).stat().st_size / 1e6:.1f} MB")
    print("parity", card.metrics["onnx_parity"])


if __name__ == "__main__":
    main()

"""Whole numbers of 8 bits in place of floats, where the answers stay the same:

    python -m vision.ml.quantise --weights runs/export --data ../shared/data --held-out 1,2

Static quantisation of a served folder's ONNX graphs: weights by channel, activations in ranges found on calibration
photos of the other folds. Of several ways to find the ranges the first is taken that holds on held-out photos:
accuracy drops by less than a tolerance, nearly all answers agree, and it is faster here. Then the graph takes the
float one's place, and the card says so, with the figures and the new hash. The float weights stay in safetensors.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image

from erp.core.photos import decode_photo

from . import data
from .backends import OnnxBackend, open_session
from .card import ModelCard, load_card, sha256_of, write_card
from .config import option, parse_config, parse_folds
from .data import Record
from .metrics import accuracy
from .predictor import Predictor
from .segment import working_copy

MODES = ("auto", "never", "always")
PARTS = ("segmenter", "student")
BATCH = 8


@dataclass(frozen=True)
class QuantiseConfig:
    weights: str = option("vision/weights", "folder with card.json and its files; it is changed in place")
    data: str = option("../shared/data", "folder with garments/")
    held_out: str = option("1,2", "folds whose photos judge; ranges are found on the others")
    photos: int = option(480, "how many photos judge")
    calibration: int = option(96, "on how many photos ranges are found")
    mode: str = option("auto", "auto: where the answers hold; always: whatever they are; never", choices=MODES)
    drop: float = option(0.003, "how much of the accuracy of either task may be lost")
    agreement: float = option(0.97, "of both tasks' answers, how many must stay the same")
    overlap: float = option(0.98, "mean IoU that masks must keep with the float masks")
    speed: float = option(1.1, "how many times faster it must be on this machine")
    threads: int = option(2, "CPU threads")


@dataclass(frozen=True)
class Way:
    """How ranges are found, and which nodes stay in floats: the first and the last lose most."""

    method: str
    spare_ends: bool = False


WAYS = (Way("minmax"), Way("percentile"), Way("minmax", True), Way("percentile", True))


@dataclass(frozen=True)
class Figures:
    """What quantising one graph did. Of the student: accuracies, agreement; of the segmenter: the overlap of masks."""

    way: Way
    speed: float
    megabytes: float
    category: float = 0.0
    pattern: float = 0.0
    float_category: float = 0.0
    float_pattern: float = 0.0
    agreement: float = 1.0
    overlap: float = 1.0

    @property
    def drop(self) -> float:
        return max(self.float_category - self.category, self.float_pattern - self.pattern)

    def problem(self, config: QuantiseConfig) -> str:
        """Why the graph must not take the float one's place; blank: it may."""
        if self.drop > config.drop:
            return f"accuracy drops by {100 * self.drop:.2f} points"
        if self.agreement < config.agreement:
            return f"only {self.agreement:.1%} of the answers agree"
        if self.overlap < config.overlap:
            return f"masks overlap by {self.overlap:.3f} only"
        if self.speed < config.speed:
            return f"it is {self.speed:.2f} times as fast"
        return ""


class Batches(CalibrationDataReader):
    """Hands pictures (n, 3, s, s) to the search for ranges, a few at a time."""

    def __init__(self, images: np.ndarray) -> None:
        self._parts: Iterator[np.ndarray] = (images[i : i + BATCH] for i in range(0, len(images), BATCH))

    def get_next(self) -> dict[str, np.ndarray] | None:
        part = next(self._parts, None)
        return None if part is None else {"images": part}


def quantise(source: Path, target: Path, images: np.ndarray, way: Way) -> None:
    """Write `source` with 8-bit weights and activations to `target`; ranges from `images` (n, 3, s, s) float32."""
    method = {"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile}[way.method]
    with tempfile.TemporaryDirectory(prefix="quantise-") as folder:
        plain = Path(folder) / "plain.onnx"
        # Weights lie in the file as fp16 behind casts: folded here, with batch norms, into what can be quantised.
        quant_pre_process(str(source), str(plain), skip_symbolic_shape=True)
        quantize_static(
            str(plain),
            str(target),
            Batches(images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # Weights of 7 bits: on a CPU without VNNI the sum of two full products overflows its 16 bits, and answers
            # that held here would not hold there (ONNX Runtime, "Quantize ONNX models", U8S8 on AVX2).
            reduce_range=True,
            calibrate_method=method,
            nodes_to_exclude=ends(plain) if way.spare_ends else [],
            extra_options={"CalibPercentile": 99.99, "CalibTensorRangeSymmetric": False},
        )


def ends(path: Path) -> list[str]:
    """The first convolution and the matrix products at the end."""
    nodes = onnx.load(path).graph.node
    first = next((node.name for node in nodes if node.op_type == "Conv"), None)
    return [name for name in [first] if name] + [node.name for node in nodes if node.op_type in ("Gemm", "MatMul")]


def pictures(records: Sequence[Record]) -> list[Image.Image]:
    return [working_copy(decode_photo(record.path.read_bytes()).image) for record in records]


def seen_by(part: str, predictor: Predictor, images: Sequence[Image.Image]) -> np.ndarray:
    """What a network of the release gets to see of photos: (n, 3, s, s), of the student every view of the card."""
    from .views import full_view

    if part == "segmenter":
        return np.stack([full_view(image, predictor.card.segmenter) for image in images])
    views = predictor.views(images, predictor.segment(images))
    card = predictor.card
    return np.concatenate(list(views.values()) if card.view == "average" else [views[card.view]])


def answers(predictor: Predictor, images: Sequence[Image.Image]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Category and pattern logits and masks (n, s, s) as they are served, few photos at a time."""
    parts = []
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        probability = predictor.segment(some)
        said = predictor.answers(some, probability)
        parts.append((said.category, said.pattern, probability > 0.5))
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))  # type: ignore[return-value]


def speed_of(before: Path, after: Path, images: np.ndarray, threads: int, rounds: int = 15) -> float:
    """How many times faster one picture is: by turns, so that a busy machine slows both."""
    sessions = [open_session(path, threads) for path in (before, after)]
    times: list[list[float]] = [[], []]
    for i in range(rounds + 2):
        for session, spent in zip(sessions, times, strict=True):
            started = time.perf_counter()
            session.run(None, {"images": images[i % len(images) : i % len(images) + 1]})
            spent.append(time.perf_counter() - started)
    return round(statistics.median(times[0][2:]) / statistics.median(times[1][2:]), 2)


class Judge:
    """Compares a folder's graphs with quantised ones on photos whose labels are known."""

    def __init__(self, folder: Path, records: Sequence[Record], config: QuantiseConfig) -> None:
        self.folder, self.config = folder, config
        self.card = load_card(folder)
        self.images = pictures(records)
        self.truth = np.array([r.category for r in records]), np.array([r.pattern for r in records])
        self.predictor = Predictor(self.card, OnnxBackend(self.card, folder, config.threads))
        self.before = answers(self.predictor, self.images)

    def figures(self, part: str, graph: Path, way: Way) -> Figures:
        """The whole release with this one graph in its place, against the release as it was."""
        with tempfile.TemporaryDirectory(prefix="quantise-") as temporary:
            for name in PARTS:
                path = graph if name == part else self.folder / f"{name}.onnx"
                (Path(temporary) / f"{name}.onnx").symlink_to(path.resolve())
            backend = OnnxBackend(self.card, Path(temporary), self.config.threads)
        after = answers(Predictor(self.card, backend), self.images)
        same = [float((a.argmax(1) == b.argmax(1)).mean()) for a, b in zip(self.before[:2], after[:2], strict=True)]
        both, either = ((self.before[2] & after[2]).sum((1, 2)), (self.before[2] | after[2]).sum((1, 2)))
        right = [accuracy(a, truth) for a, truth in zip((*self.before[:2], *after[:2]), self.truth * 2, strict=True)]
        shown = seen_by(part, self.predictor, self.images[:4])
        return Figures(
            way=way,
            speed=speed_of(self.folder / f"{part}.onnx", graph, shown, self.config.threads),
            megabytes=round(graph.stat().st_size / 1e6, 2),
            float_category=round(right[0], 4),
            float_pattern=round(right[1], 4),
            category=round(right[2], 4),
            pattern=round(right[3], 4),
            agreement=round(min(same), 4),
            overlap=round(float((both / np.maximum(either, 1)).mean()), 4),
        )


def quantise_folder(
    folder: Path, calibration: Sequence[Record], judging: Sequence[Record], config: QuantiseConfig
) -> ModelCard:
    """Put 8-bit graphs in the place of float ones where they hold; returns the card as it is written then.

    `metrics["int8"]` of the card tells of each graph whether it is served in 8 bits, the figures, and why not.
    """
    judge = Judge(folder, judging, config)
    images = pictures(calibration)
    told: dict[str, Any] = {}
    found: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="quantise-") as temporary:
        for part in PARTS:
            shown = seen_by(part, judge.predictor, images)
            for way in WAYS:
                graph = Path(temporary) / f"{part}-{way.method}-{way.spare_ends}.onnx"
                quantise(folder / f"{part}.onnx", graph, shown, way)
                figures = judge.figures(part, graph, way)
                problem = figures.problem(config)
                served = not problem or config.mode == "always"
                told[f"{part}.onnx"] = {"served": served, "problem": problem} | asdict(figures)
                print(f"{part}, {way}: {figures} {problem or 'holds'}", flush=True)
                if served:
                    found[part] = graph
                    break
        for part, graph in found.items():
            (folder / f"{part}.onnx").write_bytes(graph.read_bytes())
    files = judge.card.files | {f"{part}.onnx": sha256_of(folder / f"{part}.onnx") for part in found}
    card = replace(judge.card, files=files, metrics=judge.card.metrics | {"int8": told})
    write_card(card, folder)
    return card


def run(config: QuantiseConfig) -> ModelCard:
    """Splits the photos and quantises the folder of the configuration."""
    folder = Path(config.weights)
    if config.mode == "never":
        return load_card(folder)
    records = data.read_garments(Path(config.data))
    held = np.isin(data.assign_folds(records), parse_folds(config.held_out))
    rng = np.random.default_rng(0)
    judging = rng.permutation(np.flatnonzero(held))[: config.photos]
    calibration = rng.permutation(np.flatnonzero(~held))[: config.calibration]
    return quantise_folder(folder, [records[i] for i in calibration], [records[i] for i in judging], config)


def main(arguments: Sequence[str] | None = None) -> ModelCard:
    logging.getLogger().setLevel(logging.ERROR)  # the library suggests what is done here already
    return run(parse_config(QuantiseConfig, "quantise", __doc__, arguments))


if __name__ == "__main__":
    main()

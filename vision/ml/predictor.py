"""Serving: photos in, frozen predictions out, on ONNX Runtime. Imports no torch.

Order of work per photo: segment a small copy, refine the mask at the photo's size, classify, name the colours, decide.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .card import WEIGHTS_DIR, Decision, ModelCard, WeightsError, load_card
from .colour import ColourShare, garment_colours
from .segment import enlarge_mask, refine_mask, working_copy
from .views import all_views, full_view

__all__ = ["ColourShare", "Prediction", "Predictor", "Ranked", "WeightsError", "load_predictor"]

BATCH = 16


@dataclass(frozen=True)
class Ranked:
    """One task's answer; `confidence` is calibrated, `decision` is "prefill", "suggest" or "unknown"."""

    label: str
    confidence: float
    top3: tuple[tuple[str, float], ...]
    decision: str


@dataclass(frozen=True, eq=False)
class Prediction:
    """All that one photo tells.

    `mask` is alpha (h, w) uint8 at the photo's size, `embedding` a unit vector (256,) float32, `decision` the
    category's. `ms` holds "segment", "classify" and "total" milliseconds; in a batch, a photo's even share.
    """

    category: Ranked
    pattern: Ranked
    colours: tuple[ColourShare, ...]
    mask: np.ndarray
    mask_share: float
    embedding: np.ndarray
    decision: str
    ms: dict[str, float]


def load_predictor(weights_dir: Path = WEIGHTS_DIR, *, threads: int = 2) -> Predictor:
    """Verify card, labels and hashes, then open the networks. Raises `WeightsError` with what to do."""
    folder = Path(weights_dir)
    card = load_card(folder)
    try:
        return Predictor(
            card, open_session(folder / "segmenter.onnx", threads), open_session(folder / "student.onnx", threads)
        )
    except WeightsError:
        raise
    except Exception as error:
        raise WeightsError(f"ONNX Runtime cannot open the models in {folder}: {error}") from error


def open_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A spinning pool would take the cores from the web process next door.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def rank(probabilities: np.ndarray, labels: Sequence[str], decision: Decision, *, empty: bool) -> Ranked:
    """The three most likely labels and what may be done with the first."""
    order = np.argsort(-probabilities)[:3]
    top = tuple((labels[i], round(float(probabilities[i]), 4)) for i in order)
    confidence = top[0][1]
    if empty or confidence < decision.floor:
        verdict = "unknown"
    else:
        verdict = "prefill" if confidence >= decision.prefill else "suggest"
    return Ranked(top[0][0], confidence, top, verdict)


class Predictor:
    """Two ONNX sessions and a card. Safe to share between threads; every call stands for itself."""

    def __init__(self, card: ModelCard, segmenter: ort.InferenceSession, student: ort.InferenceSession) -> None:
        self.card = card
        self.model_name = card.name
        self._segmenter = segmenter
        self._student = student

    def predict(self, images: Sequence[Image.Image]) -> list[Prediction]:
        """One prediction per upright RGB photo, in order; batches of at most 16 are formed inside."""
        results: list[Prediction] = []
        for start in range(0, len(images), BATCH):
            results += self._predict_batch(images[start : start + BATCH])
        return results

    def segment(self, images: Sequence[Image.Image]) -> np.ndarray:
        """(n, s, s) float32 garment probability at the segmenter's own resolution."""
        batch = np.stack([full_view(image, self.card.segmenter) for image in images])
        (logits,) = self._segmenter.run(None, {"images": batch})
        return 1 / (1 + np.exp(-np.asarray(logits)[:, 0]))

    def classify(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Views (n, 3, size, size) -> category and pattern logits (n, 12), (n, 10) and unit embeddings (n, 256);
        mirror-averaged if so carded.
        """
        if self.card.flip:
            batch = np.concatenate([batch, batch[..., ::-1]])
        category, pattern, embedding = (np.asarray(v) for v in self._student.run(None, {"images": batch}))
        if self.card.flip:
            n = len(embedding) // 2
            category, pattern = (v[:n] + v[n:] for v in (category / 2, pattern / 2))
            embedding = embedding[:n] + embedding[n:]
        embedding = embedding / np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-9)
        return category, pattern, embedding.astype(np.float32)

    def views(self, images: Sequence[Image.Image], probability: np.ndarray) -> dict[str, np.ndarray]:
        """Every view of the photos as a batch (n, 3, size, size)."""
        each = [all_views(i, p, self.card.student) for i, p in zip(images, probability, strict=True)]
        return {name: np.stack([views[name] for views in each]) for name in each[0]}

    def _chosen_views(self, images: Sequence[Image.Image], probability: np.ndarray) -> list[np.ndarray]:
        views = self.views(images, probability)
        return list(views.values()) if self.card.view == "average" else [views[self.card.view]]

    def _predict_batch(self, images: Sequence[Image.Image]) -> list[Prediction]:
        started = time.perf_counter()
        sizes = [image.size for image in images]
        images = [working_copy(image.convert("RGB")) for image in images]
        probability = self.segment(images)
        small_masks = [refine_mask(image, p) for image, p in zip(images, probability, strict=True)]
        masks = [enlarge_mask(mask, size) for mask, size in zip(small_masks, sizes, strict=True)]
        segmented = time.perf_counter()
        answers = [self.classify(view) for view in self._chosen_views(images, probability)]
        category, pattern, embedding = (np.mean([a[i] for a in answers], axis=0) for i in range(3))
        embedding = (embedding / np.linalg.norm(embedding, axis=1, keepdims=True)).astype(np.float32)
        category = softmax(category / self.card.category.temperature)
        pattern = softmax(pattern / self.card.pattern.temperature)
        classified = time.perf_counter()
        colours = [garment_colours(image, mask) for image, mask in zip(images, small_masks, strict=True)]
        n = len(images)
        ms = {
            "segment": round((segmented - started) * 1000 / n, 2),
            "classify": round((classified - segmented) * 1000 / n, 2),
            "total": round((time.perf_counter() - started) * 1000 / n, 2),
        }
        return [
            self._assemble(category[i], pattern[i], colours[i], masks[i], probability[i], embedding[i], ms)
            for i in range(n)
        ]

    def _assemble(
        self,
        category: np.ndarray,
        pattern: np.ndarray,
        colours: tuple[ColourShare, ...],
        mask: np.ndarray,
        probability: np.ndarray,
        embedding: np.ndarray,
        ms: dict[str, float],
    ) -> Prediction:
        share = round(float((probability > 0.5).mean()), 4)
        empty = share < self.card.min_mask_share
        ranked = rank(category, self.card.categories, self.card.category, empty=empty)
        return Prediction(
            category=ranked,
            pattern=rank(pattern, self.card.patterns, self.card.pattern, empty=empty),
            colours=colours,
            mask=mask,
            mask_share=share,
            embedding=embedding,
            decision=ranked.decision,
            ms=dict(ms),
        )

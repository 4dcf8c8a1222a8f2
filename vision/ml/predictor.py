"""Serving: photos in, frozen predictions out, on whichever backend runs the networks.

Order of work per photo: segment a small copy, refine the mask at the photo's size, classify, name the colours, decide.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from .backends import Backend, open_backend
from .card import WEIGHTS_DIR, Decision, ModelCard, SceneDecision, WeightsError, load_card
from .colour import ColourShare, garment_colours
from .labels import SCENES
from .segment import enlarge_mask, working_copy
from .segmenters import Segmenter, open_segmenter
from .views import all_views

__all__ = [
    "ColourShare",
    "Prediction",
    "Predictor",
    "Ranked",
    "SceneAnswer",
    "WeightsError",
    "load_predictor",
]

# Photos that go through all stages together: their masks and working copies lie in memory at the same time.
BATCH = 16
UNKNOWN = "unknown"
SINGLE = SCENES[0]


@dataclass(frozen=True)
class Ranked:
    """One task's answer; `confidence` is calibrated, `decision` is "prefill", "suggest" or "unknown"."""

    label: str
    confidence: float
    top3: tuple[tuple[str, float], ...]
    decision: str


@dataclass(frozen=True)
class SceneAnswer:
    """Whether the photo shows a "single" garment, "none" or "several"; "single" also where the model cannot tell."""

    label: str = SINGLE
    confidence: float = 1.0


class Heads(NamedTuple):
    """What the student says of a batch: logits (n, 12) and (n, 10), unit embeddings (n, 256), scene logits (n, 3)."""

    category: np.ndarray
    pattern: np.ndarray
    embedding: np.ndarray
    scene: np.ndarray | None = None

    def of(self, i: int) -> Heads:
        """What is said of one picture."""
        scene = None if self.scene is None else self.scene[i]
        return Heads(self.category[i], self.pattern[i], self.embedding[i], scene)


@dataclass(frozen=True, eq=False)
class Prediction:
    """All that one photo tells. Where the scene is not "single", category and pattern are "unknown".

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
    scene: SceneAnswer = SceneAnswer()


def load_predictor(
    weights_dir: Path = WEIGHTS_DIR, *, threads: int = 2, device: str = "auto", segmenter: str = "network"
) -> Predictor:
    """Verify card, labels, hashes and what the networks take and give. Raises `WeightsError` with what to do.

    `device` is "cpu", "cuda", or "auto": a GPU where one can be used. `segmenter` is "network" or "rembg".
    """
    folder = Path(weights_dir)
    card = load_card(folder)
    backend = open_backend(card, folder, device, threads)
    return Predictor(card, backend, open_segmenter(segmenter, card.segmenter, backend.segment))


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows (n, d) of length one, float32."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def rank(
    probabilities: np.ndarray, labels: Sequence[str], decision: Decision, *, empty: bool, doubtful: bool = False
) -> Ranked:
    """The three most likely labels and what may be done with the first: of an `empty` photo nothing is claimed, of a
    `doubtful` one nothing is filled in.
    """
    order = np.argsort(-probabilities)[:3]
    top = tuple((labels[i], round(float(probabilities[i]), 4)) for i in order)
    confidence = top[0][1]
    if empty or confidence < decision.floor:
        verdict = UNKNOWN
    else:
        verdict = "prefill" if confidence >= decision.prefill and not doubtful else "suggest"
    return Ranked(top[0][0], confidence, top, verdict)


def scene_of(probabilities: np.ndarray, decision: SceneDecision) -> SceneAnswer:
    """No garment or several only from their thresholds on: to refuse a good photo is the worse mistake."""
    single, none, several = (round(float(p), 4) for p in probabilities)
    found = [
        (p, label)
        for p, label, least in ((none, "none", decision.none), (several, "several", decision.several))
        if p >= least
    ]
    confidence, label = max(found, default=(single, SINGLE))
    return SceneAnswer(label, confidence)


class Predictor:
    """A backend, a card and a segmenter. Safe to share between threads; every call stands for itself."""

    def __init__(self, card: ModelCard, backend: Backend, segmenter: Segmenter | None = None) -> None:
        self.card = card
        self.model_name = card.name
        self.backend = backend
        self.segmenter = segmenter or open_segmenter("network", card.segmenter, backend.segment)

    def predict(self, images: Sequence[Image.Image]) -> list[Prediction]:
        """One prediction per upright RGB photo, in order; batches of at most 16 are formed inside."""
        results: list[Prediction] = []
        for start in range(0, len(images), BATCH):
            results += self._predict_batch(images[start : start + BATCH])
        return results

    def segment(self, images: Sequence[Image.Image]) -> np.ndarray:
        """(n, s, s) float32 garment probability at the segmenter's own resolution."""
        return np.stack([found.probability for found in self.segmenter(images)])

    def classify(self, batch: np.ndarray) -> Heads:
        """What the student says of views (n, 3, size, size); mirror-averaged if so carded."""
        if self.card.flip:
            batch = np.concatenate([batch, batch[..., ::-1]])
        heads = self.backend.classify(batch)
        if self.card.flip:
            n = len(batch) // 2
            heads = {name: (value[:n] + value[n:]) / 2 for name, value in heads.items()}
        return Heads(heads["category"], heads["pattern"], unit(heads["embedding"]), heads.get("scene"))

    def views(self, images: Sequence[Image.Image], probability: np.ndarray) -> dict[str, np.ndarray]:
        """Every view of the photos as a batch (n, 3, size, size)."""
        each = [all_views(i, p, self.card.student) for i, p in zip(images, probability, strict=True)]
        return {name: np.stack([views[name] for views in each]) for name in each[0]}

    def answers(self, images: Sequence[Image.Image], probability: np.ndarray) -> Heads:
        """The mean over the views of the card. The scene is judged on the whole photo, whatever those are: the other
        views leave out or fade what lies beside the garment.
        """
        views, n = self.views(images, probability), len(images)
        chosen = list(views) if self.card.view == "average" else [self.card.view]
        asked = chosen if self.card.scene is None or "full" in chosen else [*chosen, "full"]
        said = self.classify(np.concatenate([views[name] for name in asked]))
        category, pattern, embedding = (v[: len(chosen) * n].reshape(len(chosen), n, -1).mean(0) for v in said[:3])
        start = asked.index("full") * n if self.card.scene else 0
        return Heads(category, pattern, unit(embedding), None if said.scene is None else said.scene[start : start + n])

    def _predict_batch(self, images: Sequence[Image.Image]) -> list[Prediction]:
        started = time.perf_counter()
        sizes = [image.size for image in images]
        images = [working_copy(image.convert("RGB")) for image in images]
        found = self.segmenter(images)
        probability, small_masks = np.stack([f.probability for f in found]), [f.alpha for f in found]
        masks = [enlarge_mask(mask, size) for mask, size in zip(small_masks, sizes, strict=True)]
        segmented = time.perf_counter()
        said = self.answers(images, probability)
        classified = time.perf_counter()
        colours = [garment_colours(image, mask) for image, mask in zip(images, small_masks, strict=True)]
        n = len(images)
        ms = {
            "segment": round((segmented - started) * 1000 / n, 2),
            "classify": round((classified - segmented) * 1000 / n, 2),
            "total": round((time.perf_counter() - started) * 1000 / n, 2),
        }
        return [self._assemble(said.of(i), colours[i], masks[i], probability[i], ms) for i in range(n)]

    def _assemble(
        self,
        said: Heads,
        colours: tuple[ColourShare, ...],
        mask: np.ndarray,
        probability: np.ndarray,
        ms: dict[str, float],
    ) -> Prediction:
        card = self.card
        share = round(float((probability > 0.5).mean()), 4)
        scene = SceneAnswer()
        if card.scene and said.scene is not None:
            scene = scene_of(softmax(said.scene / card.scene.temperature), card.scene)
        silent = share < card.min_mask_share or scene.label != SINGLE
        # One garment is the less likely scene, though no other one is likely enough to say so.
        doubtful = scene.confidence < 0.5
        category = softmax(said.category / card.category.temperature)
        ranked = rank(category, card.categories, card.category, empty=silent, doubtful=doubtful)
        pattern = softmax(said.pattern / card.pattern.temperature)
        return Prediction(
            category=ranked,
            pattern=rank(pattern, card.patterns, card.pattern, empty=silent, doubtful=doubtful),
            colours=colours,
            mask=mask,
            mask_share=share,
            embedding=said.embedding,
            decision=ranked.decision,
            ms=dict(ms),
            scene=scene,
        )

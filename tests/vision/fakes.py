"""A predictor that answers what a test tells it, in the very types of the real one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from PIL import Image

from vision.ml.labels import CATEGORIES, PATTERNS
from vision.ml.predictor import ColourShare, Prediction, Ranked


def ranked(label: str, confidence: float, decision: str, labels: Sequence[str]) -> Ranked:
    others = [name for name in labels if name != label][:2]
    rest = round((1 - confidence) / 3, 4)
    return Ranked(label, confidence, ((label, confidence), *((name, rest) for name in others)), decision)


class FakePredictor:
    """Sees the same garment in every photo: an upright rectangle in its middle."""

    model_name = "fake-1"
    card = SimpleNamespace(min_mask_share=0.02)

    def __init__(
        self,
        category: str = "shirt",
        pattern: str = "stripe",
        *,
        confidence: float = 0.97,
        decision: str = "prefill",
        colours: Sequence[tuple[str, str, float]] = (("navy", "#1f2a4d", 0.7), ("white", "#f0f0ee", 0.3)),
        empty: bool = False,
        error: Exception | None = None,
    ) -> None:
        self.category = ranked(category, confidence, decision, CATEGORIES)
        self.pattern = ranked(pattern, confidence, decision, PATTERNS)
        self.colours = tuple(ColourShare(*colour) for colour in colours)
        self.empty = empty
        self.error = error
        self.seen: list[tuple[int, int]] = []

    def predict(self, images: Sequence[Image.Image]) -> list[Prediction]:
        if self.error:
            raise self.error
        self.seen += [image.size for image in images]
        return [self._look(image) for image in images]

    def _look(self, image: Image.Image) -> Prediction:
        mask = np.zeros((image.height, image.width), np.uint8)
        if not self.empty:
            mask[image.height // 4 : -image.height // 4, image.width // 4 : -image.width // 4] = 255
        return Prediction(
            category=self.category,
            pattern=self.pattern,
            colours=self.colours,
            mask=mask,
            mask_share=float((mask > 127).mean()),
            embedding=np.full(256, 1 / 16, np.float32),
            decision=self.category.decision,
            ms={"segment": 3.0, "classify": 2.0, "total": 5.5},
        )


def photo(colour: str = "navy", size: tuple[int, int] = (96, 128), kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()

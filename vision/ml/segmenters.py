"""Ways to find the garment behind one call: the trained network, GrabCut, the whole photo, rembg where installed.

`VISION_SEGMENTER` chooses between "network" and "rembg" when serving; the others are what `vision.ml.compare_masks`
measures the network against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PIL import Image

from .card import Preprocessing, WeightsError
from .segment import refine_mask
from .views import full_view, squash

SERVED = ("network", "rembg")
REMBG_MODEL = "isnet-general-use"
# Side of the squashed probability that the views are made from.
SIDE = 192


@dataclass(frozen=True, eq=False)
class Found:
    """Where the garment is: `probability` (s, s) float32 of the squashed photo, `alpha` (h, w) uint8 in its size."""

    probability: np.ndarray
    alpha: np.ndarray


class Segmenter(Protocol):
    """Called with upright RGB photos, of working size, it finds the garment in each."""

    name: str

    def __call__(self, images: Sequence[Image.Image]) -> list[Found]: ...


class NetworkSegmenter:
    """The trained network; `run` takes (n, 3, s, s) float32 normalised and gives (n, 1, s, s) logits."""

    name = "network"

    def __init__(self, preprocessing: Preprocessing, run: Callable[[np.ndarray], np.ndarray]) -> None:
        self._preprocessing = preprocessing
        self._run = run

    def __call__(self, images: Sequence[Image.Image]) -> list[Found]:
        logits = self._run(np.stack([full_view(image, self._preprocessing) for image in images]))
        probability = 1 / (1 + np.exp(-logits[:, 0]))
        return [Found(p, refine_mask(image, p)) for image, p in zip(images, probability, strict=True)]


def from_alpha(alpha: np.ndarray) -> Found:
    """A finding whose alpha (h, w) uint8 is already in the photo's size."""
    square = Image.fromarray(alpha).resize((SIDE, SIDE), Image.Resampling.BOX)
    return Found(np.asarray(square, dtype=np.float32) / 255, alpha)


class WholePhoto:
    """No segmentation at all: everything is garment."""

    name = "none"

    def __call__(self, images: Sequence[Image.Image]) -> list[Found]:
        return [from_alpha(np.full((image.height, image.width), 255, np.uint8)) for image in images]


class GrabCutSegmenter:
    """GrabCut (Rother, Kolmogorov and Blake, 2004) from a centred rectangle: what there was before networks.

    Works on a squashed copy, as its time grows with the area. Needs opencv-python-headless, which serving does not.
    """

    name = "grabcut"
    margin = 0.06
    rounds = 4

    def __call__(self, images: Sequence[Image.Image]) -> list[Found]:
        return [self._cut(image) for image in images]

    def _cut(self, image: Image.Image) -> Found:
        import cv2

        small = np.asarray(squash(image, SIDE))
        edge = round(SIDE * self.margin)
        labels = np.zeros((SIDE, SIDE), np.uint8)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        rectangle = (edge, edge, SIDE - 2 * edge, SIDE - 2 * edge)
        cv2.setRNGSeed(0)
        try:
            cv2.grabCut(np.ascontiguousarray(small), labels, rectangle, *models, self.rounds, cv2.GC_INIT_WITH_RECT)
        except cv2.error:
            # A picture of one colour has no two mixtures to tell apart.
            labels[edge:-edge, edge:-edge] = cv2.GC_PR_FGD
        probability = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
        return Found(probability, refine_mask(image, probability))


class RembgSegmenter:
    """A session of rembg, which people install and choose themselves; its weights are downloaded at first use."""

    name = "rembg"

    def __init__(self, model: str = REMBG_MODEL) -> None:
        """Raises `WeightsError` with what to install when rembg is not there."""
        try:
            import rembg  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise WeightsError(
                "VISION_SEGMENTER is rembg, but rembg is not installed. Install it with "
                "pip install 'rembg[cpu]', or set VISION_SEGMENTER=network."
            ) from error
        try:
            self._session = rembg.new_session(model)
        except Exception as error:
            raise WeightsError(
                f"rembg cannot open its model {model}: {error}. Its first use downloads it and needs a network; "
                "set VISION_SEGMENTER=network to do without."
            ) from error
        self._remove: Callable[..., Any] = rembg.remove

    def __call__(self, images: Sequence[Image.Image]) -> list[Found]:
        return [from_alpha(self._alpha(image)) for image in images]

    def _alpha(self, image: Image.Image) -> np.ndarray:
        mask = self._remove(image, session=self._session, only_mask=True)
        return np.asarray(mask.convert("L").resize(image.size), dtype=np.uint8)


def open_segmenter(name: str, preprocessing: Preprocessing, run: Callable[[np.ndarray], np.ndarray]) -> Segmenter:
    """The segmenter that serves: "network" or "rembg". Raises `WeightsError` with what to do."""
    if name == "network":
        return NetworkSegmenter(preprocessing, run)
    if name == "rembg":
        return RembgSegmenter()
    raise WeightsError(f"The segmenter {name} is not known; set VISION_SEGMENTER to one of {', '.join(SERVED)}.")

"""What the networks get to see of a photo: all of it, or the garment alone before grey."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .card import Preprocessing

# The grey behind a garment in the "cut_out" view, and the margin about it as a share of the photo's side.
FADE = (124, 116, 104)
MARGIN = 0.04

Box = tuple[float, float, float, float]


def squash(image: Image.Image, side: int) -> Image.Image:
    """The whole picture as a square of area means, whatever its shape: what training keeps of every photo."""
    return image.convert("RGB").resize((side, side), Image.Resampling.BOX)


def sample(square: Image.Image, box: Box, preprocessing: Preprocessing) -> np.ndarray:
    """(3, size, size) float32 of a box (left, top, right, bottom; 0-1) of a squashed photo, normalised.

    By bilinear points without a further filter, as `augment.warp` samples: a network that always saw one sharpness
    answers worse for another.
    """
    extent = tuple(edge * square.width for edge in box)
    side = preprocessing.size
    view = square.transform((side, side), Image.Transform.EXTENT, extent, Image.Resampling.BILINEAR)
    values = np.asarray(view, dtype=np.float32) / 255
    values = (values - np.array(preprocessing.mean, np.float32)) / np.array(preprocessing.std, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def full_view(image: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
    """(3, size, size) float32: the whole picture."""
    return sample(squash(image, preprocessing.source), (0, 0, 1, 1), preprocessing)


def cut_out_view(image: Image.Image, probability: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """(3, size, size) float32: the background faded to grey, zoomed to the garment.

    `probability` (s, s) float32; an almost empty mask leaves the photo as it is.
    """
    solid = probability > 0.5
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    if len(rows) == 0 or solid.mean() < 0.02:
        return full_view(image, preprocessing)
    size = probability.shape[0]
    box = (
        max(columns[0] / size - MARGIN, 0),
        max(rows[0] / size - MARGIN, 0),
        min((columns[-1] + 1) / size + MARGIN, 1),
        min((rows[-1] + 1) / size + MARGIN, 1),
    )
    square = squash(image, preprocessing.source)
    mask = Image.fromarray((probability * 255).astype(np.uint8)).resize(square.size, Image.Resampling.BILINEAR)
    return sample(Image.composite(square, Image.new("RGB", square.size, FADE), mask), box, preprocessing)

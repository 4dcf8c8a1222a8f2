"""What the networks get to see of a photo: all of it, its middle, or the garment alone before grey."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .card import Preprocessing

# The grey behind a garment in the "cut_out" view, and the margin about it as a share of the photo's side.
FADE = (124, 116, 104)
MARGIN = 0.04
# What the "zoom" view leaves out at each edge; sellers put the garment in the middle.
EDGE = 0.08

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


def all_views(image: Image.Image, probability: np.ndarray, preprocessing: Preprocessing) -> dict[str, np.ndarray]:
    """The views "full", "zoom" and "cut_out" of one photo, each (3, size, size) float32.

    "cut_out" has its background faded to grey and is zoomed to the garment. `probability` (s, s) float32 is the mask;
    where it is almost empty, "cut_out" is the whole picture.
    """
    square = squash(image, preprocessing.source)
    full = sample(square, (0, 0, 1, 1), preprocessing)
    zoom = sample(square, (EDGE, EDGE, 1 - EDGE, 1 - EDGE), preprocessing)
    box = garment_box(probability)
    cut_out = full if box is None else sample(fade_background(square, probability), box, preprocessing)
    return {"full": full, "zoom": zoom, "cut_out": cut_out}


def garment_box(probability: np.ndarray) -> Box | None:
    """The box of a mask (s, s) with a margin, in shares of the sides; None when the mask is almost empty."""
    solid = probability > 0.5
    if solid.mean() < 0.02:
        return None
    (top, bottom), (left, right) = (np.flatnonzero(solid.any(axis))[[0, -1]] / len(solid) for axis in (1, 0))
    step = 1 / len(solid) + MARGIN
    return (max(left - MARGIN, 0), max(top - MARGIN, 0), min(right + step, 1), min(bottom + step, 1))


def fade_background(square: Image.Image, probability: np.ndarray) -> Image.Image:
    """A squashed photo with grey where the mask (s, s) is low."""
    mask = Image.fromarray((probability * 255).astype(np.uint8)).resize(square.size, Image.Resampling.BILINEAR)
    return Image.composite(square, Image.new("RGB", square.size, FADE), mask)

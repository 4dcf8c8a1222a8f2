"""A garment's main colours: clustered in Oklab from its own pixels, named by the nearest anchor of the shop's palette.

Oklab after Björn Ottosson, "A perceptual color space for image processing" (2020). The anchors come from
`vision.ml.colour_fit`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from .labels import COLOURS

MAX_COLOURS = 4
MIN_SHARE = 0.07
# Large enough that the threads of a check are not yet one colour.
SAMPLE_SIDE = 192
SAMPLES = 3000
# Pixels whose neighbours differ by less (in 256 greys) lie on one colour; they speak alone if they are so many.
FLAT, FLAT_SHARE = 14, 0.3
# Two clusters closer than this in Oklab are one dye under different light.
MERGE_DISTANCE = 0.09
# Light and shade change L most and hue least, so L weighs less than a and b.
LIGHTNESS_WEIGHT = 0.55
FEATURE_LIGHTNESS = 0.5

TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)


@dataclass(frozen=True)
class ColourShare:
    """One main colour: palette `name`, the garment's own `hex`, and its `share` of the garment's pixels (0-1)."""

    name: str
    hex: str
    share: float


def to_oklab(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) sRGB in [0, 255] -> (..., 3) Oklab (L 0-1, a and b about -0.4-0.4)."""
    value = np.asarray(rgb, dtype=np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ TO_LMS.T) @ TO_LAB.T


def parse_hex(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


NAMES = tuple(COLOURS)
PALETTE = to_oklab(np.array([parse_hex(value) for value in COLOURS.values()]))
ANCHORS_FILE = Path(__file__).with_name("colour_anchors.json")


def colour_features(lab: np.ndarray) -> np.ndarray:
    """(..., 3) Oklab -> (..., 3) features in which names are near: lightness, and hue by saturation.

    Oklab is a cube root of linear light, so a / L and b / L stay what they are when the exposure changes. The constant
    keeps the noise of dark pixels from being read as colour.
    """
    lightness = lab[..., :1]
    return np.concatenate([lightness * FEATURE_LIGHTNESS, lab[..., 1:] / (lightness + 0.12)], -1)


@dataclass(frozen=True, eq=False)
class Naming:
    """How names are told apart: anchors (names, k, 3) in feature space, how fast a name fades with the squared distance
    from them, and what a name is ahead by (names,), all in the order of NAMES.
    """

    anchors: np.ndarray
    sharpness: float
    lead: np.ndarray

    def log_probabilities(self, lab: np.ndarray) -> np.ndarray:
        """(..., 3) Oklab -> (..., names): a mixture of the names' anchors."""
        distance = ((colour_features(lab)[..., None, None, :] - self.anchors) ** 2).sum(-1)
        scores = log_sum(-self.sharpness * distance) + self.lead
        return scores - log_sum(scores)[..., None]


def log_sum(values: np.ndarray) -> np.ndarray:
    """log of the sum of exp over the last axis."""
    high = values.max(-1, keepdims=True)
    return (high + np.log(np.exp(values - high).sum(-1, keepdims=True)))[..., 0]


@cache
def read_naming(path: Path = ANCHORS_FILE) -> Naming:
    """What `vision.ml.colour_fit` found."""
    table = json.loads(path.read_text(encoding="utf-8"))
    names = table["names"]
    return Naming(
        np.array([names[name]["anchors"] for name in NAMES], dtype=np.float32),
        float(table["sharpness"]),
        np.array([names[name]["lead"] for name in NAMES], dtype=np.float32),
    )


def name_colour(lab: np.ndarray) -> str:
    """The likeliest palette name of one Oklab colour (3,)."""
    return NAMES[int(read_naming().log_probabilities(lab).argmax())]


def cluster(points: np.ndarray, weights: np.ndarray, count: int = 6, rounds: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Weighted k-means with farthest-point seeds: centres (k, d) and the assignment (n,). Deterministic."""
    centres = [points[int(np.abs(points - np.median(points, 0)).sum(1).argmin())]]
    nearest = ((points - centres[0]) ** 2).sum(1)
    for _ in range(count - 1):
        if nearest.max() < 1e-5:
            break
        centres.append(points[int((nearest * np.sqrt(weights)).argmax())])
        nearest = np.minimum(nearest, ((points - centres[-1]) ** 2).sum(1))
    table = np.stack(centres)
    label = np.zeros(len(points), dtype=np.int64)
    for _ in range(rounds):
        label = ((points[:, None] - table[None]) ** 2).sum(-1).argmin(1)
        for k in range(len(table)):
            mine = label == k
            if mine.any():
                table[k] = np.average(points[mine], axis=0, weights=weights[mine])
    return table, label


def garment_pixels(image: Image.Image, mask: np.ndarray) -> np.ndarray:
    """(n, 3) uint8 pixels well inside the mask, from a small copy; the edge mixes with the floor and is left out."""
    scale = SAMPLE_SIDE / max(image.size)
    size = (max(int(image.width * scale), 8), max(int(image.height * scale), 8)) if scale < 1 else image.size
    small = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX))
    inside = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BOX))
    for limit in (250, 200, 128):
        chosen = inside >= limit
        if chosen.sum() >= 24:
            return thinned(unmixed(small, chosen))
    return small[inside >= 64]


def unmixed(pixels: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The chosen pixels (h, w) bool of (h, w, 3) that lie on one colour, or all where those are too few.

    Between two threads or prints a pixel is a blend of both: red on white is not pink.
    """
    grey = pixels.astype(np.int16).mean(-1)
    padded = np.pad(grey, 1, mode="edge")
    around = [padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]]
    flat = chosen & (np.abs(np.stack(around) - grey).max(0) < FLAT)
    return pixels[flat] if flat.sum() >= max(FLAT_SHARE * chosen.sum(), 24) else pixels[chosen]


def thinned(pixels: np.ndarray) -> np.ndarray:
    """At most SAMPLES of (n, 3) pixels, evenly."""
    return pixels[:: len(pixels) // SAMPLES + 1]


def dyes(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) uint8 pixels -> their Oklab (n, 3) and the dye (n,) that each belongs to."""
    lab = to_oklab(pixels)
    scaled = lab * np.array([LIGHTNESS_WEIGHT, 1, 1], dtype=np.float32)
    table, label = cluster(scaled, np.ones(len(scaled), dtype=np.float32))
    return lab, merge_close(table, label)


def main_dyes(image: Image.Image, mask: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Oklab (count, 3) of the largest dyes under a mask that is not empty and their shares (count,), zeros for none."""
    lab, label = dyes(garment_pixels(image, mask))
    sizes = np.bincount(label)
    colours, shares = np.zeros((count, 3), np.float32), np.zeros(count, np.float32)
    for row, k in enumerate(np.argsort(-sizes, kind="stable")[:count]):
        if sizes[k]:
            colours[row], shares[row] = np.median(lab[label == k], 0), sizes[k] / len(label)
    return colours, shares


def garment_colours(image: Image.Image, mask: np.ndarray) -> tuple[ColourShare, ...]:
    """Up to four main colours of the pixels under `mask` (h, w) uint8, largest first; empty when the mask is."""
    pixels = garment_pixels(image, mask)
    if len(pixels) == 0:
        return ()
    lab, label = dyes(pixels)
    found: dict[str, list[np.ndarray]] = {}
    for k in np.unique(label):
        mine = label == k
        found.setdefault(name_colour(np.median(lab[mine], 0)), []).append(np.flatnonzero(mine))
    shares = []
    for name, parts in found.items():
        rows = np.concatenate(parts)
        share = len(rows) / len(pixels)
        red, green, blue = (int(v) for v in np.median(pixels[rows], 0))
        shares.append(ColourShare(name, f"#{red:02x}{green:02x}{blue:02x}", round(share, 3)))
    shares.sort(key=lambda s: -s.share)
    return tuple(s for i, s in enumerate(shares[:MAX_COLOURS]) if i == 0 or s.share >= MIN_SHARE)


def merge_close(table: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Join clusters whose centres lie within MERGE_DISTANCE, smaller into larger."""
    label = label.copy()
    sizes = np.bincount(label, minlength=len(table))
    for small in sizes.argsort():
        distance = np.sqrt(((table - table[small]) ** 2).sum(1))
        distance[(sizes <= sizes[small]) & (np.arange(len(table)) != small)] = np.inf
        distance[small] = np.inf
        target = int(distance.argmin())
        if sizes[small] and distance[target] < MERGE_DISTANCE:
            label[label == small] = target
            sizes[target] += sizes[small]
            sizes[small] = 0
    return label

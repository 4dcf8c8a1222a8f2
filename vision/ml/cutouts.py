"""Exact-enough masks for studio pictures: what the white background cannot reach is the product."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from .data import Record
from .labels import CATEGORIES

# Worn by people in the studio set; their heads and skin are taken out of the mask.
WORN = frozenset(CATEGORIES.index(c) for c in ("t_shirt", "long_sleeve", "jacket", "shirt", "dress", "sleeveless"))
MIN_SHARE, MAX_SHARE = 0.05, 0.85


def product_mask(image: np.ndarray, *, tolerance: int = 9) -> np.ndarray | None:
    """Mask (h, w) uint8 0/255 of a product on white, or None when the background is not plain white."""
    height, width = image.shape[:2]
    border = np.concatenate([image[0], image[:, 0], image[:, -1]]).astype(int)
    if np.mean((border > 238).all(-1)) < 0.6:
        return None
    near_white = (image.min(-1) > 255 - tolerance).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(near_white, connectivity=4)
    edge = np.zeros(count, dtype=bool)
    edge[np.unique(np.concatenate([components[0], components[-1], components[:, 0], components[:, -1]]))] = True
    edge[0] = False
    background = edge[components]
    mask = cv2.morphologyEx((~background).astype(np.uint8) * 255, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    share = mask.mean() / 255
    if not MIN_SHARE < share < MAX_SHARE:
        return None
    # White on white leaks: a mask much smaller than its own hull is not trusted.
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea)
    hull = cv2.contourArea(cv2.convexHull(largest))
    if cv2.contourArea(largest) < 0.35 * hull or cv2.contourArea(largest) < 0.7 * share * height * width:
        return None
    return mask


def without_person(image: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """The mask less head and skin, when a person wears the garment; None when too little is left."""
    ycrcb = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    skin = cv2.inRange(ycrcb, (70, 137, 80), (240, 175, 125))
    skin = cv2.morphologyEx(skin & mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    rows = np.flatnonzero(mask.any(1))
    top, tall = rows[0], rows[-1] - rows[0] + 1
    head = skin[top : top + int(0.2 * tall)].astype(bool).sum()
    if head < 0.04 * 0.2 * tall * image.shape[1]:
        return mask
    result = mask.copy()
    result[: top + int(0.2 * tall)] = 0
    result[cv2.dilate(skin, np.ones((3, 3), np.uint8)) > 0] = 0
    result = cv2.morphologyEx(result, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return result if result.mean() / 255 > MIN_SHARE else None


def studio_masks(records: Sequence[Record], pixels: np.ndarray) -> np.ndarray:
    """(n, h, w) uint8 masks; an all-zero mask means none could be trusted."""
    masks = np.zeros(pixels.shape[:3], dtype=np.uint8)
    for i, record in enumerate(records):
        image = np.ascontiguousarray(pixels[i])
        mask = product_mask(image)
        if mask is not None and record.category in WORN:
            mask = without_person(image, mask)
        if mask is not None:
            masks[i] = mask
    return masks


def cached_masks(records: Sequence[Record], pixels: np.ndarray, cache: Path) -> np.ndarray:
    """`studio_masks`, made once and then read from the cache."""
    path = cache / f"studio-masks-{pixels.shape[1]}-{len(records)}.npy"
    if not path.exists():
        np.save(path, studio_masks(records, pixels))
    return np.load(path, mmap_mode="r")

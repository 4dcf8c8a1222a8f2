"""Masks for studio pictures: what the white background cannot reach is the product, and of a person only the garment.

Two thirds of the studio set's clothes are worn. There GrabCut (Rother, Kolmogorov and Blake, 2004) divides the person,
told by where a body's parts are: the head, the other garment at the border and skin of the face's colour are not it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from .data import NO_GARMENTS, UNKNOWN, Record
from .labels import CATEGORIES

ABOVE = frozenset(
    CATEGORIES.index(c) for c in ("t_shirt", "long_sleeve", "jacket", "shirt", "dress", "sleeveless", "hoodie")
)
BELOW = frozenset(CATEGORIES.index(c) for c in ("pants", "shorts", "skirt"))
MIN_SHARE, MAX_SHARE = 0.05, 0.85
# GrabCut's work grows with the area; a garment's outline survives this side.
WORN_SIDE = 96
# Bump when the rules change, so that no cache keeps the masks of the old ones.
RULES = 4

# Rows of a person, from head to foot in shares of the height, that surely show the garment.
TORSO, LEGS = (0.38, 0.62), (0.2, 0.5)


def product_mask(image: np.ndarray, *, tolerance: int = 9, holes: bool = False) -> np.ndarray | None:
    """Mask (h, w) uint8 0/255 of a product on white, or None when the background is not plain white.

    With `holes`, pure white that the product encloses is background too: right for straps, wrong for prints.
    """
    height, width = image.shape[:2]
    border = np.concatenate([image[0], image[:, 0], image[:, -1]]).astype(int)
    if np.mean((border > 238).all(-1)) < 0.6:
        return None
    near_white = (image.min(-1) > 255 - tolerance).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(near_white, connectivity=4)
    edge = np.zeros(count, dtype=bool)
    edge[np.unique(np.concatenate([components[0], components[-1], components[:, 0], components[:, -1]]))] = True
    if holes:
        for i in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] > 0.002 * height * width):
            edge[i] |= rim_brightness(image, components == i) < 160
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


def rim_brightness(image: np.ndarray, region: np.ndarray) -> float:
    """The mean grey level about a region (h, w) bool: white leather is bright about its white parts, a gap is not."""
    grown = cv2.dilate(region.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    near = cv2.dilate(region.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim = grown & ~near
    return float(image[rim].mean()) if rim.any() else 255.0


def is_worn(mask: np.ndarray, *, above: bool) -> bool:
    """Whether a product mask looks like a person: cut by the picture's upper or lower border, or with a head on top."""
    solid = mask > 127
    if solid[:2].any(0).mean() > 0.02 or solid[-2:].any(0).mean() > 0.02:
        return True
    if not above:
        return False
    rows = np.flatnonzero(solid.any(1))
    tenth = solid[rows[0] : rows[0] + max(len(rows) // 10, 1)].sum(1).mean()
    return bool(tenth < 0.3 * solid.sum(1).max() and len(rows) > 1.6 * solid.any(0).sum())


def sure_part(body: np.ndarray, top: int, tall: int, *, above: bool) -> np.ndarray:
    """The pixels (h, w) bool of a person that surely show the garment: the torso's middle, or both thighs."""
    core = np.zeros_like(body)
    begin, end = TORSO if above else LEGS
    for y in range(top + int(begin * tall), top + int(end * tall)):
        columns = np.flatnonzero(body[y])
        if len(columns) < 6:
            continue
        left, right = columns[0], columns[-1]
        trim = (0.32 if above else 0.12) * (right - left)
        low, high = int(left + trim), int(right - trim) + 1
        core[y, low:high] = body[y, low:high]
    return core


def skin_of(image: np.ndarray, body: np.ndarray, core: np.ndarray, top: int, tall: int, *, above: bool) -> np.ndarray:
    """The pixels (h, w) bool that have the skin's colour, as the face shows it; none when the garment has it too."""
    skin = cv2.inRange(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb), (60, 135, 75), (250, 180, 130)) > 0
    if not above:
        return skin & body & ~core if skin[core].mean() < 0.3 else np.zeros_like(body)
    face = np.zeros_like(body)
    rows = slice(top + int(0.05 * tall), top + int(0.17 * tall))
    face[rows] = body[rows] & skin[rows]
    if face.sum() < 12:
        return np.zeros_like(body)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    difference = lab - np.median(lab[face], 0)
    distance = np.hypot(difference[..., 1], difference[..., 2]) + 0.15 * np.abs(difference[..., 0])
    apart = float(np.median(distance[core]))
    return (distance < min(10.0, 0.6 * apart)) & body & ~core if apart > 9 else np.zeros_like(body)


def worn_mask(image: np.ndarray, mask: np.ndarray, *, above: bool) -> np.ndarray | None:
    """The garment's part of the mask of a person, or None when it cannot be told."""
    size = (WORN_SIDE, WORN_SIDE)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    body = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 127
    rows = np.flatnonzero(body.any(1))
    if len(rows) < 0.4 * WORN_SIDE:
        return None
    top, tall = int(rows[0]), len(rows)
    core = sure_part(body, top, tall, above=above)
    if core.sum() < 30:
        return None
    trimap = np.where(body, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    head, foot = (0.13, 0.93) if above else (0.07 if top < 2 else 0.0, 0.94)
    trimap[: top + int(head * tall)] = cv2.GC_BGD
    if above:
        neck = slice(top + int(head * tall), top + int(0.2 * tall))
        trimap[neck][body[neck]] = cv2.GC_PR_BGD
    if not above or rows[-1] >= WORN_SIDE - 2:
        trimap[top + int(foot * tall) :] = cv2.GC_BGD
    trimap[skin_of(small, body, core, top, tall, above=above)] = cv2.GC_BGD
    white = small.min(-1) > 249
    if white[core].mean() < 0.05:
        # Between an arm and the body the paper shows through.
        trimap[cv2.morphologyEx(white.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0] = cv2.GC_BGD
    trimap[core] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(small), trimap, (0, 0, *size), *models, 3, cv2.GC_INIT_WITH_MASK)
    found = one_piece((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD))
    if found.sum() < 0.3 * body.sum():
        return None
    large = cv2.resize(found.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_CUBIC) > 0.5
    return np.where(large, mask, 0).astype(np.uint8)


def one_piece(found: np.ndarray) -> np.ndarray:
    """The largest piece (h, w) bool of a mask, its small holes filled: buttons and letters, not the arm's gap."""
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return np.zeros_like(found)
    largest = pieces == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    count, gaps, stats, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < 0.015 * largest.sum()
    small[0] = False
    return largest | small[gaps]


def studio_mask(image: np.ndarray, record: Record) -> np.ndarray | None:
    """The mask (h, w) uint8 of one picture's garment, or of its goods where it shows none; None without a safe one."""
    clothes = record.category in ABOVE or record.category in BELOW
    mask = product_mask(image, holes=not clothes and record.category != UNKNOWN or record.scene == NO_GARMENTS)
    if mask is None or not (clothes or record.category == UNKNOWN) or record.scene == NO_GARMENTS:
        return mask
    # Kinds without a category that are worn are tops and kurtas, or underwear, which both borders cut.
    above = record.category in ABOVE or record.category == UNKNOWN
    if not is_worn(mask, above=above):
        return mask
    if record.category == UNKNOWN and (mask[:2] > 127).any():
        return None
    return worn_mask(image, mask, above=above)


def studio_masks(records: Sequence[Record], pixels: np.ndarray) -> np.ndarray:
    """(n, h, w) uint8 masks; an all-zero mask means none could be trusted."""
    masks = np.zeros(pixels.shape[:3], dtype=np.uint8)

    def make(i: int) -> None:
        mask = studio_mask(np.ascontiguousarray(pixels[i]), records[i])
        if mask is not None:
            masks[i] = mask

    cv2.setRNGSeed(0)
    cv2.setNumThreads(1)
    with ThreadPoolExecutor() as pool:
        list(pool.map(make, range(len(records))))
    return masks


def cached_masks(records: Sequence[Record], pixels: np.ndarray, cache: Path) -> np.ndarray:
    """`studio_masks`, made once (a minute or two) and then read from the cache."""
    path = cache / f"studio-masks-{pixels.shape[1]}-{len(records)}-v{RULES}.npy"
    if not path.exists():
        np.save(path, studio_masks(records, pixels))
    return np.load(path, mmap_mode="r")


def spread_colours(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 with the garment's colours carried over its edge, so that no rim of paper or floor is left."""
    rim = max(round(len(mask) / 96), 1)
    reach = 4 * rim + 1
    known = (cv2.erode(mask, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)) > 127).astype(np.float32)
    weight = cv2.GaussianBlur(known, (reach, reach), 0)
    total = cv2.GaussianBlur(image.astype(np.float32) * known[..., None], (reach, reach), 0)
    spread = total / np.maximum(weight, 1e-4)[..., None]
    use = (known == 0) & (weight > 1e-3)
    return np.where(use[..., None], spread.clip(0, 255), image).astype(np.uint8)

"""Batches for the segmenter: cut-outs of shop pictures and of phone photos in other rooms, and real photos as they are.

The alpha of a composite is exact by construction. The mask of a real photo (`vision.ml.selftrain`) is right but for its
edge, so pixels near that edge count little; pixels near the exact edge of a composite count more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import augment, composites
from .augment import LightConfig, WarpConfig
from .batches import Source, normalise
from .data import NO_GARMENTS
from .level import Draw

HELD_OUT = 10
# A phone's photo shows the garment's longer side at this share of the frame, or a little cut off.
FRAMED = (0.5, 1.06)
THING = (0.15, 0.45)


@dataclass(frozen=True)
class SegmenterMix:
    """Shares of a batch, then probabilities per composite."""

    real: float = 0.35
    phone_cut_outs: float = 0.3
    hand: float = 0.1
    hanger: float = 0.12
    thing: float = 0.35
    same_colour: float = 0.2
    # How much more a pixel near a composite's edge counts, and how little one near a self-trained mask's edge does.
    exact_edge: float = 2.0
    guessed_edge: float = 0.3


def near_edge(masks: Tensor, reach: int) -> Tensor:
    """(n, 1, h, w) 1 within `reach` pixels of the edge of masks (n, 1, h, w), 0 elsewhere."""
    window = 2 * reach + 1
    high = F.max_pool2d(masks, window, 1, reach)
    low = -F.max_pool2d(-masks, window, 1, reach)
    return high - low


def with_masks(masks: np.ndarray) -> np.ndarray:
    """The rows of (n, s, s) masks that are not empty."""
    return np.flatnonzero(np.array([mask.any() for mask in masks]))


def studio_rows(masks: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Garments and other things of the studio set that may be trained on; clothes of our categories count twice.

    Every tenth picture is held out for `vision.ml.compare_masks`. `labels` (n, 4) as `mix.label_table` makes them.
    """
    usable = with_masks(masks)
    usable = usable[usable % HELD_OUT != 0]
    thing = labels[usable, 3] == NO_GARMENTS
    garments = usable[~thing]
    return np.concatenate([garments, garments[labels[garments, 0] >= 0]]), usable[thing]


@dataclass
class SegmenterBatches:
    """Call it for a batch: normalised images, masks (n, 1, size, size) in [0, 1] and the weight of every pixel."""

    studio: Source
    backgrounds: np.ndarray
    # Rows of `studio` that show no garment: they lie about in rooms and are never part of the mask.
    things: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    garments: Source | None = None
    mix: SegmenterMix = field(default_factory=SegmenterMix)
    size: int = 160
    batch: int = 32
    seed: int = 0
    light: LightConfig = field(default_factory=LightConfig)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def __post_init__(self) -> None:
        self._number = 0

    def skip(self, batches: int) -> None:
        """Go on as if so many batches had been made."""
        self._number = batches

    def _draw(self) -> Draw:
        gen = torch.Generator().manual_seed(self.seed * 1_000_003 + self._number)
        draw = Draw(np.random.default_rng([self.seed, self._number]), gen, self.size, self.device)
        self._number += 1
        return draw

    def __call__(self) -> dict[str, Tensor]:
        draw = self._draw()
        real = round(self.batch * self.mix.real) if self.garments is not None else 0
        phone = round(self.batch * self.mix.phone_cut_outs) if self.garments is not None else 0
        shop = self.batch - real - phone
        parts = [self.composed(self.studio, shop, draw)] if shop else []
        if self.garments is not None and phone:
            parts.append(self.composed(self.garments, phone, draw))
        masks = [mask for _, mask in parts]
        weights = [1 + self.mix.exact_edge * near_edge(mask, 2) for mask in masks]
        if self.garments is not None and real:
            image, mask = self.photos(self.garments, real, draw)
            parts.append((image, mask))
            masks.append(mask)
            weights.append(1 - (1 - self.mix.guessed_edge) * near_edge(mask, 2))
        images = augment.change_light(torch.cat([image for image, _ in parts]), self.light, draw.gen)
        return {"images": normalise(images), "masks": torch.cat(masks), "weights": torch.cat(weights)}

    def rooms(self, n: int, draw: Draw) -> Tensor:
        """(n, 3, size, size) rooms, each seen from its own angle, some with things lying about."""
        view = WarpConfig(scale=(0.4, 1.0), rotate=180, shift=0.3)
        rooms = draw.seen(self.backgrounds, n, view)[0]
        with_thing = torch.nonzero(draw.chance(n, self.mix.thing)).flatten()
        if len(self.things) and len(with_thing):
            rows = draw.rng.choice(self.things, size=len(with_thing))
            images, alpha = composites.placed(self.studio, rows, THING, 0.9, draw)
            rooms[with_thing] = composites.laid(images, alpha, rooms[with_thing], draw)
        return rooms

    def composed(self, source: Source, n: int, draw: Draw) -> tuple[Tensor, Tensor]:
        """`n` cut-outs of a source in rooms, and their masks."""
        rows = draw.rng.choice(source.index, size=n)
        images, alpha = composites.placed(source, rows, FRAMED, 0.12, draw)
        rooms = composites.matched_rooms(self.rooms(n, draw), images, alpha, draw.chance(n, self.mix.same_colour), draw)
        hung = torch.nonzero(draw.chance(n, self.mix.hanger)).flatten()
        if len(hung):
            colours, over = composites.hangers(alpha[hung], draw)
            rooms[hung] = colours * over + rooms[hung] * (1 - over)
        pictures = composites.laid(images, alpha, rooms, draw)
        held = torch.nonzero(draw.chance(n, self.mix.hand)).flatten()
        if len(held):
            colours, over = composites.hands(alpha[held], draw)
            pictures[held] = colours * over + pictures[held] * (1 - over)
            alpha[held] = alpha[held] * (1 - over)
        return pictures.clamp(0, 1), alpha

    def photos(self, source: Source, n: int, draw: Draw) -> tuple[Tensor, Tensor]:
        """`n` real photos and their self-trained masks."""
        rows = draw.rng.choice(source.index, size=n)
        images, aspect = source.take(rows)
        both = torch.cat([images, source.take_masks(rows)], 1).to(self.device)
        view = WarpConfig(scale=(0.7, 1.1), rotate=30, quarter_turn=0.1)
        both = augment.warp(both, augment.random_warp(aspect, view, draw.gen), draw.size)
        return both[:, :3], both[:, 3:].clamp(0, 1)

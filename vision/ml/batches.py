"""Endless augmented batches for both tasks, made in a background thread so that the network never waits for long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from . import augment
from .augment import LightConfig, WarpConfig

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(images: Tensor) -> Tensor:
    """(n, 3, h, w) in [0, 1] -> what the networks take, channels last."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1)
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


@dataclass
class Source:
    """Decoded photos (n, s, s, 3) uint8 with aspect ratios (n,) and, where known, masks (n, s, s) uint8."""

    pixels: np.ndarray
    aspect: np.ndarray
    masks: np.ndarray | None = None
    index: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def take(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """Images (n, 3, s, s) in [0, 1] and the aspect ratios."""
        images = torch.from_numpy(np.stack([self.pixels[i] for i in rows])).permute(0, 3, 1, 2).float() / 255
        return images, torch.from_numpy(self.aspect[rows])

    def take_masks(self, rows: np.ndarray) -> Tensor:
        """Masks (n, 1, s, s) in [0, 1]; zeros where a photo has none."""
        if self.masks is None:
            side = self.pixels.shape[1]
            return torch.zeros(len(rows), 1, side, side)
        return torch.from_numpy(np.stack([self.masks[i] for i in rows])).unsqueeze(1).float() / 255


def shrunk(images: np.ndarray, side: int) -> np.ndarray:
    """(n, s, s[, 3]) uint8 -> (n, side, side[, 3]) by area means."""
    return np.stack([cv2.resize(np.asarray(image), (side, side), interpolation=cv2.INTER_AREA) for image in images])


def shrunk_source(source: Source, side: int) -> Source:
    """The same photos, smaller: cheaper to sample when the network's input is small."""
    masks = None if source.masks is None else shrunk(source.masks, side)
    return Source(shrunk(source.pixels, side), source.aspect, masks, source.index)


def prefetch(make: Callable[[], Any], ahead: int = 3) -> Iterator[Any]:
    """Call `make` for ever in one background thread and hand its results on; an error there is raised here."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=ahead)

    def work() -> None:
        torch.set_num_threads(1)
        while True:
            try:
                ready.put(make())
            except Exception as error:  # noqa: BLE001 - handed to the consumer
                ready.put(error)
                return

    threading.Thread(target=work, daemon=True).start()
    while True:
        item = ready.get()
        if isinstance(item, Exception):
            raise item
        yield item


def shrink_alpha(masks: Tensor) -> Tensor:
    """Pull a cut-out's edge in by a pixel and soften it: the white it stood on must not come along."""
    eroded = -torch.nn.functional.max_pool2d(-masks, 3, 1, 1)
    return augment.soft_blur(eroded)


@dataclass
class SegmenterBatches:
    """Images and masks: studio cut-outs on other backgrounds, and real photos with masks we trust."""

    studio: Source
    backgrounds: np.ndarray
    garments: Source | None = None
    real_share: float = 0.0
    size: int = 160
    batch: int = 32
    seed: int = 0
    warp: WarpConfig = field(default_factory=lambda: WarpConfig(scale=(0.75, 1.8), rotate=40, quarter_turn=0.2))
    light: LightConfig = field(default_factory=LightConfig)

    def __post_init__(self) -> None:
        # The loop may ask for another size at any time; a batch keeps the one it began with.
        self._now = self.size
        self.gen = torch.Generator().manual_seed(self.seed)
        self.rng = np.random.default_rng(self.seed)

    def skip(self, batches: int) -> None:
        self.gen.manual_seed(self.seed * 1_000_003 + batches)
        self.rng = np.random.default_rng([self.seed, batches])

    def room(self, n: int) -> Tensor:
        """(n, 3, size, size) backgrounds, each seen from its own angle."""
        rows = self.rng.integers(len(self.backgrounds), size=n)
        images = torch.from_numpy(self.backgrounds[rows]).permute(0, 3, 1, 2).float() / 255
        matrices = augment.random_warp(torch.ones(n), WarpConfig(scale=(0.4, 1.0), rotate=180, shift=0.3), self.gen)
        return augment.warp(images, matrices, self._now)

    def composites(self, n: int) -> tuple[Tensor, Tensor]:
        rows = self.rng.choice(self.studio.index, size=n)
        images, aspect = self.studio.take(rows)
        both = torch.cat([images, shrink_alpha(self.studio.take_masks(rows))], 1)
        both = augment.warp(both, augment.random_warp(aspect, self.warp, self.gen), self._now, padding="zeros")
        images, alpha = both[:, :3], both[:, 3:].clamp(0, 1)
        # Tint the product by itself: white shirts on white beds and black ones on black must be met often.
        lit = augment.change_light(images, LightConfig(brightness=0.4, sharpness=0, noise=0, gradient=0.2), self.gen)
        return augment.lay_on(lit, alpha, self.room(n), self.gen), alpha

    def photos(self, n: int) -> tuple[Tensor, Tensor]:
        assert self.garments is not None
        rows = self.rng.choice(self.garments.index, size=n)
        images, aspect = self.garments.take(rows)
        both = torch.cat([images, self.garments.take_masks(rows)], 1)
        config = WarpConfig(scale=(0.7, 1.1), rotate=30, quarter_turn=0.1)
        both = augment.warp(both, augment.random_warp(aspect, config, self.gen), self._now)
        return both[:, :3], both[:, 3:].clamp(0, 1)

    def __call__(self) -> dict[str, Tensor]:
        self._now = self.size
        real = int(round(self.batch * self.real_share)) if self.garments is not None else 0
        parts = [self.composites(self.batch - real)] if real < self.batch else []
        if real:
            parts.append(self.photos(real))
        images = torch.cat([p[0] for p in parts])
        masks = torch.cat([p[1] for p in parts])
        images = augment.change_light(images, self.light, self.gen)
        return {"images": normalise(images), "masks": masks}

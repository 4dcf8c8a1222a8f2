"""All that a classifier's batches are made from, at one decoded size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import augment
from .augment import WarpConfig
from .batches import Source, resized, shrunk_source


@dataclass
class Level:
    """Sources with masks, rooms (n, s, s, 3) uint8 and rendered prints (n, s, s, 3) uint8."""

    garments: Source
    studio: Source
    backgrounds: np.ndarray
    prints: np.ndarray

    def shrunk(self, side: int) -> Level:
        return Level(
            shrunk_source(self.garments, side),
            shrunk_source(self.studio, side),
            resized(self.backgrounds, side),
            resized(self.prints, side),
        )


@dataclass
class Draw:
    """The random state of one batch, the size it is made in and the device that does the work."""

    rng: np.random.Generator
    gen: torch.Generator
    size: int
    device: torch.device

    def chance(self, n: int, probability: float) -> Tensor:
        return torch.rand(n, generator=self.gen) < probability

    def seen(self, stored: np.ndarray, n: int, warp: WarpConfig) -> tuple[Tensor, np.ndarray]:
        """`n` of the stored pictures (m, s, s, 3) uint8 under random views (n, 3, size, size), and which ones."""
        rows = self.rng.integers(len(stored), size=n)
        images = torch.from_numpy(stored[rows]).permute(0, 3, 1, 2).float() / 255
        matrices = augment.random_warp(torch.ones(n), warp, self.gen)
        return augment.warp(images.to(self.device), matrices, self.size), rows

    def rooms(self, level: Level, n: int) -> Tensor:
        """(n, 3, size, size) backgrounds, each seen from its own angle."""
        return self.seen(level.backgrounds, n, WarpConfig(scale=(0.5, 1.0), rotate=180, shift=0.3))[0]

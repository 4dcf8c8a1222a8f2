"""Pictures that no single garment can be named from: empty rooms, and several garments laid side by side."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from . import augment
from .augment import WarpConfig
from .batches import Source, shrink_alpha
from .labels import SCENES
from .level import Draw, Level

NONE, SEVERAL = SCENES.index("none"), SCENES.index("several")
# A piece among several is seen whole and smaller than a garment that was photographed alone.
PIECE = WarpConfig(scale=(1.25, 2.1), rotate=30, quarter_turn=0.15, shift=0.0, perspective=0.08)
# How far from the middle two pieces lie, in output coordinates (half the side is 1).
APART = (0.38, 0.6)


def shifted(matrices: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """Homographies (n, 3, 3) from output to source that show the same thing moved by (across, down) (n,)."""
    result = matrices.clone()
    offset = torch.stack([across, down, torch.zeros_like(across)], 1).unsqueeze(2)
    result[:, :, 2:] -= matrices @ offset
    return result


def pieces(source: Source, rows: np.ndarray, matrices: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """Cut-outs (n, 3, size, size) of the rows and their alpha (n, 1, size, size), nothing outside the photo."""
    images = source.take(rows)[0]
    both = torch.cat([images, shrink_alpha(source.take_masks(rows))], 1).to(draw.device)
    both = augment.warp(both, matrices, draw.size, "zeros")
    return both[:, :3], both[:, 3:].clamp(0, 1)


def several(level: Level, masked: dict[str, np.ndarray], n: int, draw: Draw) -> Tensor:
    """(n, 3, size, size): two or three garments on one floor. `masked` names the rows with a mask of each source."""
    picture = draw.rooms(level, n)
    angle = torch.rand(n, generator=draw.gen) * 2 * math.pi
    far = augment.uniform(n, *APART, draw.gen)
    count = 2 + int(draw.rng.random() < 0.3)
    for place in range(count):
        name = "studio" if draw.rng.random() < 0.5 and len(masked["studio"]) else "garments"
        name = name if len(masked[name]) else "studio"
        source = getattr(level, name)
        rows = draw.rng.choice(masked[name], size=n)
        turn = angle + place * 2 * math.pi / count
        matrices = augment.random_warp(torch.from_numpy(source.aspect[rows]), PIECE, draw.gen)
        matrices = shifted(matrices, far * turn.cos(), far * turn.sin())
        images, alpha = pieces(source, rows, matrices, draw)
        picture = augment.lay_on(images, alpha, picture, draw.gen)
    return picture


def scenes(level: Level, masked: dict[str, np.ndarray], n: int, draw: Draw) -> tuple[Tensor, Tensor]:
    """`n` pictures without a single garment and their scene (n,): half of them rooms alone."""
    empty = int(draw.rng.integers(n + 1)) if n == 1 else n // 2
    parts, labels = [], torch.full((n,), SEVERAL)
    labels[:empty] = NONE
    if empty:
        parts.append(draw.rooms(level, empty))
    if n - empty:
        parts.append(several(level, masked, n - empty, draw))
    return torch.cat(parts), labels

"""What a garment is photographed on."""

from __future__ import annotations

import numpy as np

from catalog.drawing.textures import Cloth, Random, noise, rgb

ROOMS = ("studio", "wall", "floor", "linen")


def room(name: str, size: tuple[int, int], random: Random) -> Cloth:
    """A ground of the given (width, height)."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1.04 - 0.16 * np.hypot(x / width - 0.42, y / height - 0.35)
    surface = {"wall": _wall, "floor": _floor, "linen": _linen}.get(name, _studio)(size, random)
    grain = (random.random((height, width), dtype=np.float32) - 0.5) * 0.012
    return (surface * light[..., None] + grain[..., None]).clip(0, 1)


def _studio(size: tuple[int, int], random: Random) -> Cloth:
    return np.broadcast_to(rgb("#e9e7e3"), (size[1], size[0], 3)).astype(np.float32)


def _wall(size: tuple[int, int], random: Random) -> Cloth:
    plaster = noise(size, (9, 9), random) * 0.025 + noise(size, (160, 160), random) * 0.05
    return rgb("#d9d2c6") + plaster[..., None] - 0.03


def _floor(size: tuple[int, int], random: Random) -> Cloth:
    width, height = size
    y = np.arange(height) * 1000 // width
    planks = y // 150
    tones = random.uniform(0.9, 1.06, planks.max() + 1).astype(np.float32)[planks]
    grain = noise(size, (220, 5), random) * 0.16 + noise(size, (60, 2), random) * 0.07
    wood = rgb("#c29a6b") * (tones[:, None, None] * (0.9 + grain[..., None]))
    wood[y % 150 < 4] *= 0.62
    return wood


def _linen(size: tuple[int, int], random: Random) -> Cloth:
    folds = noise(size, (260, 90), random) * 0.12 + noise(size, (60, 200), random) * 0.05
    threads = noise(size, (3, 3), random) * 0.03
    return rgb("#e8e4dc") * (0.9 + folds[..., None]) + threads[..., None] - 0.02

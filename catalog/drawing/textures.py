"""Cloth: a colour and a pattern, as arrays of height x width x 3 from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Cloth = NDArray[np.floating]
Random = np.random.Generator


def rgb(colour: str) -> Cloth:
    """`#1e2744` as three numbers from 0 to 1."""
    return np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)], dtype=np.float32) / 255


def noise(size: tuple[int, int], cell: tuple[int, int], random: Random) -> Cloth:
    """Soft clouds from 0 to 1, each of about `cell` (width, height) thousandths of the width."""
    scale = size[0] / 1000
    columns, rows = (max(int(side / part / scale), 2) for side, part in zip(size, cell, strict=True))
    small = random.random((rows, columns), dtype=np.float32)
    grown = Image.fromarray((small * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(grown, dtype=np.float32) / 255


def weave(pattern: str, colours: list[str], size: tuple[int, int], random: Random) -> Cloth:
    """A piece of cloth; the first colour is the ground, the others are printed or woven in."""
    width, height = size
    palette = [rgb(colour) for colour in colours]
    ground = np.broadcast_to(palette[0], (height, width, 3)).astype(np.float32).copy()
    return PATTERNS.get(pattern, _solid)(ground, palette[1:] or [contrast(palette[0])], random)


def unit(ground: Cloth) -> float:
    """Pixels of a thousandth of the width: patterns are as large in every size of picture."""
    return ground.shape[1] / 1000


def contrast(colour: Cloth) -> Cloth:
    light = float(colour.mean()) > 0.5
    return colour * 0.35 if light else colour * 0.3 + 0.68


def _solid(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    return ground


def _stripe(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    ground[np.arange(ground.shape[0]) / unit(ground) % 46 < 18] = others[0]
    return ground


def _check(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    y, x = (np.arange(side) / unit(ground) % 84 for side in ground.shape[:2])
    mixed = ((y < 38)[:, None, None].astype(np.float32) + (x < 38)[None, :, None]) / 2
    cloth = ground * (1 - mixed * 0.85) + others[0] * mixed * 0.85
    thin = (abs(y - 61) < 2)[:, None] | (abs(x - 61) < 2)[None, :]
    cloth[thin] = others[-1] if len(others) > 1 else cloth[thin] * 0.8
    return cloth


def _dot(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    height, width, _ = ground.shape
    y, x = np.mgrid[0:height, 0:width] / unit(ground)
    shift = (y // 32 % 2) * 32
    near = ((x + shift) % 64 - 32) ** 2 + (y % 32 - 16) ** 2 < 81
    ground[near] = others[0]
    return ground


def _floral(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    picture = _picture(ground)
    pen = ImageDraw.Draw(picture)
    height, width, _ = ground.shape
    for n in range(240):
        x, y = (float(v) for v in random.random(2) * (width, height))
        petal = _ink(others[n % len(others)])
        radius, turn = float(random.uniform(8, 17)) * unit(ground), float(random.uniform(0, 6.28))
        for k in range(5):
            px, py = x + radius * np.cos(turn + k * 1.2566), y + radius * np.sin(turn + k * 1.2566)
            pen.ellipse((px - radius * 0.7, py - radius * 0.7, px + radius * 0.7, py + radius * 0.7), fill=petal)
        pen.ellipse((x - radius * 0.5, y - radius * 0.5, x + radius * 0.5, y + radius * 0.5), fill=(240, 200, 90))
        pen.arc((x, y, x + radius * 3, y + radius * 3), 180, 260, fill=(96, 120, 84), width=2)
    return _cloth(picture)


def _camouflage(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    height, width, _ = ground.shape
    for n, other in enumerate(others):
        ground[noise((width, height), (90 - n * 20, 60), random) > 0.56] = other
    return ground


def _animal(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    height, width, _ = ground.shape
    spots = noise((width, height), (26, 20), random)
    ground[spots > 0.52] = others[0]
    ground[spots > 0.63] = others[-1] if len(others) > 1 else others[0] * 1.6
    return ground


def _motif(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    height, width, _ = ground.shape
    waves = noise((width, height), (150, 110), random)
    bands = (waves * 9).astype(int) % (len(others) + 1)
    for n, other in enumerate(others, 1):
        ground[bands == n] = other
    return ground


def _color_block(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    height = ground.shape[0]
    ground[int(height * 0.42) : int(height * 0.6)] = others[0]
    if len(others) > 1:
        ground[int(height * 0.6) :] = others[1]
    return ground


def _graphic(ground: Cloth, others: list[Cloth], random: Random) -> Cloth:
    """A sun over hills on the chest."""
    picture = _picture(ground)
    pen = ImageDraw.Draw(picture)
    height, width, _ = ground.shape
    x, y, r = width * 0.5, height * 0.43, width * 0.105
    pen.ellipse((x - r, y - r, x + r, y + r), fill=_ink(others[0]))
    for n in range(3):
        top = y + r * (0.1 + n * 0.35)
        pen.polygon(
            [(x - r * 1.5, y + r * 1.3), (x - r * (0.5 - n * 0.4), top), (x + r * (0.3 + n * 0.2), y + r * 1.3)],
            fill=_ink(others[-1] * (1 - n * 0.18)),
        )
    pen.rectangle((x - r * 1.5, y + r * 1.45, x + r * 1.5, y + r * 1.53), fill=_ink(others[0]))
    return _cloth(picture)


def _picture(cloth: Cloth) -> Image.Image:
    return Image.fromarray((cloth * 255).astype(np.uint8))


def _cloth(picture: Image.Image) -> Cloth:
    return np.asarray(picture.filter(ImageFilter.SMOOTH), dtype=np.float32) / 255


def _ink(colour: Cloth) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in (colour * 255).clip(0, 255))
    return red, green, blue


PATTERNS: dict[str, Callable[[Cloth, list[Cloth], Random], Cloth]] = {
    "stripe": _stripe,
    "check": _check,
    "dot": _dot,
    "floral": _floral,
    "camouflage": _camouflage,
    "animal": _animal,
    "motif": _motif,
    "color_block": _color_block,
    "graphic": _graphic,
}

"""Rooms to lay cut-outs on: rendered floors, rugs and sheets, and corners of real photos.

Everything is drawn from a `numpy.random.Generator`, so a bank of backgrounds is reproducible from its seed.
"""

from __future__ import annotations

import cv2
import numpy as np

Array = np.ndarray


def smooth_noise(rng: np.random.Generator, size: int, cells: int, channels: int = 1) -> Array:
    """(size, size, channels) float32 in about [0, 1]: a random grid of `cells` squared, enlarged smoothly."""
    grid = rng.random((max(cells, 2), max(cells, 2), channels), dtype=np.float32)
    big = cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
    return big.reshape(size, size, channels).clip(0, 1)


def fractal_noise(rng: np.random.Generator, size: int, cells: int = 3, octaves: int = 4) -> Array:
    """(size, size, 1) float32 in [0, 1] with detail at several scales."""
    total = np.zeros((size, size, 1), dtype=np.float32)
    for octave in range(octaves):
        total += smooth_noise(rng, size, cells * 2**octave) / 2**octave
    low, high = total.min(), total.max()
    return (total - low) / max(float(high - low), 1e-6)


def room_colour(rng: np.random.Generator) -> Array:
    """A wall, wood or textile colour, (3,) float32 in [0, 1]: mostly muted, now and then loud."""
    value = rng.uniform(0.1, 0.98)
    saturation = rng.beta(1.2, 4.0) if rng.random() < 0.8 else rng.uniform(0.3, 1.0)
    hue = rng.choice([rng.uniform(0.02, 0.14), rng.random()], p=[0.6, 0.4])
    hsv = np.array([[[hue * 360, saturation, value]]], dtype=np.float32)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


def planks(rng: np.random.Generator, size: int) -> Array:
    """Wooden or laminate boards with grain, knots left out."""
    width = int(rng.integers(14, 60))
    columns = np.arange(size) // width
    shade = rng.uniform(0.75, 1.15, size=columns.max() + 1)[columns]
    grain = cv2.resize(
        rng.random((size, max(size // 24, 2)), dtype=np.float32).T, (size, size), interpolation=cv2.INTER_CUBIC
    ).T
    image = room_colour(rng) * shade[None, :, None] * (0.8 + 0.35 * grain[..., None])
    image[:, np.arange(size) % width < 1] *= rng.uniform(0.4, 0.9)
    return image


def tiles(rng: np.random.Generator, size: int) -> Array:
    """Floor tiles with joints; two colours at times."""
    step, joint = int(rng.integers(22, 90)), int(rng.integers(1, 4))
    y, x = np.mgrid[:size, :size]
    parity = ((y // step + x // step) % 2)[..., None]
    first, second = room_colour(rng), room_colour(rng)
    image = np.where(parity == 0, first, second if rng.random() < 0.4 else first * rng.uniform(0.9, 1.05))
    lines = ((y % step < joint) | (x % step < joint))[..., None]
    image = np.where(lines, room_colour(rng), image)
    return image * (0.85 + 0.3 * fractal_noise(rng, size))


def carpet(rng: np.random.Generator, size: int) -> Array:
    """Pile, felt or asphalt: coarse grain over a slow change of light."""
    grain = rng.normal(0, rng.uniform(0.02, 0.16), (size, size, 1)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.4, 1.6)).reshape(size, size, 1) * 1.8
    return room_colour(rng) * (0.8 + 0.35 * fractal_noise(rng, size)) + grain


def sheet(rng: np.random.Generator, size: int) -> Array:
    """A bed sheet or blanket: smooth folds lit from one side."""
    height = fractal_noise(rng, size, cells=int(rng.integers(2, 6)), octaves=3)[..., 0]
    relief = np.gradient(height)[int(rng.integers(2))] * rng.uniform(4, 22)
    return room_colour(rng) * (0.85 + relief.clip(-0.45, 0.35))[..., None]


def rug(rng: np.random.Generator, size: int) -> Array:
    """A patterned rug, quilt or bed cover: a repeated random tile of two to four colours, mirrored."""
    period = int(rng.integers(16, 96))
    cells = int(rng.integers(3, 9))
    tile = smooth_noise(rng, period, cells)[..., 0]
    tile = np.concatenate([tile, tile[:, ::-1]], 1)
    tile = np.concatenate([tile, tile[::-1]], 0)
    levels = int(rng.integers(2, 5))
    bands = (tile * levels * 0.999).astype(int)
    palette = np.stack([room_colour(rng) for _ in range(levels)])
    repeat = size // tile.shape[0] + 1
    image = np.tile(palette[bands], (repeat, repeat, 1))[:size, :size]
    return image * (0.85 + 0.3 * fractal_noise(rng, size))


def stripes(rng: np.random.Generator, size: int) -> Array:
    """Striped or checked cloth, radiators, slatted wood."""
    period = int(rng.integers(6, 40))
    edge = rng.uniform(0.2, 0.8)
    bands = ((np.arange(size) % period) < period * edge).astype(np.float32)
    pattern: Array = np.repeat(bands[None], size, 0)
    if rng.random() < 0.4:
        pattern = (pattern + pattern.T) / 2
    return room_colour(rng) * (1 - pattern[..., None]) + room_colour(rng) * pattern[..., None]


def wall(rng: np.random.Generator, size: int) -> Array:
    """A plain wall, door or table: a gradient, often with a second surface meeting it at a straight line."""
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))[..., None]
    image: Array = room_colour(rng) * (1 + ramp * rng.uniform(0, 0.7))
    if rng.random() < 0.5:
        other = rng.uniform(0, 2 * np.pi)
        cut = np.cos(other) * (x - 0.5) + np.sin(other) * (y - 0.5) > rng.uniform(-0.45, 0.45)
        image = np.where(cut[..., None], room_colour(rng), image)
    return image


RENDERERS = (planks, tiles, carpet, sheet, rug, stripes, wall, carpet, sheet, wall, planks)


def render_background(rng: np.random.Generator, size: int) -> Array:
    """One rendered surface, (size, size, 3) uint8, rotated and lit unevenly."""
    image: Array = RENDERERS[int(rng.integers(len(RENDERERS)))](rng, size).astype(np.float32)
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(0, 360), rng.uniform(1.0, 1.8))
    image = cv2.warpAffine(image, matrix, (size, size), borderMode=cv2.BORDER_REFLECT)
    light = 1 + (fractal_noise(rng, size, cells=2, octaves=1) - 0.5) * rng.uniform(0, 0.7)
    return (image * light * 255).clip(0, 255).astype(np.uint8)


def corner_background(rng: np.random.Generator, photo: Array, size: int) -> Array:
    """A corner of a real photo, mirrored to a full background: garments rarely reach into corners."""
    side = photo.shape[0]
    patch = int(side * rng.uniform(0.2, 0.34))
    top = 0 if rng.random() < 0.5 else side - patch
    left = 0 if rng.random() < 0.5 else side - patch
    corner = photo[top : top + patch, left : left + patch]
    scale = rng.uniform(1.0, 2.2)
    canvas = int(np.ceil(size / scale))
    pad = max(canvas - patch, 0)
    full = cv2.copyMakeBorder(corner, pad // 2, pad - pad // 2, pad // 2, pad - pad // 2, cv2.BORDER_REFLECT)
    return cv2.resize(full[:canvas, :canvas], (size, size), interpolation=cv2.INTER_LINEAR)


def background_bank(count: int, size: int, seed: int, photos: Array | None = None, real: float = 0.5) -> Array:
    """(count, size, size, 3) uint8; a `real` share comes from the corners of `photos` when they are given."""
    rng = np.random.default_rng(seed)
    bank = np.empty((count, size, size, 3), dtype=np.uint8)
    for i in range(count):
        if photos is not None and rng.random() < real:
            bank[i] = corner_background(rng, photos[int(rng.integers(len(photos)))], size)
        else:
            bank[i] = render_background(rng, size)
    return bank

"""Composites to judge masks on, at the resolution that a shop picture is cut out at, with their exact alpha.

Garments are studio pictures that no training saw (every tenth), rooms come from held-out photos and renderers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from . import augment
from .augment import LightConfig
from .backgrounds import corner_background, render_background
from .batches import Source
from .data import NO_GARMENTS, Record, squash
from .level import Draw
from .segmenter_batches import HELD_OUT, SegmenterBatches, SegmenterMix, with_masks

# Studio pictures have 224 pixels; enlarged threefold their outline is as sharp as a phone's at the final size.
ENLARGED = 3
LIGHT = LightConfig(brightness=0.25, contrast=0.2, saturation=0.2, gradient=0.25, noise=0.02, sharpness=0.3)
Scene = tuple[Image.Image, np.ndarray]


def held_out_rows(records: Sequence[Record], masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Held-out studio pictures with a mask: of our categories, and of things that are no garment."""
    rows = with_masks(masks[::HELD_OUT]) * HELD_OUT
    garments = [i for i in rows if records[i].category >= 0]
    return np.array(garments), np.array([i for i in rows if records[i].scene == NO_GARMENTS])


def enlarged(records: Sequence[Record], masks: np.ndarray, rows: np.ndarray, size: int) -> Source:
    """The pictures of `rows` at `size` squared with smooth outlines one or two pixels soft."""
    pixels = np.empty((len(rows), size, size, 3), np.uint8)
    alphas = np.empty((len(rows), size, size), np.uint8)
    for k, i in enumerate(rows):
        with Image.open(records[i].path) as picture:
            pixels[k] = np.asarray(picture.convert("RGB").resize((size, size), Image.Resampling.LANCZOS))
        large = cv2.resize(np.ascontiguousarray(masks[i]), (size, size), interpolation=cv2.INTER_CUBIC)
        smooth = cv2.GaussianBlur(large.astype(np.float32) / 255, (0, 0), size / 250)
        alphas[k] = ((smooth - 0.5) * size / 120 + 0.5).clip(0, 1) * 255
    return Source(pixels, np.ones(len(rows), np.float32), alphas, np.arange(len(rows)))


def rooms(photos: Sequence[Path], count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(count, size, size, 3) uint8: corners of the photos and rendered surfaces by turns."""
    bank = np.empty((count, size, size, 3), np.uint8)
    for k in range(count):
        if k % 2 and len(photos):
            bank[k] = corner_background(rng, squash(photos[int(rng.integers(len(photos)))], 320)[0], size)
        else:
            bank[k] = render_background(rng, size)
    return bank


def held_out_scenes(
    records: Sequence[Record], masks: np.ndarray, photos: Sequence[Path], *, count: int, side: int = 512, seed: int = 11
) -> list[Scene]:
    """`count` pictures (side, side) as a phone would store them, each with its alpha (side, side) float32 in [0, 1]."""
    rng = np.random.default_rng(seed)
    garments, things = held_out_rows(records, masks)
    if not len(garments):
        raise ValueError(
            "No held-out studio picture shows a garment on white: every tenth of studio/labels.csv is one."
        )
    garments = rng.permutation(garments)[:count]
    things = rng.permutation(things)[: max(count // 4, 1)] if len(things) else things
    source = enlarged(records, masks, np.concatenate([garments, things]).astype(int), 224 * ENLARGED)
    source.index = np.arange(len(garments))
    batcher = SegmenterBatches(
        source,
        rooms(photos, max(count // 2, 2), side, rng),
        things=np.arange(len(garments), len(garments) + len(things)),
        mix=SegmenterMix(same_colour=0.15),
        size=side,
        seed=seed,
    )
    draw = Draw(rng, torch.Generator().manual_seed(seed), side, torch.device("cpu"))
    scenes: list[Scene] = []
    while len(scenes) < count:
        pictures, alpha = batcher.composed(source, min(8, count - len(scenes)), draw)
        pictures = augment.change_light(pictures, LIGHT, draw.gen)
        stored = (pictures.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
        scenes += [(as_jpeg(picture), mask) for picture, mask in zip(stored, alpha[:, 0].numpy(), strict=True)]
    return scenes


def as_jpeg(picture: np.ndarray, quality: int = 85) -> Image.Image:
    """What is left of a picture (h, w, 3) uint8 after a phone stored it."""
    encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return Image.fromarray(decoded[..., ::-1])

"""How well "no garment" and "several garments" are told from one garment: on held-out photos, and on pictures made of
what the classifier's own scenes were not made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from . import augment, data
from .augment import LightConfig
from .backgrounds import background_bank
from .batches import Source
from .cutouts import cached_masks
from .data import Record
from .held_out_scenes import held_out_rows
from .labels import SCENES
from .level import Draw, Level
from .metrics import fit_temperature, softmax
from .predictor import Predictor
from .scenes import scenes

# So few photos of one garment may be turned away: a wrong refusal costs the clerk more than a wrong suggestion.
FALSE_ALARMS = 0.005
SIDE = 192


def held_out_level(held: Sequence[Record], root: Path, cache: Path, seed: int) -> tuple[Level, np.ndarray]:
    """Held-out studio pictures and rooms of held-out photos, and which of the pictures are garments with a mask."""
    studio, _ = data.read_studio(root)
    pixels, aspect = data.cached_pixels(studio, SIDE, cache)
    masks = cached_masks(studio, pixels, cache)
    photos, _ = data.cached_pixels(held, SIDE, cache)
    source = Source(pixels, aspect, masks, np.arange(len(studio)))
    rooms = background_bank(300, SIDE, seed, photos)
    garments, _things = held_out_rows(studio, masks)
    seen = Source(photos, np.ones(len(photos), np.float32))
    return Level(seen, source, rooms, np.zeros((0, SIDE, SIDE, 3), np.uint8)), garments


def made_scenes(level: Level, garments: np.ndarray, count: int, seed: int) -> tuple[list[Image.Image], np.ndarray]:
    """Pictures of nothing and of several garments, half of each, and their scenes (count,)."""
    draw = Draw(np.random.default_rng(seed), torch.Generator().manual_seed(seed), SIDE, torch.device("cpu"))
    masked = {"studio": garments, "garments": np.zeros(0, dtype=np.int64)}
    images, labels = scenes(level, masked, count, draw)
    lit = augment.change_light(images, LightConfig(brightness=0.2, contrast=0.2, noise=0.02), draw.gen)
    pictures = (lit.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    return [Image.fromarray(picture) for picture in pictures], labels.numpy()


def said_of(predictor: Predictor, images: Sequence[Image.Image]) -> np.ndarray:
    """(n, 3) scene logits of whole pictures."""
    parts = []
    for start in range(0, len(images), 16):
        part = images[start : start + 16]
        blank = np.zeros((len(part), 8, 8), np.float32)
        scene = predictor.classify(predictor.views(part, blank)["full"]).scene
        assert scene is not None
        parts.append(scene)
    return np.concatenate(parts)


def judge_scenes(logits: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Temperature, the thresholds that turn away few single garments, and what they find of the others."""
    temperature = fit_temperature(logits, truth)
    probabilities = softmax(logits, temperature)
    result: dict[str, Any] = {"temperature": temperature, "photos": int((truth == 0).sum())}
    for index, name in enumerate(SCENES[1:], start=1):
        single, real = probabilities[truth == 0, index], probabilities[truth == index, index]
        threshold = max(round(float(np.quantile(single, 1 - FALSE_ALARMS)) + 1e-4, 4), 0.5)
        result[name] = {
            "threshold": threshold,
            "pictures": len(real),
            "found": round(float((real >= threshold).mean()), 4),
            "single garments turned away": round(float((single >= threshold).mean()), 4),
        }
    return result


def evaluate_scenes(
    predictor: Predictor, single: np.ndarray, held: Sequence[Record], root: Path, cache: Path, *, count: int
) -> dict[str, Any]:
    """Scene logits (n, 3) of held-out photos of one garment against `count` pictures made for this."""
    level, garments = held_out_level(held, root, cache, seed=23)
    images, labels = made_scenes(level, garments, count, seed=23)
    logits = np.concatenate([single, said_of(predictor, images)])
    return judge_scenes(logits, np.concatenate([np.zeros(len(single), dtype=np.int64), labels]))

"""Everything that a training reads, decoded once and kept in a cache: photos, masks, rooms and prints."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from . import backgrounds, data, prints
from .batches import Source, resized
from .config import parse_folds
from .cutouts import cached_masks
from .level import Level
from .mix import label_table
from .run_config import RunConfig


@dataclass
class Material:
    """Both sources with masks, their labels (n, 4), and which garments may be trained on."""

    garments: Source
    garment_labels: torch.Tensor
    studio: Source
    studio_labels: torch.Tensor
    articles: list[str]
    train: np.ndarray
    held_out: np.ndarray


def load_material(config: RunConfig) -> Material:
    """Read manifests, decode into the cache, cut the studio pictures out and attach the garment masks."""
    root, cache = Path(config.data), Path(config.cache)
    garments = data.read_garments(root)
    held = np.isin(data.assign_folds(garments), parse_folds(config.held_out))
    train = np.flatnonzero(~held)
    studio, articles = data.read_studio(root)
    pixels, aspect = data.cached_pixels(garments, config.source_size, cache)
    shop_pixels, shop_aspect = data.cached_pixels(studio, config.source_size, cache)
    shop_masks = cached_masks(studio, shop_pixels, cache)
    masks = resized(np.load(config.masks)["masks"], config.source_size) if config.masks else None
    return Material(
        garments=Source(pixels, aspect, masks, train),
        garment_labels=label_table(garments),
        studio=Source(shop_pixels, shop_aspect, shop_masks, np.arange(len(studio))),
        studio_labels=label_table(studio),
        articles=articles,
        train=train,
        held_out=np.flatnonzero(held),
    )


def kept(
    config: RunConfig, maker: ModuleType, make: Callable[[], tuple[np.ndarray, ...]], count: int
) -> tuple[np.ndarray, ...]:
    """Arrays that are the same for every run with the same settings and the same code of `maker`, made once."""
    name, held = maker.__name__.rpartition(".")[2], config.held_out.replace(",", "-") or "none"
    code = hashlib.sha256(Path(str(maker.__file__)).read_bytes()).hexdigest()[:8]
    path = Path(config.cache) / f"{name}-{count}-{config.source_size}-{config.room_seed}-{held}-{code}.npz"
    if not path.exists():
        temporary = path.with_name(f"{path.stem}-{os.getpid()}.npz")
        np.savez(temporary, *make())
        os.replace(temporary, path)
    with np.load(path) as stored:
        return tuple(stored[key] for key in stored.files)


def make_rooms(config: RunConfig, material: Material) -> np.ndarray:
    """The background bank; its real corners come from training photos only."""
    photos = material.garments.pixels[material.train]
    make = lambda: (backgrounds.background_bank(config.backgrounds, config.source_size, config.room_seed, photos),)  # noqa: E731
    return kept(config, backgrounds, make, config.backgrounds)[0]


def make_prints(config: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """Rendered prints and their pattern indices."""
    make = lambda: prints.print_bank(config.prints, config.source_size, config.room_seed)  # noqa: E731
    pictures, labels = kept(config, prints, make, config.prints)
    return pictures, labels


def make_level(config: RunConfig, material: Material) -> tuple[Level, np.ndarray]:
    """What a classifier's batches are made from, and the patterns of the prints in it."""
    pictures, labels = make_prints(config)
    return Level(material.garments, material.studio, make_rooms(config, material), pictures), labels

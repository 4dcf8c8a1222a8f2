"""Batches for the student: phone photos with other rooms, prints and views, and studio pictures laid on real floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from . import augment
from .augment import LightConfig, WarpConfig
from .batches import Source, normalise, shrink_alpha, shrunk, shrunk_source
from .data import UNKNOWN, Record
from .labels import CATEGORIES, PATTERNS
from .views import FADE, MARGIN

# Studio kinds a print may be laid over; a shoe or a hat in tartan teaches little.
PRINTABLE = frozenset(
    CATEGORIES.index(c)
    for c in ("t_shirt", "pants", "long_sleeve", "jacket", "shirt", "dress", "shorts", "sleeveless", "skirt", "hoodie")
)


@dataclass(frozen=True)
class Mix:
    """Shares of each kind of change; all measured as probabilities per photo."""

    studio: float = 0.34
    print_photo: float = 0.06
    print_studio: float = 0.2
    swap_room: float = 0.2
    fade_room: float = 0.4
    studio_room: float = 0.5
    cut_mix: float = 0.45
    mix_up: float = 0.4
    category_balance: float = 0.15
    pattern_balance: float = 0.25


# Weaker changes for the end of a training, so that the last thing it sees looks like the photos it will be asked about.
MILD_MIX = Mix(cut_mix=0.2, mix_up=0.2, swap_room=0.1, fade_room=0.55, studio=0.25)
MILD_WARP = WarpConfig(scale=(0.8, 1.1), stretch=0.15, rotate=14, quarter_turn=0.02, shift=0.08, perspective=0.06)
MILD_LIGHT = LightConfig(
    brightness=0.2, contrast=0.25, saturation=0.25, white_balance=0.08, hue=0.03, sharpness=0.6, erase=0.1
)


def label_table(records: Sequence[Record]) -> Tensor:
    """(n, 3) int64: category, pattern and article index of each record, -1 where unknown."""
    return torch.tensor([[r.category, r.pattern, r.article] for r in records], dtype=torch.int64)


def sampling_weights(labels: np.ndarray, mix: Mix) -> np.ndarray:
    """(n,) probabilities that lift rare categories and patterns by a power of their scarcity."""
    weight = np.ones(len(labels))
    for column, power, classes in ((0, mix.category_balance, len(CATEGORIES)), (1, mix.pattern_balance, len(PATTERNS))):
        counts = np.bincount(labels[labels[:, column] >= 0, column], minlength=classes).clip(1)
        factor = (counts.max() / counts) ** power
        weight *= np.where(labels[:, column] >= 0, factor[labels[:, column]], 1.0)
    return weight / weight.sum()


def prior_shift(labels: np.ndarray, mix: Mix) -> np.ndarray:
    """(12,) what to add to category logits so that they answer for photos as they come, not as they were sampled.

    log p(class) - log q(class) after Saerens et al. 2002 ("Adjusting the outputs of a classifier to new a priori
    probabilities"). Patterns keep their lift: there the shift costs rare classes more than it gives common ones.
    """
    known = labels[:, 0] >= 0
    count = len(CATEGORIES)
    natural = np.bincount(labels[known, 0], minlength=count) / known.sum()
    sampled = np.bincount(labels[known, 0], weights=sampling_weights(labels, mix)[known], minlength=count)
    seen = natural > 0
    shift = np.zeros(count)
    shift[seen] = np.log(natural[seen] * sampled.sum() / sampled[seen])
    return shift


@dataclass
class Level:
    """All material at one decoded size."""

    garments: Source
    studio: Source
    backgrounds: np.ndarray
    prints: np.ndarray

    def shrunk(self, side: int) -> Level:
        return Level(
            shrunk_source(self.garments, side),
            shrunk_source(self.studio, side),
            shrunk(self.backgrounds, side),
            shrunk(self.prints, side),
        )


@dataclass
class ClassifierBatches:
    """Call it for a batch: normalised images, labels (n, 3), a second label set and the first one's share."""

    material: Level
    garment_labels: Tensor
    studio_labels: Tensor
    print_labels: np.ndarray
    mix: Mix = field(default_factory=Mix)
    size: int = 128
    batch: int = 64
    seed: int = 0
    warp: WarpConfig = field(default_factory=WarpConfig)
    light: LightConfig = field(default_factory=LightConfig)

    def __post_init__(self) -> None:
        # The loop may ask for another size at any time; a batch keeps the one it began with.
        self._now = self.size
        self.gen = torch.Generator().manual_seed(self.seed)
        self.rng = np.random.default_rng(self.seed)
        self.level = self.material
        self._small: Level | None = None
        labels = self.garment_labels.numpy()
        self._weights = sampling_weights(labels[self.material.garments.index], self.mix)
        known = self.studio_labels[self.material.studio.index, 0].numpy() >= 0
        self._studio_weights = np.where(known, 2.0, 1.0) / np.where(known, 2.0, 1.0).sum()

    def _room(self, n: int) -> Tensor:
        rows = self.rng.integers(len(self.level.backgrounds), size=n)
        images = torch.from_numpy(self.level.backgrounds[rows]).permute(0, 3, 1, 2).float() / 255
        config = WarpConfig(scale=(0.5, 1.0), rotate=180, shift=0.3)
        return augment.warp(images, augment.random_warp(torch.ones(n), config, self.gen), self._now)

    def _chance(self, n: int, probability: float) -> Tensor:
        return torch.rand(n, generator=self.gen) < probability

    def _printed(self, images: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
        """Lay a print over (n, 3, h, w) garments, keeping their large folds; returns images and pattern labels (n,)."""
        n = len(images)
        rows = self.rng.integers(len(self.level.prints), size=n)
        prints = torch.from_numpy(self.level.prints[rows]).permute(0, 3, 1, 2).float() / 255
        config = WarpConfig(scale=(0.6, 1.5), rotate=20, quarter_turn=0.5, shift=0.3)
        prints = augment.warp(prints, augment.random_warp(torch.ones(n), config, self.gen), self._now)
        grey = images.mean(1, keepdim=True)
        level = (grey * alpha).sum((2, 3), keepdim=True) / alpha.sum((2, 3), keepdim=True).clamp(min=1)
        shade = (augment.soft_blur(grey, 1) / level.clamp(min=0.08)).clamp(0.35, 1.5)
        cover = augment.soft_blur(alpha)
        return images * (1 - cover) + prints * shade.clamp(max=1.3) * cover, torch.from_numpy(self.print_labels[rows])

    def _fade(self, images: Tensor, alpha: Tensor) -> Tensor:
        grey = torch.tensor(FADE).view(1, 3, 1, 1) / 255
        soft = augment.soft_blur(alpha)
        return images * soft + grey * (1 - soft)

    def _box_warp(self, matrices: Tensor, masks: Tensor, chosen: Tensor) -> Tensor:
        """Zoom the chosen views onto their garment's bounding box, as the "cut_out" view does at test."""
        solid = masks[:, 0] > 0.5
        side = solid.shape[-1]
        result = matrices.clone()
        for i in torch.nonzero(chosen).flatten().tolist():
            rows, columns = (torch.nonzero(solid[i].any(d)).flatten() for d in (1, 0))
            if len(rows) < 8 or len(columns) < 8:
                continue
            low = torch.stack([columns[0], rows[0]]) / side * 2 - 1
            high = torch.stack([columns[-1] + 1, rows[-1] + 1]) / side * 2 - 1
            half = ((high - low) / 2 + 2 * MARGIN).clamp(max=1.0)
            box = torch.eye(3)
            box[0, 0], box[1, 1], box[0, 2], box[1, 2] = half[0], half[1], *((low + high) / 2)
            mild = result[i].clone()
            mild[:2, 2] *= 0.3
            result[i] = box @ mild
        return result

    def _photos(self, n: int) -> tuple[Tensor, Tensor]:
        rows = self.rng.choice(self.level.garments.index, size=n, p=self._weights)
        images, aspect = self.level.garments.take(rows)
        masks = self.level.garments.take_masks(rows)
        labels = self.garment_labels[rows].clone()
        trusted = masks.flatten(1).amax(1) > 0
        fade = self._chance(n, self.mix.fade_room) & trusted
        matrices = self._box_warp(augment.random_warp(aspect, self.warp, self.gen), masks, fade)
        both = augment.warp(torch.cat([images, masks], 1), matrices, self._now)
        images, alpha = both[:, :3], both[:, 3:].clamp(0, 1)
        plain = labels[:, 1] == PATTERNS.index("solid")
        printable = torch.tensor([int(c) in PRINTABLE for c in labels[:, 0]])
        printed = self._chance(n, self.mix.print_photo * 2) & plain & printable & trusted
        if printed.any():
            images[printed], labels[printed, 1] = self._printed(images[printed], alpha[printed])
        swap = self._chance(n, self.mix.swap_room) & trusted & ~fade
        if swap.any():
            images[swap] = augment.lay_on(
                images[swap], shrink_alpha(alpha[swap]), self._room(int(swap.sum())), self.gen
            )
        if fade.any():
            images[fade] = self._fade(images[fade], alpha[fade])
        return images, labels

    def _studio(self, n: int) -> tuple[Tensor, Tensor]:
        rows = self.rng.choice(self.level.studio.index, size=n, p=self._studio_weights)
        images, aspect = self.level.studio.take(rows)
        masks = self.level.studio.take_masks(rows)
        labels = self.studio_labels[rows].clone()
        trusted = masks.flatten(1).amax(1) > 0
        warp = WarpConfig(scale=(0.65, 1.3), rotate=25, quarter_turn=0.03)
        both = augment.warp(
            torch.cat([images, shrink_alpha(masks)], 1),
            augment.random_warp(aspect, warp, self.gen),
            self._now,
            "border",
        )
        images, alpha = both[:, :3], both[:, 3:].clamp(0, 1)
        printable = torch.tensor([int(c) in PRINTABLE for c in labels[:, 0]])
        printed = self._chance(n, self.mix.print_studio) & printable & trusted
        if printed.any():
            images[printed], labels[printed, 1] = self._printed(images[printed], alpha[printed])
        room = self._chance(n, self.mix.studio_room) & trusted
        if room.any():
            images[room] = augment.lay_on(images[room], alpha[room], self._room(int(room.sum())), self.gen)
        return images, labels

    def _choose_level(self) -> None:
        """Small inputs are sampled from a copy at two thirds of the size; it is made once and dropped when outgrown."""
        side = self.material.garments.pixels.shape[1] * 2 // 3
        if self._now * 1.25 > side:
            self._small, self.level = None, self.material
        elif self._small is None:
            self._small = self.material.shrunk(side)
            self.level = self._small

    def __call__(self) -> dict[str, Tensor | float]:
        self._now = self.size
        self._choose_level()
        studio = int(round(self.batch * self.mix.studio))
        photos, photo_labels = self._photos(self.batch - studio)
        parts, labels = [photos], [photo_labels]
        if studio:
            shop, shop_labels = self._studio(studio)
            parts.append(shop)
            labels.append(shop_labels)
        images = augment.change_light(torch.cat(parts), self.light, self.gen)
        images = augment.erase(images, self.light.erase, self.gen)
        table = torch.cat(labels)
        draw = float(torch.rand(1, generator=self.gen))
        order, share = torch.arange(len(images)), 1.0
        if draw < self.mix.cut_mix:
            images, order, share = augment.cut_mix(images, self.gen)
        elif draw < self.mix.cut_mix + self.mix.mix_up:
            images, order, share = augment.mix_up(images, self.gen)
        return {"images": normalise(images), "labels": table, "other": table[order], "share": share}


def known_share(labels: Tensor) -> Tensor:
    """(3,) how much of a batch carries each kind of label; for the log."""
    return (labels != UNKNOWN).float().mean(0)

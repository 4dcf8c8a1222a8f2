"""Batches for a classifier: phone photos with other rooms, prints and views, and studio pictures on real floors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import augment
from .augment import LightConfig, WarpConfig
from .batches import Source, normalise, shrink_alpha
from .data import UNKNOWN
from .labels import CATEGORIES, PATTERNS
from .level import Draw, Level
from .mix import SCENE, Mix, sampling_weights
from .scenes import scenes
from .segmenter_batches import HELD_OUT, with_masks
from .views import FADE, MARGIN

# Studio kinds a print may be laid over; a shoe or a hat in tartan teaches little.
PRINTABLE = frozenset(
    CATEGORIES.index(c)
    for c in ("t_shirt", "pants", "long_sleeve", "jacket", "shirt", "dress", "shorts", "sleeveless", "skirt", "hoodie")
)
PRINT_WARP = WarpConfig(scale=(0.6, 1.5), rotate=20, quarter_turn=0.5, shift=0.3)
STUDIO_WARP = WarpConfig(scale=(0.65, 1.3), rotate=25, quarter_turn=0.03)


def masked_rows(source: Source) -> np.ndarray:
    """The usable rows of a source that have a mask."""
    if source.masks is None:
        return np.zeros(0, dtype=np.int64)
    return source.index[np.isin(source.index, with_masks(source.masks))]


def printable_rows(labels: Tensor) -> Tensor:
    return torch.tensor([int(c) in PRINTABLE for c in labels[:, 0]])


@dataclass
class ClassifierBatches:
    """Call it for a batch: normalised images, labels (n, 4), a second label set, the first one's share, a number.

    Batch `number` of a seed is always the same, at every size; after `replay` batches (0: never) the stream begins
    again, so that what a teacher said of each picture can be kept.
    """

    material: Level
    garment_labels: Tensor
    studio_labels: Tensor
    print_labels: np.ndarray
    mix: Mix = field(default_factory=Mix)
    size: int = 128
    batch: int = 64
    seed: int = 0
    replay: int = 0
    warp: WarpConfig = field(default_factory=WarpConfig)
    light: LightConfig = field(default_factory=LightConfig)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def __post_init__(self) -> None:
        self.number = 0
        self.level = self.material
        self._small: Level | None = None
        self._weights = sampling_weights(self.garment_labels.numpy()[self.material.garments.index], self.mix)
        known = self.studio_labels[self.material.studio.index, 0].numpy() >= 0
        self._studio_weights = np.where(known, 2.0, 1.0) / np.where(known, 2.0, 1.0).sum()
        clothes = self.studio_labels[:, 0].numpy() >= 0
        studio = masked_rows(self.material.studio)
        self._masked = {
            "garments": masked_rows(self.material.garments),
            # Those that are held out from masks are not laid among others either: `scene_eval` does that.
            "studio": studio[clothes[studio] & (studio % HELD_OUT != 0)],
        }

    def _printed(self, images: Tensor, alpha: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
        """Lay a print over (n, 3, h, w) garments, keeping their large folds; returns images and pattern labels (n,)."""
        prints, rows = draw.seen(self.level.prints, len(images), PRINT_WARP)
        grey = images.mean(1, keepdim=True)
        level = (grey * alpha).sum((2, 3), keepdim=True) / alpha.sum((2, 3), keepdim=True).clamp(min=1)
        shade = (augment.soft_blur(grey, 1) / level.clamp(min=0.08)).clamp(0.35, 1.5)
        cover = augment.soft_blur(alpha)
        return images * (1 - cover) + prints * shade.clamp(max=1.3) * cover, torch.from_numpy(self.print_labels[rows])

    def _photos(self, n: int, draw: Draw) -> tuple[Tensor, Tensor]:
        rows = draw.rng.choice(self.level.garments.index, size=n, p=self._weights)
        images, aspect = self.level.garments.take(rows)
        masks = self.level.garments.take_masks(rows)
        labels = self.garment_labels[rows].clone()
        trusted = masks.flatten(1).amax(1) > 0
        fade = draw.chance(n, self.mix.fade_room) & trusted
        matrices = box_warp(augment.random_warp(aspect, self.warp, draw.gen), masks, fade)
        both = augment.warp(torch.cat([images, masks], 1).to(draw.device), matrices, draw.size)
        images, alpha = both[:, :3], both[:, 3:].clamp(0, 1)
        plain = labels[:, 1] == PATTERNS.index("solid")
        printed = draw.chance(n, self.mix.print_photo * 2) & plain & printable_rows(labels) & trusted
        if printed.any():
            images[printed], labels[printed, 1] = self._printed(images[printed], alpha[printed], draw)
        swap = draw.chance(n, self.mix.swap_room) & trusted & ~fade
        if swap.any():
            rooms = draw.rooms(self.level, int(swap.sum()))
            images[swap] = augment.lay_on(images[swap], shrink_alpha(alpha[swap]), rooms, draw.gen)
        if fade.any():
            images[fade] = faded(images[fade], alpha[fade])
        return images, labels

    def _studio(self, n: int, draw: Draw) -> tuple[Tensor, Tensor]:
        rows = draw.rng.choice(self.level.studio.index, size=n, p=self._studio_weights)
        images, aspect = self.level.studio.take(rows)
        masks = self.level.studio.take_masks(rows)
        labels = self.studio_labels[rows].clone()
        trusted = masks.flatten(1).amax(1) > 0
        both = torch.cat([images, shrink_alpha(masks)], 1).to(draw.device)
        both = augment.warp(both, augment.random_warp(aspect, STUDIO_WARP, draw.gen), draw.size, "border")
        images, alpha = both[:, :3], both[:, 3:].clamp(0, 1)
        printed = draw.chance(n, self.mix.print_studio) & printable_rows(labels) & trusted
        if printed.any():
            images[printed], labels[printed, 1] = self._printed(images[printed], alpha[printed], draw)
        room = draw.chance(n, self.mix.studio_room) & trusted
        if room.any():
            rooms = draw.rooms(self.level, int(room.sum()))
            images[room] = augment.lay_on(images[room], alpha[room], rooms, draw.gen)
        return images, labels

    def _scenes(self, n: int, draw: Draw) -> tuple[Tensor, Tensor]:
        images, found = scenes(self.level, self._masked, n, draw)
        labels = torch.full((n, self.garment_labels.shape[1]), UNKNOWN)
        labels[:, SCENE] = found
        return images, labels

    def _choose_level(self, size: int) -> None:
        """Small inputs are sampled from a copy at two thirds of the size; it is made once and dropped when outgrown."""
        side = self.material.garments.pixels.shape[1] * 2 // 3
        if size * 1.25 > side:
            self._small, self.level = None, self.material
        elif self._small is None:
            self._small = self.material.shrunk(side)
            self.level = self._small

    def skip(self, batches: int) -> None:
        self.number = (self.number + batches) % self.replay if self.replay else self.number + batches

    def _next(self) -> Draw:
        """The random state of the next batch; the loop may change `size` at any time, a batch keeps the one it has."""
        number = self.number
        self.skip(1)
        gen = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        return Draw(np.random.default_rng([self.seed, number]), gen, self.size, self.device)

    def __call__(self) -> dict[str, Any]:
        number, draw = self.number, self._next()
        self._choose_level(draw.size)
        studio, odd = (int(round(self.batch * share)) for share in (self.mix.studio, self.mix.scene))
        parts = [self._photos(self.batch - studio - odd, draw)] if studio + odd < self.batch else []
        if studio:
            parts.append(self._studio(studio, draw))
        if odd:
            parts.append(self._scenes(odd, draw))
        images = augment.change_light(torch.cat([images for images, _ in parts]), self.light, draw.gen)
        images = augment.compress(images, self.light.jpeg, draw.gen)
        images = augment.erase(images, self.light.erase, draw.gen)
        table = torch.cat([labels for _, labels in parts])
        images, table, other, share = mixed(images, table, self.batch - odd, self.mix, draw)
        table, other = table.to(self.device), other.to(self.device)
        return {"images": normalise(images), "labels": table, "other": other, "share": share, "number": number}


def mixed(images: Tensor, table: Tensor, count: int, mix: Mix, draw: Draw) -> tuple[Tensor, Tensor, Tensor, float]:
    """Now and then the first `count` of a batch are mixed with each other: images, both label sets, the first's share.

    A mixture of two garments is not several garments, so mixed pictures say nothing about their scene.
    """
    chance = float(torch.rand(1, generator=draw.gen))
    if chance >= mix.cut_mix + mix.mix_up:
        return images, table, table, 1.0
    blend = augment.cut_mix if chance < mix.cut_mix else augment.mix_up
    first, order, share = blend(images[:count], draw.gen)
    table[:count, SCENE] = UNKNOWN
    other = torch.cat([table[:count][order], table[count:]])
    return torch.cat([first, images[count:]]), table, other, share


def faded(images: Tensor, alpha: Tensor) -> Tensor:
    """Garments before grey, as the "cut_out" view shows them at test."""
    grey = torch.tensor(FADE, device=images.device).view(1, 3, 1, 1) / 255
    soft = augment.soft_blur(alpha)
    return images * soft + grey * (1 - soft)


def box_warp(matrices: Tensor, masks: Tensor, chosen: Tensor) -> Tensor:
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

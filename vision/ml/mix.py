"""In which shares the classifier's batches are mixed, and which classes are lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .augment import LightConfig, WarpConfig
from .data import Record
from .labels import CATEGORIES, PATTERNS

SCENE = 3  # its column in a label table


@dataclass(frozen=True)
class Mix:
    """Shares of each kind of change; all measured as probabilities per photo. `scene` pictures show nothing or several
    garments.
    """

    studio: float = 0.34
    scene: float = 0.0
    print_photo: float = 0.06
    print_studio: float = 0.2
    swap_room: float = 0.2
    fade_room: float = 0.4
    studio_room: float = 0.5
    cut_mix: float = 0.45
    mix_up: float = 0.4
    category_balance: float = 0.15
    pattern_balance: float = 0.25

    def with_scenes(self, share: float = 0.08) -> Mix:
        return replace(self, scene=share)


# Weaker changes for the end of a training, so that the last thing it sees looks like the photos it will be asked about.
MILD_MIX = Mix(cut_mix=0.2, mix_up=0.2, swap_room=0.1, fade_room=0.55, studio=0.25)
MILD_WARP = WarpConfig(scale=(0.8, 1.1), stretch=0.15, rotate=14, quarter_turn=0.02, shift=0.08, perspective=0.06)
MILD_LIGHT = LightConfig(
    brightness=0.2, contrast=0.25, saturation=0.25, white_balance=0.08, hue=0.03, sharpness=0.6, erase=0.1
)


def label_table(records: Sequence[Record]) -> Tensor:
    """(n, 4) int64: category, pattern, article and scene index of each record, -1 where unknown."""
    return torch.tensor([[r.category, r.pattern, r.article, r.scene] for r in records], dtype=torch.int64)


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

"""The fit of colour anchors: a shop's word moves a name's region, and the palette keeps its own names."""

from __future__ import annotations

import numpy as np
import torch

from vision.ml.colour import NAMES, PALETTE, colour_features
from vision.ml.colour_fit import fit, lit_palette


def named(anchors: np.ndarray, lab: np.ndarray) -> list[str]:
    distance = ((anchors[None] - colour_features(lab)[:, None, None]) ** 2).sum(-1).min(2)
    return [NAMES[i] for i in distance.argmin(1)]


def test_words_move_a_border_and_the_palette_stays():
    # A shop that calls what lies just beyond the border of navy and purple purple.
    rng = np.random.default_rng(0)
    navy, purple = (PALETTE[NAMES.index(name)] for name in ("navy", "purple"))
    worn = (0.6 * navy + 0.4 * purple + rng.normal(0, 0.004, (60, 3))).astype(np.float32)
    allowed = torch.zeros(60, len(NAMES))
    allowed[:, NAMES.index("purple")] = 1
    before = named(np.stack([colour_features(PALETTE)] * 3, 1), worn).count("purple")
    anchors = fit(worn, allowed, steps=250)
    assert before < 30
    assert named(anchors, worn).count("purple") > 50
    own = named(anchors, PALETTE)
    assert sum(a == b for a, b in zip(own, NAMES, strict=True)) >= len(NAMES) - 2


def test_light_changes_the_palette_within_its_names():
    lab, own = lit_palette(6, np.random.default_rng(1))
    assert lab.shape == (6 * len(NAMES), 3) and own.shape == (6 * len(NAMES), len(NAMES))
    assert (own.sum(1) == 1).all() and lab[:, 0].max() < 1.2

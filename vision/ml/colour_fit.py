"""Fit the anchors that name colours: `python -m vision.ml.colour_fit --data ../shared/data --cache .cache/vision`.

Each name of the palette gets a few anchors in the space of `colour.colour_features`. They start at the palette's own
colour and move so that the shop's word for a picture (`studio/labels.csv`) becomes likely, while the palette's colours
keep their names under other exposures. Odd-numbered pictures are fitted to, even ones left for `vision.ml.evaluate`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from . import data
from .colour import ANCHORS_FILE, NAMES, PALETTE, colour_features, main_cluster
from .cutouts import cached_masks
from .studio_map import COLOUR_FAMILY

ANCHORS = 3
STEPS = 900
PALETTE_WEIGHT = 1.0
# Keeps an anchor near its palette colour; without it some settle far away, where they win a few odd pictures.
PULL = 12.0
# Linear gains that a palette colour keeps its name under. People call a red shirt in the shade red; but gold in the
# shade is mustard and grey is charcoal, so only the basic colour terms have to bear much.
BASIC = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "navy")
EXPOSURE = (0.42, 1.5)
NARROW_EXPOSURE = (0.7, 1.25)


def shop_colours(root: Path, cache: Path) -> tuple[np.ndarray, Tensor]:
    """Oklab (n, 3) of the main colour of the pictures to fit to, and which names (n, names) the shop's word allows."""
    records, _ = data.read_studio(root)
    pixels, _aspect = data.cached_pixels(records, 192, cache)
    masks = cached_masks(records, pixels, cache)
    rows = [i for i, r in enumerate(records) if i % 2 and r.colour and r.category >= 0 and masks[i].any()]
    lab, allowed = [], torch.zeros(len(rows), len(NAMES))
    for row, i in enumerate(rows):
        lab.append(main_cluster(Image.fromarray(pixels[i]), masks[i]))
        for name in COLOUR_FAMILY[records[i].colour]:
            allowed[row, NAMES.index(name)] = 1.0
    return np.stack(lab), allowed


def lit_palette(per_name: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor]:
    """The palette's colours under other exposures, Oklab (names * per_name, 3), with their own names allowed only.

    Oklab is a cube root of linear light: a gain g multiplies L, a and b by g ** (1 / 3).
    """
    basic = np.isin(NAMES, BASIC) & (np.arange(per_name) % 2 == 0)[:, None]
    low, high = (np.where(basic, wide, narrow) for wide, narrow in zip(EXPOSURE, NARROW_EXPOSURE, strict=True))
    gain = np.exp(rng.uniform(np.log(low), np.log(high)))
    lab = PALETTE * np.cbrt(gain)[..., None] + rng.normal(0, 0.006, (per_name, len(NAMES), 3))
    return lab.reshape(-1, 3).astype(np.float32), torch.eye(len(NAMES)).repeat(per_name, 1)


def log_names(points: Tensor, anchors: Tensor, sharpness: Tensor) -> Tensor:
    """(n, 3) points, (names, k, 3) anchors -> (n, names) log probabilities, each name as near as its anchors are."""
    distance = ((points[:, None, None] - anchors) ** 2).sum(-1)
    return F.log_softmax(torch.logsumexp(-sharpness.exp() * distance, 2), 1)


def fit(lab: np.ndarray, allowed: Tensor, *, steps: int = STEPS, seed: int = 0) -> np.ndarray:
    """Anchors (names, k, 3) in feature space, by gradient descent on the likelihood of an allowed name."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    start = torch.from_numpy(colour_features(PALETTE)).float()
    anchors = (start[:, None] + 0.02 * torch.randn(len(NAMES), ANCHORS, 3)).requires_grad_()
    sharpness = torch.tensor(4.0, requires_grad=True)
    shop = torch.from_numpy(colour_features(lab)).float()
    # Each word weighs by the root of its count: black must not push every other name aside.
    words = allowed @ (1.0 / allowed.sum(0).clamp(min=1).sqrt()) / allowed.sum(1)
    weight = words / words.mean()
    optimizer = torch.optim.Adam([anchors, sharpness], lr=0.015)
    for _ in range(steps):
        lit, own = lit_palette(8, rng)
        mine = torch.logsumexp(log_names(shop, anchors, sharpness).masked_fill(allowed == 0, -1e9), 1)
        palette = (log_names(torch.from_numpy(colour_features(lit)).float(), anchors, sharpness) * own).sum(1)
        # Many pictures have another main colour than their word says; the clamp stops them from pulling.
        loss = -(weight * mine.clamp(min=-2.5)).mean() - PALETTE_WEIGHT * palette.mean()
        loss = loss + PULL * ((anchors - start[:, None]) ** 2).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return anchors.detach().numpy()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.colour_fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with studio/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/vision"), help="folder for decoded photos")
    parser.add_argument("--out", type=Path, default=ANCHORS_FILE, help="where the anchors go")
    options = parser.parse_args(arguments)
    anchors = fit(*shop_colours(options.data, options.cache))
    table = {name: anchors[i].round(4).tolist() for i, name in enumerate(NAMES)}
    options.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()

"""Fit the anchors that name colours: `python -m vision.ml.colour_fit --data ../shared/data --cache .cache/vision`.

Each name of the palette gets a few anchors in the space of `colour.colour_features`, and a lead over the others. They
start at the palette's own colour and move so that the shop's word for a picture (`studio/labels.csv`) becomes likely
for one of its dyes, while the palette's colours keep their names under other exposures. Odd-numbered pictures are
fitted to, even ones left for `vision.ml.evaluate`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from . import data
from .colour import ANCHORS_FILE, NAMES, PALETTE, Naming, colour_features, main_dyes, to_oklab
from .cutouts import cached_masks
from .studio_map import COLOUR_FAMILY

ANCHORS = 3
DYES = 4
STEPS = 400
BATCH = 512
PALETTE_WEIGHT = 0.1
LIKENESS_WEIGHT = 0.15
# Every palette colour bears its own name, whatever a shop would say; its black shoes shine as light as grey cloth.
OWN_WEIGHT = 4.0
# Of the hue features, from which on a colour is no grey to anybody.
CHROMATIC = 0.08
# Keeps an anchor near its palette colour; without it some settle far away, where they win a few odd pictures.
PULL = 3.0
# How far rare words are lifted: 0 counts pictures, 1 counts words.
RARE_WORDS = 0.2
# Pictures are fitted to under linear gains up to e to the power of this either way.
SHOP_EXPOSURE = 0.7
# Linear gains that a palette colour keeps its name under. People call a red shirt in the shade red; but gold in the
# shade is mustard and grey is charcoal, so only the basic colour terms have to bear much.
BASIC = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "navy")
EXPOSURE = (0.42, 1.5)
NARROW_EXPOSURE = (0.7, 1.25)
# Under these linear gains a palette colour must still bear its name.
LIT_GAIN = dict.fromkeys(BASIC, 0.45) | {"grey": 0.45, "charcoal": 2.0, "olive": 0.5, "sky_blue": 1.4, "black": 1.6}


@dataclass(frozen=True, eq=False)
class ShopColours:
    """Pictures to fit to: Oklab (n, DYES, 3) of their dyes, shares (n, DYES), and each dye's name (n, DYES, names)."""

    lab: np.ndarray
    shares: np.ndarray
    allowed: Tensor


def shop_colours(root: Path, cache: Path) -> ShopColours:
    """The dyes of the odd studio pictures, those of no garments too, and the names that the shop's word covers."""
    records, _ = data.read_studio(root)
    pixels, _aspect = data.cached_pixels(records, 192, cache)
    masks = cached_masks(records, pixels, cache)
    rows = [i for i, r in enumerate(records) if i % 2 and r.colour and masks[i].any()]
    found = [main_dyes(Image.fromarray(pixels[i]), masks[i], DYES) for i in rows]
    lab, shares = np.stack([lab for lab, _ in found]), np.stack([shares for _, shares in found])
    return ShopColours(lab, shares, allowed_names(lab, [records[i].colour for i in rows]))


def allowed_names(lab: np.ndarray, words: Sequence[str]) -> Tensor:
    """(n, DYES, names) 1 for the one name of a word's family whose palette colour is nearest to a dye.

    The shop's words do not divide a family, so the palette does. Plain light grey is not silver, though as light.
    """
    distance = ((colour_features(lab)[:, :, None] - colour_features(PALETTE)) ** 2).sum(-1)
    outside = np.array([[name not in COLOUR_FAMILY[word] for name in NAMES] for word in words])
    outside[np.array(words) == "grey", NAMES.index("silver")] = True
    nearest = np.where(outside[:, None], np.inf, distance).argmin(-1)
    return F.one_hot(torch.from_numpy(nearest), len(NAMES)).float()


def lit_palette(per_name: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor]:
    """The palette's colours under other exposures, Oklab (names * per_name, 3), with their own names allowed only.

    Oklab is a cube root of linear light: a gain g multiplies L, a and b by g ** (1 / 3).
    """
    basic = np.isin(NAMES, BASIC) & (np.arange(per_name) % 2 == 0)[:, None]
    low, high = (np.where(basic, wide, narrow) for wide, narrow in zip(EXPOSURE, NARROW_EXPOSURE, strict=True))
    gain = np.exp(rng.uniform(np.log(low), np.log(high)))
    lab = PALETTE * np.cbrt(gain)[..., None] + rng.normal(0, 0.006, (per_name, len(NAMES), 3))
    return lab.reshape(-1, 3).astype(np.float32), torch.eye(len(NAMES)).repeat(per_name, 1)


def nearest_names(count: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor]:
    """Oklab (about count, 3) of random bright screen colours and the palette name (n, names) nearest to each.

    The shop sold few turquoise clothes: where its words say little, likeness to the palette does. Of greys and dark
    colours it says enough.
    """
    lab = to_oklab(rng.integers(0, 256, (2 * count, 3)))
    lab = lab[np.hypot(*colour_features(lab)[:, 1:].T) > CHROMATIC][:count]
    distance = ((colour_features(lab)[:, None] - colour_features(PALETTE)) ** 2).sum(-1)
    return lab, F.one_hot(torch.from_numpy(distance.argmin(1)), len(NAMES)).float()


@dataclass(eq=False)
class Fitted:
    """The naming while it is fitted; see `colour.Naming`."""

    anchors: Tensor
    log_sharpness: Tensor
    lead: Tensor

    def log_names(self, lab: np.ndarray) -> Tensor:
        """(..., 3) Oklab -> (..., names) log probabilities."""
        points = torch.from_numpy(colour_features(lab)).float()
        distance = ((points[..., None, None, :] - self.anchors) ** 2).sum(-1)
        return F.log_softmax(torch.logsumexp(-self.log_sharpness.exp() * distance, -1) + self.lead, -1)

    def naming(self) -> Naming:
        parts = (self.anchors, self.log_sharpness.exp(), self.lead)
        anchors, sharpness, lead = (part.detach().numpy() for part in parts)
        return Naming(anchors, float(sharpness), lead)


def own_margin(now: Fitted) -> Tensor:
    """(m,) by how much log probability palette colours, some also in other light, bear their own name."""
    rows = np.array([*range(len(NAMES)), *(NAMES.index(name) for name in LIT_GAIN)])
    gains = np.array([1.0] * len(NAMES) + list(LIT_GAIN.values()))
    own = F.one_hot(torch.from_numpy(rows), len(NAMES)).bool()
    table = now.log_names((PALETTE[rows] * np.cbrt(gains)[:, None]).astype(np.float32))
    return table[own] - table.masked_fill(own, -torch.inf).amax(1)


def relit(lab: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, DYES, 3) Oklab of pictures, each under an exposure of its own."""
    gain = np.exp(rng.uniform(-SHOP_EXPOSURE, SHOP_EXPOSURE, (len(lab), 1, 1)))
    return (lab * np.cbrt(gain)).astype(np.float32)


def fit(shop: ShopColours, *, steps: int = STEPS, seed: int = 0) -> Naming:
    """Gradient descent on the likelihood that a dye, drawn by its share, bears a name that the shop's word allows."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    start = torch.from_numpy(colour_features(PALETTE)).float()
    now = Fitted(
        (start[:, None] + 0.02 * torch.randn(len(NAMES), ANCHORS, 3)).requires_grad_(),
        torch.tensor(4.0, requires_grad=True),
        torch.zeros(len(NAMES), requires_grad=True),
    )
    # Each word weighs by a power of its count: black must not push every other name aside.
    first = shop.allowed[:, 0]
    weight = first @ (1.0 / first.sum(0).clamp(min=1) ** RARE_WORDS)
    weight = weight / weight.mean()
    shares = torch.from_numpy(shop.shares)
    optimizer = torch.optim.Adam([now.anchors, now.log_sharpness, now.lead], lr=0.02)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        rows = torch.from_numpy(rng.integers(len(shares), size=BATCH))
        told = now.log_names(relit(shop.lab[rows], rng)).masked_fill(shop.allowed[rows] == 0, -1e9)
        mine = torch.logsumexp(torch.logsumexp(told, 2) + torch.log(shares[rows] + 1e-9), 1)
        lit, own = lit_palette(4, rng)
        palette = (now.log_names(lit) * own).sum(1)
        chance, near = nearest_names(256, rng)
        likeness = (now.log_names(chance) * near).sum(1).clamp(min=-4.0)
        # Some pictures show nothing of their word; the clamp stops them from pulling.
        loss = -(weight[rows] * mine.clamp(min=-2.5)).mean()
        loss = loss - PALETTE_WEIGHT * palette.mean() - LIKENESS_WEIGHT * likeness.mean()
        loss = loss + OWN_WEIGHT * F.relu(0.3 - own_margin(now)).mean()
        loss = loss + PULL * ((now.anchors - start[:, None]) ** 2).sum(-1).mean() + 0.01 * (now.lead**2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
    return now.naming()


def write_naming(naming: Naming, path: Path) -> None:
    rows = zip(NAMES, naming.anchors, naming.lead, strict=True)
    names = {
        name: {"lead": round(float(lead), 4), "anchors": anchors.round(4).astype(float).round(4).tolist()}
        for name, anchors, lead in rows
    }
    text = json.dumps({"sharpness": round(naming.sharpness, 3), "names": names}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.colour_fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with studio/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/vision"), help="folder for decoded photos")
    parser.add_argument("--out", type=Path, default=ANCHORS_FILE, help="where the anchors go")
    options = parser.parse_args(arguments)
    write_naming(fit(shop_colours(options.data, options.cache)), options.out)
    print(options.out)


if __name__ == "__main__":
    main()

"""How often colours are named as the shop named them, how well any rule could, and whether names hold in any light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from .batches import Source
from .colour import garment_colours, main_dyes
from .data import Record
from .studio_map import COLOUR_FAMILY

# Linear gain, gamma and the gains of red and blue.
LIGHTS: dict[str, tuple[float, float, float, float]] = {
    "exposure 0.5": (0.5, 1.0, 1.0, 1.0),
    "exposure 0.7": (0.7, 1.0, 1.0, 1.0),
    "exposure 1.3": (1.3, 1.0, 1.0, 1.0),
    "exposure 1.6": (1.6, 1.0, 1.0, 1.0),
    "gamma 0.8": (1.0, 0.8, 1.0, 1.0),
    "gamma 1.25": (1.0, 1.25, 1.0, 1.0),
    "warm": (1.0, 1.0, 1.18, 0.82),
    "cool": (1.0, 1.0, 0.85, 1.15),
}
NEIGHBOURS = 25


def family_of(name: str) -> str:
    """The shop's coarser word for one of our names: denim and sky blue are its blue."""
    return next((word for word, names in COLOUR_FAMILY.items() if len(names) > 1 and name in names), name)


def relit(pixels: np.ndarray, light: str) -> np.ndarray:
    """(h, w, 3) uint8 in another of LIGHTS; what grows too bright is cut off, as a camera does."""
    gain, gamma, red, blue = LIGHTS[light]
    linear = (pixels.astype(np.float32) / 255) ** 2.2 * gain * np.array([red, 1.0, blue], np.float32)
    return (linear.clip(0, 1) ** (gamma / 2.2) * 255).round().astype(np.uint8)


def names_of(source: Source, row: int, light: str = "") -> list[str]:
    """Our names for a picture's garment, largest share first."""
    assert source.masks is not None
    pixels = relit(source.pixels[row], light) if light else source.pixels[row]
    return [colour.name for colour in garment_colours(Image.fromarray(pixels), source.masks[row])]


def rows_with_colour(records: Sequence[Record], source: Source, rest: int) -> list[int]:
    """Cut-out clothes and shoes with a colour word; `rest` 0 for those to measure on, 1 for those fitted to."""
    assert source.masks is not None
    chosen = (i for i, r in enumerate(records) if i % 2 == rest and r.colour and r.category >= 0)
    return [i for i in chosen if source.masks[i].any()]


def agreement(words: Sequence[str], names: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Shares of pictures whose word is our first name, among our names, or covers our first name; and by word."""
    firsts = [found[0] if found else "" for found in names]
    covered = [first in COLOUR_FAMILY[word] for word, first in zip(words, firsts, strict=True)]
    by_word = {}
    for word, count in Counter(words).most_common():
        mine = [i for i, other in enumerate(words) if other == word]
        wrong = Counter(firsts[i] for i in mine if not covered[i]).most_common(3)
        right = float(np.mean([covered[i] for i in mine]))
        by_word[word] = {"pictures": count, "family": round(right, 4), "instead": dict(wrong)}
    total = max(len(words), 1)
    return {
        "pictures": len(words),
        "first": round(sum(word == first for word, first in zip(words, firsts, strict=True)) / total, 4),
        "listed": round(sum(word in found for word, found in zip(words, names, strict=True)) / total, 4),
        "family": round(sum(covered) / total, 4),
        "by_word": by_word,
    }


def ceiling(records: Sequence[Record], source: Source, fitted: Sequence[int], measured: Sequence[int]) -> float:
    """How often the commonest word among the nearest main colours of the other half is the shop's: what its own words
    allow a rule that sees one colour, with no palette and no stability to keep.
    """
    assert source.masks is not None
    points = [
        np.stack([main_dyes(Image.fromarray(source.pixels[i]), source.masks[i], 1)[0][0] for i in rows])
        for rows in (fitted, measured)
    ]
    # Hue and chroma tell more than lightness, which varies most: every axis counts by its own spread.
    spread = points[0].std(0)
    distance = (((points[1][:, None] - points[0][None]) / spread) ** 2).sum(-1)
    near = np.argpartition(distance, min(NEIGHBOURS, len(fitted)) - 1, axis=1)[:, :NEIGHBOURS]
    guesses = [Counter(records[fitted[j]].colour for j in row).most_common(1)[0][0] for row in near]
    return round(float(np.mean([guess == records[i].colour for guess, i in zip(guesses, measured, strict=True)])), 4)


def stability(source: Source, rows: Sequence[int]) -> dict[str, dict[str, float]]:
    """By light, the share of pictures whose first name stays, and whose family of the first name stays."""
    before = [names_of(source, i)[0] for i in rows]
    result = {}
    for light in LIGHTS:
        after = [names_of(source, i, light)[0] for i in rows]
        pairs = list(zip(before, after, strict=True))
        result[light] = {
            "first": round(float(np.mean([a == b for a, b in pairs])), 4),
            "family": round(float(np.mean([family_of(a) == family_of(b) for a, b in pairs])), 4),
        }
    return result


def evaluate_colours(
    records: Sequence[Record], source: Source, *, count: int = 1500, lit: int = 150, seed: int = 5
) -> dict[str, Any]:
    """All of it, on studio pictures of even number: `vision.ml.colour_fit` fits to the odd ones."""
    rng = np.random.default_rng(seed)
    measured = rng.permutation(rows_with_colour(records, source, 0))[:count].tolist()
    fitted = rng.permutation(rows_with_colour(records, source, 1))[:count].tolist()
    result = agreement([records[i].colour for i in measured], [names_of(source, i) for i in measured])
    if fitted:
        result["ceiling"] = ceiling(records, source, fitted, measured)
    return result | {"stability": stability(source, measured[:lit])}

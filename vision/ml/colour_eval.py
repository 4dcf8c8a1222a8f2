"""How often colours are named as the shop named them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from .batches import Source
from .colour import garment_colours
from .data import Record
from .studio_map import COLOUR_FAMILY


def evaluate_colours(
    records: Sequence[Record], studio: Source, *, count: int = 1500, seed: int = 5
) -> dict[str, float]:
    """How often the shop's base colour is our first name, is among our names, or covers our first name.

    On cut-out studio clothes and shoes of even number: `vision.ml.colour_fit` fits to the odd ones.
    """
    assert studio.masks is not None
    rng = np.random.default_rng(seed)
    rows = [i for i, r in enumerate(records) if i % 2 == 0 and r.colour and r.category >= 0 and studio.masks[i].any()]
    chosen = rng.permutation(rows)[:count]
    first = listed = family = 0
    for i in chosen:
        names = [c.name for c in garment_colours(Image.fromarray(studio.pixels[i]), studio.masks[i])]
        first += names[:1] == [records[i].colour]
        listed += records[i].colour in names
        family += bool(names) and names[0] in COLOUR_FAMILY[records[i].colour]
    total = max(len(chosen), 1)
    return {
        "pictures": len(chosen),
        "first": round(first / total, 4),
        "listed": round(listed / total, 4),
        "family": round(family / total, 4),
    }

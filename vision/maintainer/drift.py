"""Whether photos changed: the population stability index, and how large it becomes by chance alone.

PSI = sum over bins of (p - q) ln(p / q). Where nothing changed, it is about (1/n + 1/m) times a chi-square of as many
degrees of freedom as there are bins less one (Yurdakul 2018, "Statistical properties of population stability index"),
so that few photos do not raise an alarm that means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What credit scoring has used for decades: below it nothing worth acting on, above the second a different population.
WORTH_A_LOOK, LARGE = 0.1, 0.25
LEAST = 100
# One in a hundred is above by chance.
NORMAL_QUANTILE = 2.326

STABLE, SLIGHT, DRIFTS, TOO_FEW = "stable", "slight", "drifts", "too_few"


@dataclass(frozen=True)
class Drift:
    """How far one property of the photos moved; `limit` is what chance reaches once in a hundred times."""

    index: float
    limit: float
    state: str
    now: int
    before: int


def stability_index(now: Mapping[Any, int], before: Mapping[Any, int]) -> float:
    """PSI of two counts by bin. A bin that one side lacks counts as half a photo there, else it would be infinite."""
    bins = [key for key in now.keys() | before.keys() if now.get(key, 0) + before.get(key, 0)]
    n, m = (sum(max(side.get(key, 0), 0.5) for key in bins) for side in (now, before))
    index = 0.0
    for key in bins:
        p, q = max(now.get(key, 0), 0.5) / n, max(before.get(key, 0), 0.5) / m
        index += (p - q) * math.log(p / q)
    return index


def chi_square(freedom: int) -> float:
    """The value that a chi-square exceeds once in a hundred times (Wilson and Hilferty, 1931)."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NORMAL_QUANTILE * math.sqrt(spread)) ** 3)


def drift_of(now: Mapping[Any, int], before: Mapping[Any, int]) -> Drift:
    """Compares two counts by bin."""
    n, m = sum(now.values()), sum(before.values())
    if min(n, m) < LEAST:
        return Drift(0.0, 0.0, TOO_FEW, n, m)
    bins = sum(1 for key in now.keys() | before.keys() if now.get(key, 0) + before.get(key, 0))
    index = stability_index(now, before)
    limit = chi_square(max(bins - 1, 1)) * (1 / n + 1 / m)
    if index <= max(WORTH_A_LOOK, limit):
        return Drift(index, limit, STABLE, n, m)
    return Drift(index, limit, DRIFTS if index > LARGE else SLIGHT, n, m)

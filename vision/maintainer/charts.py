"""Shares over time as lines to draw: a plot of 100 by 100, with the numbers beside it for who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

STEP = 0.1


@dataclass(frozen=True)
class Line:
    """One series: `paths` are its stretches without a gap, as SVG; `dots` its points, each with what it stands for."""

    name: str
    paths: list[str]
    dots: list[tuple[str, str]]


@dataclass(frozen=True)
class Drawing:
    """Lines on one scale from `least` to 1, and a table of the same: (day, [share or None of each line])."""

    title: str
    lines: list[Line]
    least: float
    grid: list[tuple[float, float]]
    ticks: list[Any]
    rows: list[tuple[Any, list[float | None]]]
    words: str


def draw(title: str, days: Sequence[Any], series: Sequence[tuple[str, Sequence[float | None]]]) -> Drawing | None:
    """None where there is nothing to draw."""
    known = [share for _name, shares in series for share in shares if share is not None]
    if not known:
        return None
    # Shares close to each other are told apart better when the scale does not begin at nothing.
    least = max(0.0, min(int(min(known) / STEP) * STEP, 1 - 2 * STEP))
    lines = [_line(name, days, shares, least) for name, shares in series]
    values = [1 - n * (1 - least) / 4 for n in range(5)]
    rows = [(day, [shares[n] for _name, shares in series]) for n, day in enumerate(days)]
    ticks = [days[0], days[len(days) // 2], days[-1]] if len(days) > 2 else list(days)
    return Drawing(title, lines, least, [(_y(v, least), v) for v in values], ticks, rows, _words(title, series))


def _line(name: str, days: Sequence[Any], shares: Sequence[float | None], least: float) -> Line:
    width = 100 / max(len(shares), 1)
    paths: list[str] = []
    dots: list[tuple[str, str]] = []
    drawing = False
    for n, share in enumerate(shares):
        if share is None:
            drawing = False
            continue
        place = f"{(n + 0.5) * width:.2f} {_y(share, least):.2f}"
        if drawing:
            paths[-1] += f"L{place}"
        else:
            paths.append(f"M{place}")
        drawing = True
        # A stroke of no length with round ends is a dot that a stretched plot does not flatten.
        dots.append((f"M{place}h0", f"{name}: {round(share * 100)}%"))
    return Line(name, [path for path in paths if "L" in path], dots)


def _y(share: float, least: float) -> float:
    return round(100 - (share - least) / (1 - least) * 100, 2)


def _words(title: str, series: Sequence[tuple[str, Sequence[float | None]]]) -> str:
    parts = []
    for name, shares in series:
        known = [share for share in shares if share is not None]
        if known:
            values = {"name": name, "first": round(known[0] * 100), "last": round(known[-1] * 100)}
            parts.append(_("%(name)s from %(first)s%% to %(last)s%%") % values)
    return _("%(title)s: %(parts)s. All numbers are in the table below.") % {"title": title, "parts": "; ".join(parts)}

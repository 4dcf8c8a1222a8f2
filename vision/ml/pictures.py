"""Pictures of a training and of an evaluation, for people: curves, confusion matrices, reliability diagrams."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .labels import TASKS

mpl.use("Agg")


def save(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    return path


def draw_curves(log: Path, out: Path) -> Path:
    """Loss, learning rate and held-out accuracy over the photos seen, from a training's log.csv."""
    rows = []
    if log.exists():  # a training of a few steps logs nothing
        with log.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
    seen = [float(row["seen"]) for row in rows]
    figure = Figure(figsize=(8, 6))
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot(seen, [float(row["loss"]) for row in rows], label="loss", color="tab:blue")
    above.set_ylabel("loss")
    rate = above.twinx()
    rate.plot(seen, [float(row["lr"]) for row in rows], color="0.7", linewidth=1)
    rate.set_ylabel("learning rate")
    for name in TASKS:
        points = [(s, float(row[name])) for s, row in zip(seen, rows, strict=True) if row.get(name)]
        if points:
            below.plot(*zip(*points, strict=True), marker="o", label=f"{name}, held out")
    below.set_xlabel("photos seen")
    below.set_ylabel("accuracy")
    below.grid(alpha=0.3)
    if below.lines:
        below.legend()
    return save(figure, out)


def draw_confusion(table: np.ndarray, labels: Sequence[str], out: Path) -> Path:
    """Rows are the truth, columns the answers; shades are shares of a row, numbers photos."""
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(7, 6.4))
    axes: Axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    for (i, j), count in np.ndenumerate(table):
        if count:
            colour = "white" if shares[i, j] > 0.55 else "black"
            axes.text(j, i, str(count), ha="center", va="center", fontsize=7, color=colour)
    return save(figure, out)


def draw_reliability(bins: Sequence[dict[str, float]], title: str, out: Path) -> Path:
    """How often answers of each confidence were right (after Guo et al., 2017); a point's area is its photos."""
    figure = Figure(figsize=(4.6, 4.6))
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", linewidth=1)
    photos = np.array([b["photos"] for b in bins], dtype=float)
    axes.scatter(
        [b["confidence"] for b in bins], [b["right"] for b in bins], s=20 + 400 * photos / photos.sum(), alpha=0.8
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_ylabel("right")
    axes.set_title(title)
    return save(figure, out)


def draw_evaluation(result: dict[str, Any], folder: Path) -> list[Path]:
    """Every picture of an evaluation, named after its task."""
    paths = []
    for task, labels in TASKS.items():
        paths.append(draw_confusion(np.array(result[task]["confusion"]), labels, folder / f"confusion-{task}.png"))
        paths.append(draw_reliability(result[task]["reliability"], task, folder / f"reliability-{task}.png"))
    return paths

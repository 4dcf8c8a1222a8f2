"""Figures from logits and labels; NumPy only, no files, no models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

TARGET_PRECISION = 0.98


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """(n, k) logits -> (n, k) probabilities."""
    scaled = logits / temperature
    shifted = np.exp(scaled - scaled.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def accuracy(probabilities: np.ndarray, truth: np.ndarray, top: int = 1) -> float:
    """Share of rows whose truth is among the `top` most likely."""
    best = np.argsort(-probabilities, axis=1)[:, :top]
    return float((best == truth[:, None]).any(1).mean())


def per_class(probabilities: np.ndarray, truth: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Precision, recall, F1 and count of every label; a label that is never predicted has precision 0."""
    guess = probabilities.argmax(1)
    result: dict[str, dict[str, Any]] = {}
    for index, label in enumerate(labels):
        hit = float(((guess == index) & (truth == index)).sum())
        said, real = float((guess == index).sum()), float((truth == index).sum())
        precision, recall = hit / max(said, 1), hit / max(real, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        result[label] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "count": int(real),
        }
    return result


def macro_f1(table: dict[str, dict[str, Any]]) -> float:
    """Mean F1 over the labels that occur."""
    return float(np.mean([row["f1"] for row in table.values() if row["count"]]))


def calibration_error(probabilities: np.ndarray, truth: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of the top answer over equal-width bins (Guo et al., 2017)."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == truth
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[index == b].mean() - right[index == b].mean()) * (index == b).mean()
        for b in range(bins)
        if (index == b).any()
    ]
    return float(sum(gaps))


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that minimises the negative log-likelihood, by a fine grid in log space."""
    grid = np.exp(np.linspace(np.log(0.2), np.log(5.0), 161))
    losses = []
    for temperature in grid:
        chosen = softmax(logits, temperature)[np.arange(len(truth)), truth]
        losses.append(-np.log(chosen.clip(1e-12)).mean())
    return round(float(grid[int(np.argmin(losses))]), 4)


def threshold_for(confidence: np.ndarray, right: np.ndarray, target: float = TARGET_PRECISION) -> float:
    """The lowest threshold at or above which at least `target` of the answers are right; above 1 when there is none."""
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= target)
    return float(confidence[order[good[-1]]]) if len(good) else 1.01


def robust_threshold(
    confidence: np.ndarray,
    right: np.ndarray,
    groups: np.ndarray,
    *,
    quantile: float = 0.6,
    rounds: int = 300,
    seed: int = 0,
) -> float:
    """A threshold that does not hang on a few lucky photos: a quantile over resamples of whole senders."""
    rng = np.random.default_rng(seed)
    names = np.unique(groups)
    members = [np.flatnonzero(groups == name) for name in names]
    found = []
    for _ in range(rounds):
        rows = np.concatenate([members[i] for i in rng.integers(len(names), size=len(names))])
        found.append(threshold_for(confidence[rows], right[rows]))
    return round(float(np.quantile(found, quantile)), 4)


def floor_for(
    confidence: np.ndarray, right: np.ndarray, *, least: float = 0.4, low: float = 0.35, high: float = 0.45
) -> float:
    """Below this confidence fewer than `least` of the answers are right, so nothing is claimed.

    Never below `low`: there lie the photos of no garment, which the folds do not hold.
    """
    floor = low
    for candidate in np.arange(low, high, 0.01):
        below = confidence < candidate
        if below.sum() >= 5 and right[below].mean() < least:
            floor = float(candidate)
    return round(floor, 4)


def coverage(confidence: np.ndarray, right: np.ndarray, threshold: float) -> dict[str, float]:
    """How many photos are prefilled at a threshold, and how many of those are right."""
    chosen = confidence >= threshold
    precision = float(right[chosen].mean()) if chosen.any() else 0.0
    return {"threshold": threshold, "coverage": round(float(chosen.mean()), 4), "precision": round(precision, 4)}


def confidence_interval(
    right: np.ndarray, groups: np.ndarray, *, rounds: int = 500, seed: int = 0
) -> tuple[float, float]:
    """95% interval of a mean by resampling whole senders."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    means = []
    for _ in range(rounds):
        rows = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        means.append(right[rows].mean())
    low, high = np.quantile(means, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def confusion(guess: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) counts: rows are the truth, columns the answers."""
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (truth, guess), 1)
    return table


def class_intervals(
    guess: np.ndarray, truth: np.ndarray, classes: int, groups: np.ndarray, *, rounds: int = 300, seed: int = 0
) -> np.ndarray:
    """(classes, 2) 95% interval of every class's F1 by resampling whole senders; NaN for a class that never occurs."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    found = np.full((rounds, classes), np.nan)
    for i in range(rounds):
        rows = np.concatenate([members[j] for j in rng.integers(len(members), size=len(members))])
        table = confusion(guess[rows], truth[rows], classes)
        real, said, hit = table.sum(1), table.sum(0), table.diagonal()
        found[i] = np.where(real > 0, 2 * hit / np.maximum(real + said, 1), np.nan)
    result = np.full((classes, 2), np.nan)
    seen = ~np.isnan(found).all(0)
    result[seen] = np.nanquantile(found[:, seen], [0.025, 0.975], axis=0).T
    return result


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    """What a reliability diagram shows: per bin of confidence its mean, the share that was right, and how many."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        {
            "confidence": round(float(confidence[index == b].mean()), 4),
            "right": round(float(right[index == b].mean()), 4),
            "photos": int((index == b).sum()),
        }
        for b in range(bins)
        if (index == b).any()
    ]


def over_folds(logits: np.ndarray, truth: np.ndarray, labels: Sequence[str], folds: np.ndarray) -> dict[str, Any]:
    """Accuracy, top 3, macro F1, ECE and coverage of each fold, with mean and standard deviation over the folds.

    A fold's temperature and threshold are fitted on the other folds, as they would be for new senders.
    """
    rows: dict[str, dict[str, float]] = {}
    for fold in np.unique(folds):
        here = folds == fold
        fit = ~here if (~here).any() else here
        temperature = fit_temperature(logits[fit], truth[fit])
        calibrated, others = softmax(logits[here], temperature), softmax(logits[fit], temperature)
        threshold = threshold_for(others.max(1), others.argmax(1) == truth[fit])
        chosen = coverage(calibrated.max(1), calibrated.argmax(1) == truth[here], threshold)
        rows[str(fold)] = {
            "photos": int(here.sum()),
            "accuracy": round(accuracy(calibrated, truth[here]), 4),
            "top3": round(accuracy(calibrated, truth[here], 3), 4),
            "macro_f1": round(macro_f1(per_class(calibrated, truth[here], labels)), 4),
            "ece": round(calibration_error(calibrated, truth[here]), 4),
            "prefilled": chosen["coverage"],
            "prefilled_right": chosen["precision"],
        }
    names = [name for name in next(iter(rows.values())) if name != "photos"]
    table = {name: np.array([row[name] for row in rows.values()]) for name in names}
    mean = {name: round(float(values.mean()), 4) for name, values in table.items()}
    spread = {name: round(float(values.std()), 4) for name, values in table.items()}
    return {"folds": rows, "mean": mean, "spread": spread}


def judge(logits: np.ndarray, truth: np.ndarray, labels: Sequence[str], groups: np.ndarray) -> dict[str, Any]:
    """Every figure of one task on held-out photos: accuracy, calibration and thresholds."""
    temperature = fit_temperature(logits, truth)
    raw, calibrated = softmax(logits), softmax(logits, temperature)
    confidence, right = calibrated.max(1), calibrated.argmax(1) == truth
    table = per_class(calibrated, truth, labels)
    intervals = class_intervals(calibrated.argmax(1), truth, len(labels), groups)
    for label, (low, high) in zip(labels, intervals, strict=True):
        table[label]["f1_95"] = None if np.isnan(low) else [round(float(low), 4), round(float(high), 4)]
    threshold = robust_threshold(confidence, right, groups)
    return {
        "photos": len(truth),
        "accuracy": round(accuracy(calibrated, truth), 4),
        "accuracy_95": confidence_interval(right, groups),
        "top3": round(accuracy(calibrated, truth, 3), 4),
        "macro_f1": round(macro_f1(table), 4),
        "ece_before": round(calibration_error(raw, truth), 4),
        "ece_after": round(calibration_error(calibrated, truth), 4),
        "temperature": temperature,
        "at_98": coverage(confidence, right, threshold_for(confidence, right)),
        "prefill": coverage(confidence, right, threshold),
        "floor": floor_for(confidence, right),
        "per_class": table,
        "confusion": confusion(calibrated.argmax(1), truth, len(labels)).tolist(),
        "reliability": reliability(confidence, right),
    }


def intersection_over_union(guess: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(n,) IoU of boolean masks (n, h, w); two empty masks agree."""
    both = (guess & truth).sum((1, 2))
    either = (guess | truth).sum((1, 2))
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))

"""How good a cut-out is: overlap, the place of its edge, and its alpha where the edge runs."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .metrics import intersection_over_union

# Two edges as near as this share of the diagonal are one (Perazzi et al., DAVIS, 2016, take 0.008).
TOLERANCE = 0.006
# Alpha is judged within this many pixels of the true edge.
BAND = 10


def edge_of(mask: np.ndarray) -> np.ndarray:
    """(h, w) bool: pixels of a boolean mask that touch its outside."""
    solid = mask.astype(np.uint8)
    return (solid - cv2.erode(solid, np.ones((3, 3), np.uint8))) > 0


def distance_to(edge: np.ndarray) -> np.ndarray:
    """(h, w) float32 pixels to the nearest True; the picture's size where there is none."""
    if not edge.any():
        return np.full(edge.shape, float(max(edge.shape)), np.float32)
    return np.asarray(cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5))


def boundary_f(guess: np.ndarray, truth: np.ndarray) -> float:
    """F-score of the outline of boolean masks (h, w), hits counted within the tolerance."""
    ours, theirs = edge_of(guess), edge_of(truth)
    reach = max(TOLERANCE * float(np.hypot(*truth.shape)), 1.0)
    if not ours.any() or not theirs.any():
        return 0.0
    precision = float((distance_to(theirs)[ours] <= reach).mean())
    recall = float((distance_to(ours)[theirs] <= reach).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)


def alpha_errors(guess: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Mean absolute error of alpha (h, w) in [0, 1] over the picture and near the true edge, and the mean difference of
    its gradient there: what is blurred, ragged or out of place.
    """
    difference = np.abs(guess - truth)
    near = distance_to(edge_of(truth > 0.5)) <= BAND
    slopes = [np.stack(np.gradient(cv2.GaussianBlur(a.astype(np.float32), (0, 0), 1.0))) for a in (guess, truth)]
    gradient = np.sqrt(((slopes[0] - slopes[1]) ** 2).sum(0))
    if not near.any():
        return float(difference.mean()), 0.0, 0.0
    return float(difference.mean()), float(difference[near].mean()), float(gradient[near].mean())


def mask_figures(guesses: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> dict[str, float]:
    """All figures over pictures; alpha (h, w) float in [0, 1]."""
    pairs = list(zip(guesses, truths, strict=True))
    overlaps = np.array([intersection_over_union((g > 0.5)[None], (t > 0.5)[None])[0] for g, t in pairs])
    errors = np.array([alpha_errors(g, t) for g, t in pairs])
    return {
        "iou": round(float(overlaps.mean()), 4),
        "iou_median": round(float(np.median(overlaps)), 4),
        "iou_p10": round(float(np.quantile(overlaps, 0.1)), 4),
        "boundary_f": round(float(np.mean([boundary_f(g > 0.5, t > 0.5) for g, t in pairs])), 4),
        "alpha_error": round(float(errors[:, 0].mean()), 4),
        "edge_error": round(float(errors[:, 1].mean()), 4),
        "gradient_error": round(float(errors[:, 2].mean()), 4),
    }

"""The network against GrabCut and against no segmentation, as masks and as what the classifier gets to see:

    python -m vision.ml.compare_masks --weights vision/weights --held-out 1,2,3,4 --out runs/masks.json

Masks are judged on composites of studio pictures that no training saw (every tenth), laid in rooms of held-out photos:
their alpha is known. Accuracy is that of the "cut_out" view on photos of held-out senders, and of the whole photo.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import data
from .card import WEIGHTS_DIR
from .config import option, parse_config, parse_folds, write_result
from .cutouts import cached_masks
from .data import Record
from .held_out_scenes import Scene, held_out_scenes
from .mask_metrics import mask_figures
from .metrics import accuracy
from .predictor import Predictor, load_predictor
from .segment import working_copy
from .segmenters import GrabCutSegmenter, Segmenter, WholePhoto
from .views import all_views

PART = 8


@dataclass(frozen=True, kw_only=True)
class CompareConfig:
    """What is compared, and on how much of it."""

    weights: str = option(str(WEIGHTS_DIR), "folder with card.json and the networks")
    data: str = option("../shared/data", "folder that holds garments/ and studio/")
    cache: str = option(".cache/vision", "folder for decoded photos")
    held_out: str = option("1,2,3,4", "folds that the weights were not trained on")
    composites: int = option(96, "composites to judge masks on")
    side: int = option(512, "side of a composite in pixels: that of the working copy a photo is cut out at")
    photos: int = option(400, "photos of held-out senders to classify")
    seed: int = option(11, "seed of composites and of the choice of photos")
    out: str = option("", "write every figure here as JSON")


def judge_masks(segmenter: Segmenter, scenes: Sequence[Scene]) -> dict[str, float]:
    """Figures of `mask_metrics.mask_figures` and the milliseconds a picture took."""
    started = time.perf_counter()
    found = [
        f for k in range(0, len(scenes), PART) for f in segmenter([picture for picture, _ in scenes[k : k + PART]])
    ]
    took = (time.perf_counter() - started) * 1000 / max(len(scenes), 1)
    alphas = [f.alpha.astype(np.float32) / 255 for f in found]
    return mask_figures(alphas, [alpha for _, alpha in scenes]) | {"ms": round(took, 1)}


def scenes_for(root: Path, cache: Path, photos: Sequence[Record], *, count: int, side: int, seed: int) -> list[Scene]:
    """Composites of the held-out studio pictures of `root` in rooms of `photos`."""
    studio, _ = data.read_studio(root)
    masks = cached_masks(studio, data.cached_pixels(studio, 192, cache)[0], cache)
    return held_out_scenes(studio, masks, [record.path for record in photos], count=count, side=side, seed=seed)


def cut_out_views(predictor: Predictor, segmenter: Segmenter, images: Sequence[Image.Image]) -> np.ndarray:
    """(n, 3, s, s) what the classifier sees when the cut-out is this segmenter's."""
    found = segmenter(images)
    each = [all_views(image, f.probability, predictor.card.student) for image, f in zip(images, found, strict=True)]
    return np.stack([views["cut_out"] for views in each])


def judge_accuracy(
    predictor: Predictor, segmenters: Sequence[Segmenter], records: Sequence[Record]
) -> dict[str, dict[str, float]]:
    """Category and pattern accuracy by source of the cut-out."""
    said: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {segmenter.name: [] for segmenter in segmenters}
    for start in range(0, len(records), PART):
        images = []
        for record in records[start : start + PART]:
            with Image.open(record.path) as photo:
                images.append(working_copy(photo.convert("RGB")))
        for segmenter in segmenters:
            heads = predictor.classify(cut_out_views(predictor, segmenter, images))
            said[segmenter.name].append((heads.category, heads.pattern))
    truth = [np.array([r.category for r in records]), np.array([r.pattern for r in records])]
    return {
        name: {
            "category": round(accuracy(np.concatenate([p[0] for p in parts]), truth[0]), 4),
            "pattern": round(accuracy(np.concatenate([p[1] for p in parts]), truth[1]), 4),
        }
        for name, parts in said.items()
    }


def compare(config: CompareConfig) -> dict[str, Any]:
    """All figures: {"masks": {segmenter: ...}, "accuracy": {segmenter: ...}, "composites", "photos"}."""
    root, rng = Path(config.data), np.random.default_rng(config.seed)
    predictor = load_predictor(Path(config.weights))
    garments = data.read_garments(root)
    held = np.flatnonzero(np.isin(data.assign_folds(garments), parse_folds(config.held_out)))
    chosen = [garments[i] for i in rng.permutation(held)[: config.photos]]
    scenes = scenes_for(root, Path(config.cache), chosen, count=config.composites, side=config.side, seed=config.seed)
    segmenters: list[Segmenter] = [predictor.segmenter, GrabCutSegmenter(), WholePhoto()]
    return {
        "composites": len(scenes),
        "photos": len(chosen),
        "masks": {segmenter.name: judge_masks(segmenter, scenes) for segmenter in segmenters},
        "accuracy": judge_accuracy(predictor, segmenters, chosen),
    }


def table(result: dict[str, Any]) -> str:
    """A line for each segmenter."""
    columns = list(next(iter(result["masks"].values())))
    lines = [f"{'':10}" + "".join(f"{name:>16}" for name in [*columns, "category", "pattern"])]
    for name, figures in result["masks"].items():
        values = [figures[column] for column in columns] + list(result["accuracy"][name].values())
        lines.append(f"{name:10}" + "".join(f"{value:16.4f}" for value in values))
    lines.append(
        f"masks on {result['composites']} composites, accuracy on {result['photos']} photos of held-out senders"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    config = parse_config(CompareConfig, "compare_masks", __doc__, arguments)
    result = compare(config)
    print(table(result))
    write_result(config.out, result)
    return result


if __name__ == "__main__":
    main()

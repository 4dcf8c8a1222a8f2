"""Measure a weights folder on held-out senders, through the very code that serves:

    python -m vision.ml.evaluate --weights runs/held-out --data ../shared/data --held-out 1,2 --out runs/evaluation.json

Prints and writes category and pattern figures for the full photo, the cut-out and their average, the temperature and
thresholds, the segmenter's IoU on composites of held-out studio pictures, and how often colours are named right.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from erp.core.photos import decode_photo

from . import data
from .batches import Source
from .card import WEIGHTS_DIR
from .colour_eval import evaluate_colours
from .compare_masks import judge_masks, scenes_for
from .cutouts import cached_masks
from .data import Record
from .labels import CATEGORIES, PATTERNS
from .metrics import accuracy, judge, softmax
from .predictor import Predictor, load_predictor
from .segment import working_copy

PARTS = ("student", "segmenter", "colours")
VIEWS = ("full", "zoom", "cut_out", "average")


def view_logits(predictor: Predictor, records: Sequence[Record]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Category (n, 12) and pattern (n, 10) logits of every view."""
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = defaultdict(list)
    for start in range(0, len(records), 16):
        images = [working_copy(decode_photo(r.path.read_bytes()).image) for r in records[start : start + 16]]
        for name, batch in predictor.views(images, predictor.segment(images)).items():
            found[name].append(predictor.classify(batch)[:2])
    result = {
        name: (np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]))
        for name, parts in found.items()
    }
    category, pattern = (np.mean([pair[task] for pair in result.values()], axis=0) for task in range(2))
    result["average"] = (category, pattern)
    return result


def evaluate_student(predictor: Predictor, records: Sequence[Record], folds: np.ndarray) -> dict[str, Any]:
    """Compare the views, keep the one that is right most often over both tasks, and judge that one fully."""
    truth = {
        "category": np.array([r.category for r in records]),
        "pattern": np.array([r.pattern for r in records]),
    }
    senders = np.array([r.sender for r in records])
    logits = view_logits(predictor, records)
    views = {
        name: {
            "category": round(accuracy(pair[0], truth["category"]), 4),
            "category_top3": round(accuracy(pair[0], truth["category"], 3), 4),
            "pattern": round(accuracy(pair[1], truth["pattern"]), 4),
        }
        for name, pair in logits.items()
    }
    best = max(VIEWS, key=lambda name: views[name]["category"] + 0.5 * views[name]["pattern"])
    category, pattern = logits[best]
    by_fold = {
        str(fold): {
            "category": round(accuracy(category[folds == fold], truth["category"][folds == fold]), 4),
            "pattern": round(accuracy(pattern[folds == fold], truth["pattern"][folds == fold]), 4),
        }
        for fold in np.unique(folds)
    }
    guess = softmax(category).argmax(1)
    confusion = np.zeros((len(CATEGORIES), len(CATEGORIES)), dtype=int)
    np.add.at(confusion, (truth["category"], guess), 1)
    return {
        "views": views,
        "view": best,
        "category": judge(category, truth["category"], CATEGORIES, senders),
        "pattern": judge(pattern, truth["pattern"], PATTERNS, senders),
        "by_fold": by_fold,
        "confusion": confusion.tolist(),
    }


def evaluate(
    weights: Path, root: Path, held_out: Sequence[int], cache: Path, parts: Sequence[str] = PARTS
) -> dict[str, Any]:
    """The chosen parts of the evaluation, as one dictionary of figures."""
    predictor = load_predictor(weights)
    garments = data.read_garments(root)
    folds = data.assign_folds(garments)
    rows = np.flatnonzero(np.isin(folds, held_out))
    result: dict[str, Any] = {}
    if "student" in parts:
        result |= evaluate_student(predictor, [garments[i] for i in rows], folds[rows])
    studio, _ = data.read_studio(root)
    shop, aspect = data.cached_pixels(studio, 192, cache)
    source = Source(shop, aspect, cached_masks(studio, shop, cache))
    if "segmenter" in parts:
        held = [garments[i] for i in rows]
        scenes = scenes_for(root, cache, held, count=160, side=512, seed=11)
        result["segmenter"] = {"composites": len(scenes)} | judge_masks(predictor.segmenter, scenes)
    if "colours" in parts:
        result["colours"] = evaluate_colours(studio, source)
    return result


def summary(result: dict[str, Any]) -> str:
    """The figures that decide, one line each."""
    lines = [f"view {name}: {figures}" for name, figures in result.get("views", {}).items()]
    for task in ("category", "pattern"):
        if task in result:
            lines.append(f"{task}: { {k: v for k, v in result[task].items() if k != 'per_class'} }")
            lines += [f"  {label}: {row}" for label, row in result[task]["per_class"].items()]
    lines += [f"{name}: {result[name]}" for name in ("by_fold", "segmenter", "colours") if name in result]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS_DIR, help="folder with card.json and the ONNX files")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with garments/ and studio/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/vision"), help="folder for decoded photos")
    parser.add_argument("--held-out", default="1,2", help="folds that the weights were not trained on")
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure; --out keeps its other parts")
    parser.add_argument("--out", type=Path, help="write every figure here as JSON")
    options = parser.parse_args(arguments)
    folds = [int(f) for f in options.held_out.split(",")]
    result = evaluate(options.weights, options.data, folds, options.cache, options.parts.split(","))
    print(summary(result))
    if options.out:
        before = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
        options.out.write_text(json.dumps(before | result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

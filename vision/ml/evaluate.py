"""Measure a weights folder on held-out senders, through the very code that serves:

    python -m vision.ml.evaluate --weights runs/held-out --data ../shared/data --held-out 1,2 --out runs/evaluation.json

Prints and writes category and pattern figures for every view of the photo and their average, over all held-out photos
and fold by fold; temperature and thresholds; how often no garment and several garments are noticed; the segmenter's
masks on composites of held-out studio pictures; and how often colours are named right. --pictures draws confusion
matrices and reliability diagrams.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from erp.core.photos import decode_photo

from . import data
from .batches import Source
from .card import WEIGHTS_DIR
from .colour_eval import evaluate_colours
from .compare_masks import judge_masks, scenes_for
from .config import option, parse_config, parse_folds, write_result
from .cutouts import cached_masks
from .data import Record
from .labels import CATEGORIES, PATTERNS
from .metrics import accuracy, judge, over_folds
from .predictor import Heads, Predictor, load_predictor
from .scene_eval import evaluate_scenes
from .segment import working_copy

PARTS = ("student", "scenes", "segmenter", "colours")
VIEWS = ("full", "zoom", "cut_out", "average")


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """What is measured, and on which photos."""

    weights: str = option(str(WEIGHTS_DIR), "folder with card.json and the ONNX files")
    data: str = option("../shared/data", "folder with garments/ and studio/")
    cache: str = option(".cache/vision", "folder for decoded photos")
    held_out: str = option("1,2", "folds that the weights were not trained on")
    parts: str = option(",".join(PARTS), "what to measure; --out keeps its other parts")
    composites: int = option(160, "composites of held-out studio pictures that judge the masks")
    made_scenes: int = option(400, "pictures of nothing and of several garments that are made to judge scenes")
    pictures: str = option("", "folder for confusion matrices and reliability diagrams (PNG)")
    out: str = option("", "write every figure here as JSON")


def view_answers(predictor: Predictor, records: Sequence[Record]) -> dict[str, Heads]:
    """What the student says of every view: category (n, 12) and pattern (n, 10) logits, and scene (n, 3) if it can."""
    found: dict[str, list[Heads]] = defaultdict(list)
    for start in range(0, len(records), 16):
        images = [working_copy(decode_photo(r.path.read_bytes()).image) for r in records[start : start + 16]]
        for name, batch in predictor.views(images, predictor.segment(images)).items():
            found[name].append(predictor.classify(batch))
    result = {name: joined(parts) for name, parts in found.items()}
    said = list(result.values())
    category, pattern = np.mean([h.category for h in said], axis=0), np.mean([h.pattern for h in said], axis=0)
    embedding = np.mean([h.embedding for h in said], axis=0)
    return result | {"average": Heads(category, pattern, embedding, result["full"].scene)}


def joined(parts: Sequence[Heads]) -> Heads:
    category, pattern = np.concatenate([h.category for h in parts]), np.concatenate([h.pattern for h in parts])
    embedding = np.concatenate([h.embedding for h in parts])
    scenes = [heads.scene for heads in parts if heads.scene is not None]
    return Heads(category, pattern, embedding, np.concatenate(scenes) if scenes else None)


def judge_views(answers: dict[str, Heads], truth: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "category": round(accuracy(heads.category, truth["category"]), 4),
            "category_top3": round(accuracy(heads.category, truth["category"], 3), 4),
            "pattern": round(accuracy(heads.pattern, truth["pattern"]), 4),
        }
        for name, heads in answers.items()
    }


def evaluate_student(answers: dict[str, Heads], records: Sequence[Record], folds: np.ndarray) -> dict[str, Any]:
    """Compare the views, keep the one that is right most often over both tasks, and judge that one fully."""
    truth = {"category": np.array([r.category for r in records]), "pattern": np.array([r.pattern for r in records])}
    senders = np.array([r.sender for r in records])
    views = judge_views(answers, truth)
    best = max(VIEWS, key=lambda name: views[name]["category"] + 0.5 * views[name]["pattern"])
    category, pattern = answers[best].category, answers[best].pattern
    return {
        "views": views,
        "view": best,
        "category": judge(category, truth["category"], CATEGORIES, senders),
        "pattern": judge(pattern, truth["pattern"], PATTERNS, senders),
        "by_fold": {
            "category": over_folds(category, truth["category"], CATEGORIES, folds),
            "pattern": over_folds(pattern, truth["pattern"], PATTERNS, folds),
        },
    }


def evaluate(config: EvaluateConfig) -> dict[str, Any]:
    """The chosen parts of the evaluation, as one dictionary of figures."""
    predictor, parts = load_predictor(Path(config.weights)), config.parts.split(",")
    root, cache = Path(config.data), Path(config.cache)
    garments = data.read_garments(root)
    folds = data.assign_folds(garments)
    rows = np.flatnonzero(np.isin(folds, parse_folds(config.held_out)))
    held = [garments[i] for i in rows]
    result: dict[str, Any] = {}
    answers = view_answers(predictor, held) if {"student", "scenes"} & set(parts) else {}
    if "student" in parts:
        result |= evaluate_student(answers, held, folds[rows])
    if "scenes" in parts and answers["full"].scene is not None:
        result["scenes"] = evaluate_scenes(
            predictor, answers["full"].scene, held, root, cache, count=config.made_scenes
        )
    if "segmenter" in parts:
        scenes = scenes_for(root, cache, held, count=config.composites, side=512, seed=11)
        result["segmenter"] = {"composites": len(scenes)} | judge_masks(predictor.segmenter, scenes)
    if "colours" in parts:
        studio, _ = data.read_studio(root)
        shop, aspect = data.cached_pixels(studio, 192, cache)
        result["colours"] = evaluate_colours(studio, Source(shop, aspect, cached_masks(studio, shop, cache)))
    return result


def summary(result: dict[str, Any]) -> str:
    """The figures that decide, one line each."""
    lines = [f"view {name}: {figures}" for name, figures in result.get("views", {}).items()]
    for task in ("category", "pattern"):
        if task in result:
            skipped = ("per_class", "confusion", "reliability")
            lines.append(f"{task}: { {k: v for k, v in result[task].items() if k not in skipped} }")
            lines += [f"  {label}: {row}" for label, row in result[task]["per_class"].items()]
            lines += [f"  fold {fold}: {row}" for fold, row in result["by_fold"][task]["folds"].items()]
            lines += [f"  {name} over folds: {result['by_fold'][task][name]}" for name in ("mean", "spread")]
    lines += [f"{name}: {result[name]}" for name in ("scenes", "segmenter", "colours") if name in result]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    config = parse_config(EvaluateConfig, "evaluate", __doc__, arguments)
    result = evaluate(config)
    print(summary(result))
    if config.pictures and "category" in result:
        from .pictures import draw_evaluation  # matplotlib takes a second to load

        for path in draw_evaluation(result, Path(config.pictures)):
            print(path)
    if config.out:
        out = Path(config.out)
        before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
        write_result(config.out, before | result)


if __name__ == "__main__":
    main()

"""Cross-validation: runs that each kept one fold from training, judged on the photos they never saw:

    python -m vision.ml.folds --runs runs/fold1,runs/fold2,runs/fold3 --against runs/plain1,runs/plain2,runs/plain3

Printed are the figures of every fold, their mean and their spread; a fold's temperature and threshold come from the
others. With --against, runs of the same folds that were trained another way, also how much more often the first ones
are right, and the F1 of every label both ways. A run is a folder of `vision.ml.train`: its config.json names the fold.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import data
from .card import WEIGHTS_DIR
from .config import option, parse_config, parse_device, parse_folds, parse_sizes, write_result
from .data import Record
from .ensemble import answers_of
from .judging import Trial, differences, joined
from .labels import TASKS
from .metrics import over_folds, per_class
from .predictor import Predictor, load_predictor
from .soft_labels import load_member


@dataclass(frozen=True, kw_only=True)
class FoldsConfig:
    """Which runs are judged, and against which."""

    runs: str = option("", "folders of runs, one a fold, separated by commas")
    against: str = option("", "folders of the same folds trained another way, to compare with")
    weights: str = option(str(WEIGHTS_DIR), "weights folder whose segmenter cuts the garments out")
    data: str = option("../shared/data", "folder that holds garments/")
    device: str = option("auto", "auto, cpu or cuda")
    bf16: bool = option(True, "mixed precision: bfloat16 autocast")
    out: str = option("", "write every figure here as JSON")


@dataclass(frozen=True)
class FoldRun:
    """A run that kept one fold from training: its folder, the fold, and the side of the photos it ended with."""

    folder: Path
    fold: int
    size: int


def read_run(folder: Path) -> FoldRun:
    """Raises ValueError when the run kept no fold, or several."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    held_out = parse_folds(config["held_out"])
    if len(held_out) != 1:
        raise ValueError(f"{folder} kept the folds {held_out} from training; a run of a cross-validation keeps one.")
    return FoldRun(folder, held_out[0], parse_sizes(config["sizes"])[-1][0])


def read_runs(text: str) -> list[FoldRun]:
    """The runs of a comma-separated list, by fold. Raises ValueError when two kept the same fold."""
    runs = sorted((read_run(Path(part)) for part in text.split(",") if part), key=lambda run: run.fold)
    folds = [run.fold for run in runs]
    if len(set(folds)) < len(folds):
        raise ValueError(f"Two runs kept the same fold from training: {folds}.")
    return runs


def trial_of(run: FoldRun, records: Sequence[Record], segmenter: Predictor, config: FoldsConfig) -> Trial:
    """What a run says of photos it never saw, averaged over views and mirror images."""
    model = load_member(run.folder / "classifier.safetensors", parse_device(config.device))
    return Trial(records, answers_of({"run": model}, records, segmenter, run.size, bf16=config.bf16)["run"])


def cross_validate(config: FoldsConfig) -> dict[str, Any]:
    """{"runs": {task: over_folds, "per_class"}, and with --against the same of those and "gain" by task}."""
    sides = {"runs": read_runs(config.runs)}
    if config.against:
        sides["against"] = read_runs(config.against)
        if [run.fold for run in sides["runs"]] != [run.fold for run in sides["against"]]:
            raise ValueError("--against is to name runs of the same folds as --runs.")
    garments, segmenter = data.read_garments(Path(config.data)), load_predictor(Path(config.weights))
    folds = data.assign_folds(garments)
    held = {run.fold: [garments[i] for i in np.flatnonzero(folds == run.fold)] for run in sides["runs"]}
    fold_of = np.concatenate([np.full(len(records), fold) for fold, records in held.items()])
    trials = {
        name: joined([trial_of(run, held[run.fold], segmenter, config) for run in runs]) for name, runs in sides.items()
    }
    result: dict[str, Any] = {name: judge_side(trial, fold_of) for name, trial in trials.items()}
    if config.against:
        result["gain"] = differences(trials["against"], trials["runs"])
    return result


def judge_side(trial: Trial, fold_of: np.ndarray) -> dict[str, Any]:
    result = {}
    for task, labels in TASKS.items():
        logits, truth, _senders = trial.known(task)
        result[task] = over_folds(logits, truth, labels, fold_of) | {"per_class": per_class(logits, truth, labels)}
    return result


def table(result: dict[str, Any]) -> str:
    """Every fold, mean and spread by task; then the two sides by label."""
    lines = []
    for side in ("runs", "against"):
        for task, found in result.get(side, {}).items():
            lines += [f"{side}, {task}, fold {fold}: {row}" for fold, row in found["folds"].items()]
            lines += [f"{side}, {task}, {name}: {found[name]}" for name in ("mean", "spread")]
    for task, gain in result.get("gain", {}).items():
        lines.append(f"{task}: runs against the others: {gain}")
        for label, row in result["runs"][task]["per_class"].items():
            other = result["against"][task]["per_class"][label]
            lines.append(f"  {label:20} F1 {row['f1']:.3f} against {other['f1']:.3f} on {row['count']} photos")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    config = parse_config(FoldsConfig, "folds", __doc__, arguments)
    result = cross_validate(config)
    print(table(result))
    write_result(config.out, result)
    return result


if __name__ == "__main__":
    main()

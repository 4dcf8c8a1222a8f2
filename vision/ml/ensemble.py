"""Let trained classifiers vote, and find out what the vote is worth:

    python -m vision.ml.ensemble --members runs/a/classifier.safetensors,runs/b/classifier.safetensors \\
        --weights vision/weights --held-out 1,2 --out runs/ensemble.json

Every member answers held-out photos as the served model would (views and mirror images averaged). Per task it gets a
temperature and a share of the vote; with --out both are kept for `vision.ml.distil --vote`. The printed figures of the
vote are cross-fitted: shares come from the other folds than the one they are measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from erp.core.photos import decode_photo

from . import data
from .card import WEIGHTS_DIR, Preprocessing
from .config import option, parse_config, parse_device, parse_folds, write_result
from .data import Record
from .labels import TASKS
from .metrics import accuracy, fit_temperature, macro_f1, per_class, softmax
from .predictor import Predictor, load_predictor
from .segment import working_copy
from .soft_labels import load_member
from .tasks import autocast
from .views import all_views

Logits = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class EnsembleConfig:
    """Which members vote, and on which photos they are heard."""

    members: str = option("", "weights of the members (.safetensors), separated by commas; named by their folders")
    weights: str = option(str(WEIGHTS_DIR), "weights folder whose segmenter cuts the garments out")
    data: str = option("../shared/data", "folder that holds garments/")
    held_out: str = option("1,2", "folds that no member was trained on")
    size: int = option(160, "input side of the members in pixels")
    out: str = option("", "write shares, temperatures and figures here as JSON")
    device: str = option("auto", "auto, cpu or cuda")
    bf16: bool = option(True, "mixed precision: bfloat16 autocast")


@torch.no_grad()
def answers_of(
    models: dict[str, torch.nn.Module], records: Sequence[Record], segmenter: Predictor, size: int, *, bf16: bool = True
) -> dict[str, Logits]:
    """Logits of every member on every photo, averaged over its three views and their mirror images."""
    found: dict[str, dict[str, list[np.ndarray]]] = {name: {task: [] for task in TASKS} for name in models}
    for start in range(0, len(records), 16):
        images = [working_copy(decode_photo(r.path.read_bytes()).image) for r in records[start : start + 16]]
        batch = views_of(images, segmenter.segment(images), size)
        for name, model in models.items():
            where = next(model.parameters()).device
            with autocast(bf16, where):
                answers = model(batch.to(where, memory_format=torch.channels_last))
            for column, task in enumerate(TASKS):
                found[name][task].append(
                    answers[column].float().cpu().view(-1, len(images), answers[column].shape[1]).mean(0).numpy()
                )
    return {name: {task: np.concatenate(parts) for task, parts in tasks.items()} for name, tasks in found.items()}


def views_of(images: Sequence[Any], probability: np.ndarray, size: int) -> torch.Tensor:
    """(6 n, 3, size, size): full, zoom and cut-out views of n photos, and all of them mirrored, view by view."""
    each = [all_views(i, p, Preprocessing(size)) for i, p in zip(images, probability, strict=True)]
    views = np.concatenate([np.stack([v[name] for v in each]) for name in each[0]])
    batch = torch.from_numpy(views)
    return torch.cat([batch, batch.flip(3)])


def fit_shares(probabilities: Sequence[np.ndarray], truth: np.ndarray, rounds: int = 300) -> np.ndarray:
    """(members,) mixture weights of maximum likelihood, by expectation-maximisation (Dempster et al., 1977)."""
    chosen = np.stack([p[np.arange(len(truth)), truth] for p in probabilities]).clip(1e-12)
    share = np.full(len(chosen), 1 / len(chosen))
    for _ in range(rounds):
        blame = share[:, None] * chosen
        share = (blame / blame.sum(0)).mean(1)
    return share


def fit_vote(members: Sequence[np.ndarray], truth: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Temperatures and shares of the members' logits (n, k) on one task."""
    temperatures = [fit_temperature(logits, truth) for logits in members]
    calibrated = [softmax(z, t) for z, t in zip(members, temperatures, strict=True)]
    return temperatures, fit_shares(calibrated, truth)


def voted(members: Sequence[np.ndarray], temperatures: Sequence[float], shares: np.ndarray) -> np.ndarray:
    """(n, k) probabilities of the vote."""
    return sum(s * softmax(z, t) for z, t, s in zip(members, temperatures, shares, strict=True))


def cross_fitted(members: Sequence[np.ndarray], truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """(n, k) probabilities of the vote, each fold judged by shares that were fitted on the others."""
    result = np.zeros_like(members[0])
    for fold in np.unique(folds):
        here = folds == fold
        temperatures, shares = fit_vote([z[~here] for z in members], truth[~here])
        result[here] = voted([z[here] for z in members], temperatures, shares)
    return result


def figures(probabilities: np.ndarray, truth: np.ndarray, labels: Sequence[str], folds: np.ndarray) -> dict[str, Any]:
    """Accuracy, top 3 and macro F1 over all photos; accuracy per fold with mean and spread."""
    by_fold = [accuracy(probabilities[folds == f], truth[folds == f]) for f in np.unique(folds)]
    return {
        "accuracy": round(accuracy(probabilities, truth), 4),
        "top3": round(accuracy(probabilities, truth, 3), 4),
        "macro_f1": round(macro_f1(per_class(probabilities, truth, labels)), 4),
        "by_fold": {str(f): round(a, 4) for f, a in zip(np.unique(folds), by_fold, strict=True)},
        "spread": round(float(np.std(by_fold)), 4),
    }


def judge_vote(answers: dict[str, Logits], truth: dict[str, np.ndarray], folds: np.ndarray) -> dict[str, Any]:
    """Every member and the vote on both tasks, what the vote gains, and shares and temperatures fitted on all."""
    members: dict[str, Any] = {name: {"weight": {}, "temperature": {}} for name in answers}
    result: dict[str, Any] = {"members": members, "figures": {}}
    for task in TASKS:
        said = [answers[name][task] for name in answers]
        temperatures, shares = fit_vote(said, truth[task])
        for name, temperature, share in zip(answers, temperatures, shares, strict=True):
            members[name]["weight"][task], members[name]["temperature"][task] = round(float(share), 4), temperature
        table = {
            name: figures(softmax(logits), truth[task], TASKS[task], folds)
            for name, logits in zip(answers, said, strict=True)
        }
        best = max(row["accuracy"] for row in table.values())
        several = len(np.unique(folds)) > 1
        vote = cross_fitted(said, truth[task], folds) if several else voted(said, temperatures, shares)
        equal = voted(said, temperatures, np.full(len(said), 1 / len(said)))
        table["vote"] = figures(vote, truth[task], TASKS[task], folds)
        table["vote, equal shares"] = figures(equal, truth[task], TASKS[task], folds)
        result["figures"][task] = table
        result["figures"][f"{task} gain over the best member"] = round(table["vote"]["accuracy"] - best, 4)
    return result


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    config = parse_config(EnsembleConfig, "ensemble", __doc__, arguments)
    paths = [Path(part) for part in config.members.split(",") if part]
    device = parse_device(config.device)
    garments = data.read_garments(Path(config.data))
    folds = data.assign_folds(garments)
    rows = np.flatnonzero(np.isin(folds, parse_folds(config.held_out)))
    records = [garments[i] for i in rows]
    models = {path.parent.name: load_member(path, device) for path in paths}
    answers = answers_of(models, records, load_predictor(Path(config.weights)), config.size, bf16=config.bf16)
    truth = {"category": np.array([r.category for r in records]), "pattern": np.array([r.pattern for r in records])}
    result = judge_vote(answers, truth, folds[rows])
    for task in TASKS:
        for name, row in result["figures"][task].items():
            print(f"{task} {name}: {row}")
        print(f"{task}: the vote gains {result['figures'][f'{task} gain over the best member']:+.4f}")
    write_result(config.out, result)
    return result


if __name__ == "__main__":
    main()

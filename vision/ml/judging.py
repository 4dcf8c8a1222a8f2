"""A candidate against the model it began from, on photos that neither was trained on: figures side by side, and whether
the candidate deserves to be proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .card import Decision, ModelCard
from .data import UNKNOWN, Record
from .evaluate import view_answers
from .labels import TASKS
from .metrics import accuracy, confidence_interval, coverage, judge, macro_f1, per_class, softmax
from .predictor import Predictor

BETTER, SAME, WORSE, TOO_FEW = "better", "no_better", "worse", "too_few"
SENTENCES = {
    BETTER: "Better: the candidate is right more often, and no task got worse. Activate it.",
    SAME: "No better: the difference lies within what chance makes of so many photos. Keep the present model.",
    WORSE: "Worse: the candidate is right less often. Keep the present model.",
    TOO_FEW: "Too few answered photos to tell the two apart. Collect more answers before changing the model.",
}
AGREEMENT = "Answers were given in sight of the present model's suggestions, which favours it a little."


@dataclass(frozen=True)
class Trial:
    """Photos of one set, and what one model says of them: logits (n, 12) and (n, 10)."""

    records: Sequence[Record]
    logits: dict[str, np.ndarray]

    @property
    def senders(self) -> np.ndarray:
        return np.array([record.sender for record in self.records])

    def known(self, task: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Logits, truth and senders of the photos whose label is known."""
        truth = np.array([getattr(record, task) for record in self.records])
        rows = truth != UNKNOWN
        return self.logits[task][rows], truth[rows], self.senders[rows]


def hold_trial(predictor: Predictor, records: Sequence[Record]) -> Trial:
    """Asks a model, through the code that serves."""
    if not records:
        return Trial(records, {task: np.zeros((0, len(labels))) for task, labels in TASKS.items()})
    heads = view_answers(predictor, records)[predictor.card.view]
    return Trial(records, {"category": heads.category, "pattern": heads.pattern})


def joined(trials: Sequence[Trial]) -> Trial:
    """Several sets as one."""
    records = [record for trial in trials for record in trial.records]
    return Trial(records, {task: np.concatenate([trial.logits[task] for trial in trials]) for task in TASKS})


def right_of(trial: Trial, task: str) -> np.ndarray:
    logits, truth, _senders = trial.known(task)
    return (logits.argmax(1) == truth).astype(float)


def figures_of(trial: Trial, decisions: dict[str, Decision]) -> dict[str, Any]:
    """What one model reaches on one set, by task; a task without photos is left out."""
    result = {}
    for task, labels in TASKS.items():
        logits, truth, senders = trial.known(task)
        if not len(truth):
            continue
        sure = softmax(logits, decisions[task].temperature)
        right = sure.argmax(1) == truth
        table = per_class(sure, truth, labels)
        filled = coverage(sure.max(1), right, decisions[task].prefill)
        result[task] = {
            "photos": len(truth),
            "accuracy": round(accuracy(sure, truth), 4),
            "accuracy_95": confidence_interval(right, senders),
            "top3": round(accuracy(sure, truth, 3), 4),
            "macro_f1": round(macro_f1(table), 4),
            "coverage": filled["coverage"],
            "precision": filled["precision"],
            "per_class": {label: row for label, row in table.items() if row["count"]},
        }
    return result


def differences(base: Trial, candidate: Trial) -> dict[str, Any]:
    """How much more often the candidate is right, by task, with a 95 % interval over whole senders."""
    result = {}
    for task in TASKS:
        gain = right_of(candidate, task) - right_of(base, task)
        if len(gain):
            interval = confidence_interval(gain, base.known(task)[2])
            result[task] = {"photos": len(gain), "gain": round(float(gain.mean()), 4), "gain_95": interval}
    return result


def verdict_on(answered: dict[str, Any], held_out: dict[str, Any], *, least: int) -> str:
    """What to do, from the differences on answered photos and on the release's own held-out photos."""
    if max((row["photos"] for row in answered.values()), default=0) < least:
        return TOO_FEW
    if any(row["gain_95"][1] < 0 for row in (*answered.values(), *held_out.values())):
        return WORSE
    return BETTER if any(row["gain_95"][0] > 0 for row in answered.values()) else SAME


def recalibrated(trial: Trial, base: ModelCard, *, least: int) -> tuple[dict[str, Decision], dict[str, str]]:
    """Temperature and thresholds of each task, anew where photos suffice, else the base's; and which it was."""
    decisions, words = {}, {}
    for task, labels in TASKS.items():
        logits, truth, senders = trial.known(task)
        if len(truth) < least:
            decisions[task] = getattr(base, task)
            words[task] = f"kept from {base.name}: {len(truth)} photos of the {least} that setting them anew takes"
            continue
        found = judge(logits, truth, labels, senders)
        decisions[task] = Decision(found["prefill"]["threshold"], found["floor"], found["temperature"])
        words[task] = f"set anew on {len(truth)} answered photos"
    return decisions, words


def decisions_of(card: ModelCard) -> dict[str, Decision]:
    return {task: getattr(card, task) for task in TASKS}

"""What an ensemble of teachers says of a stream of batches: soft labels, computed once and kept.

A batch of a seed is always the same picture by picture, so the student sees exactly the views, mixtures included, that
its teachers answered ("function matching" of Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and
consistent"), and any number of students can be trained on one pass of the teachers.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import load_model, load_tensors
from .classifier_batches import ClassifierBatches
from .labels import TASKS
from .loop import show_progress
from .model import build_classifier
from .tasks import autocast


@dataclass(frozen=True)
class Member:
    """One voice of an ensemble: its weights file, and per task its share of the vote and its temperature."""

    path: Path
    weight: dict[str, float]
    temperature: dict[str, float]


def load_member(path: Path, device: torch.device | str = "cpu") -> nn.Module:
    """A trained classifier, ready to answer; heads that only training needs are left out."""
    config = dict(load_tensors(path)[1]["model"]) | {"articles": 0, "scene": False, "pretrained": False}
    model = build_classifier(config)
    load_model(path, model)
    return model.eval().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def equal_members(paths: Sequence[Path]) -> list[Member]:
    """Members of equal weight and temperature 1."""
    share = 1 / len(paths)
    return [Member(p, dict.fromkeys(TASKS, share), dict.fromkeys(TASKS, 1.0)) for p in paths]


def vote(logits: Sequence[Tensor], members: Sequence[Member], task: str, temperature: float = 1.0) -> Tensor:
    """Soft vote (n, classes): the weighted mean of the members' calibrated probabilities, softened by `temperature`."""
    parts = [
        member.weight[task] * (answer.float() / (member.temperature[task] * temperature)).softmax(1)
        for answer, member in zip(logits, members, strict=True)
    ]
    return torch.stack(parts).sum(0)


def stream_key(batcher: ClassifierBatches, members: Sequence[Member], temperature: float) -> str:
    """Changes with everything that the soft labels of a stream depend on."""
    files = [(hashlib.sha256(m.path.read_bytes()).hexdigest(), m.weight, m.temperature) for m in members]
    material = [
        len(batcher.material.garments.index),
        batcher.material.garments.index.sum(),
        batcher.garment_labels.sum(),
    ]
    settings = (batcher.seed, batcher.batch, batcher.replay, batcher.size, batcher.mix, batcher.warp, batcher.light)
    return hashlib.sha256(repr((files, material, settings, temperature)).encode()).hexdigest()[:16]


@torch.no_grad()
def teach(
    batcher: ClassifierBatches, members: Sequence[Member], temperature: float, *, bf16: bool = True
) -> dict[str, np.ndarray]:
    """Soft labels of one round of the stream: per task (batches, batch, classes) float16."""
    models = [load_member(member.path, batcher.device) for member in members]
    said: dict[str, list[np.ndarray]] = {task: [] for task in TASKS}
    for number in range(batcher.replay):
        images = batcher()["images"]
        with autocast(bf16, images.device):
            answers = [model(images) for model in models]
        for column, task in enumerate(TASKS):
            soft = vote([answer[column] for answer in answers], members, task, temperature)
            said[task].append(soft.half().cpu().numpy())
        if number % 100 == 99:
            show_progress((number + 1) / batcher.replay, f"teachers: {number + 1} of {batcher.replay} batches")
    return {task: np.stack(rows) for task, rows in said.items()}


def kept_soft_labels(
    batcher: ClassifierBatches, members: Sequence[Member], temperature: float, folder: Path, *, bf16: bool = True
) -> dict[str, np.ndarray]:
    """`teach`, made once for the same teachers and stream and then read from `folder`."""
    path = folder / f"teachers-{stream_key(batcher, members, temperature)}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.stem}-{os.getpid()}.npz")
        said = teach(batcher, members, temperature, bf16=bf16)
        np.savez(temporary, category=said["category"], pattern=said["pattern"])
        os.replace(temporary, path)
    with np.load(path) as stored:
        return {task: stored[task] for task in TASKS}


@dataclass
class TaughtBatches:
    """Batches with what the teachers said of them, under "soft"."""

    batches: ClassifierBatches
    soft: dict[str, np.ndarray]

    @property
    def batch(self) -> int:
        return self.batches.batch

    @property
    def size(self) -> int:
        return self.batches.size

    @size.setter
    def size(self, value: int) -> None:
        self.batches.size = value

    def skip(self, batches: int) -> None:
        self.batches.skip(batches)

    def __call__(self) -> dict[str, Any]:
        batch = self.batches()
        where = batch["images"].device
        rows = {task: torch.from_numpy(kept[batch["number"]]).to(where) for task, kept in self.soft.items()}
        return batch | {"soft": rows}

"""Distil an ensemble of teachers into one student:

    python -m vision.ml.distil --teachers runs/a/classifier.safetensors,runs/b/classifier.safetensors \\
        --vote runs/ensemble.json --network resnet34_narrow --out runs/student

The student learns the teachers' softened answers (Hinton, Vinyals and Dean, 2015) on the same augmented pictures, and
the labels where there are any; studio pictures without a category or pattern teach through the soft answers alone. The
budget is wall-clock time, the teachers' pass included; an interrupted run goes on with --resume.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from . import parallel
from .config import option, parse_config
from .data import SINGLE, UNKNOWN
from .labels import TASKS
from .loop import run_loop
from .material import load_material
from .mix import SCENE
from .soft_labels import Member, TaughtBatches, equal_members, kept_soft_labels
from .tasks import HEAD_WEIGHT, autocast, hard_loss
from .training import (
    TrainingConfig,
    check_of,
    classifier_batches,
    first_classifier,
    loop_config,
    save_run,
    seed_everything,
)


@dataclass(frozen=True, kw_only=True)
class DistilConfig(TrainingConfig):
    """One distillation, whole; stored beside the student's weights."""

    teachers: str = option("", "weights of the teachers (.safetensors), separated by commas")
    vote: str = option("", "shares and temperatures of the teachers (JSON of vision.ml.ensemble); empty: equal")
    views: int = option(96_000, "pictures in a round of the stream; each is answered by the teachers once")
    teacher_size: int = option(160, "input size at which the teachers answer; the student sees the same views smaller")
    temperature: float = option(2.0, "softens the answers of teachers and student")
    hard: float = option(0.25, "share of the labels in the loss; the rest is the teachers'")
    scene: bool = option(True, "also learn to tell one garment from none and from several")
    out: str = option("runs/student", "folder for weights, log and progress")


def members_of(config: DistilConfig) -> list[Member]:
    """The teachers with their votes. Raises ValueError when the vote does not name each of them."""
    paths = [Path(part) for part in config.teachers.split(",") if part]
    if not paths:
        raise ValueError("Name at least one teacher: --teachers runs/a/classifier.safetensors")
    if not config.vote:
        return equal_members(paths)
    said = json.loads(Path(config.vote).read_text(encoding="utf-8"))["members"]
    missing = [str(path) for path in paths if path.parent.name not in said]
    if missing:
        raise ValueError(f"{config.vote} has no vote for {', '.join(missing)}; run vision.ml.ensemble with them.")
    found = [said[path.parent.name] for path in paths]
    return [Member(p, v["weight"], v["temperature"]) for p, v in zip(paths, found, strict=True)]


def soft_cross_entropy(logits: Tensor, soft: Tensor, rows: Tensor, temperature: float) -> Tensor:
    """Cross-entropy against softened probabilities over the chosen rows, scaled by T^2 so that gradients keep their
    size, divided by the batch.
    """
    each = -(soft.float() * (logits.float() / temperature).log_softmax(1)).sum(1)
    return temperature**2 * (each * rows).sum() / len(logits)


def distil_loss(hard: float, temperature: float, bf16: bool = True) -> Any:
    """Teachers' answers and labels, weighed. Pictures of no garment or several have no answer worth learning."""

    def loss_of(model: nn.Module, batch: dict[str, Any]) -> Tensor:
        with autocast(bf16, batch["images"].device):
            heads = model.all_heads(batch["images"])  # type: ignore[operator]
        scene = batch["labels"][:, SCENE]
        rows = ((scene == SINGLE) | (scene == UNKNOWN)).float()
        soft = sum(
            HEAD_WEIGHT[task] * soft_cross_entropy(heads[task], batch["soft"][task], rows, temperature)
            for task in TASKS
        )
        taught = {name: logits for name, logits in heads.items() if name in TASKS}
        extra = {name: logits for name, logits in heads.items() if name not in TASKS}
        return (1 - hard) * soft + hard * hard_loss(taught, batch) + hard_loss(extra, batch)

    return loss_of


def distil(config: DistilConfig) -> Path:
    """Let the teachers answer, train the student and save `classifier.safetensors`."""
    started = time.monotonic()
    members = members_of(config)
    material = load_material(config)
    rounds = max(config.views // (config.batch * parallel.world()), 1)
    batcher = classifier_batches(config, material, replay=rounds)
    first, batcher.size = batcher.size, config.teacher_size
    soft = kept_soft_labels(batcher, members, config.temperature, Path(config.cache), bf16=config.bf16)
    model, model_config = first_classifier(config, material)
    batcher.size, batcher.number = first, 0
    left = config.minutes - (time.monotonic() - started) / 60
    average = run_loop(
        model,
        TaughtBatches(batcher, soft),
        distil_loss(config.hard, config.temperature, config.bf16),
        replace(loop_config(config, config.sizes), minutes=max(left, 0.1)),
        Path(config.out),
        evaluate=check_of(material),
        resume=config.resume,
    )
    return save_run(config, average, model_config, "classifier.safetensors")


def main(arguments: Sequence[str] | None = None) -> Path:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    config = parse_config(DistilConfig, "distil", __doc__, arguments)
    seed_everything(config.seed)
    with parallel.processes("distil", config, arguments):
        path = distil(config)
    if parallel.rank() == 0:
        print(path)
    return path


if __name__ == "__main__":
    main()

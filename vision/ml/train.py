"""Train a classifier or the segmenter:

    python -m vision.ml.train classifier --network regnety_008 --data ../shared/data --out runs/regnet

The budget is wall-clock time: the learning rate follows it, so a run always ends on time, on any machine. An
interrupted run goes on with --resume. The order that makes a release is `python -m vision.ml.recipe`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import parallel
from .config import option, parse_config, positional
from .loop import run_loop
from .material import load_material
from .segmenter_train import train_segmenter
from .tasks import classifier_loss
from .training import (
    TrainingConfig,
    as_sampled,
    check_of,
    classifier_batches,
    first_classifier,
    loop_config,
    mix_of,
    save_run,
    seed_everything,
)


@dataclass(frozen=True, kw_only=True)
class TrainConfig(TrainingConfig):
    """One training, whole; stored beside its weights."""

    task: str = positional("which network to train", ("classifier", "segmenter"))
    start_encoder: str = option("", "classifier.safetensors whose trunk a segmenter's encoder starts from")


def train_classifier(config: TrainConfig) -> Path:
    """Train and save `classifier.safetensors` with its architecture in the file's metadata."""
    material = load_material(config)
    model, model_config = first_classifier(config, material)
    average = run_loop(
        model,
        classifier_batches(config, material),
        classifier_loss(config.bf16),
        loop_config(config, config.sizes),
        Path(config.out),
        evaluate=check_of(material),
        resume=config.resume,
    )
    return save_run(config, as_sampled(average, material, mix_of(config)), model_config, "classifier.safetensors")


def main(arguments: Sequence[str] | None = None) -> Path:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    config = parse_config(TrainConfig, "train", __doc__, arguments)
    seed_everything(config.seed)
    with parallel.processes("train", config, arguments):
        path = train_classifier(config) if config.task == "classifier" else train_segmenter(config)
    if parallel.rank() == 0:
        print(path)
    return path


if __name__ == "__main__":
    main()

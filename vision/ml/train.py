"""Train a classifier or the segmenter: `python -m vision.ml.train classifier --data ../shared/data --out runs/first`.

The budget is wall-clock time: the learning rate follows it, so a run always ends on time, on any machine. An
interrupted run goes on with --resume. The order that makes a release is in vision/weights/MODEL_CARD.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import data, parallel
from .augment import LightConfig, WarpConfig
from .backgrounds import background_bank
from .batches import SegmenterBatches, Source
from .checkpoint import load_model, save_model
from .classifier_batches import (
    MILD_LIGHT,
    MILD_MIX,
    MILD_WARP,
    ClassifierBatches,
    Level,
    Mix,
    label_table,
    prior_shift,
)
from .cutouts import cached_masks
from .loop import LoopConfig, run_loop
from .model import build_classifier
from .networks import classifier_config
from .prints import print_bank
from .segmenter_net import build_segmenter
from .tasks import classifier_loss, held_out_check, segmenter_loss

SEGMENTER_MODEL: dict[str, Any] = {"widths": [32, 48, 96, 160, 224]}


@dataclass(frozen=True)
class TrainConfig:
    """One training, whole; stored beside its weights."""

    task: str = field(default="classifier", metadata={"help": "classifier or segmenter"})
    network: str = field(default="resnet34_narrow", metadata={"help": "name in vision.ml.networks, or timm's"})
    data: str = field(default="../shared/data", metadata={"help": "folder that holds garments/ and studio/"})
    out: str = field(default="runs/classifier", metadata={"help": "folder for weights, log and progress"})
    cache: str = field(default=".cache/vision", metadata={"help": "folder for decoded photos (about 1.5 GB)"})
    minutes: float = field(default=60.0, metadata={"help": "wall-clock budget"})
    held_out: str = field(default="1,2", metadata={"help": "folds kept from training; empty trains on all"})
    masks: str = field(default="", metadata={"help": "garment masks (.npz of vision.ml.selftrain)"})
    start: str = field(default="", metadata={"help": "weights to start from (.safetensors)"})
    pretrained: bool = field(default=False, metadata={"help": "timm's ImageNet weights; needs a network"})
    sizes: str = field(
        default="96:0.5,128:0.9,160:1", metadata={"help": "input size and the progress it lasts to, in pairs"}
    )
    batch: int = field(default=48, metadata={"help": "photos a step and process"})
    lr: float = field(default=2e-3, metadata={"help": "peak learning rate"})
    weight_decay: float = field(default=0.05, metadata={"help": "weight decay"})
    optimizer: str = field(default="adamw", metadata={"help": "sgd or adamw"})
    backgrounds: int = field(default=3000, metadata={"help": "rooms in the bank"})
    prints: int = field(default=2500, metadata={"help": "rendered prints in the bank"})
    source_size: int = field(default=192, metadata={"help": "side of the decoded cache in pixels"})
    workers: int = field(default=2, metadata={"help": "training processes, each with its own batches"})
    threads: int = field(default=1, metadata={"help": "torch threads of each process"})
    seed: int = field(default=0, metadata={"help": "seed of everything"})
    bf16: bool = field(default=True, metadata={"help": "bfloat16 autocast"})
    max_steps: int = field(default=0, metadata={"help": "stop after so many steps (0: by the clock only)"})
    mild: bool = field(default=False, metadata={"help": "weaker augmentation, for the end of a training"})
    resume: bool = field(default=False, metadata={"help": "go on from the progress file in --out"})


def parse_config(arguments: Sequence[str] | None = None) -> TrainConfig:
    parser = argparse.ArgumentParser(prog="python -m vision.ml.train", description=__doc__)
    parser.add_argument("task", choices=("classifier", "segmenter"), help="which network to train")
    for item in fields(TrainConfig):
        if item.name == "task":
            continue
        flag, note = "--" + item.name.replace("_", "-"), f"{item.metadata['help']} (default: {item.default})"
        if isinstance(item.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=item.default, help=note)
        else:
            parser.add_argument(flag, type=type(item.default), default=item.default, help=note)
    return TrainConfig(**vars(parser.parse_args(arguments)))


def parse_sizes(text: str) -> tuple[tuple[int, float], ...]:
    pairs = [part.split(":") for part in text.split(",")]
    return tuple((int(size), float(until)) for size, until in pairs)


def held_out_folds(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


@dataclass
class Material:
    """Everything decoded: both sources with masks, labels and which garments may be trained on."""

    garments: Source
    garment_labels: torch.Tensor
    studio: Source
    studio_labels: torch.Tensor
    articles: list[str]
    train: np.ndarray
    held_out: np.ndarray


def load_material(config: TrainConfig) -> Material:
    """Read manifests, decode into the cache, cut the studio pictures out and attach the garment masks."""
    root, cache = Path(config.data), Path(config.cache)
    garments = data.read_garments(root)
    studio, articles = data.read_studio(root)
    pixels, aspect = data.cached_pixels(garments, config.source_size, cache)
    shop_pixels, shop_aspect = data.cached_pixels(studio, config.source_size, cache)
    shop_masks = cached_masks(studio, shop_pixels, cache)
    held = np.isin(data.assign_folds(garments), held_out_folds(config.held_out))
    train = np.flatnonzero(~held)
    masks = np.load(config.masks)["masks"] if config.masks else None
    return Material(
        garments=Source(pixels, aspect, masks, train),
        garment_labels=label_table(garments),
        studio=Source(shop_pixels, shop_aspect, shop_masks, np.arange(len(studio))),
        studio_labels=label_table(studio),
        articles=articles,
        train=train,
        held_out=np.flatnonzero(held),
    )


def kept(
    config: TrainConfig, name: str, make: Callable[[], tuple[np.ndarray, ...]], count: int
) -> tuple[np.ndarray, ...]:
    """Arrays that are the same for every run with the same settings, made once and kept in the cache."""
    held = config.held_out.replace(",", "-") or "none"
    path = Path(config.cache) / f"{name}-{count}-{config.source_size}-{config.seed}-{held}.npz"
    if not path.exists():
        temporary = path.with_name(f"{path.stem}-{os.getpid()}.npz")
        np.savez(temporary, *make())
        os.replace(temporary, path)
    with np.load(path) as stored:
        return tuple(stored[key] for key in stored.files)


def make_rooms(config: TrainConfig, material: Material) -> np.ndarray:
    """The background bank; its real corners come from training photos only."""
    photos = material.garments.pixels[material.train]
    make = lambda: (background_bank(config.backgrounds, config.source_size, config.seed, photos),)  # noqa: E731
    return kept(config, "rooms", make, config.backgrounds)[0]


def loop_config(config: TrainConfig) -> LoopConfig:
    return LoopConfig(
        minutes=config.minutes,
        lr=config.lr,
        weight_decay=config.weight_decay,
        optimizer=config.optimizer,
        sizes=parse_sizes(config.sizes),
        bf16=config.bf16,
        max_steps=config.max_steps,
    )


def train_classifier(config: TrainConfig) -> Path:
    """Train and save `classifier.safetensors` with its architecture in the file's metadata."""
    material = load_material(config)
    model_config = classifier_config(config.network) | {"articles": len(material.articles)}
    model = build_classifier(model_config | {"pretrained": config.pretrained})
    if config.start:
        load_model(Path(config.start), model)
    prints, print_labels = kept(
        config, "prints", lambda: print_bank(config.prints, config.source_size, config.seed), config.prints
    )
    batcher = ClassifierBatches(
        material=Level(material.garments, material.studio, make_rooms(config, material), prints),
        garment_labels=material.garment_labels,
        studio_labels=material.studio_labels,
        print_labels=print_labels,
        mix=MILD_MIX if config.mild else Mix(),
        warp=MILD_WARP if config.mild else WarpConfig(),
        light=MILD_LIGHT if config.mild else LightConfig(),
        size=parse_sizes(config.sizes)[0][0],
        batch=config.batch,
        seed=config.seed + 1000 * parallel.rank(),
    )
    check = None
    if len(material.held_out):
        check = held_out_check(material.garments, material.garment_labels, material.held_out)
    loop = loop_config(config)
    average = run_loop(
        model, batcher, classifier_loss(config.bf16), loop, Path(config.out), evaluate=check, resume=config.resume
    )
    shift = prior_shift(material.garment_labels[material.train].numpy(), batcher.mix)
    with torch.no_grad():
        average.get_parameter("category.bias").add_(torch.from_numpy(shift).float())
    return save_run(config, average, model_config, "classifier.safetensors")


def train_segmenter(config: TrainConfig) -> Path:
    """Train and save `segmenter.safetensors`; with --masks, half of each batch is real photos with those masks."""
    material = load_material(config)
    masks = material.studio.masks
    assert masks is not None
    usable = np.flatnonzero(masks.reshape(len(masks), -1).any(1))
    usable = usable[usable % 10 != 0]
    clothes = usable[material.studio_labels[usable, 0].numpy() >= 0]
    material.studio.index = np.concatenate([usable, clothes])
    garments = None
    if config.masks:
        trusted = material.garments.masks.reshape(len(material.garments.pixels), -1).any(1)  # type: ignore[union-attr]
        material.garments.index = np.intersect1d(np.flatnonzero(trusted), material.train)
        garments = material.garments
    batcher = SegmenterBatches(
        studio=material.studio,
        backgrounds=make_rooms(config, material),
        garments=garments,
        real_share=0.5 if garments is not None else 0.0,
        size=parse_sizes(config.sizes)[0][0],
        batch=config.batch,
        seed=config.seed + 1000 * parallel.rank(),
    )
    model = build_segmenter(SEGMENTER_MODEL)
    if config.start:
        load_model(Path(config.start), model)
    average = run_loop(
        model, batcher, segmenter_loss(config.bf16), loop_config(config), Path(config.out), resume=config.resume
    )
    return save_run(config, average, SEGMENTER_MODEL, "segmenter.safetensors")


def save_run(config: TrainConfig, model: torch.nn.Module, model_config: dict[str, Any], name: str) -> Path:
    path = Path(config.out) / name
    if parallel.rank() == 0:
        save_model(path, model, {"model": model_config, "train": asdict(config)}, half=False)
        (Path(config.out) / "config.json").write_text(json.dumps(asdict(config), indent=1) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> Path:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    config = parse_config(arguments)
    parallel.keep_freed_memory()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    np.random.seed(config.seed)
    random.seed(config.seed)
    helpers = parallel.start_helpers(config.workers, arguments)
    path = train_classifier(config) if config.task == "classifier" else train_segmenter(config)
    parallel.finish(helpers)
    if parallel.rank() == 0:
        print(path)
    return path


if __name__ == "__main__":
    main()

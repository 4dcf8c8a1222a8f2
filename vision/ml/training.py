"""What training and distilling a classifier share: settings, batches, the schedule, and how a run is saved."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import parallel
from .augment import LightConfig, WarpConfig
from .checkpoint import save_model, start_from
from .classifier_batches import ClassifierBatches
from .config import option, parse_device, parse_sizes
from .loop import LoopConfig
from .material import Material, make_level
from .mix import MILD_LIGHT, MILD_MIX, MILD_WARP, Mix, prior_shift
from .model import Classifier, build_classifier
from .networks import classifier_config
from .pictures import draw_curves
from .run_config import RunConfig
from .tasks import held_out_check


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(RunConfig):
    """What training and distilling are told on top: the network and how it starts."""

    network: str = option("resnet34_narrow", "a name of vision.ml.networks, or of timm")
    scene: bool = option(False, "also learn to tell one garment from none and from several")
    pretrained: bool = option(False, "begin with timm's ImageNet weights; needs a network")
    start: str = option("", "weights to start from (.safetensors)")
    sizes: str = option("96:0.4,128:1", "input size and the progress it lasts to, in pairs")
    mild: bool = option(False, "weaker augmentation, for the end of a training")


def mix_of(config: TrainingConfig) -> Mix:
    """The mixture that a configuration asks for."""
    mix = MILD_MIX if config.mild else Mix()
    return mix.with_scenes() if config.scene else mix


def classifier_batches(config: TrainingConfig, material: Material, *, replay: int = 0) -> ClassifierBatches:
    """The stream of batches of this process, as its configuration mixes them."""
    size = parse_sizes(config.sizes)[0][0]
    return stream(config, material, mix=mix_of(config), mild=config.mild, size=size, replay=replay)


def stream(
    config: RunConfig, material: Material, *, mix: Mix, mild: bool, size: int, replay: int = 0
) -> ClassifierBatches:
    """The stream of batches of this process in a mixture of their own."""
    level, print_labels = make_level(config, material)
    if not config.prints:
        mix = replace(mix, print_photo=0.0, print_studio=0.0)
    return ClassifierBatches(
        material=level,
        garment_labels=material.garment_labels,
        studio_labels=material.studio_labels,
        print_labels=print_labels,
        mix=mix,
        warp=MILD_WARP if mild else WarpConfig(),
        light=MILD_LIGHT if mild else LightConfig(),
        size=size,
        batch=config.batch,
        seed=config.seed + 1000 * parallel.rank(),
        replay=replay,
        device=parse_device(config.device),
    )


def first_classifier(config: TrainingConfig, material: Material) -> tuple[Classifier, dict[str, Any]]:
    """The network to train, as it starts, and its architecture."""
    architecture = classifier_config(config.network) | {"articles": len(material.articles), "scene": config.scene}
    model = build_classifier(architecture | {"pretrained": config.pretrained})
    if config.start:
        start_from(Path(config.start), model)
    return model, architecture


def loop_config(config: RunConfig, sizes: str) -> LoopConfig:
    """The schedule of a run; `sizes` as `parse_sizes` reads them."""
    return LoopConfig(
        minutes=config.minutes,
        lr=config.lr,
        weight_decay=config.weight_decay,
        sizes=parse_sizes(sizes),
        max_steps=config.max_steps,
        device=parse_device(config.device),
    )


def check_of(material: Material) -> Any:
    """The look at held-out photos during training; None when all are trained on."""
    if not len(material.held_out):
        return None
    return held_out_check(material.garments, material.garment_labels, material.held_out)


def as_sampled(model: torch.nn.Module, material: Material, mix: Mix) -> torch.nn.Module:
    """Let the category head answer for photos as they come, not as they were sampled."""
    shift = prior_shift(material.garment_labels[material.train].numpy(), mix)
    with torch.no_grad():
        bias = model.get_parameter("category.bias")
        bias.add_(torch.from_numpy(shift).to(bias))
    return model


def save_run(config: TrainingConfig, model: torch.nn.Module, model_config: dict[str, Any], name: str) -> Path:
    """Write the weights with their settings and architecture, and draw the curves; only process 0 does."""
    path = Path(config.out) / name
    if parallel.rank() == 0:
        save_model(path, model, {"model": model_config, "train": asdict(config)}, half=False)
        draw_curves(Path(config.out) / "log.csv", Path(config.out) / "curves.png")
        (Path(config.out) / "config.json").write_text(json.dumps(asdict(config), indent=1) + "\n", encoding="utf-8")
    return path


def seed_everything(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)

"""What `python -m vision.ml.train segmenter` does: its batches, its loss and the network it starts from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from . import parallel
from .checkpoint import load_model
from .config import parse_device, parse_sizes
from .loop import run_loop
from .material import Material, load_material, make_rooms
from .segmenter_batches import SegmenterBatches, studio_rows, with_masks
from .segmenter_net import build_segmenter, segmenter_config, start_encoder
from .tasks import autocast
from .training import loop_config, save_run


def segmenter_batches(config: Any, material: Material) -> SegmenterBatches:
    """The stream of batches of this process; with --masks, phone photos take part."""
    studio, garments = material.studio, None
    assert studio.masks is not None
    studio.index, things = studio_rows(studio.masks, material.studio_labels.numpy())
    if config.masks:
        garments = material.garments
        assert garments.masks is not None
        garments.index = np.intersect1d(with_masks(garments.masks), material.train)
        garments = garments if len(garments.index) else None
    return SegmenterBatches(
        studio=studio,
        backgrounds=make_rooms(config, material),
        things=things,
        garments=garments,
        size=parse_sizes(config.sizes)[0][0],
        batch=config.batch,
        seed=config.seed + 1000 * parallel.rank(),
        device=parse_device(config.device),
    )


def first_segmenter(config: Any) -> tuple[nn.Module, dict[str, Any]]:
    """The network to train and its configuration: from --start, or its encoder alone from --start-encoder."""
    model_config = segmenter_config(config.network)
    model = build_segmenter(model_config | {"pretrained": config.pretrained})
    if config.start_encoder:
        start_encoder(model, Path(config.start_encoder))
    if config.start:
        load_model(Path(config.start), model)
    return model, model_config


def segmenter_loss(bf16: bool = True) -> Callable[[nn.Module, dict[str, Any]], Tensor]:
    """Binary cross-entropy under the pixels' weights plus half a soft Dice loss."""

    def loss_of(model: nn.Module, batch: dict[str, Any]) -> Tensor:
        with autocast(bf16, batch["images"].device):
            logits = model(batch["images"])
        target, weights, guess = batch["masks"], batch["weights"], logits.float().sigmoid()
        overlap = (weights * guess * target).sum((1, 2, 3))
        dice = 1 - (2 * overlap + 50) / ((weights * (guess + target)).sum((1, 2, 3)) + 50)
        entropy = F.binary_cross_entropy_with_logits(logits.float(), target, weights, reduction="sum")
        return entropy / weights.sum() + 0.5 * dice.mean()

    return loss_of


def train_segmenter(config: Any) -> Path:
    """Train and save `segmenter.safetensors`; with --masks, phone photos take part."""
    material = load_material(config)
    model, model_config = first_segmenter(config)
    average = run_loop(
        model,
        segmenter_batches(config, material),
        segmenter_loss(config.bf16),
        loop_config(config, config.sizes),
        Path(config.out),
        resume=config.resume,
    )
    return save_run(config, average, model_config, "segmenter.safetensors")

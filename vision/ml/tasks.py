"""What each task learns from a batch, and the quick look at held-out photos during training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .batches import Source, normalise
from .data import UNKNOWN

HEADS = ("category", "pattern", "article", "scene")
HEAD_WEIGHT = {"category": 1.0, "pattern": 0.8, "article": 0.4, "scene": 0.3}
# The category is guessed as a whole batch's mean over known labels, so a head with few labels is not drowned.
SMOOTHING = 0.08


def autocast(bf16: bool, device: torch.device | str = "cpu") -> torch.autocast:
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16)


def known_cross_entropy(logits: Tensor, labels: Tensor, total: int) -> Tensor:
    """Cross-entropy summed over rows whose label is known, divided by the batch size `total`."""
    if not bool((labels != UNKNOWN).any()):
        return logits.sum() * 0.0
    return (
        F.cross_entropy(logits.float(), labels, ignore_index=UNKNOWN, label_smoothing=SMOOTHING, reduction="sum")
        / total
    )


def classifier_loss(bf16: bool = True) -> Callable[[nn.Module, dict[str, Any]], Tensor]:
    """Loss over all heads; a mixed batch is scored against both of its label sets by their shares."""

    def loss_of(model: nn.Module, batch: dict[str, Any]) -> Tensor:
        with autocast(bf16, batch["images"].device):
            heads = model.all_heads(batch["images"])  # type: ignore[operator]
        return hard_loss(heads, batch)

    return loss_of


def hard_loss(heads: dict[str, Tensor], batch: dict[str, Any]) -> Tensor:
    """Cross-entropy of every head against the labels of its batch."""
    share, total = float(batch["share"]), len(batch["images"])
    loss = torch.zeros((), device=batch["images"].device)
    for column, name in enumerate(HEADS):
        if name not in heads:
            continue
        first = known_cross_entropy(heads[name], batch["labels"][:, column], total)
        other = known_cross_entropy(heads[name], batch["other"][:, column], total) if share < 1 else 0.0
        loss = loss + HEAD_WEIGHT[name] * (share * first + (1 - share) * other)
    return loss


@torch.no_grad()
def classifier_logits(
    model: nn.Module, source: Source, rows: np.ndarray, size: int, *, flip: bool = True, bf16: bool = True
) -> tuple[Tensor, Tensor]:
    """Category (n, 12) and pattern (n, 10) logits of whole photos, squashed to `size`."""
    model.eval()
    where = next(model.parameters()).device
    category, pattern = [], []
    for start in range(0, len(rows), 64):
        images, _ = source.take(rows[start : start + 64])
        if images.shape[-1] != size:
            images = F.interpolate(images, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
        images = normalise(images.to(where))
        with autocast(bf16, where):
            answers = [model(images)] + ([model(images.flip(3))] if flip else [])
        category.append(torch.stack([a[0].float() for a in answers]).mean(0).cpu())
        pattern.append(torch.stack([a[1].float() for a in answers]).mean(0).cpu())
    return torch.cat(category), torch.cat(pattern)


def held_out_check(source: Source, labels: Tensor, rows: np.ndarray) -> Callable[[nn.Module, int], dict[str, float]]:
    """Accuracy of both tasks on held-out senders at the present input size, for the log."""

    def check(model: nn.Module, size: int) -> dict[str, float]:
        category, pattern = classifier_logits(model, source, rows, size)
        truth = labels[rows]
        return {
            "category": round(float((category.argmax(1) == truth[:, 0]).float().mean()), 4),
            "pattern": round(float((pattern.argmax(1) == truth[:, 1]).float().mean()), 4),
        }

    return check

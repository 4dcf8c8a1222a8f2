"""The training loop that both tasks share: a schedule by wall clock, weight averaging, a CSV log and resume."""

from __future__ import annotations

import copy
import csv
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from . import parallel
from .batches import prefetch
from .checkpoint import load_progress, save_progress


class Batcher(Protocol):
    """Makes one batch per call at its present `size`."""

    size: int

    @property
    def batch(self) -> int: ...

    def skip(self, batches: int) -> None:
        """Go on where a training that was interrupted after so many batches would have."""

    def __call__(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class LoopConfig:
    """`minutes` is the whole budget, time before an interruption included; `sizes` pairs an input size with the
    progress up to which it is used.
    """

    minutes: float = 60.0
    lr: float = 0.1
    weight_decay: float = 2e-3
    warmup_steps: int = 150
    final_lr: float = 0.002
    average: float = 0.999
    clip: float = 5.0
    sizes: tuple[tuple[int, float], ...] = ((128, 1.0),)
    log_steps: int = 50
    save_minutes: float = 6.0
    max_steps: int = 0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


def make_optimizer(model: nn.Module, config: LoopConfig) -> torch.optim.Optimizer:
    """AdamW; norms and biases are not decayed."""
    decayed = {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": config.weight_decay}
    free = {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0}
    return torch.optim.AdamW([decayed, free], lr=config.lr, fused=True)


def size_at(sizes: tuple[tuple[int, float], ...], progress: float) -> int:
    """The input size in force at a progress in [0, 1]."""
    for size, until in sizes:
        if progress < until:
            return size
    return sizes[-1][0]


def rate_at(config: LoopConfig, progress: float, step: int) -> float:
    """Linear warm-up by steps, then a cosine by wall clock down to `final_lr` of the peak."""
    warm = min(1.0, (step + 1) / max(config.warmup_steps, 1))
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return config.lr * warm * (config.final_lr + (1 - config.final_lr) * cosine)


class Average:
    """Exponential moving average of a model's weights and batch-norm statistics; young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self.decay = decay
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        # State dictionaries share memory with their modules, so the pairs stay true for the whole training.
        self._means, self._values = zip(*[p for p in pairs if p[0].dtype.is_floating_point], strict=True)
        self._counters = [p for p in pairs if not p[0].dtype.is_floating_point]

    @torch.no_grad()
    def update(self, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._means, self._values, 1 - decay)
        for mean, value in self._counters:
            mean.copy_(value)


def progress_at(config: LoopConfig, seconds: float, step: int) -> float:
    """How much of the budget is spent: of the time, or of the steps where they are limited too."""
    by_steps = step / config.max_steps if config.max_steps else 0.0
    return max(seconds / 60 / config.minutes, by_steps)


CHECKED = ("category", "pattern")


class CsvLog:
    """Appends rows; the header is written once. The last columns are held-out accuracies, blank between two looks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, row: dict[str, Any]) -> None:
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, fieldnames=[*(n for n in row if n not in CHECKED), *CHECKED])
            if new:
                writer.writeheader()
            writer.writerow(row)


def show_progress(progress: float, text: str) -> None:
    """A bar that redraws itself on a terminal and prints lines into a file."""
    filled = int(28 * min(progress, 1))
    line = f"[{'#' * filled}{'.' * (28 - filled)}] {progress:6.1%} {text}"
    terminal = sys.stderr.isatty()
    print(("\r" if terminal else "") + line, end="" if terminal else "\n", file=sys.stderr, flush=True)


def run_loop(
    model: nn.Module,
    batcher: Batcher,
    loss_of: Callable[[nn.Module, dict[str, Any]], Tensor],
    config: LoopConfig,
    out: Path,
    *,
    evaluate: Callable[[nn.Module, int], dict[str, float]] | None = None,
    resume: bool = False,
) -> nn.Module:
    """Train `model` until the budget is spent and return its averaged copy; `out` takes progress and log.csv."""
    out.mkdir(parents=True, exist_ok=True)
    model.to(config.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = Average(model, config.average)
    optimizer = make_optimizer(model, config)
    saved, log = out / "progress.safetensors", CsvLog(out / "log.csv")
    step, spent, seen = 0, 0.0, 0
    if resume and saved.exists():
        meta = load_progress(saved, model, average.model, optimizer)
        step, spent, seen = meta["step"], meta["seconds"], meta["seen"]
        batcher.skip(step)
    parallel.copy_from_first(model)
    started, last_save, smooth = time.monotonic() - spent, time.monotonic(), 0.0

    def state() -> dict[str, Any]:
        return {"step": step, "seconds": time.monotonic() - started, "seen": seen}

    def note(checked: dict[str, float]) -> None:
        seconds = time.monotonic() - started
        row = {"step": step, "seconds": round(seconds, 1), "seen": seen, "size": batcher.size}
        log.write(row | {"lr": round(rate, 6), "loss": round(smooth, 4)} | checked)
        told = f" held out: {checked}" if checked else ""
        speed = f"{seen / seconds:.0f} photos/s size {batcher.size}"
        show_progress(progress, f"step {step} loss {smooth:.4f} {speed}{told}")

    def keep() -> None:
        save_progress(saved, model, average.model, optimizer, state())
        if evaluate is not None:
            note(evaluate(average.model, batcher.size))

    progress, rate = 0.0, config.lr
    for batch in prefetch(batcher):
        progress = parallel.agree(progress_at(config, time.monotonic() - started, step))
        if progress >= 1:
            break
        batcher.size = size_at(config.sizes, progress)
        rate = rate_at(config, progress, step)
        loss = take_step(model, batch, loss_of, optimizer, rate, config)
        step, seen = step + 1, seen + batcher.batch * parallel.world()
        if parallel.rank():
            continue
        average.update(step)
        smooth = loss if smooth == 0 else 0.98 * smooth + 0.02 * loss
        if step % config.log_steps == 0:
            note({})
        if time.monotonic() - last_save > config.save_minutes * 60:
            keep()
            last_save = time.monotonic()
    if parallel.rank() == 0:
        keep()
    return average.model


def take_step(
    model: nn.Module,
    batch: dict[str, Any],
    loss_of: Callable[[nn.Module, dict[str, Any]], Tensor],
    optimizer: torch.optim.Optimizer,
    rate: float,
    config: LoopConfig,
) -> float:
    """One optimiser step at the given rate; returns the loss. A loss that is not finite stops the training."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    model.train()
    loss = loss_of(model, batch)
    value = float(loss.detach())
    if not math.isfinite(value):
        raise FloatingPointError("The loss is no longer finite; lower the learning rate or switch bf16 off.")
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parallel.average_gradients(model)
    nn.utils.clip_grad_norm_(model.parameters(), config.clip)
    optimizer.step()
    return value

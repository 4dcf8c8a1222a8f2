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


class Run:
    """A training under way: what it has done, and its files: progress.safetensors and log.csv."""

    def __init__(self, model: nn.Module, config: LoopConfig, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.config = config
        self.model = model.to(config.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = Average(self.model, config.average)
        self.optimizer = make_optimizer(self.model, config)
        self.saved, self.log = out / "progress.safetensors", CsvLog(out / "log.csv")
        self.step, self.seen, self.loss, self.rate = 0, 0, 0.0, config.lr
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time spent, that before an interruption included."""
        return time.monotonic() - self.started

    @property
    def progress(self) -> float:
        return progress_at(self.config, self.seconds, self.step)

    def resume(self) -> None:
        """Go on from the progress file, if there is one."""
        if self.saved.exists():
            done = load_progress(self.saved, self.model, self.average.model, self.optimizer)
            self.step, self.seen = done["step"], done["seen"]
            self.started -= done["seconds"]

    def keep(self) -> None:
        state = {"step": self.step, "seconds": self.seconds, "seen": self.seen}
        save_progress(self.saved, self.model, self.average.model, self.optimizer, state)

    def add(self, loss: float, photos: int) -> None:
        """One step was taken."""
        self.step, self.seen = self.step + 1, self.seen + photos
        self.loss = loss if self.step == 1 else 0.98 * self.loss + 0.02 * loss
        if parallel.rank() == 0:
            self.average.update(self.step)

    def note(self, size: int, checked: dict[str, float]) -> None:
        """A row of the log and a line for whoever watches; `checked` are held-out accuracies."""
        row = {"step": self.step, "seconds": round(self.seconds, 1), "seen": self.seen, "size": size}
        self.log.write(row | {"lr": round(self.rate, 6), "loss": round(self.loss, 4)} | checked)
        told = f" held out: {checked}" if checked else ""
        speed = f"{self.seen / self.seconds:.0f} photos/s size {size}"
        show_progress(self.progress, f"step {self.step} loss {self.loss:.4f} {speed}{told}")


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
    run = Run(model, config, out)
    if resume:
        run.resume()
        batcher.skip(run.step)
    parallel.copy_from_first(run.model)
    last_kept = time.monotonic()

    def keep() -> None:
        run.keep()
        if evaluate is not None:
            run.note(batcher.size, evaluate(run.average.model, batcher.size))

    for batch in prefetch(batcher):
        progress = parallel.agree(run.progress)
        if progress >= 1:
            break
        batcher.size = size_at(config.sizes, progress)
        run.rate = rate_at(config, progress, run.step)
        run.add(take_step(run.model, batch, loss_of, run.optimizer, run.rate, config), batcher.batch * parallel.world())
        if parallel.rank():
            continue
        if run.step % config.log_steps == 0:
            run.note(batcher.size, {})
        if time.monotonic() - last_kept > config.save_minutes * 60:
            keep()
            last_kept = time.monotonic()
    if parallel.rank() == 0:
        keep()
    return run.average.model


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

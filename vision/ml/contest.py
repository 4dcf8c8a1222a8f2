"""How fast networks are beside each other: batch-1 latency and throughput, one network in memory at a time."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from .model import build_classifier
from .networks import classifier_config

# Calls at least: a full-size ensemble takes seconds for a batch on two cores.
LEAST = 3


@dataclass(frozen=True)
class Pace:
    """One network, or several one after the other, on one device. Milliseconds for one picture, pictures a second."""

    device: str
    precision: str
    latency_ms: float
    latency_p95_ms: float
    per_second: float
    batch: int


@dataclass(frozen=True)
class Contender:
    """What is compared: parameters in millions, the input side in pixels, and its pace on each device."""

    name: str
    parameters_m: float
    size: int
    paces: tuple[Pace, ...]

    def on(self, device: str) -> Pace | None:
        return next((pace for pace in self.paces if pace.device == device), None)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Rounds:
    """Milliseconds of every call, with one picture and with a batch."""

    single: list[float]
    batched: list[float]
    batch: int

    def pace(self, device: str, precision: str) -> Pace:
        return Pace(
            device,
            precision,
            round(statistics.median(self.single), 2),
            round(percentile(self.single, 0.95), 2),
            round(1000 * self.batch / statistics.median(self.batched), 1),
            self.batch,
        )


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def times_ms(call: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of each call, for about so many seconds after a first one that warms up; at least three calls."""
    call()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < LEAST or time.perf_counter() < end:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return times


def parameters_m(model: nn.Module) -> float:
    return round(sum(p.numel() for p in model.parameters()) / 1e6, 2)


class Runner:
    """A classifier in PyTorch, channels last, its trunk in `precision`; a call ends when the answer is there."""

    def __init__(self, model: nn.Module, size: int, device: str, precision: str) -> None:
        self.precision = precision
        self._size, self._device, self._dtype = size, device, getattr(torch, precision)
        self._model = model.eval().requires_grad_(False)
        self._model.trunk.to(dtype=self._dtype)
        self._model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def times_ms(self, rows: int, seconds: float) -> list[float]:
        images = torch.randn(rows, 3, self._size, self._size).to(self._device, self._dtype)
        images = images.contiguous(memory_format=torch.channels_last)
        return times_ms(lambda: self._call(images), seconds)

    def _call(self, images: torch.Tensor) -> list[torch.Tensor]:
        with torch.inference_mode():
            return [answer.cpu() for answer in self._model(images)]

    def rounds(self, batch: int, seconds: float, single: Sequence[float] = ()) -> Rounds:
        return Rounds(list(single) or self.times_ms(1, seconds), self.times_ms(batch, seconds), batch)


def on_cpu(build: Callable[[], nn.Module], size: int, batch: int, seconds: float) -> tuple[str, Rounds]:
    """fp32, or bfloat16 where this processor is faster in it."""
    plain = Runner(build(), size, "cpu", "float32")
    single = plain.times_ms(1, seconds)
    short = Runner(build(), size, "cpu", "bfloat16")
    other = short.times_ms(1, seconds)
    better, times = (short, other) if statistics.median(other) < statistics.median(single) else (plain, single)
    return better.precision, better.rounds(batch, seconds, times)


def measure(name: str, size: int, devices: Sequence[str], batch: int, seconds: float) -> tuple[float, dict[str, Any]]:
    """Parameters, and (precision, rounds) by device, of a network with random weights: they do not change its pace."""

    def build() -> nn.Module:
        return build_classifier(classifier_config(name))

    found: dict[str, tuple[str, Rounds]] = {}
    for device in devices:
        if device == "cpu":
            found[device] = on_cpu(build, size, batch, seconds)
        else:
            found[device] = ("float16", Runner(build(), size, device, "float16").rounds(batch, seconds))
        gc.collect()
    return parameters_m(build()), found


def contender(
    names: Sequence[str], title: str, size: int, devices: Sequence[str], batch: int, seconds: float
) -> Contender:
    """One network, or an ensemble: every member looks at the picture, so their times add up."""
    members = [measure(name, size, devices, batch, seconds) for name in names]
    paces = []
    for device in devices:
        each = [found[device] for _parameters, found in members]
        both = [
            [sum(call) for call in zip(*calls, strict=False)]
            for calls in ([r.single for _p, r in each], [r.batched for _p, r in each])
        ]
        precision = "/".join(dict.fromkeys(precision for precision, _rounds in each))
        paces.append(Rounds(both[0], both[1], batch).pace(device, precision))
    return Contender(title, round(sum(parameters for parameters, _found in members), 2), size, tuple(paces))

"""Several training processes of one thread each, averaging gradients once a step.

On few cores that other work shares, this is about twice as fast as one process of several threads: those wait for each
other after every operation, these once a step.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

RANK, WORLD, STORE = "VISION_RANK", "VISION_WORLD", "VISION_STORE"


# mallopt parameters of glibc (malloc.h).
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Let glibc reuse freed memory instead of returning it; elsewhere a no-op.

    A step takes and frees hundreds of megabytes, and faulting fresh pages in cost it 5 to 15 % of its time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def rank() -> int:
    return int(os.environ.get(RANK, "0"))


def world() -> int:
    return int(os.environ.get(WORLD, "1"))


@contextmanager
def processes(module: str, config: Any, arguments: Sequence[str]) -> Iterator[None]:
    """Run the body in `config.workers` processes of `config.threads` threads: this one, and others that are started
    with the same command line of `vision.ml.<module>`. A helper that fails ends the training, as its own error did.
    """
    keep_freed_memory()
    torch.set_num_threads(config.threads)
    helpers = start_helpers(module, config.workers or wanted_workers(config.device), arguments)
    try:
        yield
        if world() > 1:
            dist.barrier()
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
        for helper in helpers:
            helper.wait(timeout=60)
        if helpers:
            for name in (RANK, WORLD, STORE):
                os.environ.pop(name, None)


def wanted_workers(device: str) -> int:
    """One process feeds a GPU; on a CPU, one for each of up to two cores."""
    if device.startswith("cuda") or (device == "auto" and torch.cuda.is_available()):
        return 1
    return min(os.cpu_count() or 1, 2)


def start_helpers(module: str, workers: int, arguments: Sequence[str]) -> list[subprocess.Popen[bytes]]:
    """Start processes 1.. with the same command line and join them; a no-op for one worker or inside a helper."""
    if workers <= 1 and world() == 1:
        return []
    helpers = []
    if RANK not in os.environ:
        store = Path(tempfile.mkdtemp(prefix="vision-train-")) / "store"
        os.environ |= {RANK: "0", WORLD: str(workers), STORE: str(store)}
        for number in range(1, workers):
            command = [sys.executable, "-m", f"vision.ml.{module}", *arguments]
            helpers.append(subprocess.Popen(command, env=os.environ | {RANK: str(number)}))  # noqa: S603
    dist.init_process_group("gloo", init_method=f"file://{os.environ[STORE]}", rank=rank(), world_size=world())
    return helpers


def agree(value: float) -> float:
    """Process 0's value, in every process."""
    if world() == 1:
        return value
    box = torch.tensor([value], dtype=torch.float64)
    dist.broadcast(box, 0)
    return float(box)


def average_gradients(model: nn.Module) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    if world() == 1:
        return
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    dist.all_reduce(flat)
    flat /= world()
    start = 0
    for gradient in gradients:
        count = gradient.numel()
        gradient.copy_(flat[start : start + count].view(gradient.shape))
        start += count


def copy_from_first(model: nn.Module) -> None:
    """Give every process the weights of process 0."""
    if world() > 1:
        for value in model.state_dict().values():
            dist.broadcast(value, 0)

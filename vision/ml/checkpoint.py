"""Checkpoints without pickle: tensors in safetensors, the rest as JSON in the file's own metadata."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn


def save_tensors(path: Path, tensors: dict[str, Tensor], meta: dict[str, Any]) -> None:
    """Write to a temporary file, then rename: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(path.suffix + ".tmp")
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, temporary, {"json": json.dumps(meta)})
    os.replace(temporary, path)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, framework="pt") as handle:
        meta = json.loads((handle.metadata() or {}).get("json", "{}"))
        return {key: handle.get_tensor(key) for key in handle.keys()}, meta  # noqa: SIM118


def save_model(path: Path, model: nn.Module, meta: dict[str, Any], *, half: bool = True) -> None:
    """The weights a model serves with; floating tensors as fp16 when `half`."""
    state = {
        key: value.half() if half and value.is_floating_point() else value for key, value in model.state_dict().items()
    }
    save_tensors(path, state, meta)


def load_model(path: Path, model: nn.Module) -> dict[str, Any]:
    """Fill `model` (fp32) from a file and return the file's metadata; a file may hold more than the model needs.

    Raises ValueError naming what is missing.
    """
    tensors, meta = load_tensors(path)
    own = model.state_dict()
    missing = sorted(own.keys() - tensors.keys())
    if missing:
        raise ValueError(f"{path} is of another network: it lacks {', '.join(missing[:5])}.")
    model.load_state_dict({key: tensors[key].to(value.dtype) for key, value in own.items()})
    return meta


def start_from(path: Path, model: nn.Module) -> list[str]:
    """Take over what a related network learned, by name and shape; gives the names of what begins anew.

    New heads and added layers do. Raises ValueError when less than half of the weights fit: such a start is a mistake.
    """
    tensors, _meta = load_tensors(path)
    own = model.state_dict()
    fitting = {
        key: tensors[key].to(v.dtype) for key, v in own.items() if key in tensors and tensors[key].shape == v.shape
    }
    if sum(v.numel() for v in fitting.values()) < sum(v.numel() for v in own.values()) / 2:
        raise ValueError(f"{path} is of another network: only {len(fitting)} of {len(own)} tensors fit.")
    model.load_state_dict(own | fitting)
    return sorted(own.keys() - fitting.keys())


def save_progress(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, meta: dict[str, Any]
) -> None:
    """All that a training needs to go on after an interruption: weights, their average, momentum, time spent."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    names = [name for name, _ in model.named_parameters()]
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    by_id = {id(p): name for name, p in zip(names, model.parameters(), strict=True)}
    for parameter in parameters:
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{by_id[id(parameter)]}"] = torch.as_tensor(value)
    save_tensors(path, tensors, meta)


def load_progress(path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The reverse of `save_progress`; returns the metadata."""
    tensors, meta = load_tensors(path)
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    average.load_state_dict({k[8:]: v for k, v in tensors.items() if k.startswith("average.")})
    named = dict(model.named_parameters())
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, slot, name = key.split(".", 2)
            # The step counter stays on the CPU, as the optimisers keep it; the rest lies beside its weights.
            optimizer.state[named[name]][slot] = value if slot == "step" else value.to(named[name].device)
    return meta

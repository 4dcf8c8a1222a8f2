"""What every training is told, whatever it trains: its material, budget and steps."""

from __future__ import annotations

from dataclasses import dataclass

from .config import option


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """The settings that trainings, distillations and retrainings share."""

    data: str = option("../shared/data", "folder that holds garments/ and studio/")
    out: str = option("runs/classifier", "folder for weights, log and progress")
    cache: str = option(".cache/vision", "folder for decoded photos (about 1.5 GB)")
    held_out: str = option("1,2", "folds kept from training; empty trains on all")
    masks: str = option("", "garment masks (.npz of vision.ml.selftrain)")
    minutes: float = option(60.0, "wall-clock budget")
    batch: int = option(32, "photos a step and process")
    lr: float = option(1.5e-3, "peak learning rate")
    weight_decay: float = option(0.1, "weight decay")
    backgrounds: int = option(3000, "rooms in the bank")
    prints: int = option(2500, "rendered prints in the bank (0: none are laid over garments)")
    source_size: int = option(192, "side of the decoded cache in pixels")
    device: str = option("auto", "auto, cpu or cuda")
    workers: int = option(0, "training processes, each with its own batches (0: 2 on a CPU, 1 on a GPU)")
    threads: int = option(1, "torch threads of each process")
    seed: int = option(0, "seed of everything")
    room_seed: int = option(0, "seed of rooms and prints, which runs may share")
    bf16: bool = option(True, "mixed precision: bfloat16 autocast")
    max_steps: int = option(0, "stop after so many steps (0: by the clock only)")
    resume: bool = option(False, "go on from the progress file of an interrupted run")

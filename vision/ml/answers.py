"""What a retraining reads: its configuration, and people's answers beside the photos of the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from . import data
from .batches import Source
from .card import ModelCard
from .config import option, parse_folds
from .cutouts import cached_masks
from .data import UNKNOWN, Record
from .manifest import ManifestError
from .material import Material
from .mix import SCENE, label_table
from .predictor import BATCH, load_predictor
from .run_config import RunConfig
from .selftrain import trusted_mask

WORK = "retraining"
# What an answered photo weighs against one of the release: repeated at most so often, to this share of all photos.
MOST_REPEATS, ANSWERED_SHARE = 8, 0.4
# At least so much of the answered photos is left to train on, however many of them are recent.
LEAST_TRAINED = 0.6


@dataclass(frozen=True, kw_only=True)
class RetrainConfig(RunConfig):
    """One retraining, whole; written into the candidate's card but for the folders of this machine."""

    weights: str = option("vision/weights", "weights folder to begin from")
    manifest: str = option("var/answers", "folder of `manage.py export_training_set`")
    data: str = option("", "folder with garments/ and studio/, mixed in; blank: the answers alone")
    out: str = option("var/models/candidate", "weights folder to write; must not exist yet")
    name: str = option("", "the candidate's name (blank: the base's, with the day)")
    cache: str = option("", "folder for decoded photos (blank: beside --out while it trains)")
    minutes: float = option(30.0, "wall-clock budget of the training itself")
    lr: float = option(2e-4, "peak learning rate")
    recent_days: float = option(14.0, "answers of the last days are kept for measuring")
    judge_least: int = option(100, "answered photos that a verdict takes")
    calibrate_least: int = option(400, "answered photos that new thresholds take")
    most_held_out: int = option(600, "photos of the release's held-out folds to measure on")
    backgrounds: int = option(400, "rooms in the bank")
    prints: int = option(300, "rendered prints in the bank (0: none are laid over garments)")
    source_size: int = option(0, "side of the decoded cache in pixels (0: what the weights were trained with)")
    held_out: str = option("", "folds of --data that are not trained on (blank: those that the card names)")
    masks: str = option("", "garment masks of --data (.npz); blank: made by the segmenter of --weights")


@dataclass(frozen=True)
class Answers:
    """The manifest's photos, each for one purpose; no sender is in two of them."""

    train: list[Record]
    frozen: list[Record]
    recent: list[Record]


def completed(config: RetrainConfig, card: ModelCard) -> RetrainConfig:
    """The configuration with every blank filled in."""
    train = card.recipe.get("student", {}).get("train", {})
    today = datetime.now().date().isoformat()
    return replace(
        config,
        name=config.name or f"{card.name[:48]}+{today}",
        cache=config.cache or str(work_of(config) / "cache"),
        source_size=config.source_size or card.student.source,
        held_out=config.held_out or str(train.get("held_out", "")),
    )


def work_of(config: RetrainConfig) -> Path:
    """Where a run keeps what it needs until it has ended, beside the folder it will write."""
    out = Path(config.out)
    return out.parent / f".{out.name}-{WORK}"


def divided(records: Sequence[Record], recent_days: float) -> Answers:
    """Frozen senders, senders that were answered lately, and the others. Raises ManifestError: nothing to train on."""
    free = [record for record in records if record.split != "frozen"]
    if not free:
        raise ManifestError("The manifest holds no photo to train on: all are frozen. Export more answers.")
    photos = Counter(record.sender for record in free)
    last: dict[str, datetime] = {}
    for record in free:
        said = datetime.fromisoformat(record.said_at)
        last[record.sender] = max(last.get(record.sender, said), said)
    since = max(last.values()) - timedelta(days=recent_days)
    recent: set[str] = set()
    room = len(free) * (1 - LEAST_TRAINED)
    for sender in sorted(last, key=last.__getitem__, reverse=True):
        room -= photos[sender]
        if last[sender] < since or room < 0:
            break
        recent.add(sender)
    return Answers(
        train=[record for record in free if record.sender not in recent],
        frozen=[record for record in records if record.split == "frozen"],
        recent=[record for record in free if record.sender in recent],
    )


def garment_masks(weights: Path, pixels: np.ndarray) -> np.ndarray:
    """(n, s, s) uint8 masks by the segmenter that serves; zeros where it is not to be trusted."""
    predictor, side = load_predictor(weights), pixels.shape[1]

    def masks_of(start: int) -> list[np.ndarray]:
        part = pixels[start : start + BATCH]
        found = predictor.segment([Image.fromarray(image) for image in part])
        sized = [cv2.resize(probability, (side, side), interpolation=cv2.INTER_LINEAR) for probability in found]
        return [trusted_mask(np.asarray(image), p) for image, p in zip(part, sized, strict=True)]

    return np.stack([mask for start in range(0, len(pixels), BATCH) for mask in masks_of(start)])


def studio_of(config: RetrainConfig) -> tuple[Source, list[Record], list[str]]:
    """The shop pictures of --data; without it a source with nothing in it."""
    if not config.data:
        side = config.source_size
        empty = np.zeros((0, side, side, 3), np.uint8)
        return Source(empty, np.zeros(0, np.float32), np.zeros((0, side, side), np.uint8)), [], []
    records, articles = data.read_studio(Path(config.data))
    pixels, aspect = data.cached_pixels(records, config.source_size, Path(config.cache))
    masks = cached_masks(records, pixels, Path(config.cache))
    return Source(pixels, aspect, masks, np.arange(len(records))), records, articles


def released(config: RetrainConfig) -> tuple[list[Record], list[Record]]:
    """The release's own photos: to train on, and those of its held-out folds."""
    if not config.data:
        return [], []
    garments = data.read_garments(Path(config.data))
    held = np.isin(data.assign_folds(garments), parse_folds(config.held_out))
    train = [record for record, out in zip(garments, held, strict=True) if not out]
    return train, [record for record, out in zip(garments, held, strict=True) if out]


def load_material(config: RetrainConfig, answered: list[Record]) -> Material:
    """Answered photos and the release's as one source; answered ones are drawn more often than their number says."""
    own, _held = released(config)
    studio, studio_records, articles = studio_of(config)
    pixels, aspect = data.cached_pixels(answered, config.source_size, Path(config.cache))
    masks = garment_masks(Path(config.weights), pixels)
    repeats = 1
    if own:
        their_pixels, their_aspect = data.cached_pixels(own, config.source_size, Path(config.cache))
        their_masks = own_masks(config, their_pixels)
        pixels, aspect = np.concatenate([pixels, their_pixels]), np.concatenate([aspect, their_aspect])
        masks = np.concatenate([masks, their_masks])
        wanted = len(own) * ANSWERED_SHARE / (1 - ANSWERED_SHARE) / len(answered)
        repeats = int(np.clip(round(wanted), 1, MOST_REPEATS))
    mine, others = np.arange(len(answered)), np.arange(len(answered), len(answered) + len(own))
    labels = label_table([*answered, *own])
    if not masks.any():
        # Without a mask there are no pictures of several garments: of one alone the scene is not to be learned.
        labels[:, SCENE] = UNKNOWN
    return Material(
        garments=Source(pixels, aspect, masks, np.concatenate([np.repeat(mine, repeats), others])),
        garment_labels=labels,
        studio=studio,
        studio_labels=label_table(studio_records) if studio_records else torch.zeros((0, 4), dtype=torch.int64),
        articles=articles,
        train=np.arange(len(labels)),
        held_out=np.zeros(0, dtype=np.int64),
    )


def own_masks(config: RetrainConfig, pixels: np.ndarray) -> np.ndarray:
    """Masks of the release's training photos."""
    if not config.masks:
        return garment_masks(Path(config.weights), pixels)
    garments = data.read_garments(Path(config.data))
    held = np.isin(data.assign_folds(garments), parse_folds(config.held_out))
    with np.load(config.masks) as stored:
        masks: np.ndarray = stored["masks"][~held]
    return masks

"""People's answers as a training set: photos and labels in a folder that `vision.ml.manifest` reads.

The last word on each photo and task counts, whether it confirmed or corrected. Only pictures that were decoded and
written anew leave the storage, so nothing that an uploaded file hides (its place, its owner, a payload) comes along.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog.models import Brand
from catalog.services.saving import save_clean
from erp.core.audit import by_actor
from erp.core.errors import DomainError
from erp.core.models import User
from erp.core.photos import PhotoError, decode_photo
from vision import inference
from vision.messages import SINGLE
from vision.models import Correction, VisionSettings

# What a network is trained on is smaller still; enough to choose its size anew.
LONG_SIDE = 512
QUALITY = 90
# One product in five is never trained on: every candidate is judged by the same photos.
FROZEN_OF = 5
COLUMNS = ("image", "category", "pattern", "sender", "near_duplicate_group", "split", "said_at", "model")
MANIFEST = "manifest.csv"
FILE, PUBLIC_ID, PRODUCT = (f"analysis__image__{name}" for name in ("original", "public_id", "product_id"))
SCENE = "analysis__result__scene__label"
COLUMNS_READ = (
    *("analysis_id", "task", "label", "brand_id", "created_at", "model_version__name"),
    *(FILE, PUBLIC_ID, PRODUCT, SCENE),
)
LEFT_BEHIND_AFTER = timedelta(days=1)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Exported:
    """What an export holds, and what it left out and why."""

    folder: Path
    photos: int
    frozen: int
    missing: int
    damaged: int
    duplicates: int
    nameless: int
    not_single: int
    newest: datetime


@dataclass(frozen=True)
class Answered:
    """One photo and the last word on each task."""

    file: str
    name: str
    brand_id: int
    product_id: int
    labels: dict[str, str]
    said_at: datetime
    model: str


def training_answers(*, since: datetime | None = None, brand: Brand | None = None) -> QuerySet[Correction]:
    """The answers that may be trained on: photos that are there, of brands that did not say no."""
    found = Correction.objects.filter(analysis__isnull=False).exclude(brand__vision_settings__photos_train=False)
    if brand:
        found = found.of(brand)
    return found.filter(created_at__gte=since) if since else found


@by_actor
def let_photos_train(*, brand: Brand, allowed: bool, actor: User) -> VisionSettings:
    """A brand's word on whether its photos may train the models. What was learned before stays learned."""
    settings = VisionSettings.objects.filter(brand=brand).first() or VisionSettings(brand=brand)
    settings.photos_train = allowed
    save_clean(settings)
    return settings


def export_training_set(
    *, folder: Path, since: datetime | None = None, brand: Brand | None = None, progress: Progress | None = None
) -> Exported:
    """Writes the training set; `folder` holds all of it afterwards, or what it held before. Raises DomainError.

    An earlier training set there is replaced; anything else is left alone and refused.
    """
    folder = folder.resolve()
    _check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_away(folder)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        exported = _write(new, training_answers(since=since, brand=brand), progress or (lambda photos: None))
        _put_in_place(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return Exported(folder=folder, **exported)


def is_frozen(brand_id: int, product_id: int) -> bool:
    """Whether a product's photos are kept for judging models: the same answer for ever, on every machine."""
    digest = hashlib.sha256(f"{brand_id}:{product_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % FROZEN_OF == 0


def _check_place(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))):
        words = _("%(folder)s holds something else. Name a new folder, or an earlier training set to replace.")
        raise DomainError("folder_taken", words % {"folder": folder})


def _clear_away(folder: Path) -> None:
    """Removes what exports left beside the folder that were killed long ago."""
    before = (timezone.now() - LEFT_BEHIND_AFTER).timestamp()
    for left in folder.parent.glob(f".{folder.name}-*"):
        if left.is_dir() and left.stat().st_mtime < before:
            shutil.rmtree(left, ignore_errors=True)


def _put_in_place(new: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, old)
        os.replace(new, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(new, folder)


def _write(new: Path, answers: QuerySet[Correction], progress: Progress) -> dict[str, Any]:
    """Photo by photo: memory does not grow with the photos but for a hash of each."""
    counts: Counter[str] = Counter()
    senders: dict[str, str] = {}
    newest: datetime | None = None
    (new / "images").mkdir()
    with (new / MANIFEST).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for photo in _photos(answers, counts):
            row = _save(new, photo, senders, counts)
            if row is None:
                continue
            writer.writerow(row)
            counts["photos"] += 1
            newest = max(newest or photo.said_at, photo.said_at)
            progress(counts["photos"])
    if newest is None:
        words = _("There are no answers to learn from yet. Check some listings first; nothing was written.")
        raise DomainError("no_answers", words)
    kept = ("photos", "frozen", "missing", "damaged", "duplicates", "nameless", "not_single")
    return {name: counts[name] for name in kept} | {"newest": newest}


def _photos(answers: QuerySet[Correction], counts: Counter[str]) -> Iterator[Answered]:
    """The answers folded to one record a photo. `nameless`: with labels that no model has a name for; `not_single`: the
    product's name was not said of what the photo shows, which is no garment or several.
    """
    known = inference.vocabulary()
    rows = answers.order_by("analysis_id", "pk").values(*COLUMNS_READ).iterator(chunk_size=1000)
    for _analysis, said in groupby(rows, key=itemgetter("analysis_id")):
        last = {row["task"]: row for row in said}
        if next(iter(last.values()))[SCENE] not in (None, SINGLE):
            counts["not_single"] += 1
            continue
        labels = {task: row["label"] for task, row in last.items() if row["label"] in known[task]}
        if not labels:
            counts["nameless"] += 1
            continue
        latest = max(last.values(), key=itemgetter("created_at"))
        yield Answered(
            file=latest[FILE],
            name=latest[PUBLIC_ID].hex,
            brand_id=latest["brand_id"],
            product_id=latest[PRODUCT],
            labels=labels,
            said_at=latest["created_at"],
            model=latest["model_version__name"] or "",
        )


def _save(new: Path, photo: Answered, senders: dict[str, str], counts: Counter[str]) -> list[str] | None:
    """Writes one picture and gives its row; None where it cannot be trained on, which is counted."""
    try:
        with default_storage.open(photo.file) as file:
            picture = decode_photo(file.read(), max_side=LONG_SIDE).image
    except FileNotFoundError:
        counts["missing"] += 1
        return None
    except PhotoError:
        counts["damaged"] += 1
        return None
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    group, sender = _fingerprint(picture), f"{photo.brand_id}-{photo.product_id}"
    # The same picture under two products could be trained on here and judged by there.
    if senders.setdefault(group, sender) != sender:
        counts["duplicates"] += 1
        return None
    name = f"images/{photo.name}.jpg"
    picture.save(new / name, "JPEG", quality=QUALITY)
    frozen = is_frozen(photo.brand_id, photo.product_id)
    counts["frozen"] += frozen
    labels = [photo.labels.get(task, "") for task in (Correction.Task.CATEGORY, Correction.Task.PATTERN)]
    split = "frozen" if frozen else "train"
    return [name, *labels, sender, group, split, photo.said_at.isoformat(), photo.model]


def _fingerprint(picture: Image.Image) -> str:
    """Equal for a picture and its copies saved again: which of two neighbouring spots is lighter, and the mean colour.

    Two photos of one garment differ; only what shows the very same shot is meant.
    """
    grey = np.asarray(picture.convert("L").resize((17, 16), Image.Resampling.BOX))
    lighter = np.packbits(grey[:, :-1] > grey[:, 1:]).tobytes()
    mean = np.asarray(picture.resize((1, 1), Image.Resampling.BOX)) // 32
    return hashlib.sha256(lighter + mean.tobytes()).hexdigest()[:16]

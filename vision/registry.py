"""Which model is active: the rows of ModelVersion and the folders they stand for. Knows nothing of `vision.ml`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from itertools import chain, count
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vision.models import ModelVersion

log = structlog.get_logger(__name__)

SHIPPED_FOLDER = Path(__file__).resolve().parent / "weights"
CARD_NAME = "card.json"
# Shipped weights that served stay here when an upgrade of Jangbu brings others: to go back to them, or to keep to them.
KEPT_FOLDER: Path = settings.VAR_DIR / "models"
KEPT = 3


def folder_of(version: ModelVersion) -> Path:
    """A version's files: in its own folder, among what this Jangbu ships, or in the copy of what one before it did."""
    if version.folder:
        return Path(version.folder)
    kept = _kept(version)
    return kept if kept.exists() and not _is_shipped(version) else SHIPPED_FOLDER


def _kept(version: ModelVersion) -> Path:
    return KEPT_FOLDER / version.sha256


def _is_shipped(version: ModelVersion) -> bool:
    try:
        return read_card(SHIPPED_FOLDER)[1] == version.sha256
    except (OSError, ValueError):
        return False


def keep(version: ModelVersion) -> None:
    """Copy shipped weights that were found good, so that the next upgrade does not take them away.

    The oldest copies make room. A disk that is full is noted, no more.
    """
    kept = _kept(version)
    if version.folder or kept.exists() or not _is_shipped(version):
        return
    beside = KEPT_FOLDER / f".{version.sha256}.{os.getpid()}"
    try:
        shutil.copytree(SHIPPED_FOLDER, beside)
        beside.rename(kept)
        copies = sorted((path for path in KEPT_FOLDER.iterdir() if path != kept), key=lambda path: path.stat().st_mtime)
        for path in copies[: -KEPT + 1]:
            shutil.rmtree(path, ignore_errors=True)
    except OSError as error:
        log.warning("model_not_kept", model=version.name, problem=str(error))
        shutil.rmtree(beside, ignore_errors=True)


def read_card(folder: Path) -> tuple[dict[str, Any], str]:
    """The model card as JSON, and its hash. Raises OSError or ValueError."""
    data = (folder / CARD_NAME).read_bytes()
    card = json.loads(data)
    if not isinstance(card, dict) or not card.get("name"):
        raise ValueError(f"{folder / CARD_NAME} is no model card.")
    return card, hashlib.sha256(data).hexdigest()


def active_version() -> ModelVersion | None:
    return ModelVersion.objects.filter(is_active=True).first()


def add_version(folder: str, card: dict[str, Any], sha256: str) -> ModelVersion:
    """The row of a folder with this card, made if there is none."""
    if known := ModelVersion.objects.filter(folder=folder, sha256=sha256).first():
        return known  # asked at every job, so a name is looked for only where one is needed
    name = _free_name(str(card["name"])[:60], sha256)
    version, _created = ModelVersion.objects.get_or_create(
        folder=folder, sha256=sha256, defaults={"name": name, "card": card}
    )
    return version


def _free_name(name: str, sha256: str) -> str:
    """The card's name; one that is taken gets the hash behind it, and a number where a copy has that too."""
    hashed = f"{name} {sha256[:8]}"
    taken = set(ModelVersion.objects.filter(name__startswith=name).values_list("name", flat=True))
    names = chain([name, hashed], (f"{hashed} ({number})" for number in count(2)))
    return next(free for free in names if free not in taken)


@transaction.atomic
def activate(version: ModelVersion) -> ModelVersion:
    """Make one version the active one; workers load it at their next job."""
    for other in ModelVersion.objects.select_for_update().filter(is_active=True).exclude(pk=version.pk):
        other.is_active = False
        other.save(update_fields=["is_active", "updated_at"])
    version.is_active, version.activated_at, version.problem = True, timezone.now(), ""
    version.save(update_fields=["is_active", "activated_at", "problem", "updated_at"])
    return version


def shipped_version() -> ModelVersion | None:
    """The row of the weights that Jangbu ships; None without a readable card.

    It is active while nobody activated another: an upgrade of Jangbu takes over from the shipped weights before it,
    unless those were pinned.
    """
    try:
        card, sha256 = read_card(SHIPPED_FOLDER)
    except (OSError, ValueError):
        return None
    version = add_version("", card, sha256)
    active = active_version()
    if version.activated_at is None and (active is None or not (active.folder or active.pinned_at)):
        activate(version)
    return version


def version_before() -> ModelVersion | None:
    """The version that was active before the present one."""
    known = ModelVersion.objects.filter(activated_at__isnull=False, is_active=False)
    return known.order_by("-activated_at").first()


def candidates() -> list[ModelVersion]:
    """What may serve, in order: the active version, those active before it, the shipped one."""
    shipped = shipped_version()
    known = ModelVersion.objects.filter(activated_at__isnull=False).order_by("-is_active", "-activated_at")
    return list(known) + ([shipped] if shipped and not shipped.activated_at else [])


def note_problem(version: ModelVersion, problem: str) -> None:
    """Write on the row why it cannot serve (blank: it can); written only when it changes."""
    ModelVersion.objects.filter(pk=version.pk).exclude(problem=problem).update(
        problem=problem, updated_at=timezone.now()
    )

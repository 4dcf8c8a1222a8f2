"""Which model is active: the rows of ModelVersion and the folders they stand for. Knows nothing of `vision.ml`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from vision.models import ModelVersion

SHIPPED_FOLDER = Path(__file__).resolve().parent / "weights"
CARD_NAME = "card.json"


def folder_of(version: ModelVersion) -> Path:
    return Path(version.folder) if version.folder else SHIPPED_FOLDER


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
    """The row of a folder with this card, made if there is none. A name that is taken gets the hash behind it."""
    name = str(card["name"])[:60]
    if ModelVersion.objects.filter(name=name).exclude(sha256=sha256).exists():
        name = f"{name} {sha256[:8]}"
    version, _created = ModelVersion.objects.get_or_create(
        folder=folder, sha256=sha256, defaults={"name": name, "card": card}
    )
    return version


@transaction.atomic
def activate(version: ModelVersion) -> ModelVersion:
    """Make one version the active one; workers load it at their next job."""
    others = ModelVersion.objects.select_for_update().filter(is_active=True).exclude(pk=version.pk)
    others.update(is_active=False, updated_at=timezone.now())
    version.is_active, version.activated_at, version.problem = True, timezone.now(), ""
    version.save(update_fields=["is_active", "activated_at", "problem", "updated_at"])
    return version


def shipped_version() -> ModelVersion | None:
    """The row of the weights that Jangbu ships; None without a readable card.

    It is active while nobody activated another: an upgrade of Jangbu takes over from the shipped weights before it.
    """
    try:
        card, sha256 = read_card(SHIPPED_FOLDER)
    except (OSError, ValueError):
        return None
    version = add_version("", card, sha256)
    active = active_version()
    if version.activated_at is None and (active is None or not active.folder):
        activate(version)
    return version


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

"""Adding a trained model, choosing the one that serves, keeping to it, and going back. Who did it is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from vision import inference, registry
from vision.models import ModelVersion

log = structlog.get_logger(__name__)


def register_model(*, folder: Path) -> ModelVersion:
    """A row for a folder of weights that every worker can read, checked by loading it. It is not active yet."""
    folder = folder.resolve()
    try:
        inference.load_folder(folder)
        card, sha256 = registry.read_card(folder)
    except (inference.BadModel, OSError, ValueError) as error:
        problem = Problem("bad_model", str(error), field="folder")
        raise DomainError("bad_model", _("This folder holds no usable model."), [problem]) from error
    return registry.add_version("" if folder == registry.SHIPPED_FOLDER else str(folder), card, sha256)


@by_actor
@transaction.atomic
def activate_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Make a version the active one, also an earlier one again. Workers follow at their next job.

    The web process reads the card only; what a worker finds wrong with the files is written to `ModelVersion.problem`.
    Refused while another one is pinned.
    """
    pinned = ModelVersion.objects.select_for_update().filter(pinned_at__isnull=False).exclude(pk=version.pk).first()
    if pinned:
        message = _("%(name)s is pinned. Unpin it first, then activate another one.")
        raise DomainError("model_pinned", message % {"name": pinned.name})
    folder = registry.folder_of(version)
    try:
        sha256 = registry.read_card(folder)[1]
    except (OSError, ValueError) as error:
        raise _unusable(_("The model's folder %(folder)s cannot be read."), folder) from error
    if sha256 != version.sha256:
        raise _unusable(_("The model card in %(folder)s changed since it was registered. Register it again."), folder)
    registry.activate(version)
    log.info("model_activated", model=version.name, actor=actor.pk if actor else None)
    return version


@by_actor
@transaction.atomic
def roll_back(*, actor: User | None) -> ModelVersion:
    """Make the version that was active before the present one the active one again."""
    before = registry.version_before()
    if before is None:
        raise DomainError("nothing_before", _("No other model was ever active."))
    return activate_model(version=before, actor=actor)


@by_actor
@transaction.atomic
def pin_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Keep to a version until somebody unpins it: no upgrade of Jangbu and no other activation takes its place."""
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if version.pinned_at:
        return version
    if not version.is_active:
        activate_model(version=version, actor=actor)
    version.pinned_at, version.pinned_by = timezone.now(), actor
    version.save(update_fields=["pinned_at", "pinned_by", "updated_at"])
    log.info("model_pinned", model=version.name, actor=actor.pk if actor else None)
    return version


@by_actor
@transaction.atomic
def unpin_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Let other versions take its place again. It stays active until one does."""
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if version.pinned_at:
        version.pinned_at = version.pinned_by = None
        version.save(update_fields=["pinned_at", "pinned_by", "updated_at"])
        log.info("model_unpinned", model=version.name, actor=actor.pk if actor else None)
    return version


def _unusable(message: Any, folder: Path) -> DomainError:
    return DomainError("model_unusable", message % {"folder": folder})

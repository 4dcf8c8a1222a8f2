"""Adding a trained model, and choosing the one that serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _

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


def activate_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Make a version the active one, also an earlier one again: that is the rollback. Workers follow at their next job.

    The web process reads the card only; what a worker finds wrong with the files is written to `ModelVersion.problem`.
    """
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


def _unusable(message: Any, folder: Path) -> DomainError:
    return DomainError("model_unusable", message % {"folder": folder})

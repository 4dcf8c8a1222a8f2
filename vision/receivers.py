"""What starts an analysis, and what a worker does before its first job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import close_old_connections
from django.dispatch import receiver
from django_q.signals import post_spawn
from PIL import Image

from catalog.models import ProductImage
from catalog.signals import image_added
from vision import inference, services

log = structlog.get_logger(__name__)

# Jobs that a stopped cluster had fetched come back to the broker late, or with Redis never.
LOST_AT_START = timedelta(0)


@receiver(image_added, dispatch_uid="vision.analyse_added_image")
def analyse_added_image(sender: Any, image: ProductImage, **kwargs: Any) -> None:
    services.queue_analysis(image=image)


@receiver(post_spawn, dispatch_uid="vision.prepare_worker")
def prepare_worker(sender: Any, **kwargs: Any) -> None:
    """Load the model before the first photo comes, and take up what a dead worker left. A failure must not end it."""
    for step in (_warm_up, _take_up):
        try:
            step()
        except Exception:
            log.exception("worker_not_prepared", step=step.__name__)
    close_old_connections()


def _warm_up() -> None:
    try:
        inference.analyse([Image.new("RGB", (64, 64), "white")], inference.get_predictor())
    except inference.NoModel:
        log.warning("no_model", folder=str(inference.registry.SHIPPED_FOLDER))


def _take_up() -> None:
    services.requeue_stale_analyses(lost_after=LOST_AT_START)

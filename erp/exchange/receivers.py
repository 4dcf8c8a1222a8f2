"""What a worker does before its first job: it takes up the imports that a dead one left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import close_old_connections
from django.dispatch import receiver
from django_q.signals import post_spawn

from erp.exchange.services.running import resume_stalled_imports

log = structlog.get_logger(__name__)


@receiver(post_spawn, dispatch_uid="exchange.take_up_imports")
def take_up_imports(sender: Any, **kwargs: Any) -> None:
    try:
        resume_stalled_imports(stalled=timedelta(0))
    except Exception:  # the worker must start all the same; the sweep of every minute follows
        log.exception("imports_not_taken_up")
    close_old_connections()

"""Deletions that clients with copies learn of: who deletes, and by which way, makes no difference."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete
from django.utils import timezone

from catalog.models import Tombstone

# The names of what is remembered, as the API calls it; filled while the apps get ready.
KINDS: list[str] = []


def remember_deleted(model: type[models.Model], kind: str, *, key: str = "pk", brand: str = "brand_id") -> None:
    """From now on each deleted row leaves a tombstone: `key` is what the API names it by, `brand` leads to its brand.

    A signal of Django's: rows are also deleted in the admin and by cascades, which pass no service.
    """
    brand_of, key_of = attrgetter(brand), attrgetter(key)

    def bury(sender: Any, instance: Any, **kwargs: Any) -> None:
        Tombstone.objects.create(brand_id=brand_of(instance), kind=kind, object_id=str(key_of(instance)))

    KINDS.append(kind)
    post_delete.connect(bury, sender=model, weak=False, dispatch_uid=f"tombstone:{kind}")


def kept_from() -> datetime:
    """Deletions before this moment may be forgotten."""
    return timezone.now() - timedelta(days=settings.SYNC_KEPT_DAYS)


def forget_deleted() -> int:
    """Deletes tombstones a day after they need not be kept, so that none is missing for who asks just in time."""
    return Tombstone.objects.filter(deleted_at__lt=kept_from() - timedelta(days=1)).delete()[0]

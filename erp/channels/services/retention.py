"""How long files of exports and orders are kept. Their records stay: who, when, which rows, and the file's digest."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from erp.channels.models import Export, OrderFile


def forget_files() -> int:
    """Removes files older than CHANNEL_FILES_KEPT_DAYS, if that is set; gives how many. Safe to run twice."""
    days = settings.CHANNEL_FILES_KEPT_DAYS
    if not days:
        return 0
    limit = timezone.now() - timedelta(days=days)
    return sum(map(_forget_export, _old_exports(limit))) + sum(map(_forget_order_file, _old_order_files(limit)))


def _old_exports(limit: datetime) -> QuerySet[Export]:
    """Without what the marketplace has now, the last file of each kind of a channel, and what a person may confirm yet.

    What changed since the last export is told by its lines, which stay.
    """
    later = Export.objects.filter(
        channel=OuterRef("channel"), what=OuterRef("what"), state=Export.State.DONE, pk__gt=OuterRef("pk")
    )
    old = Export.objects.filter(updated_at__lt=limit).exclude(file="")
    done = old.filter(Exists(later), state=Export.State.DONE)
    return done | old.filter(state__in=[Export.State.DROPPED, Export.State.FAILED])


def _old_order_files(limit: datetime) -> QuerySet[OrderFile]:
    return OrderFile.objects.filter(updated_at__lt=limit).exclude(file="").exclude(state__in=OrderFile.RUNNING)


def _forget_export(export: Export) -> int:
    """The file first: whoever is killed in between finds the row again."""
    export.file.storage.delete(str(export.file.name))
    return Export.objects.filter(pk=export.pk, file=export.file.name).update(file="")


def _forget_order_file(file: OrderFile) -> int:
    """With its first rows, which name customers. A file that somebody began to read meanwhile stays."""
    idle = OrderFile.objects.filter(pk=file.pk, updated_at=file.updated_at).exclude(state__in=OrderFile.RUNNING)
    if not idle.update(preview=[]):
        return 0
    file.file.storage.delete(str(file.file.name))
    return OrderFile.objects.filter(pk=file.pk).update(file="")

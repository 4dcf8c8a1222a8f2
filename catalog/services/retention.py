"""How long it is remembered who changed what."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from catalog.models import Change


def forget_old_changes() -> int:
    """Deletes changes older than CHANGES_KEPT_DAYS, if that is set; gives how many. Movements are never deleted."""
    days = settings.CHANGES_KEPT_DAYS
    if not days:
        return 0
    return Change.objects.filter(timestamp__lt=timezone.now() - timedelta(days=days)).delete()[0]

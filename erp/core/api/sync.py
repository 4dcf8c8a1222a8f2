"""What changed since a moment, for clients that hold a copy: nothing that is written while they read is lost.

A row says when it was changed, but is seen only when its transaction ends. A client that went on from the latest moment
it saw would miss what began earlier and ended later. So each walk tells it from when to ask next: a moment before
which everything is settled. Some rows come twice; none is missed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from erp.core.api.fields import MomentField
from erp.core.errors import DomainError, Problem

SINCE = "updated_since"
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
# For transactions that are under way where the database does not tell of them: longer than SQLite waits for its lock.
LAG = timedelta(seconds=30)
# For the clocks of several machines, and for the moment between asking for the time and beginning to write.
CLOCKS = timedelta(seconds=5)
_OLDEST = """
SELECT MIN(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
ABOUT_SINCE = (
    "Rows that were made or changed from this moment on, oldest change first; begin with `1970-01-01T00:00:00Z`. "
    "When the last page is read, keep `synced_until` and ask from there next time. What was deleted stands in "
    "`/api/v1/tombstones/`."
)
ABOUT_UNTIL = (
    "Only with `updated_since`: from when to ask next time. It lags behind the clock by half a minute, and behind the "
    "oldest change that is still being written, so that nothing is missed; some rows come twice."
)


class _Moment(serializers.Serializer):
    updated_since = MomentField()

    def validate_updated_since(self, value: datetime) -> datetime:
        if not FIRST <= value <= LAST:
            raise serializers.ValidationError(_("Give a moment from 1970 on."), code="out_of_range")
        return value


def read_moment(text: Any) -> datetime:
    """Raises rest_framework's ValidationError for what is no moment with an offset."""
    entered = _Moment(data={SINCE: text})
    entered.is_valid(raise_exception=True)
    moment: datetime = entered.validated_data[SINCE]
    return moment


def asked_since(request: Request, view: Any) -> datetime | None:
    """The moment a list is asked from; None where it is asked for as a whole, or cannot be synced."""
    text = request.query_params.get(SINCE)
    return read_moment(text) if text and getattr(view, "synced_by", None) else None


def settled_until() -> datetime:
    """A moment before which everything that was changed can be seen by now."""
    now = timezone.now()
    oldest = None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST)
            [oldest] = cursor.fetchone()
    return min(now - LAG, oldest - CLOCKS if oldest else now)


def refuse_unknown(since: datetime, kept_from: datetime) -> None:
    """Raises 410 `resync` where deletions are asked for that are not remembered any more."""
    if since < kept_from:
        message = _("Deletions are remembered from %(moment)s on. Load everything again, then ask from there.")
        said = message % {"moment": kept_from.isoformat(timespec="seconds")}
        raise DomainError("resync", said, [Problem("resync", said, SINCE)], status=410)

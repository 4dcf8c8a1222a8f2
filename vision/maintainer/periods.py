"""The days that the maintainer looks at, cut into parts that a chart can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

# Days -> days of one part of it.
PARTS = {30: 3, 90: 7, 365: 30}
DEFAULT = 90
BEFORE = -1


@dataclass(frozen=True)
class Period:
    """The last `days` days, and as many before them to compare with."""

    days: int
    now: datetime

    @classmethod
    def ending_now(cls, days: int) -> Period:
        return cls(days, timezone.now())

    @property
    def since(self) -> datetime:
        return self.now - timedelta(days=self.days)

    @property
    def before(self) -> datetime:
        return self.since - timedelta(days=self.days)

    @property
    def starts(self) -> list[datetime]:
        """The first moment of each part, the oldest first; the last part ends now."""
        step = PARTS[self.days]
        count = -(-self.days // step)
        return [max(self.now - timedelta(days=step * (count - n)), self.since) for n in range(count)]

    def part_of(self, field: str) -> Case:
        """The number of the part that a moment lies in; BEFORE for those to compare with. No function per row: SQLite
        would call Python for each.
        """
        starts = self.starts
        parts: list[Any] = [When(**{f"{field}__gte": start}, then=Value(n)) for n, start in enumerate(starts)]
        return Case(*reversed(parts), default=Value(BEFORE), output_field=IntegerField())


def days_of(text: str | None) -> int:
    """How many days an address asks for; anything else is the usual number."""
    days = int(text) if text and text.isdecimal() and len(text) < 5 else DEFAULT
    return days if days in PARTS else DEFAULT

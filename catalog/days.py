"""The business day: shops work through the night, so a day ends at the hour that the brand sets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.models import Brand

# Long before any book of ours begins, and far enough from year 1 for every time zone and day that is taken off.
FIRST_DAY = date(2000, 1, 1)


def business_day(brand: Brand, moment: datetime | None = None) -> date:
    """The day a moment (default: now) belongs to: 2 a.m. on the 21st is the 20th where days end at 6."""
    local = (moment or timezone.now()).astimezone(ZoneInfo(brand.time_zone))
    return local.date() - timedelta(days=local.time() < brand.day_ends_at)


def is_of_earlier_day(brand: Brand, happened: datetime, recorded: datetime) -> bool:
    """Whether something was recorded on a later business day than it happened on."""
    return happened < recorded and business_day(brand, happened) < business_day(brand, recorded)


def day_start(brand: Brand, day: date) -> datetime:
    """When a business day begins."""
    return datetime.combine(day, brand.day_ends_at, ZoneInfo(brand.time_zone))

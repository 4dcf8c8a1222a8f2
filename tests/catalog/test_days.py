"""The business day of shops that work through the night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from catalog.days import business_day, day_start
from catalog.models import Brand

SEOUL = {"time_zone": "Asia/Seoul", "day_ends_at": time(6)}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 17, 0, tzinfo=UTC), date(2026, 11, 20)),  # 2 a.m. on the 21st in Seoul
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), date(2026, 11, 21)),  # 6 a.m.: the next day begins
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_a_night_belongs_to_the_day_before(moment: datetime, day: date) -> None:
    assert business_day(Brand(**SEOUL), moment) == day


def test_a_day_begins_at_the_hour_of_the_brand() -> None:
    assert day_start(Brand(**SEOUL), date(2026, 11, 21)) == datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


def test_a_brand_elsewhere_has_its_own_day() -> None:
    paris = Brand(time_zone="Europe/Paris", day_ends_at=time(0))
    assert business_day(paris, datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) == date(2026, 11, 21)

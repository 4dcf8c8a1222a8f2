"""Whether photos changed: the index, its limit by chance, and what is said of it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from vision.maintainer.drift import chi_square, drift_of, stability_index


def test_the_index_is_what_its_definition_says() -> None:
    now, before = {"a": 50, "b": 50}, {"a": 80, "b": 20}
    assert stability_index(now, before) == pytest.approx((0.5 - 0.8) * -0.4700036 + (0.5 - 0.2) * 0.9162907, abs=1e-5)
    assert stability_index(now, now) == 0.0
    assert 0 < stability_index({"a": 100}, {"a": 90, "b": 10}) < 1


def test_chi_square_of_a_table() -> None:
    for freedom, value in ((1, 6.635), (5, 15.086), (11, 24.725)):
        assert chi_square(freedom) == pytest.approx(value, rel=0.02)


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [
        ({"a": 500, "b": 500}, {"a": 500, "b": 500}, "stable"),
        ({"a": 560, "b": 440}, {"a": 500, "b": 500}, "stable"),
        ({"a": 350, "b": 650}, {"a": 550, "b": 450}, "slight"),
        ({"a": 100, "b": 900}, {"a": 500, "b": 500}, "drifts"),
        ({"a": 99}, {"a": 5000}, "too_few"),
    ],
)
def test_when_photos_are_said_to_change(now: Any, before: Any, state: str) -> None:
    assert drift_of(now, before).state == state


def test_chance_raises_no_alarm() -> None:
    """Two draws of one population, few photos and many bins: above 0.1 nearly always, and yet nothing changed."""
    rng = random.Random(0)
    alarms, above = 0, 0
    for _ in range(200):
        now, before = (dict.fromkeys(range(12), 0) for _ in range(2))
        for side in (now, before):
            for _photo in range(120):
                side[rng.randrange(12)] += 1
        found = drift_of(now, before)
        above += found.index > 0.1
        alarms += found.state != "stable"
    assert above > 150 and alarms <= 8

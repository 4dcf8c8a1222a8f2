"""Photos are looked at once each, whatever happens to the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django_q.brokers import get_broker

from tests.factories import BrandFactory
from tests.reliability import photos

PHOTOS = 100
KILLS = 2
LIMIT_MB = 700

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker to kill in /proc: needs Linux"),
]


@pytest.fixture
def counted(transactional_db: None) -> Any:
    get_broker("light").purge_queue()
    photos.count_ends()
    yield
    photos.forget_ends()


def test_a_hundred_photos_and_two_kills(counted: None, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    ids = photos.queue_photos(BrandFactory(), PHOTOS)
    storm = photos.work_off(tmp_path, ids, KILLS)
    told = photos.prove(ids)
    print(f"{storm}, {told}")
    assert storm.kills == KILLS
    assert told["largest batch"] > 1
    assert storm.peak_mb < LIMIT_MB

"""What a web process holds for good is no longer looked through, and what a request leaves goes once it is answered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished

from erp.core.heap import set_aside


@pytest.fixture
def as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    request_finished.disconnect(dispatch_uid="heap.sweep")


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_set_aside(as_it_was) -> None:
    before = gc.get_freeze_count()
    set_aside()
    assert gc.get_freeze_count() > before + 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_what_a_request_leaves_goes_once_it_is_answered(as_it_was, client, db) -> None:
    set_aside()
    left = weakref.ref(Circle())
    assert left() is not None
    client.get("/healthz")
    assert left() is None

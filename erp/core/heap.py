"""The memory of a web process: what it holds for good is set aside, and what requests leave is swept between them."""

from __future__ import annotations

import gc
from typing import Any

from django.core.signals import request_finished
from django.urls import get_resolver

# Containers that a request may make before it is stopped to look for what none of them needs any more.
MOST_MADE = 50_000


def set_aside() -> None:
    """Once a process has loaded what it needs. A full collection of all that stops it for a fifth of a second, every
    few hundred requests.

    A page of serializers leaves thousands of objects in circles. Python counts what is made and looks in the midst of
    a request, when all of it is in use; after the answer is sent, nothing is, and the same takes a millisecond.
    """
    _ = get_resolver().reverse_dict  # every view is imported now instead of at the first request
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_MADE, *gc.get_threshold()[1:])
    request_finished.connect(_sweep, dispatch_uid="heap.sweep")


def _sweep(**_signal: Any) -> None:
    gc.collect(1)

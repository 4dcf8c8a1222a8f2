"""Jobs that repeat. An app's `tasks.py` marks them; `manage.py ensure_schedules` hands them to the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_q.models import Schedule

Task = TypeVar("Task", bound=Callable[[], Any])
# Path of the function: the name people see, and the hour of the day it runs at in the server's time zone.
_nightly: dict[str, tuple[str, int]] = {}


def nightly(name: str, *, hour: int) -> Callable[[Task], Task]:
    """Marks a task without arguments, safe to run twice, to run once a day."""

    def register(task: Task) -> Task:
        _nightly[f"{task.__module__}.{task.__qualname__}"] = (name, hour)
        return task

    return register


def ensure_schedules() -> list[str]:
    """Schedules every marked task that is not scheduled yet, and gives the names of all. Safe to repeat.

    A schedule that an operator changed in the admin stays as it is.
    """
    autodiscover_modules("tasks")
    for path, (name, hour) in _nightly.items():
        tonight = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)
        next_run = tonight if tonight > timezone.now() else tonight + timedelta(days=1)
        defaults = {"name": name, "schedule_type": Schedule.DAILY, "next_run": next_run}
        Schedule.objects.get_or_create(func=path, defaults=defaults)
    return [name for name, _hour in _nightly.values()]

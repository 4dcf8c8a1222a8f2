"""Jobs that repeat. An app's `tasks.py` marks them; `manage.py ensure_schedules` hands them to the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_q.models import Schedule

Task = TypeVar("Task", bound=Callable[[], Any])
# Path of the function: the name people see, and when it runs.
_jobs: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {}


def nightly(name: str, *, hour: int) -> Callable[[Task], Task]:
    """Marks a task without arguments, safe to run twice, to run once a day at this hour of the server's time zone."""
    return _marked(name, lambda: {"schedule_type": Schedule.DAILY, "next_run": _next(hour)})


def weekly(name: str, *, weekday: int, hour: int) -> Callable[[Task], Task]:
    """Marks a task without arguments, safe to run twice, to run once a week: on this day (0: Monday), at this hour."""
    return _marked(name, lambda: {"schedule_type": Schedule.WEEKLY, "next_run": _next(hour, weekday)})


def every(name: str, *, minutes: int) -> Callable[[Task], Task]:
    """Marks a task without arguments, safe to run twice and beside itself, to run again after so many minutes."""
    return _marked(name, lambda: {"schedule_type": Schedule.MINUTES, "minutes": minutes, "next_run": timezone.now()})


def _marked(name: str, timing: Callable[[], dict[str, Any]]) -> Callable[[Task], Task]:
    def register(task: Task) -> Task:
        _jobs[f"{task.__module__}.{task.__qualname__}"] = (name, timing)
        return task

    return register


def ensure_schedules() -> list[str]:
    """Schedules every marked task that is not scheduled yet, and gives the names of all. Safe to repeat.

    A schedule that an operator changed in the admin stays as it is.
    """
    autodiscover_modules("tasks")
    for path, (name, timing) in _jobs.items():
        Schedule.objects.get_or_create(func=path, defaults={"name": name} | timing())
    return [name for name, _timing in _jobs.values()]


def _next(hour: int, weekday: int | None = None) -> datetime:
    moment = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)
    while moment <= timezone.now() or weekday not in (None, moment.weekday()):
        moment += timedelta(days=1)
    return moment

"""`manage.py ensure_schedules`: the jobs that repeat are known to the worker. `make run` calls it; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from erp.core.jobs import ensure_schedules


class Command(BaseCommand):
    help = "Schedules the jobs that run every night, where they are not scheduled yet."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ensure_schedules():
            self.stdout.write(f"Every night: {name}")

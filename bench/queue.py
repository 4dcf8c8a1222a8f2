"""Photos in the queue while their worker is killed five times: photos/s, memory, each done once; SQLite and PostgreSQL.

`--photos N` sets how many; 20,000 unless set. Small drawn photos, the shipped models, `manage.py qcluster` and kill -9.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.databases import on_each_database

PHOTOS = "BENCH_PHOTOS"
KILLS = 5
LARGE = 200


def run() -> None:
    on_each_database("bench.queue", measure)


def measure() -> None:
    from django.test.utils import override_settings

    from catalog.models import Brand

    with tempfile.TemporaryDirectory(prefix="jangbu-queue-") as folder, override_settings(MEDIA_ROOT=f"{folder}/media"):
        brand = Brand.objects.create(slug="bench", name_ko="장부", name_en="Bench")
        count = int(os.environ.get(PHOTOS, "20000"))
        storm(Path(folder), brand, count)
        memory(Path(folder), brand, count)


def storm(folder: Path, brand: Any, count: int) -> None:
    from tests.reliability import photos

    photos.count_ends()
    started = perf_counter()
    ids = photos.queue_photos(brand, count)
    print(f"  {count:,} photos queued in {perf_counter() - started:.1f} s", flush=True)
    done = photos.work_off(folder, ids, KILLS)
    print(
        f"  worked off in {done.seconds:,.0f} s, {count / done.seconds:.1f} photos/s, {done.kills} kills; "
        f"at most {done.peak_mb:.0f} MB resident in one process",
        flush=True,
    )
    told = photos.prove(ids)
    print(f"  each done exactly once, none lost, none stuck; {', '.join(f'{k}: {v:,}' for k, v in told.items())}")


def memory(folder: Path, brand: Any, count: int) -> None:
    """A worker's memory after photos as phones take them, cut-outs and all."""
    from tests.reliability import photos

    count = min(count, LARGE)
    ids = photos.queue_photos(brand, count, size=(3000, 4000), files=5)
    done = photos.work_off(folder, ids, 0)
    print(
        f"  {count} photos of 12 megapixels: {count / done.seconds:.1f} photos/s with cut-outs, "
        f"at most {done.peak_mb:.0f} MB resident (VmHWM) in one process",
        flush=True,
    )


if __name__ == "__main__":
    run()

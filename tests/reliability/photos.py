"""Photos in the queue, and a worker that is killed while it looks at them: set up, worked off, and proved."""

from __future__ import annotations

import io
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Q

from catalog.models import Brand, Product, ProductImage
from tests.reliability import killing
from vision.ml.benchmark import drawn_photo
from vision.models import Analysis
from vision.services.queue import enqueue

State = Analysis.State
# Many rows share few small files, so that the disk stays small.
FILES = 40
SIZE = (120, 160)
PER_PRODUCT = 10

SQLITE = [
    "CREATE TABLE ends (analysis bigint NOT NULL, state text NOT NULL)",
    """CREATE TRIGGER count_ends AFTER UPDATE OF state ON vision_analysis
       WHEN NEW.state IN ('done', 'failed') AND OLD.state <> NEW.state
       BEGIN INSERT INTO ends VALUES (NEW.id, NEW.state); END""",
]
POSTGRES = [
    "CREATE TABLE ends (analysis bigint NOT NULL, state text NOT NULL)",
    """CREATE FUNCTION count_ends() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO ends VALUES (NEW.id, NEW.state); RETURN NULL; END $$""",
    """CREATE TRIGGER count_ends AFTER UPDATE OF state ON vision_analysis FOR EACH ROW
       WHEN (NEW.state IN ('done', 'failed') AND OLD.state <> NEW.state) EXECUTE FUNCTION count_ends()""",
]


@dataclass
class Storm:
    """How the queue was worked off."""

    photos: int
    seconds: float = 0.0
    kills: int = 0
    starts: int = 0
    peak_mb: float = 0.0


def count_ends() -> None:
    """From now on the database itself notes every end of an analysis, in the transaction that ends it."""
    with connection.cursor() as cursor:
        for statement in POSTGRES if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def forget_ends() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER count_ends ON vision_analysis")
            cursor.execute("DROP FUNCTION count_ends()")
        else:
            cursor.execute("DROP TRIGGER count_ends")
        cursor.execute("DROP TABLE ends")


def queue_photos(brand: Brand, count: int, *, size: tuple[int, int] = SIZE, files: int = FILES) -> list[int]:
    """So many waiting photos of a brand, each with its job at the broker. Returns the ids of their analyses."""
    names = [default_storage.save("storm/photo.jpg", ContentFile(drawn_jpeg(size, n))) for n in range(files)]
    known = Product.objects.filter(brand=brand).count()
    numbers = range(known, known - (-count // PER_PRODUCT))
    products = Product.objects.bulk_create(
        Product(brand=brand, style_number=f"ST{n:05}", name_ko=f"사진 {n}") for n in numbers
    )
    images = ProductImage.objects.bulk_create(
        (
            ProductImage(
                product=products[n // PER_PRODUCT], original=names[n % len(names)], content_type="image/jpeg",
                sha256=uuid4().hex * 2, width=size[0], height=size[1], position=n % PER_PRODUCT,
            )
            for n in range(count)
        ),
        batch_size=500,
    )  # fmt: skip
    analyses = Analysis.objects.bulk_create((Analysis(image=i, lane=brand.pk) for i in images), batch_size=500)
    for analysis in analyses:
        enqueue(analysis.pk)
    return [analysis.pk for analysis in analyses]


def drawn_jpeg(size: tuple[int, int], number: int) -> bytes:
    out = io.BytesIO()
    drawn_photo(*size, seed=number).save(out, "JPEG", quality=85)
    return out.getvalue()


def work_off(folder: Path, ids: list[int], kills: int) -> Storm:
    """Starts a worker and kills it so many times on the way: by turns the process that looks at photos, and all of it.

    A service manager starts again what ended. Raises TimeoutError when the work stands still.
    """
    storm = Storm(len(ids))
    started = moved = time.monotonic()
    seen = 0
    worker = killing.worker(folder)
    try:
        while seen < len(ids):
            worker.look_after()
            storm.peak_mb = max(storm.peak_mb, *(peak_mb(pid) for pid in killing.descendants(worker.process.pid)), 0.0)
            if seen >= (storm.kills + 1) * len(ids) // (kills + 1) and storm.kills < kills:
                storm.kills += kill(worker, storm.kills)
            done = len(ids) - Analysis.objects.filter(state__in=[State.QUEUED, State.RUNNING]).count()
            if done > seen:
                seen, moved = done, time.monotonic()
            if time.monotonic() - moved > 300:
                raise TimeoutError(f"{seen} of {len(ids)} photos are done, and nothing moves.")
            time.sleep(0.1)
    finally:
        worker.kill_all()
    storm.seconds, storm.starts = time.monotonic() - started, worker.starts
    return storm


def kill(worker: killing.Supervised, number: int) -> bool:
    """`kill -9` in mid-work; False while nobody is at work."""
    running = Analysis.objects.filter(state=State.RUNNING).values_list("worker", flat=True).first()
    if not running:
        return False
    if number % 2:
        worker.kill_all()
        return True
    try:
        os.kill(int(running.rpartition(":")[2]), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def peak_mb(pid: int) -> float:
    """The most memory a process ever had resident, in megabytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def prove(ids: list[int]) -> dict[str, Any]:
    """Each was done once, none is lost or stuck, all have answers and pictures. Returns what it took, for people."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT analysis, state FROM ends ORDER BY analysis")
        ends = cursor.fetchall()
    assert ends == [(pk, "done") for pk in sorted(ids)]
    rows = Analysis.objects.all()
    assert rows.count() == len(ids)
    assert not rows.exclude(state=State.DONE, error_code="").exists()
    assert not rows.filter(result={}).exists()
    assert not rows.filter(result__mask_share__gt=0.05, image__cutout="").exists()
    return {
        "begun again": rows.filter(Q(attempts__gt=1) | Q(is_alone=True)).count(),
        "largest batch": max(rows.values_list("batch", flat=True)),
    }

"""Writing an archive: a ZIP of `manifest.json`, `rows/NN-app.Model.jsonl` and `files/...`, readable without Jangbu.

Rows are lines of Django's own JSON serialisation, in an order in which every row comes after those it points at. People
are carried by name, without passwords or tokens. The manifest holds the SHA-256 of every part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils import timezone

from catalog.models import Brand
from erp.exchange.archive.scope import (
    APPS,
    PLATFORM,
    files_of,
    foreign_keys,
    label_of,
    models_of,
    platform_rows,
    rows_of,
    user_keys,
)

FORMAT = 1
CHUNK = 2_000
PERSON = ("username", "first_name", "last_name", "email", "language")  # rights of the platform are no brand's
ABOUT = """This archive holds everything that one brand owned in Jangbu.

manifest.json    what is in it: format, brand, rows of each kind, SHA-256 of every part
rows/*.jsonl     one row a line, as JSON; the number of a file is its place in the order of import
files/           photos and uploaded files under the names that the rows give

Into an empty installation:  .venv/bin/python manage.py import_archive FILE
"""


def write_archive(
    brand: Brand, file: IO[bytes], progress: Callable[[int, int], None] = lambda done, total: None
) -> dict:
    """Writes the brand's archive from one moment's view of the database, and answers its manifest."""
    with snapshot(), ZipFile(file, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        parts: dict[str, str] = {}
        counts: dict[str, int] = {}
        people: set[int] = set()
        names: list[tuple[Any, str]] = []
        models = models_of()
        total = sum(rows_of(model, brand).count() for model in models)
        done = 0
        for number, model in enumerate(models):
            part = f"rows/{number:02}-{label_of(model)}.jsonl"
            with archive.open(part, "w", force_zip64=True) as plain:
                out = _Hashed(plain)
                for chunk in _chunks(rows_of(model, brand).iterator(CHUNK)):
                    people.update(_people(model, chunk))
                    names += [(field.storage, name) for field in files_of(model) for name in _names(field, chunk)]
                    out.write(serializers.serialize("jsonl", chunk, cls=_Exact).encode())
                    counts[label_of(model)] = counts.get(label_of(model), 0) + len(chunk)
                    done += len(chunk)
                    progress(done, total)
            parts[part] = out.digest()
        lost = [name for storage, name in names if not _copy(archive, storage, name, parts)]
        manifest = _manifest(brand, counts, parts, people, lost)
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.writestr("README.txt", ABOUT)
    return manifest


@contextmanager
def snapshot() -> Iterator[None]:
    """What is read inside is one moment's, while selling goes on: no lock is taken that a posting would wait for."""
    if connection.in_atomic_block:  # a caller's own transaction, such as a test's
        yield
        return
    begin = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}.get(connection.vendor, "BEGIN DEFERRED")
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("COMMIT")


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond, where Django's own encoder keeps milliseconds: the seals of days are over them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class _Hashed:
    def __init__(self, plain: IO[bytes]) -> None:
        self.plain, self.hash = plain, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.plain.write(data)
        self.hash.update(data)

    def digest(self) -> str:
        return self.hash.hexdigest()


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _people(model: type[Model], rows: Iterable[Any]) -> Iterator[int]:
    fields = [field.attname for field in user_keys(model)]
    return (pk for row in rows for name in fields if (pk := getattr(row, name)))


def _names(field: Any, rows: Iterable[Any]) -> Iterator[str]:
    return (name for row in rows if (name := str(getattr(row, field.attname) or "")))


def _copy(archive: ZipFile, storage: Any, name: str, parts: dict[str, str]) -> bool:
    """Puts a stored file into the archive, once; photos are compressed already. False where it is gone."""
    part = f"files/{name}"
    if part in parts:
        return True
    if not storage.exists(name):
        return False
    with storage.open(name) as source:
        data = source.read()
    archive.writestr(part, data, compress_type=ZIP_STORED)
    parts[part] = hashlib.sha256(data).hexdigest()
    return True


def _manifest(brand: Brand, counts: dict[str, int], parts: dict[str, str], people: set[int], lost: list[str]) -> dict:
    users = get_user_model()._default_manager.filter(pk__in=people).order_by("pk")
    return {
        "format": FORMAT,
        "brand": brand.slug,
        "made_at": timezone.now().isoformat(),
        "time_zone": settings.TIME_ZONE,
        "migrations": migrations(),
        "rows": counts,
        "people": list(users.values("id", *PERSON)),
        "platform": {label: _keys(label, fields) for label, fields in PLATFORM.items()},
        "lost_files": lost,
        "sha256": parts,
    }


def migrations() -> dict[str, str]:
    """The last migration of each app: what the rows fit."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {label: max((name for app, name in applied if app == label), default="") for label in APPS}


def _keys(label: str, fields: tuple[str, ...]) -> dict[str, list[Any]]:
    return {str(row[0]): list(row[1:]) for row in platform_rows(label).values_list("pk", *fields)}


def points_at_platform(model: type[Model]) -> list[Any]:
    """The fields whose value may be a row of the platform."""
    return [field for field in foreign_keys(model) if label_of(field.related_model) in PLATFORM]

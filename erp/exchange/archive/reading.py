"""Reading an archive into an empty installation: all of it or nothing, and the books are proved before it is kept.

Rows keep their ids, so that seals and histories stay what they were; only the platform's own vocabulary is found by
name. People come without passwords: `manage.py changepassword NAME` gives each one a new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.exchange.archive.scope import PLATFORM, files_of, label_of, models_of, platform_rows
from erp.exchange.archive.writing import CHUNK, FORMAT, PERSON, migrations, points_at_platform
from erp.inventory.verify import verify_ledger

Rows = dict[str, dict[int, int | None]]


def read_archive(file: IO[bytes], progress: Callable[[str, int], None] = lambda label, rows: None) -> Brand:
    """The brand of the archive, with everything it owned. Raises DomainError, and nothing is kept, where the
    installation is not empty, a part is damaged or from another version, or the books do not agree."""
    try:
        archive = ZipFile(file)
    except BadZipFile as error:
        raise DomainError("not_an_archive", _("This is no archive of Jangbu, or it is damaged.")) from error
    with archive:
        manifest = _checked(archive)
        saved: list[tuple[Any, str]] = []
        try:
            with transaction.atomic():
                _refuse_unless_empty()
                brand = _read(archive, manifest, saved, progress)
        except BaseException:
            for storage, name in saved:
                storage.delete(name)
            raise
    return brand


def _read(
    archive: ZipFile, manifest: dict, saved: list[tuple[Any, str]], progress: Callable[[str, int], None]
) -> Brand:
    _add_people(manifest["people"])
    platform = {label: _same_rows(label, manifest["platform"].get(label, {})) for label in PLATFORM}
    by_label = {label_of(model): model for model in models_of()}
    for part in sorted(name for name in manifest["sha256"] if name.startswith("rows/")):
        model = by_label[part.rpartition("-")[2].removesuffix(".jsonl")]
        count = 0
        for chunk in _chunks(archive, part):
            _point(chunk, model, platform)
            _insert(model, chunk)
            _save_files(archive, model, chunk, manifest, saved)
            count += len(chunk)
        progress(label_of(model), count)
    _reset_sequences([*by_label.values(), get_user_model()])
    brand = Brand.objects.get(slug=manifest["brand"])
    if differences := verify_ledger(brand):
        message = _("The books of this archive do not agree: %(first)s") % {"first": differences[0]}
        raise DomainError("books_disagree", message)
    return brand


def _checked(archive: ZipFile) -> dict:
    """The manifest, once every part is what it says."""
    try:
        manifest = json.loads(archive.read("manifest.json"))
        ours = manifest["format"] == FORMAT
        parts, applied = dict(manifest["sha256"]), manifest["migrations"]
    except (KeyError, TypeError, ValueError, BadZipFile) as error:
        raise DomainError("not_an_archive", _("This is no archive of Jangbu, or it is damaged.")) from error
    if not ours or applied != migrations():
        message = _("This archive is from another version of Jangbu. Install the version that made it, then move on.")
        raise DomainError("other_version", message)
    for part, expected in parts.items():
        if _unsafe(part) or _digest(archive, part) != expected:
            raise DomainError("damaged", _("%(part)s of this archive is damaged.") % {"part": part})
    return manifest


def _unsafe(part: str) -> bool:
    path = PurePosixPath(part)
    return path.is_absolute() or ".." in path.parts or part.split("/", 1)[0] not in ("rows", "files")


def _digest(archive: ZipFile, part: str) -> str:
    found = hashlib.sha256()
    try:
        with archive.open(part) as source:
            while block := source.read(1 << 20):
                found.update(block)
    except (KeyError, BadZipFile):
        return ""
    return found.hexdigest()


def _refuse_unless_empty() -> None:
    if Brand.objects.exists() or get_user_model()._default_manager.exists():
        message = _("An archive goes into an empty installation: migrate a new database, then import first of all.")
        raise DomainError("not_empty", message, status=409)


def _add_people(people: Iterable[dict[str, Any]]) -> None:
    model = get_user_model()
    for person in people:
        user = model(pk=person["id"], **{name: person[name] for name in PERSON})
        user.set_unusable_password()
        user.save(force_insert=True)


def _same_rows(label: str, theirs: dict[str, list[Any]]) -> dict[int, int | None]:
    """Our row for each of theirs, by the fields that name it; None where we have none."""
    ours = {tuple(row[1:]): row[0] for row in platform_rows(label).values_list("pk", *PLATFORM[label])}
    return {int(pk): ours.get(tuple(names)) for pk, names in theirs.items()}


def _chunks(archive: ZipFile, part: str) -> Iterator[list[Any]]:
    chunk = []
    with archive.open(part) as plain, TextIOWrapper(plain, "utf-8") as lines:
        for found in serializers.deserialize("jsonl", lines):
            chunk.append(found.object)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    if chunk:
        yield chunk


def _point(rows: Iterable[Any], model: type[Model], platform: Rows) -> None:
    """Lets what pointed at the platform's vocabulary there point at ours."""
    for field in points_at_platform(model):
        same = platform[label_of(field.related_model)]
        for row in rows:
            pk = getattr(row, field.attname)
            if pk not in same:
                continue
            if same[pk] is None and not field.null:
                words = {"kind": field.related_model._meta.verbose_name, "row": row}
                message = _("%(row)s needs a %(kind)s that this installation does not have.") % words
                raise DomainError("unknown_vocabulary", message)
            setattr(row, field.attname, same[pk])


def _insert(model: type[Model], rows: list[Any]) -> None:
    """As they are: no time of creation is made new, and no signal tells of what happened long ago."""
    fields = model._meta.concrete_fields
    size = connection.ops.bulk_batch_size([field.attname for field in fields], rows)
    for start in range(0, len(rows), size):
        model._base_manager._insert(rows[start : start + size], fields=fields, raw=True, using=connection.alias)  # type: ignore[attr-defined]


def _save_files(
    archive: ZipFile, model: type[Model], rows: Iterable[Any], manifest: dict, saved: list[tuple[Any, str]]
) -> None:
    for field in files_of(model):
        for row in rows:
            name = str(getattr(row, field.attname) or "")
            if name and f"files/{name}" in manifest["sha256"] and not field.storage.exists(name):
                saved.append((field.storage, name))
                field.storage.save(name, ContentFile(archive.read(f"files/{name}")))


def _reset_sequences(models: Iterable[type[Model]]) -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), [apps.get_model(label_of(model)) for model in models])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

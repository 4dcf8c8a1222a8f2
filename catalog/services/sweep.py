"""Removes files of photos that no row knows: what a rolled-back upload or an interrupted removal left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import Storage
from django.utils import timezone

from catalog.models import ProductImage

ROOT = "brands"
# An upload writes its files a moment before its row can be seen.
GRACE = timedelta(days=1)
AT_ONCE = 500


def sweep_photo_files(*, grace: timedelta = GRACE) -> int:
    """Deletes the files of unknown photos that are older than `grace`; gives how many. Safe to repeat."""
    storage = ProductImage._meta.get_field("original").storage
    limit = timezone.now() - grace
    return sum(_sweep(storage, folder, limit) for folder in _unknown_folders(storage))


def _unknown_folders(storage: Storage) -> Iterator[str]:
    for brand in _folders(storage, ROOT):
        names = [name for name in _folders(storage, f"{ROOT}/{brand}") if _is_id(name)]
        for start in range(0, len(names), AT_ONCE):
            batch = names[start : start + AT_ONCE]
            known = {
                str(pk) for pk in ProductImage.objects.filter(public_id__in=batch).values_list("public_id", flat=True)
            }
            yield from (f"{ROOT}/{brand}/{name}" for name in batch if name not in known)


def _sweep(storage: Storage, folder: str, limit: datetime) -> int:
    files = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
    if any(storage.get_modified_time(file) > limit for file in files):
        return 0
    for file in files:
        storage.delete(file)
    storage.delete(folder)
    return len(files)


def _folders(storage: Storage, path: str) -> list[str]:
    try:
        return storage.listdir(path)[0]
    except FileNotFoundError:
        return []


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False

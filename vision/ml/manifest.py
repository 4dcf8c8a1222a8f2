"""Reads the labelled photos that `manage.py export_training_set` writes: a folder with manifest.csv and images/.

Columns: image (relative path), category and pattern (slugs; blank where nobody said), sender (photos that belong
together), near_duplicate_group, split ("train" or "frozen"), said_at (ISO 8601), model (whose suggestion it answered).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

from .data import SINGLE, UNKNOWN, Record
from .labels import CATEGORIES, PATTERNS

MANIFEST = "manifest.csv"
COLUMNS = ("image", "category", "pattern", "sender", "near_duplicate_group", "split", "said_at", "model")
SPLITS = ("train", "frozen")
AGAIN = "Export again: manage.py export_training_set FOLDER"


class ManifestError(Exception):
    """A manifest that must not be trained on; the message names the row and what to do."""


def read_manifest(folder: Path) -> list[Record]:
    """The records of a training set, in its order. Every file is there and inside of the folder. Raises ManifestError.

    What a person named is a garment, so each record's scene is a single one.
    """
    root = Path(folder)
    path = root / MANIFEST
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(_rows(csv.DictReader(handle, strict=True), path))
    except FileNotFoundError as error:
        raise ManifestError(f"There is no {path}. {AGAIN}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{path} is not readable as CSV in UTF-8 ({error}). {AGAIN}.") from error
    seen: dict[str, int] = {}
    records = []
    for number, row in rows:
        name = row["image"]
        if name in seen:
            raise _wrong(number, f"{name!r} is in row {seen[name]} already; keep one of them")
        seen[name] = number
        records.append(_record(root, number, row))
    if not records:
        raise ManifestError(f"{path} has no rows. Answer some suggestions first, then export again.")
    return records


def _rows(reader: csv.DictReader[str], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their line numbers, every column a text."""
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ManifestError(f"{path} lacks the columns {', '.join(missing)}. {AGAIN}.")
    for row in reader:
        if None in row or None in row.values():
            raise _wrong(reader.line_num, f"it has not the {len(reader.fieldnames or ())} cells of the first row")
        yield reader.line_num, row


def _record(root: Path, number: int, row: dict[str, str]) -> Record:
    if row["split"] not in SPLITS:
        raise _wrong(number, f"split is {row['split']!r}; write {' or '.join(SPLITS)}")
    if not row["sender"]:
        raise _wrong(number, "sender is blank; without it photos of one product would be trained and tested on")
    if not row["category"] and not row["pattern"]:
        raise _wrong(number, "it has neither a category nor a pattern; remove the row")
    return Record(
        path=_file(root, number, row["image"]),
        category=_index(number, "category", row["category"], CATEGORIES),
        pattern=_index(number, "pattern", row["pattern"], PATTERNS),
        scene=SINGLE,
        sender=row["sender"],
        group=row["near_duplicate_group"] or row["image"],
        split=row["split"],
        said_at=_moment(number, row["said_at"]),
    )


def _file(root: Path, number: int, name: str) -> Path:
    """A file inside of the folder, whatever links lie there."""
    parts = PurePosixPath(name).parts
    hostile = not name or "\\" in name or "\0" in name or PureWindowsPath(name).drive or ".." in parts
    if hostile or name.startswith("/"):
        raise _wrong(number, f"image {name!r} leads out of the folder; write a path below it, such as images/1.jpg")
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise _wrong(number, f"image {name!r} is a link out of the folder; put the file itself there")
    if not path.is_file():
        raise _wrong(number, f"there is no file {name}; put it there, or remove the row")
    return path


def _index(number: int, column: str, slug: str, labels: Sequence[str]) -> int:
    if not slug:
        return UNKNOWN
    if slug not in labels:
        raise _wrong(number, f"{column} {slug!r} is none of {', '.join(labels)}; correct it or leave it blank")
    return labels.index(slug)


def _moment(number: int, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong(number, f"said_at is {text!r}; write a time with its offset, such as 2026-11-20T09:30:00+09:00")
    return moment.isoformat()


def _wrong(number: int, problem: str) -> ManifestError:
    return ManifestError(f"Row {number} of {MANIFEST}: {problem}.")

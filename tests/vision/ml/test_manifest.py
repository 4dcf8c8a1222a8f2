"""Training sets that people's answers made: what is read, and what is refused with the row and the mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vision.ml.labels import CATEGORIES, PATTERNS
from vision.ml.manifest import COLUMNS, ManifestError, read_manifest

from .drawing import garment_photo, write_rows

ROW = {
    "image": "images/1.jpg",
    "category": "shirt",
    "pattern": "stripe",
    "sender": "3-12",
    "near_duplicate_group": "a1",
    "split": "train",
    "said_at": "2026-11-20T09:30:00+09:00",
    "model": "m1",
}


def write(folder: Path, *changes: dict[str, str]) -> Path:
    (folder / "images").mkdir(exist_ok=True)
    for number in range(1, 4):
        garment_photo((32, 32))[0].save(folder / f"images/{number}.jpg")
    write_rows(folder / "manifest.csv", [ROW | change for change in changes])
    return folder


def test_a_record_a_row(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {},
        {"image": "images/2.jpg", "category": "", "split": "frozen"},
        {"image": "images/3.jpg", "pattern": "", "near_duplicate_group": ""},
    )
    first, second, third = read_manifest(folder)
    assert (first.category, first.pattern) == (CATEGORIES.index("shirt"), PATTERNS.index("stripe"))
    assert (first.sender, first.group, first.split, first.said_at) == ("3-12", "a1", "train", ROW["said_at"])
    assert (second.category, second.split) == (-1, "frozen")
    assert (third.pattern, third.group) == (-1, "images/3.jpg")
    assert first.path == tmp_path / "images/1.jpg"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image": "../secret.jpg"}, "leads out"),
        ({"image": "images/../../secret.jpg"}, "leads out"),
        ({"image": "/etc/passwd"}, "leads out"),
        ({"image": "C:\\secret.jpg"}, "leads out"),
        ({"image": ""}, "leads out"),
        ({"image": "images/9.jpg"}, "no file images/9.jpg"),
        ({"image": "images"}, "no file"),
        ({"category": "kimono"}, "'kimono' is none of t_shirt"),
        ({"pattern": "tartan"}, "'tartan' is none of solid"),
        ({"category": "", "pattern": ""}, "remove the row"),
        ({"split": "test"}, "train or frozen"),
        ({"sender": ""}, "sender is blank"),
        ({"said_at": "yesterday"}, "with its offset"),
        ({"said_at": "2026-11-20T09:30:00"}, "with its offset"),
    ],
)
def test_a_wrong_row_is_named_with_its_mend(tmp_path: Path, change: dict[str, str], words: str) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    folder = write(tmp_path / "set", {"image": "images/2.jpg"}, change)
    with pytest.raises(ManifestError, match=r"^Row 3 of manifest\.csv: ") as refused:
        read_manifest(folder)
    assert words in str(refused.value)


def test_a_picture_is_listed_once(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="Row 3.*in row 2 already"):
        read_manifest(write(tmp_path, {}, {}))


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    folder = write(tmp_path / "set", {"image": "images/link.jpg"})
    (folder / "images/link.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(ManifestError, match="link out of the folder"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no"),
        (b"image,category\nx,y\n", "lacks the columns pattern"),
        (",".join(COLUMNS).encode() + b"\n", "has no rows"),
        (",".join(COLUMNS).encode() + b"\nimages/1.jpg,shirt\n", "Row 2"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_files_that_are_no_manifest(tmp_path: Path, content: Any, words: str) -> None:
    if content is not None:
        (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(ManifestError, match=words):
        read_manifest(tmp_path)

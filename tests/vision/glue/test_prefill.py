"""`manage.py prefill`, with tiny real weights as the shipped ones."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import translation
from PIL import Image

from tests.vision.fakes import photo
from tests.vision.glue.test_worker import database_url
from tests.vision.tiny import make_weights
from vision import inference, prefill, registry, table
from vision.management.commands import prefill as command
from vision.services import activate_model, register_model

ROOT = Path(__file__).resolve().parents[3]
KEYS = ["photo", "category", "pattern", "scene", "colours", "mask_share", "decision", "model", "ms"]


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny model in the shipped folder, and no database."""
    folder = make_weights(tmp_path / "shipped")
    monkeypatch.setattr(registry, "SHIPPED_FOLDER", folder)
    monkeypatch.setattr(command, "_has_database", lambda: False)
    monkeypatch.chdir(tmp_path)
    return folder


def garment(kind: str = "PNG", size: tuple[int, int] = (120, 90), **options: Any) -> bytes:
    """A black rectangle in the left half of a white photo."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[size[1] // 8 : -size[1] // 8, size[0] // 8 : size[0] // 2] = (20, 20, 24)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def run(*args: str | Path) -> tuple[int, list[Any]]:
    """Exit status and the objects of the JSON lines."""
    out = io.StringIO()
    status = 0
    try:
        call_command("prefill", *map(str, args), "--json", "--language", "en", stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        status = int(str(end.code))
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_object_a_line_with_the_agreed_keys() -> None:
    Path("a.jpg").write_bytes(garment("JPEG"))
    status, (seen,) = run("a.jpg")
    assert status == 0
    assert list(seen) == KEYS
    assert seen["photo"] == "a.jpg"
    assert seen["category"]["label"] == "shirt"
    assert seen["category"]["top3"][0] == ["shirt", seen["category"]["confidence"]]
    assert set(seen["pattern"]) == {"label", "confidence", "top3", "decision"}
    assert set(seen["colours"][0]) == {"name", "hex", "share"}
    assert seen["colours"][0]["name"] == "black"
    assert seen["decision"] == "prefill"
    assert seen["scene"] == {"label": "single", "confidence": 1.0}
    assert seen["model"] == "tiny-1"
    assert 0.1 < seen["mask_share"] < 0.5
    assert list(seen["ms"]) == ["decode", "segment", "classify", "total"]
    assert seen["ms"]["total"] >= seen["ms"]["decode"] + seen["ms"]["segment"] + seen["ms"]["classify"] - 0.1


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_strips_are_looked_at_like_every_photo(kind: str) -> None:
    names = []
    for name, size in (("good", (120, 90)), ("tall", (40, 60000)), ("long", (60000, 40)), ("scroll", (40, 40000))):
        Path(name).write_bytes(photo("black", size, kind))
        names.append(name)
    status, seen = run(*names, "--cutouts", "out")
    assert status == 0
    assert [(line["photo"], list(line)) for line in seen] == [(name, KEYS) for name in names]
    with Image.open("out/tall.png") as cut:
        assert cut.size == (40, 60000)


HOSTILE = {
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"no picture", "not_an_image"),
    "page.jpg": (b"<html><script>alert(1)</script></html>", "not_an_image"),
    "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
    "cut.jpg": (photo(size=(400, 400))[:900], "truncated"),
    "tiny.png": (photo(size=(8, 8), kind="PNG"), "too_small"),
    "paper.jpg": (b"%PDF-1.7\n", "unsupported_format"),
    "bomb.png": (photo(size=(10_000, 10_000), kind="PNG"), "too_many_pixels"),
}


def test_files_that_are_no_photos_do_not_stop_the_others() -> None:
    for name, (data, _code) in HOSTILE.items():
        Path(name).write_bytes(data)
    Path("good.jpg").write_bytes(garment("JPEG"))
    Path("folder").mkdir()
    os.mkfifo("pipe.jpg")
    Path("circle.jpg").symlink_to("circle.jpg")
    with Path("huge.jpg").open("wb") as huge:
        huge.truncate(5 * 1024**3)
    others = {
        "missing.jpg": "not_found",
        "folder": "is_a_directory",
        "pipe.jpg": "not_a_file",
        "circle.jpg": "unreadable",
        "huge.jpg": "file_too_large",
    }
    expected = {name: code for name, (_data, code) in HOSTILE.items()} | others
    status, lines = run(*expected, "good.jpg")
    assert status == 0
    assert {line["photo"]: line["error"]["code"] for line in lines[:-1]} == expected
    assert all(set(line) == {"photo", "error"} and line["error"]["message"] for line in lines[:-1])
    assert lines[-1]["category"]["label"] == "shirt"


def test_the_status_says_whether_anything_could_be_looked_at() -> None:
    assert run("missing.jpg")[0] == 1


@pytest.mark.parametrize(("count", "bad"), [(1, ()), (prefill.BATCH, (0,)), (3 * prefill.BATCH + 1, (2, 9, 10))])
def test_batches_keep_the_order(count: int, bad: tuple[int, ...]) -> None:
    names = [f"{n:02}.png" for n in range(count)]
    for n, name in enumerate(names):
        Path(name).write_bytes(b"" if n in bad else garment())
    _status, lines = run(*names)
    assert [line["photo"] for line in lines] == names
    assert [n for n, line in enumerate(lines) if "error" in line] == list(bad)


def test_waiting_photos_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.png").write_bytes(garment())
    decoded = []
    monkeypatch.setattr(prefill, "_decode", lambda photo: decoded.append(photo) or prefill._Decoded(photo, None, 0.0))
    answers = prefill.look_at(["a.png"] * 500, inference.load_folder())
    next(answers)
    assert len(decoded) <= prefill.AHEAD + prefill.BATCH
    answers.close()


def test_cut_outs_have_the_photos_own_size_and_orientation() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera lay on its side: shown turned right by 90 degrees
    Path("turned.jpg").write_bytes(garment("JPEG", size=(1600, 1200), exif=turned, quality=95))
    run("turned.jpg", "--cutouts", "out")
    with Image.open("out/turned.png") as cut:
        assert (cut.format, cut.mode, cut.size) == ("PNG", "RGBA", (1200, 1600))
        alpha = np.asarray(cut)[..., 3]
    # The rectangle of the left half is on top when shown upright.
    assert alpha[500, 600] == 255
    assert alpha[1300, 600] == 0


def test_names_of_cut_outs_never_collide_and_never_leave_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"keep me")
    names = ["one/shirt.png", "two/shirt.jpg", "two/SHIRT.png", "out/shirt-2.png", "out/link.png", f"{'긴' * 80}.png"]
    for name in names[:-2] + names[-1:]:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(garment())
    Path("one/link.png").write_bytes(garment())
    Path("out/link.png").symlink_to(secret)
    original = Path("out/shirt-2.png").read_bytes()
    status, lines = run(*names[:4], "one/link.png", names[-1], "--cutouts", "out")
    assert (status, len(lines)) == (0, 6)
    assert secret.read_bytes() == b"keep me"
    assert Path("out/shirt-2.png").read_bytes() == original
    made = {path.name for path in Path("out").iterdir()} - {"shirt-2.png"}
    assert made == {"shirt.png", "shirt-3.png", "SHIRT-4.png", "shirt-2-2.png", "link.png", f"{'긴' * 66}.png"}
    assert {path.name for path in tmp_path.iterdir()} == {"shipped", "one", "two", "out", "secret.png", names[-1]}


def test_no_cut_out_without_a_garment() -> None:
    Path("white.png").write_bytes(photo("white", kind="PNG"))
    status, (seen,) = run("white.png", "--cutouts", "out")
    assert (status, seen["decision"], seen["mask_share"]) == (0, "unknown", 0.0)
    assert list(Path("out").iterdir()) == []


def test_a_folder_that_cannot_be_made() -> None:
    Path("a.png").write_bytes(garment())
    Path("file").write_bytes(b"")
    with pytest.raises(CommandError) as error:
        run("a.png", "--cutouts", "file")
    assert error.value.returncode == 2


def test_a_disk_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    Path("a.png").write_bytes(garment())
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CommandError, match="No space left"):
        run("a.png", "--cutouts", "out")
    assert list(Path("out").iterdir()) == []


def test_without_a_model(shipped: Path) -> None:
    (shipped / "student.onnx").unlink()
    with pytest.raises(CommandError) as error:
        run("a.png")
    assert error.value.returncode == 2
    assert "student.onnx" in str(error.value)


@pytest.mark.django_db
def test_the_active_model_of_the_database_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_has_database", lambda: True)
    Path("a.png").write_bytes(garment())
    assert run("a.png")[1][0]["model"] == "tiny-1"
    folder = make_weights(tmp_path / "other", name="other-1", category="hat")
    activate_model(version=register_model(folder=folder), actor=None)
    assert run("a.png")[1][0]["model"] == "other-1"
    (folder / "student.onnx").unlink()
    assert run("a.png")[1][0]["model"] == "tiny-1"


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError("no such table: vision_modelversion")

    monkeypatch.setattr(command, "_has_database", lambda: True)
    monkeypatch.setattr(registry, "active_version", broken)
    Path("a.png").write_bytes(garment())
    assert run("a.png")[1][0]["model"] == "tiny-1"


@pytest.mark.parametrize(("language", "word"), [("en", "Shirt & blouse"), ("ko", "셔츠·블라우스")])
def test_a_table_for_people(language: str, word: str) -> None:
    Path("a.png").write_bytes(garment())
    Path("흰\x1b[2J색.png").write_bytes(photo("white", kind="PNG"))
    out = io.StringIO()
    call_command("prefill", "a.png", "흰\x1b[2J색.png", "missing", "--language", language, stdout=out)
    heading, first, second, third = out.getvalue().splitlines()
    assert first.startswith("a.png")
    assert f"✓ {word} 100%" in first
    assert "\x1b" not in second
    assert second.split()[1] == "–"
    assert third.split()[1] == "!"
    assert len({table.width_of(line[: line.index("✓" if "✓" in line else "–")]) for line in (first, second)}) == 1


@pytest.mark.parametrize(
    ("scene", "language", "words"),
    [("none", "en", "no garment"), ("several", "en", "several garments"), ("several", "ko", "옷이 여러 벌이에요")],
)
def test_a_photo_without_a_single_garment(shipped: Path, scene: str, language: str, words: str) -> None:
    make_weights(shipped, scene=scene)
    Path("a.png").write_bytes(garment())
    _status, (seen,) = run("a.png")
    assert seen["scene"]["label"] == scene
    assert {seen["decision"], seen["category"]["decision"], seen["pattern"]["decision"]} == {"unknown"}
    out = io.StringIO()
    call_command("prefill", "a.png", "--language", language, stdout=out)
    assert f"– {words}" in out.getvalue().splitlines()[1]


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8", "LANG": "en"}, "ko"),
        ({}, "ko"),
    ],
)
def test_the_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], language: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert command.users_language() == language


def test_progress_on_a_terminal_only() -> None:
    class Terminal(io.StringIO):
        def write(self, text: str, ending: str = "") -> int:
            return super().write(text)

        def isatty(self) -> bool:
            return True

    stream = Terminal()
    progress = command.Progress(stream, 20)
    with translation.override("en"):
        for _ in range(20):
            progress.clear()
            progress.step()
    assert "20 of 20 photos" in stream.getvalue().rpartition("\r")[2]
    quiet = io.StringIO()
    command.Progress(quiet, 20).step()
    command.Progress(Terminal(), 3).step()
    assert quiet.getvalue() == ""


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_enough_ends_it_quietly(tmp_path: Path) -> None:
    activate_model(version=register_model(folder=make_weights(tmp_path / "active")), actor=None)
    names = [f"{n}.png" for n in range(60)]
    for name in names:
        (tmp_path / name).write_bytes(garment())
    line = f"{sys.executable} {ROOT}/manage.py prefill --json {' '.join(names)} | head -1; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env=os.environ | {"DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    first, status = result.stdout.splitlines()
    assert json.loads(first)["photo"] == "0.png"
    assert (status, result.stderr) == ("141", "")

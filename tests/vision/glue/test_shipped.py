"""The weights that Jangbu ships, through the command, the worker's job and the suggestions."""

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
from PIL import Image

from catalog.services import add_image
from tests.browser.photos import SET, real_photos
from vision import inference, registry
from vision.ml.benchmark import drawn_photo
from vision.models import Analysis, ModelVersion
from vision.services import run_analysis, suggestions_for

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(
    not (registry.SHIPPED_FOLDER / registry.CARD_NAME).exists(), reason="no weights are shipped yet"
)


@pytest.fixture
def garments() -> list[tuple[Path, str]]:
    """Photos of the shared set with their categories, three of each of four clear ones."""
    if not SET.exists():
        pytest.skip("the photo set ../shared/data is not here")
    names = ("pants", "shoes", "t_shirt", "dress")
    return [(path, category) for category in names for path in real_photos(category, "solid", 3)]


def prefill(tmp_path: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as a person starts it, on a machine where nothing was migrated."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "prefill", *map(str, args)],
        cwd=tmp_path,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}", "LANG": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_command_names_real_photos_without_a_database(tmp_path: Path, garments: list[tuple[Path, str]]) -> None:
    result = prefill(tmp_path, "--json", *[path for path, _category in garments], "missing.jpg")
    assert (result.returncode, result.stderr) == (0, "")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["photo"] for line in lines] == [str(path) for path, _category in garments] + ["missing.jpg"]
    assert lines.pop()["error"]["code"] == "not_found"
    right = sum(line["category"]["label"] == label for line, (_path, label) in zip(lines, garments, strict=True))
    assert right >= 9
    assert {line["decision"] for line in lines} <= {"prefill", "suggest", "unknown"}
    assert not (tmp_path / "none.sqlite3").exists()


def test_a_phone_photos_cut_out_is_as_large_as_the_photo(tmp_path: Path) -> None:
    drawn_photo(3000, 4000).save(tmp_path / "shirt.jpg", quality=90)
    result = prefill(tmp_path, "shirt.jpg", "--cutouts", "out")
    assert result.returncode == 0, result.stderr
    with Image.open(tmp_path / "out" / "shirt.png") as cut:
        assert (cut.mode, cut.size) == ("RGBA", (3000, 4000))
        alpha = np.asarray(cut)[..., 3]
    assert alpha[2000, 1500] == 255
    assert alpha[100, 100] == 0


@pytest.mark.django_db
def test_a_job_fills_a_product(product: Any, actor: Any, jobs: list[int], capture: Any) -> None:
    inference.forget()
    data = io.BytesIO()
    drawn_photo(900, 1200).save(data, "JPEG", quality=90)
    with capture(execute=True):
        image = add_image(product=product, data=data.getvalue(), filename="shirt.jpg", actor=actor)
    assert run_analysis(image.analysis.pk) == "done"
    analysis = Analysis.objects.get()
    assert analysis.model_version == ModelVersion.objects.get(is_active=True, folder="")
    embedding = np.frombuffer(analysis.embedding, np.float32)
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-3)
    found = suggestions_for(product)
    assert found.state == "done"
    assert found.colours[0].colour.slug in ("red", "burgundy", "coral")
    image.refresh_from_db()
    assert image.cutout
    assert image.listing

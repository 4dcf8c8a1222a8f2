from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.vision.tiny import make_weights
from vision.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_a_folder_becomes_a_model(tmp_path: Path) -> None:
    folder = make_weights(tmp_path / "new", name="new-1")
    out = io.StringIO()
    call_command("register_model", folder, stdout=out)
    assert out.getvalue() == "new-1: registered\n"
    call_command("register_model", folder, "--activate", stdout=out)
    version = ModelVersion.objects.get()
    assert (version.folder, version.is_active) == (str(folder), True)


def test_a_bad_folder_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"card\.json"):
        call_command("register_model", tmp_path)

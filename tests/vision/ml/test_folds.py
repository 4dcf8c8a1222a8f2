"""Cross-validation: every photo is judged by the run that never saw it."""

from __future__ import annotations

import json
import shutil

import pytest

from vision.ml import data, folds
from vision.ml.card_history import fold_section
from vision.ml.labels import PATTERNS


@pytest.fixture
def runs(tiny_runs, tmp_path):
    """The tiny classifier as the run of a fold: a function of the folders' name and the folds kept from training."""

    def make(name, held_out):
        folder = tmp_path / name
        shutil.copytree(tiny_runs["classifier"].parent, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"held_out": held_out}))
        return folder

    return make


def arguments(dataset, tiny_weights, *extra):
    return ["--data", str(dataset), "--weights", str(tiny_weights), *map(str, extra)]


def test_every_fold_is_judged_on_its_own_photos(dataset, tiny_weights, runs, tmp_path, capsys):
    pair = f"{runs('b', '2')},{runs('a', '1')}"
    out = tmp_path / "folds.json"
    result = folds.main(arguments(dataset, tiny_weights, "--runs", pair, "--against", pair, "--out", out))
    here = data.assign_folds(data.read_garments(dataset))
    for task in ("category", "pattern"):
        found = result["runs"][task]
        assert {fold: row["photos"] for fold, row in found["folds"].items()} == {
            fold: int((here == int(fold)).sum()) for fold in ("1", "2")
        }
        rates = [row["accuracy"] for row in found["folds"].values()]
        assert found["mean"]["accuracy"] == pytest.approx(sum(rates) / 2, abs=1e-4)
        assert found["spread"]["accuracy"] == pytest.approx(abs(rates[0] - rates[1]) / 2, abs=1e-4)
        assert result["gain"][task]["gain"] == 0  # against itself
    assert json.loads(out.read_text())["runs"] == result["runs"]
    printed = capsys.readouterr().out
    assert "runs, category, mean" in printed and "stripe" in printed
    titled = result | {"title": "Prints", "about": "Ten minutes each."}
    told = "\n".join(fold_section(titled))
    assert "### Prints" in told and "Ten minutes each." in told and "| category | +0.0 | +0.0 to +0.0 |" in told
    titled.pop("against")
    assert "| spread |" in "\n".join(fold_section(titled))
    assert all(f"| {label} |" in told for label in PATTERNS)


def test_runs_that_are_no_cross_validation_are_named(dataset, tiny_weights, runs):
    one, two, several = runs("one", "1"), runs("two", "2"), runs("several", "1,2")
    for text, against, words in (
        (str(several), "", r"several kept the folds \[1, 2\]"),
        (f"{one},{one}", "", r"the same fold from training: \[1, 1\]"),
        (str(one), str(two), "runs of the same folds"),
    ):
        with pytest.raises(ValueError, match=words):
            folds.main(arguments(dataset, tiny_weights, "--runs", text, "--against", against))

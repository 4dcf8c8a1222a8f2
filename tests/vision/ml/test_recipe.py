"""One command makes a release from the data; what is made already is left alone."""

from __future__ import annotations

import importlib
import json

import pytest

from vision.ml import recipe
from vision.ml.card import load_card


def arguments(dataset, out, *extra):
    return ["--preset", "tiny", "--data", str(dataset), "--cache", str(dataset / "cache"), "--out", str(out)] + [
        "--held-out", "1", "--int8", "never", "--name", "tiny-9", *extra
    ]  # fmt: skip


def test_every_preset_names_its_steps_and_reads_only_what_was_made(tmp_path):
    for preset in recipe.PRESETS:
        config = recipe.RecipeConfig(preset=preset, out=str(tmp_path / preset))
        made = set()
        for step in recipe.Recipe(config).steps():
            inside = [part for part in ",".join(step.command).split(",") if part.startswith(str(tmp_path))]
            read = {
                part for part in inside if part != str(step.proof.parent) and part.endswith((".safetensors", ".json"))
            }
            assert read - {str(step.proof)} <= made, step.name
            made.add(str(step.proof))
        assert str(tmp_path / preset / "weights" / "card.json") in made


def test_the_list_is_printed_and_nothing_done(dataset, tmp_path, capsys):
    recipe.main(arguments(dataset, tmp_path / "out", "--list-only"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("python -m vision.ml.train segmenter") and "vision.ml.export" in lines[-1]
    assert not (tmp_path / "out").exists()


def test_a_failed_step_ends_the_recipe_with_its_status(tmp_path):
    bad = recipe.Step("bad", "recipe", ("--preset", "none"), tmp_path / "never")
    with pytest.raises(SystemExit) as stopped:
        recipe.run([bad], tmp_path)
    assert stopped.value.code == 2 and not (tmp_path / "steps.jsonl").exists()


def in_this_process(step):
    """As `recipe.execute` does it, but for the seconds that a new process takes to load torch."""
    importlib.import_module(f"vision.ml.{step.module}").main(list(step.arguments))
    return 0


def test_a_release_is_made_from_the_data_once(dataset, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recipe, "execute", in_this_process)
    out = tmp_path / "release"
    recipe.main(arguments(dataset, out))
    card = load_card(out / "weights")
    assert card.name == "tiny-9" and card.scene is not None
    assert card.metrics["category"]["photos"] > 0 and card.recipe["student"]["train"]["held_out"] == ""
    names = [json.loads(line)["step"] for line in (out / "steps.jsonl").read_text().splitlines()]
    assert names[0] == "segmenter-first" and names[-1] == "weights" and "vote" in names
    assert (out / "confusion-category.png").exists()
    told = (out / "weights" / "MODEL_CARD.md").read_text()
    for words in (
        "### Fold by fold",
        "### No garment, several garments",
        "vision.ml.recipe --preset cpu",
        "95 % by sender",
    ):
        assert words in told
    capsys.readouterr()
    recipe.main(arguments(dataset, out))
    told = capsys.readouterr().out
    assert told.count("there already") == len(names)

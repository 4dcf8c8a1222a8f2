"""Candidates of seconds: made from weights and answers, measured beside what they began from, proposed with care."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vision.ml import retrain
from vision.ml.answers import divided
from vision.ml.card import Decision, load_card, write_card
from vision.ml.data import UNKNOWN, Record
from vision.ml.judging import Trial, differences, figures_of, joined, recalibrated, verdict_on
from vision.ml.labels import CATEGORIES, PATTERNS
from vision.ml.manifest import ManifestError
from vision.ml.predictor import load_predictor

from .drawing import garment_photo, write_rows

NOW = datetime.fromisoformat("2026-11-20T09:00:00+09:00")


def write_answers(folder: Path, senders: int = 10, per_sender: int = 2) -> Path:
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(1)
    rows = []
    for i in range(senders * per_sender):
        sender = i // per_sender
        colour = "#{:02x}{:02x}{:02x}".format(*rng.integers(0, 255, 3).tolist())
        garment_photo((48, 64), colour, seed=100 + i)[0].save(folder / f"images/{i}.jpg")
        rows.append(
            {
                "image": f"images/{i}.jpg",
                "category": CATEGORIES[i % 12],
                "pattern": PATTERNS[i % 3] if i % 4 else "",
                "sender": f"1-{sender}",
                "near_duplicate_group": str(i),
                "split": "frozen" if sender % 5 == 0 else "train",
                "said_at": (NOW - timedelta(days=4 * sender)).isoformat(),
                "model": "tiny-1",
            }
        )
    write_rows(folder / "manifest.csv", rows)
    return folder


def arguments(weights: Path, answers: Path, out: Path, **more: Any) -> list[str]:
    plain = {
        "weights": weights,
        "manifest": answers,
        "out": out,
        "minutes": 5,
        "max-steps": 2,
        "batch": 6,
        "backgrounds": 4,
        "prints": 4,
        "source-size": 64,
        "workers": 1,
        "device": "cpu",
    } | more
    return [str(part) for name, value in plain.items() for part in (f"--{name}", value)]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_answers(tmp_path_factory.mktemp("answers") / "set")


@pytest.fixture(scope="module")
def candidate(tiny_weights: Path, answers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "candidate"
    return retrain.main(arguments(tiny_weights, answers, out))


def test_a_candidate_is_a_complete_weights_folder(candidate: Path, tiny_weights: Path) -> None:
    base, card = load_card(tiny_weights), load_card(candidate)
    assert card.name.startswith("tiny-1+") and card.files["student.onnx"] != base.files["student.onnx"]
    assert card.files["segmenter.safetensors"] == base.files["segmenter.safetensors"]
    assert (card.student, card.view, card.scene) == (base.student, base.view, base.scene)
    predicted = load_predictor(candidate).predict([garment_photo()[0]])[0]
    assert predicted.category.label in CATEGORIES


def test_the_card_holds_both_side_by_side(candidate: Path) -> None:
    found = load_card(candidate).metrics["retraining"]
    assert found["photos"] == {"trained": 10, "frozen": 4, "recent": 6, "held_out": 0}
    for place, photos in (("frozen", 4), ("recent", 6)):
        for side in ("base_figures", "candidate_figures"):
            figures = found[side][place]["category"]
            low, high = figures["accuracy_95"]
            assert figures["photos"] == photos and low <= figures["accuracy"] <= high
    assert found["gain"]["held_out"] == {}
    assert (found["verdict"], found["base"]) == ("too_few", "tiny-1")
    assert "Collect more answers" in found["sentence"]
    assert "10 photos of the 400" in found["calibration"]["category"]
    assert any("answers alone" in note for note in found["notes"])


def test_the_decisions_are_the_bases_while_photos_are_few(candidate: Path, tiny_weights: Path) -> None:
    base, card = load_card(tiny_weights), load_card(candidate)
    assert (card.category, card.pattern) == (base.category, base.pattern)


def test_people_can_read_it_and_no_folder_is_named(candidate: Path, answers: Path) -> None:
    text = (candidate / "MODEL_CARD.md").read_text()
    assert "## Retrained from tiny-1" in text and "| frozen: 4 | category |" in text
    assert str(answers.parent) not in (candidate / "card.json").read_text() + text


def test_nothing_else_is_left(candidate: Path) -> None:
    assert [path.name for path in candidate.parent.iterdir()] == ["candidate"]
    assert not list(candidate.rglob("*.jpg")) and not list(candidate.rglob("*.npy"))


def test_the_releases_photos_are_mixed_in_and_its_held_out_folds_measured(
    tiny_weights: Path, answers: Path, dataset: Path, tmp_path: Path
) -> None:
    out = retrain.main(
        arguments(tiny_weights, answers, tmp_path / "c", data=dataset, cache=dataset / "cache", **{"judge-least": 4})
    )
    found = load_card(out).metrics["retraining"]
    assert found["photos"]["held_out"] > 0
    assert found["gain"]["held_out"]["category"]["photos"] == found["photos"]["held_out"]
    assert found["verdict"] in ("better", "no_better", "worse")
    assert not any("answers alone" in note for note in found["notes"])


def test_enough_photos_set_thresholds_anew(tiny_weights: Path, answers: Path, tmp_path: Path) -> None:
    more = {"calibrate-least": 9, "judge-least": 4}
    card = load_card(retrain.main(arguments(tiny_weights, answers, tmp_path / "c", **more)))
    found = card.metrics["retraining"]
    assert found["calibration"]["category"] == "set anew on 10 answered photos"
    assert found["calibration"]["pattern"].startswith("kept from tiny-1")
    assert any("expect a little less" in note for note in found["notes"])


def test_an_interrupted_run_goes_on(tiny_weights: Path, answers: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def killed(*args: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retrain, "write_candidate", killed)
        with pytest.raises(KeyboardInterrupt):
            retrain.main(arguments(tiny_weights, answers, tmp_path / "c"))
    assert not (tmp_path / "c").exists() and (tmp_path / ".c-retraining/progress.safetensors").exists()
    out = retrain.main([*arguments(tiny_weights, answers, tmp_path / "c"), "--resume"])
    assert load_card(out) and [path.name for path in tmp_path.iterdir()] == ["c"]


def test_what_is_there_is_not_overwritten(tiny_weights: Path, answers: Path) -> None:
    before = sorted(path.name for path in tiny_weights.iterdir())
    with pytest.raises(SystemExit, match="exists already"):
        retrain.main(arguments(tiny_weights, answers, tiny_weights))
    assert sorted(path.name for path in tiny_weights.iterdir()) == before


def test_refusals_are_sentences(tiny_weights: Path, tmp_path: Path, answers: Path) -> None:
    with pytest.raises(SystemExit, match="There is no .*manifest.csv"):
        retrain.main(arguments(tiny_weights, tmp_path, tmp_path / "c"))
    with pytest.raises(SystemExit, match="no model card"):
        retrain.main(arguments(tmp_path, answers, tmp_path / "c"))


def record(sender: str, days: float, split: str = "train", category: int = 0) -> Record:
    said = (NOW - timedelta(days=days)).isoformat()
    return Record(Path("x"), category, UNKNOWN, sender=sender, split=split, said_at=said)


def test_each_sender_serves_one_purpose() -> None:
    records = [record(f"s{n}", n) for n in range(20)] + [record("s3", 40), record("f", 0, "frozen")]
    found = divided(records, recent_days=4)
    assert {r.sender for r in found.recent} == {"s0", "s1", "s2", "s3", "s4"}
    assert len(found.recent) == 6 and len(found.train) == 15 and len(found.frozen) == 1


def test_most_answers_are_trained_on_however_recent() -> None:
    found = divided([record(f"s{n}", n / 100) for n in range(10)], recent_days=14)
    assert (len(found.train), len(found.recent)) == (6, 4)


def test_frozen_photos_alone_are_no_training() -> None:
    with pytest.raises(ManifestError, match="all are frozen"):
        divided([record("f", 0, "frozen")], 14)


def trial(guesses: list[int], truth: list[int], sure: float = 9.0) -> Trial:
    logits = np.zeros((len(guesses), 12))
    logits[np.arange(len(guesses)), guesses] = sure
    records = [record(f"s{n}", 0, category=label) for n, label in enumerate(truth)]
    return Trial(records, {"category": logits, "pattern": np.zeros((len(guesses), 10))})


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([0] * 60 + [1] * 60, [0] * 120, "better"),
        ([0] * 120, [0] * 60 + [1] * 60, "worse"),
        ([0] * 120, [0] * 120, "no_better"),
    ],
)
def test_the_verdict(before: list[int], after: list[int], verdict: str) -> None:
    truth = [0] * 120
    found = differences(trial(before, truth), trial(after, truth))
    assert "pattern" not in found  # nobody said any
    assert verdict_on(found, {}, least=100) == verdict
    assert verdict_on(found, {}, least=121) == "too_few"


def test_what_was_forgotten_makes_it_worse() -> None:
    truth = [0] * 120
    better = differences(trial([0] * 60 + [1] * 60, truth), trial([0] * 120, truth))
    forgotten = differences(trial([0] * 120, truth), trial([1] * 60 + [0] * 60, truth))
    assert verdict_on(better, forgotten, least=100) == "worse"


def test_figures_of_a_set() -> None:
    sure = {task: Decision(0.9, 0.1) for task in ("category", "pattern")}
    found = figures_of(joined([trial([0, 1], [0, 0]), trial([0], [0])]), sure)
    assert found["category"]["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["category"]["coverage"] == 1.0 and found["category"]["per_class"].keys() == {"t_shirt"}
    assert "pattern" not in found


def test_thresholds_are_kept_or_set(tiny_weights: Path) -> None:
    base = replace(load_card(tiny_weights), category=Decision(0.77, 0.3, 1.5))
    few, _words = recalibrated(trial([0] * 10, [0] * 10), base, least=11)
    assert few["category"] == base.category
    many, words = recalibrated(trial([0] * 10, [0] * 10), base, least=10)
    assert many["category"] != base.category and words["category"].startswith("set anew")


def test_cards_with_a_retraining_are_plain_json(candidate: Path, tmp_path: Path) -> None:
    write_card(load_card(candidate), tmp_path)
    assert json.loads((tmp_path / "card.json").read_text()) == json.loads((candidate / "card.json").read_text())

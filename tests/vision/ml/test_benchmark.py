"""The benchmark runs through with networks of thousands of weights; what it computes from times is right."""

from __future__ import annotations

import json

import pytest

from vision.ml import benchmark, contest
from vision.ml.contest import Contender, Pace, Rounds, contender, percentile, times_ms

from .drawing import garment_photo


def test_it_runs_through_and_writes_what_it_found(tiny_weights, tmp_path, capsys, monkeypatch):
    (tmp_path / "photos").mkdir()
    for number in range(2):
        garment_photo(seed=number)[0].save(tmp_path / "photos" / f"{number}.jpg")
    monkeypatch.setattr(benchmark, "drawn_photo", lambda *args: garment_photo((90, 120))[0])
    arguments = {
        "--weights": tiny_weights,
        "--ensemble": "test_resnet,test_convnext",
        "--reference": "test_efficientnet",
        "--size": 64,
        "--batch": 2,
        "--seconds": 0.0,
        "--photos": tmp_path / "photos",
        "--device": "cpu",
        "--out": tmp_path / "out.json",
    }
    benchmark.main([str(part) for pair in arguments.items() for part in pair])
    found = json.loads((tmp_path / "out.json").read_text())
    names = [network["name"] for network in found["networks"]]
    assert names == ["ensemble of 2", "test_efficientnet", "tiny-1"]
    assert set(found["against the ensemble"]) == {"test_efficientnet", "tiny-1"}
    assert found["against the ensemble"]["tiny-1"]["parameters %"] > 0
    stages = found["serving"]["cpu"]["2 given photos"]
    assert list(stages) == ["decode", "segment", "classify", "total", "file to answer"]
    assert found["gpu"] is None
    printed = capsys.readouterr().out
    assert "tiny-1 against the ensemble: parameters %" in printed and "cpu latency x" in printed


def test_an_ensemble_takes_the_time_of_all_its_members(monkeypatch):
    def measured(name, *rest):
        own = {"small": 1.0, "large": 3.0}[name]
        return 10 * own, {"cpu": ("float32", Rounds([own] * 3, [4 * own] * 3, 4))}

    monkeypatch.setattr(contest, "measure", measured)
    both = contender(["small", "large"], "both", 64, ["cpu"], 4, 0.0)
    assert both.parameters_m == 40
    assert both.on("cpu") == Pace("cpu", "float32", 4.0, 4.0, 250.0, 4)
    assert both.on("cuda") is None


def test_ratios():
    whole = Contender("whole", 200.0, 224, (Pace("cpu", "float32", 100.0, 120.0, 10.0, 16),))
    part = Contender("part", 20.0, 160, (Pace("cpu", "float32", 8.0, 9.0, 130.0, 16),))
    assert benchmark.ratios(whole, part, ["cpu", "cuda"]) == {
        "parameters %": 10.0,
        "cpu latency x": 12.5,
        "cpu less time %": 92.0,
        "cpu throughput x": 13.0,
    }


@pytest.mark.parametrize(("share", "value"), [(0.5, 6), (0.95, 10), (1.0, 10)])
def test_percentiles(share, value):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == value


def test_at_least_three_calls_after_a_warm_up():
    calls = []
    assert len(times_ms(lambda: calls.append(1), 0.0)) == 3
    assert len(calls) == 4

"""Figures that decide what is prefilled, checked on cases small enough to do by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vision.ml import metrics


def logits_of(probabilities: list[list[float]]) -> np.ndarray:
    return np.log(np.array(probabilities))


def test_accuracy_and_top():
    scores = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.4, 0.35, 0.25]])
    truth = np.array([0, 1, 2])
    assert metrics.accuracy(scores, truth) == pytest.approx(1 / 3)
    assert metrics.accuracy(scores, truth, 2) == pytest.approx(2 / 3)


def test_per_class_and_macro_f1():
    scores = np.eye(3)[[0, 0, 1, 1]]
    table = metrics.per_class(scores, np.array([0, 1, 1, 1]), ["a", "b", "c"])
    assert table["a"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "count": 1}
    assert table["b"]["precision"] == 1.0 and table["b"]["recall"] == pytest.approx(0.6667, abs=1e-4)
    assert metrics.macro_f1(table) == pytest.approx((0.6667 + 0.8) / 2, abs=1e-3)


def test_calibration_error_of_honest_and_boastful_answers():
    truth = np.array([0] * 8 + [1] * 2)
    honest = np.tile([0.8, 0.2], (10, 1))
    boastful = np.tile([0.99, 0.01], (10, 1))
    assert metrics.calibration_error(honest, truth) == pytest.approx(0, abs=1e-9)
    assert metrics.calibration_error(boastful, truth) == pytest.approx(0.19)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_temperature_is_recovered(temperature):
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (6000, 5))
    probabilities = metrics.softmax(honest)
    truth = np.array([rng.choice(5, p=p) for p in probabilities])
    assert metrics.fit_temperature(honest * temperature, truth) == pytest.approx(temperature, rel=0.08)


def test_threshold_keeps_its_promise():
    confidence = np.array([0.99, 0.97, 0.95, 0.9, 0.8])
    right = np.array([True, True, True, False, True])
    assert metrics.threshold_for(confidence, right) == 0.95
    assert metrics.threshold_for(confidence, right, 0.8) == 0.8
    assert metrics.threshold_for(confidence, ~right) > 1


def test_robust_threshold_is_at_least_as_careful():
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.3, 1, 800)
    right = rng.random(800) < confidence**0.3
    groups = rng.integers(0, 60, 800)
    careful = metrics.robust_threshold(confidence, right, groups, quantile=0.9)
    assert careful >= metrics.robust_threshold(confidence, right, groups, quantile=0.3)


def test_floor_lies_below_what_is_mostly_right():
    confidence = np.linspace(0.1, 1, 200)
    right = confidence > 0.3
    floor = metrics.floor_for(confidence, right)
    assert 0.3 < floor <= 0.45
    assert metrics.floor_for(confidence, np.ones(200, dtype=bool)) == 0.35


def test_judge_reports_everything_that_a_card_needs():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 300)
    logits = rng.normal(0, 1, (300, 3)) + 3 * np.eye(3)[truth]
    figures = metrics.judge(logits, truth, ["a", "b", "c"], rng.integers(0, 30, 300))
    low, high = figures["accuracy_95"]
    assert low <= figures["accuracy"] <= high
    assert figures["ece_after"] <= figures["ece_before"] + 0.02
    assert figures["at_98"]["precision"] >= 0.98
    assert {"temperature", "floor", "prefill", "per_class", "top3", "macro_f1"} <= set(figures)


def test_intersection_over_union():
    a, b = np.zeros((3, 4, 4), bool), np.zeros((3, 4, 4), bool)
    a[0, :2], b[0, :4] = True, True
    a[1, 0], b[1, 3] = True, True
    assert metrics.intersection_over_union(a, b).tolist() == [0.5, 0.0, 1.0]

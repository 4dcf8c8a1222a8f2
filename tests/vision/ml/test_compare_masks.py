"""Figures of masks mean what they say, and the comparison runs from its command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vision.ml import compare_masks
from vision.ml.card_history import mask_section
from vision.ml.mask_metrics import alpha_errors, boundary_f, mask_figures


def square(offset: int = 0, side: int = 100) -> np.ndarray:
    alpha = np.zeros((side, side), np.float32)
    alpha[20 + offset : 80 + offset, 20:80] = 1
    return alpha


def test_a_perfect_mask_has_no_error():
    figures = mask_figures([square()], [square()])
    assert figures["iou"] == figures["boundary_f"] == 1.0
    assert figures["alpha_error"] == figures["edge_error"] == figures["gradient_error"] == 0.0


def test_an_edge_counts_within_its_tolerance():
    truth = square() > 0.5
    assert boundary_f(square(1) > 0.5, truth) == 1.0
    assert boundary_f(square(8) > 0.5, truth) < 0.7
    assert boundary_f(np.zeros_like(truth), truth) == 0.0


def test_blur_costs_alpha_near_the_edge_and_gradient():
    blurred = square()
    blurred[18:22, 20:80] = 0.5
    whole, near, gradient = alpha_errors(blurred, square())
    assert 0 < whole < near and gradient > 0


def test_the_comparison_prints_a_table_and_writes_json(dataset, tiny_weights, tmp_path, capsys):
    out = tmp_path / "masks.json"
    arguments = {
        "--weights": tiny_weights, "--data": dataset, "--cache": dataset / "cache", "--held-out": "1,2",
        "--composites": 2, "--side": 64, "--photos": 3, "--out": out,
    }  # fmt: skip
    result = compare_masks.main([str(part) for pair in arguments.items() for part in pair])
    assert json.loads(out.read_text()) == result
    assert set(result["masks"]) == set(result["accuracy"]) == {"network", "grabcut", "none"}
    assert result["composites"] == 2 and result["photos"] == 3
    printed = capsys.readouterr().out
    for word in ("boundary_f", "edge_error", "category", "grabcut", "none"):
        assert word in printed
    told = "\n".join(mask_section(result))
    assert "on 3 photos" in told and all(f"| {name} |" in told for name in result["masks"])
    # Taking everything for garment overlaps by the garment's share.
    assert 0 < result["masks"]["none"]["iou"] < 0.9


@pytest.mark.parametrize("word", ["--composites", "--photos", "--held-out", "--side"])
def test_help_names_its_settings(word, capsys):
    with pytest.raises(SystemExit):
        compare_masks.main(["--help"])
    assert word in capsys.readouterr().out

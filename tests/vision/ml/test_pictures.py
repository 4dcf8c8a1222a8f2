"""Pictures for people: they are drawn, and show what is in the figures."""

from __future__ import annotations

import numpy as np
from PIL import Image

from vision.ml import pictures
from vision.ml.metrics import reliability


def grey(path):
    return np.asarray(Image.open(path).convert("L"))


def test_curves_show_the_log_and_its_held_out_looks(tmp_path):
    log = tmp_path / "log.csv"
    rows = ["step,seconds,seen,size,lr,loss,category,pattern"]
    for step in range(10, 100, 10):
        looked = "0.5,0.6" if step % 50 == 0 else ","
        rows.append(f"{step},{step}.0,{step * 64},96,0.001,{3 - step / 100},{looked}")
    log.write_text("\n".join(rows) + "\n")
    full = grey(pictures.draw_curves(log, tmp_path / "full" / "curves.png"))
    log.write_text(rows[0] + "\n")
    empty = grey(pictures.draw_curves(log, tmp_path / "empty.png"))
    assert full.shape[0] > 300 and (full < 128).sum() > (empty < 128).sum()


def test_a_confusion_matrix_is_darkest_where_its_rows_go(tmp_path):
    right, wrong = np.diag([30, 30, 30]), np.roll(np.diag([30, 30, 30]), 1, axis=1)
    first = grey(pictures.draw_confusion(right, ("a", "b", "c"), tmp_path / "right.png")).astype(int)
    second = grey(pictures.draw_confusion(wrong, ("a", "b", "c"), tmp_path / "wrong.png")).astype(int)
    assert first.shape == second.shape and np.abs(first - second).mean() > 5


def test_a_reliability_diagram_has_a_point_a_bin(tmp_path):
    confidence = np.array([0.15, 0.15, 0.95, 0.95, 0.95])
    bins = reliability(confidence, np.array([False, True, True, True, False]))
    assert bins == [
        {"confidence": 0.15, "right": 0.5, "photos": 2},
        {"confidence": 0.95, "right": 0.6667, "photos": 3},
    ]
    drawn = pictures.draw_reliability(bins, "category", tmp_path / "reliability.png")
    assert np.asarray(Image.open(drawn).convert("RGB")).std() > 5

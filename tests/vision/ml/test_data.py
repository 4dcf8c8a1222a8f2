"""Manifests are read as they are, and no fold ever splits a sender or a near-duplicate group."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from vision.ml import data
from vision.ml.data import Record, assign_folds, joined_groups
from vision.ml.labels import CATEGORIES, COLOURS, PATTERNS
from vision.ml.studio_map import ARTICLE_CATEGORY, BASE_COLOUR

from .conftest import SHARED_DATA


def record(sender: str, group: str, category: int = 0) -> Record:
    return Record(Path("x.jpg"), category=category, pattern=0, sender=sender, group=group)


def folds_per(values: list[str], folds: np.ndarray) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for value, fold in zip(values, folds, strict=True):
        found[value].add(int(fold))
    return found


def test_a_chain_of_senders_and_duplicates_is_one_group():
    records = [record("a", "1"), record("b", "1"), record("b", "2"), record("c", "2"), record("d", "3")]
    groups = joined_groups(records)
    assert len(set(groups[:4])) == 1 and groups[4] != groups[0]


@pytest.mark.parametrize("seed", range(3))
def test_folds_keep_groups_whole(seed):
    rng = np.random.default_rng(seed)
    records = [record(str(rng.integers(40)), str(rng.integers(300)), int(rng.integers(12))) for _ in range(400)]
    groups = joined_groups(records)
    folds = assign_folds(records, seed=seed)
    for values in ([r.sender for r in records], [r.group for r in records], [str(g) for g in groups]):
        assert all(len(found) == 1 for found in folds_per(values, folds).values())


def test_folds_do_not_change_between_runs():
    records = [record(str(i % 17), str(i), i % 12) for i in range(200)]
    assert np.array_equal(assign_folds(records), assign_folds(records))
    assert set(assign_folds(records)) == set(range(5))


def test_miniature_is_read(dataset):
    garments = data.read_garments(dataset)
    studio, articles = data.read_studio(dataset, min_count=2)
    assert len(garments) == 24 and garments[3].category == 3 and garments[4].pattern == 1
    assert articles == ["Tshirts", "Watches"]
    assert {s.category for s in studio} == {CATEGORIES.index("t_shirt"), data.UNKNOWN}


def test_cache_is_made_once(dataset, tmp_path):
    garments = data.read_garments(dataset)
    pixels, aspect = data.cached_pixels(garments, 32, tmp_path)
    assert pixels.shape == (24, 32, 32, 3) and aspect[0] == pytest.approx(0.75)
    changed = [file.stat().st_mtime_ns for file in sorted(tmp_path.iterdir())]
    data.cached_pixels(garments, 32, tmp_path)
    assert [file.stat().st_mtime_ns for file in sorted(tmp_path.iterdir())] == changed


def test_maps_name_only_our_labels():
    assert set(ARTICLE_CATEGORY.values()) <= set(CATEGORIES)
    assert set(BASE_COLOUR.values()) <= set(COLOURS)
    assert len(set(PATTERNS)) == 10 and len(set(CATEGORIES)) == 12


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="../shared/data is not there")
def test_the_real_garments_fold_without_a_leak():
    garments = data.read_garments(SHARED_DATA)
    folds = assign_folds(garments)
    assert len(garments) == 4129
    assert all(len(f) == 1 for f in folds_per([r.sender for r in garments], folds).values())
    assert all(len(f) == 1 for f in folds_per([r.group for r in garments], folds).values())
    held = [r for r, fold in zip(garments, folds, strict=True) if fold in (1, 2)]
    assert len(held) > 800
    assert {r.category for r in held} == set(range(12)) and {r.pattern for r in held} == set(range(10))

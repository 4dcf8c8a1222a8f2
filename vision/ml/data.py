"""Manifests, folds and the decoded cache that training reads.

Sources: `garments/labels.csv` (phone photos, CC0, clothing-dataset) and `studio/labels.csv` (shop pictures on
white, MIT, Fashion Product Images). Photos are squashed to one square uint8 array; the true aspect ratio is kept beside
it so that rotations are done in the photo's own geometry.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from .labels import CATEGORIES, PATTERNS, SCENES
from .studio_map import ARTICLE_CATEGORY, BASE_COLOUR, NO_GARMENT

UNKNOWN = -1
SINGLE, NO_GARMENTS = SCENES.index("single"), SCENES.index("none")


@dataclass(frozen=True)
class Record:
    """One labelled photo; an index of -1 means the source does not say."""

    path: Path
    category: int = UNKNOWN
    pattern: int = UNKNOWN
    article: int = UNKNOWN
    scene: int = UNKNOWN
    colour: str = ""
    sender: str = ""
    group: str = ""
    studio: bool = False
    # Of photos that people answered (vision.ml.manifest): "train" or "frozen", and when they said it.
    split: str = "train"
    said_at: str = ""


def read_garments(root: Path) -> list[Record]:
    """Records of `root/garments`; every one has a category, a pattern, a sender and a near-duplicate group."""
    folder = root / "garments"
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as handle:
        return [
            Record(
                path=folder / "images" / row["image"],
                category=CATEGORIES.index(row["category"]),
                pattern=PATTERNS.index(row["pattern"]),
                scene=SINGLE,
                sender=row["sender"],
                group=row["near_duplicate_group"],
            )
            for row in csv.DictReader(handle)
        ]


def read_studio(root: Path, *, min_count: int = 8) -> tuple[list[Record], list[str]]:
    """Records of `root/studio` and the article types that occur at least `min_count` times (the training-only head)."""
    folder = root / "studio"
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    counts = Counter(row["article_type"] for row in rows)
    articles = sorted(name for name, count in counts.items() if count >= min_count)
    index = {name: i for i, name in enumerate(articles)}
    records = []
    for row in rows:
        category = ARTICLE_CATEGORY.get(row["article_type"], "")
        records.append(
            Record(
                path=folder / "images" / row["image"],
                category=CATEGORIES.index(category) if category else UNKNOWN,
                article=index.get(row["article_type"], UNKNOWN),
                scene=SINGLE if category else NO_GARMENTS if row["sub_category"] in NO_GARMENT else UNKNOWN,
                colour=BASE_COLOUR.get(row["base_colour"], ""),
                studio=True,
            )
        )
    return records, articles


def joined_groups(records: Sequence[Record]) -> list[int]:
    """A group id per record: two photos share it when a chain of equal senders or near-duplicate groups links them."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(key: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for record in records:
        parent[find(("sender", record.sender))] = find(("group", record.group))
    roots = [find(("sender", record.sender)) for record in records]
    ids = {root: i for i, root in enumerate(sorted(set(roots)))}
    return [ids[root] for root in roots]


def assign_folds(records: Sequence[Record], *, folds: int = 5, seed: int = 0) -> np.ndarray:
    """(n,) fold of each record; groups stay whole, categories and patterns are spread as evenly as groups allow."""
    groups = joined_groups(records)
    members: dict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        members[group].append(i)
    labels = np.zeros((len(records), len(CATEGORIES) + len(PATTERNS)))
    for i, record in enumerate(records):
        labels[i, record.category] = 1
        labels[i, len(CATEGORIES) + record.pattern] = 1
    weight = folds / np.maximum(labels.sum(0), 1)
    load = np.zeros((folds, labels.shape[1]))
    result = np.zeros(len(records), dtype=np.int64)
    rng = np.random.default_rng(seed)
    order = sorted(members, key=lambda g: (-len(members[g]), rng.random()))
    for group in order:
        mine = labels[members[group]].sum(0)
        # The fold whose worst-case overfill grows least takes the group.
        cost = (((load + mine) * weight) ** 2).sum(1) - ((load * weight) ** 2).sum(1)
        fold = int(cost.argmin())
        load[fold] += mine
        result[members[group]] = fold
    return result


def squash(path: Path, size: int) -> tuple[np.ndarray, float]:
    """(size, size, 3) uint8 of the whole photo and its width / height."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        aspect = upright.width / upright.height
        return np.asarray(upright.resize((size, size), Image.Resampling.BOX, reducing_gap=None)), aspect


def cached_pixels(records: Sequence[Record], size: int, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Decoded photos as a read-only memory map (n, size, size, 3) uint8 and aspect ratios (n,) float32."""
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256("\n".join(f"{r.path.name} {r.path.stat().st_size}" for r in records).encode()).hexdigest()[:12]
    pixels_path, aspect_path = cache / f"pixels-{size}-{key}.npy", cache / f"aspect-{size}-{key}.npy"
    if not aspect_path.exists():
        pixels = np.lib.format.open_memmap(pixels_path, mode="w+", dtype=np.uint8, shape=(len(records), size, size, 3))
        aspects = np.zeros(len(records), dtype=np.float32)

        def load(i: int) -> None:
            pixels[i], aspects[i] = squash(records[i].path, size)

        with ThreadPoolExecutor(4) as pool:
            for _ in pool.map(load, range(len(records))):
                pass
        pixels.flush()
        np.save(aspect_path, aspects)
    return np.load(pixels_path, mmap_mode="r"), np.load(aspect_path)


def class_counts(values: Iterable[int], classes: int) -> np.ndarray:
    """(classes,) how many records carry each label; unknown ones are not counted."""
    counts = np.zeros(classes, dtype=np.int64)
    for value in values:
        if value != UNKNOWN:
            counts[value] += 1
    return counts

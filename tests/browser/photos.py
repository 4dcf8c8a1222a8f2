"""Photos to upload, from the photo set."""

from __future__ import annotations

import csv
from pathlib import Path

SET = Path(__file__).resolve().parents[3] / "shared" / "data" / "garments"


def real_photos(category: str, pattern: str, count: int) -> list[Path]:
    """The first photos of the set with these labels, of an adult's garment."""
    with (SET / "labels.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["category"], row["pattern"]) == (category, pattern)]
    return [SET / "images" / row["image"] for row in rows if row["kids"] == "False"][:count]

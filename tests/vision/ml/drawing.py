"""Pictures drawn by code, for tests that need photos and must not carry anyone's."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vision.ml.labels import CATEGORIES, PATTERNS

SHIRT = (
    (0.3, 0.2),
    (0.7, 0.2),
    (0.9, 0.38),
    (0.78, 0.48),
    (0.7, 0.4),
    (0.7, 0.85),
    (0.3, 0.85),
    (0.3, 0.4),
    (0.22, 0.48),
    (0.1, 0.38),
)


def garment_photo(size: tuple[int, int] = (240, 320), colour: str = "#c0232c", floor: str = "#a8a29a", seed: int = 0):
    """(photo, mask): a T-shirt of one colour on a slightly noisy floor, and the exact mask (h, w) uint8."""
    width, height = size
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, floor)
    noise = rng.normal(0, 4, (height, width, 3))
    image = Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))
    mask = Image.new("L", size, 0)
    points = [(x * width, y * height) for x, y in SHIRT]
    ImageDraw.Draw(image).polygon(points, fill=colour)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return image, np.asarray(mask)


def encode(image: Image.Image, kind: str = "JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def write_dataset(root: Path, *, senders: int = 12, per_sender: int = 2, studio: int = 12) -> Path:
    """A miniature of shared/data: `root/garments` and `root/studio` with labels and drawn pictures."""
    rng = np.random.default_rng(0)
    rows = []
    for folder in ("garments", "studio"):
        (root / folder / "images").mkdir(parents=True)
    for i in range(senders * per_sender):
        name = f"g{i}.jpg"
        colour = "#{:02x}{:02x}{:02x}".format(*rng.integers(0, 255, 3).tolist())
        garment_photo((48, 64), colour, seed=i)[0].save(root / "garments/images" / name)
        rows.append(
            {
                "image": name,
                "category": CATEGORIES[i % len(CATEGORIES)],
                "pattern": PATTERNS[i % 3],
                "source_label": "x",
                "kids": "False",
                "sender": str(i // per_sender),
                "near_duplicate_group": str(i),
            }
        )
    write_rows(root / "garments/labels.csv", rows)
    shop = []
    for i in range(studio):
        image = Image.new("RGB", (56, 56), "white")
        ImageDraw.Draw(image).rectangle((14, 10, 42, 46), fill=(40, 60 + 10 * i, 160))
        image.save(root / "studio/images" / f"s{i}.jpg", quality=95)
        shop.append(
            {
                "image": f"s{i}.jpg",
                "article_type": "Watches" if i % 3 == 1 else "Tshirts",
                "sub_category": "x",
                "master_category": "x",
                "base_colour": "Blue",
                "gender": "Men",
                "season": "Summer",
                "usage": "Casual",
            }
        )
    write_rows(root / "studio/labels.csv", shop)
    return root


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

"""Garments drawn by code for the demonstration brands."""

from __future__ import annotations

import pytest

from catalog.drawing import Sketch, draw_photo
from catalog.drawing.rooms import ROOMS
from catalog.drawing.shapes import HALVES, outline
from catalog.drawing.textures import PATTERNS
from erp.core.photos import decode_photo
from vision.ml import labels


def test_every_category_and_pattern_can_be_drawn() -> None:
    assert {*HALVES, "shoes"} == set(labels.CATEGORIES)
    assert {*PATTERNS, "solid"} == set(labels.PATTERNS)


@pytest.mark.parametrize("kind", labels.CATEGORIES)
def test_a_garment_lies_in_the_middle_in_its_colour(kind) -> None:
    room = ROOMS[labels.CATEGORIES.index(kind) % len(ROOMS)]
    photo = decode_photo(draw_photo(Sketch(kind, ["#c0232c"], room=room, tilt=3))).image
    assert photo.size == (640, 800)
    red, green, blue = photo.resize((64, 80)).getpixel((24, 46))
    assert red > 2 * green
    assert red > 2 * blue
    corner = photo.resize((64, 80)).getpixel((2, 2))
    assert max(corner) - min(corner) < 100
    assert all(0 <= y <= 1250 for polygon in outline(kind) for _x, y in polygon)


@pytest.mark.parametrize("pattern", labels.PATTERNS)
def test_one_sketch_is_always_the_same_photo(pattern) -> None:
    sketch = Sketch("t_shirt", ["#f4f4f2", "#1e2744", "#c0232c"], pattern, seed=4)
    assert draw_photo(sketch) == draw_photo(sketch)
    assert draw_photo(sketch) != draw_photo(Sketch("t_shirt", ["#f4f4f2", "#1e2744"], pattern, seed=5))

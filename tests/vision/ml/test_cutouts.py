"""Garments come off the studio's white: alone, with gaps in their straps, and from a person without head and skin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vision.ml.cutouts import is_worn, product_mask, spread_colours, studio_mask
from vision.ml.data import NO_GARMENTS, SINGLE, Record
from vision.ml.labels import CATEGORIES

SIDE = 192
SKIN = (224, 172, 140)


def record(category: str = "", scene: int = SINGLE) -> Record:
    return Record(Path("x.jpg"), category=CATEGORIES.index(category) if category else -1, scene=scene)


def ring(colour: str) -> np.ndarray:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(image).ellipse((40, 40, 150, 150), fill=colour, width=0)
    ImageDraw.Draw(image).ellipse((75, 75, 115, 115), fill="white")
    return np.asarray(image)


def person(shirt: str = "#2b5fb4") -> tuple[np.ndarray, np.ndarray]:
    """A half-length figure as the studio set shows them, and where its shirt is."""
    image, mask = Image.new("RGB", (SIDE, SIDE), "white"), Image.new("L", (SIDE, SIDE), 0)
    draw = ImageDraw.Draw(image)
    draw.rectangle((68, 150, 124, SIDE), fill="#30343c")
    draw.ellipse((82, 8, 110, 48), fill=SKIN)
    draw.rectangle((90, 40, 102, 60), fill=SKIN)
    for left in (44, 132):
        draw.rectangle((left, 90, left + 14, 150), fill=SKIN)
    shape = ((66, 56), (126, 56), (148, 74), (148, 96), (128, 96), (126, 156), (66, 156), (64, 96), (44, 96), (44, 74))
    draw.polygon(shape, fill=shirt)
    ImageDraw.Draw(mask).polygon(shape, fill=255)
    noise = np.random.default_rng(0).normal(0, 2, (SIDE, SIDE, 3))
    pixels = np.asarray(image).astype(float)
    return np.where(pixels < 250, pixels + noise, pixels).clip(0, 255).astype(np.uint8), np.asarray(mask)


def test_a_gap_in_a_strap_is_no_garment_but_a_white_print_is():
    dark = ring("#20242c")
    assert product_mask(dark, holes=True)[95, 95] == 0
    assert product_mask(dark)[95, 95] == 255
    assert studio_mask(dark, record("shoes"))[95, 95] == 0
    assert studio_mask(dark, record("t_shirt"))[95, 95] == 255
    assert studio_mask(dark, record(scene=NO_GARMENTS))[95, 95] == 0


def test_bright_leather_keeps_its_white_parts():
    assert product_mask(ring("#d8d8d8"), holes=True)[95, 95] == 255


def test_a_person_is_told_from_a_garment_alone():
    figure = product_mask(person()[0])
    assert is_worn(figure, above=True)
    assert not is_worn(product_mask(ring("#20242c")), above=True)


@pytest.mark.parametrize("shirt", ["#2b5fb4", "#1d1f22", "#2f7d46"])
def test_of_a_person_only_the_shirt_is_left(shirt):
    image, truth = person(shirt)
    mask = studio_mask(image, record("t_shirt"))
    ours, theirs = mask > 127, truth > 127
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.8
    assert not ours[:40].any() and ours[110:150, 44:58].mean() < 0.2


def test_a_picture_that_is_not_on_white_has_no_mask():
    assert studio_mask(np.full((SIDE, SIDE, 3), 90, np.uint8), record("shirt")) is None


def test_no_rim_of_paper_is_carried_along():
    image = np.full((96, 96, 3), 255, np.uint8)
    image[20:76, 20:76] = (120, 20, 30)
    mask = np.zeros((96, 96), np.uint8)
    mask[19:77, 19:77] = 255
    spread = spread_colours(image, mask)
    assert np.abs(spread[19:77, 19:77].astype(int) - (120, 20, 30)).max() < 8

"""Colours come from the garment alone, bear the right names and hold still when the light changes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vision.ml.colour import MAX_COLOURS, garment_colours, name_colour, parse_hex, to_oklab
from vision.ml.labels import COLOURS

from .drawing import garment_photo


def names(image: Image.Image, mask: np.ndarray) -> list[str]:
    return [c.name for c in garment_colours(image, mask)]


@pytest.mark.parametrize("name", COLOURS)
def test_every_palette_colour_names_itself(name):
    assert name_colour(to_oklab(np.array(parse_hex(COLOURS[name])))) == name


@pytest.mark.parametrize("name", ["red", "navy", "black", "white", "green", "yellow", "pink", "grey"])
@pytest.mark.parametrize("floor", ["#8c6a45", "#f4f4f2", "#22306a"])
def test_the_floor_is_not_counted(name, floor):
    image, mask = garment_photo(colour=COLOURS[name], floor=floor)
    assert names(image, mask) == [name]


def test_shares_and_hex_are_the_garments_own():
    image, mask = garment_photo(colour="#1e2744")
    x0, x1 = 72, 168
    ImageDraw.Draw(image).rectangle((x0, 170, x1, 271), fill="#c0232c")
    colours = garment_colours(image, mask)
    assert {c.name for c in colours} == {"navy", "red"}
    assert sum(c.share for c in colours) <= 1.001
    assert colours == tuple(sorted(colours, key=lambda c: -c.share))
    red = next(c for c in colours if c.name == "red")
    assert np.abs(np.array(parse_hex(red.hex)) - parse_hex("#c0232c")).max() < 12


def test_no_more_than_four():
    image, mask = garment_photo()
    draw = ImageDraw.Draw(image)
    for i, colour in enumerate(list(COLOURS.values())[::3]):
        draw.rectangle((60, 60 + i * 20, 180, 80 + i * 20), fill=colour)
    assert 1 <= len(garment_colours(image, mask)) <= MAX_COLOURS


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.2])
@pytest.mark.parametrize("name", ["red", "blue", "green", "yellow", "navy", "purple", "brown", "black"])
def test_exposure_does_not_change_the_name(name, gain):
    image, mask = garment_photo(colour=COLOURS[name])
    lit = Image.fromarray((np.asarray(image) * gain).clip(0, 255).astype(np.uint8))
    assert names(lit, mask)[0] == name


def test_empty_mask_names_nothing():
    image, mask = garment_photo()
    assert garment_colours(image, np.zeros_like(mask)) == ()


def test_a_thin_mask_still_answers():
    image, mask = garment_photo()
    thin = np.zeros_like(mask)
    thin[150:154, 110:130] = 255
    assert names(image, thin)[0] == "red"


def test_a_red_check_on_white_is_not_pink():
    image, mask = garment_photo((320, 320), colour="#f4f4f2")
    draw = ImageDraw.Draw(image)
    for i in range(0, 320, 16):
        draw.rectangle((i, 0, i + 5, 320), fill="#c0232c")
    found = names(image, mask)
    assert "pink" not in found and {"red", "white"} <= set(found)

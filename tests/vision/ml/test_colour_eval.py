"""The measurement of colour names: what counts as right, what could be reached, and what other light does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vision.ml.batches import Source
from vision.ml.colour_eval import LIGHTS, agreement, evaluate_colours, family_of, relit
from vision.ml.data import Record
from vision.ml.labels import COLOURS

from .drawing import garment_photo

SIDE = 96
WORDS = ("red", "blue", "black", "white")


def drawn(count: int = 16) -> tuple[list[Record], Source]:
    pairs = [garment_photo((SIDE, SIDE), COLOURS[WORDS[i // 2 % 4]], floor="#ffffff", seed=i) for i in range(count)]
    records = [Record(Path("x.jpg"), category=0, colour=WORDS[i // 2 % 4], studio=True) for i in range(count)]
    pixels = np.stack([np.asarray(image) for image, _ in pairs])
    return records, Source(pixels, np.ones(count, np.float32), np.stack([mask for _, mask in pairs]))


def test_agreement_counts_first_listed_and_family():
    found = agreement(["blue", "red", "red"], [["denim", "blue"], ["red"], ["pink", "white"]])
    assert (found["first"], found["listed"], found["family"]) == (0.3333, 0.6667, 0.6667)
    assert found["by_word"]["red"] == {"pictures": 2, "family": 0.5, "instead": {"pink": 1}}


@pytest.mark.parametrize(("name", "word"), [("denim", "blue"), ("mint", "green"), ("teal", "teal"), ("navy", "navy")])
def test_our_names_have_the_shops_families(name, word):
    assert family_of(name) == word


@pytest.mark.parametrize("light", LIGHTS)
def test_light_keeps_shape_and_black(light):
    pixels = np.asarray(Image.new("RGB", (4, 4), "#406080")).copy()
    pixels[0, 0] = 0
    lit = relit(pixels, light)
    assert lit.shape == pixels.shape and lit.dtype == np.uint8 and (lit[0, 0] == 0).all()
    assert not np.array_equal(lit, pixels)


def test_plain_garments_are_named_and_hold_their_names():
    records, source = drawn()
    result = evaluate_colours(records, source, lit=4)
    assert result["pictures"] == 8 and result["first"] == result["family"] == 1.0
    assert set(result["stability"]) == set(LIGHTS)
    assert result["stability"]["gamma 1.25"]["family"] >= 0.75
    assert 0 <= result["ceiling"] <= 1

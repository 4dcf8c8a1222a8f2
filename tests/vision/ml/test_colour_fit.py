"""The fit of names: a shop's word moves a name's region, and the palette keeps its own names."""

from __future__ import annotations

import numpy as np
import pytest

from vision.ml.colour import NAMES, PALETTE, Naming, name_colour, read_naming, to_oklab
from vision.ml.colour_fit import ShopColours, allowed_names, fit, lit_palette, nearest_names, write_naming


def named(naming: Naming, lab: np.ndarray) -> list[str]:
    return [NAMES[i] for i in naming.log_probabilities(lab).argmax(-1)]


def sold_as(word: str, lab: np.ndarray) -> ShopColours:
    """Pictures (n, dyes, 3) of dyes in even shares, all sold under one word."""
    shares = np.full(lab.shape[:2], 1 / lab.shape[1], np.float32)
    return ShopColours(lab, shares, allowed_names(lab, [word] * len(lab)))


def test_words_move_a_border_and_the_palette_stays():
    # A shop that calls what lies just beyond the border of navy and purple purple.
    rng = np.random.default_rng(0)
    navy, purple = (PALETTE[NAMES.index(name)] for name in ("navy", "purple"))
    worn = (0.6 * navy + 0.4 * purple + rng.normal(0, 0.004, (60, 3))).astype(np.float32)
    naming = fit(sold_as("purple", worn[:, None]), steps=150)
    assert named(naming, worn).count("purple") > 50
    own = named(naming, PALETTE)
    assert sum(a == b for a, b in zip(own, NAMES, strict=True)) >= len(NAMES) - 3


def test_a_dye_among_several_may_bear_the_word():
    # Sold as red, and half of each picture is white: white must not become red.
    red, white = (PALETTE[NAMES.index(name)] for name in ("red", "white"))
    lab = np.tile(np.stack([white, red]).astype(np.float32), (40, 1, 1))
    naming = fit(sold_as("red", lab), steps=120)
    assert named(naming, np.stack([white, red])) == ["white", "red"]


def test_the_palette_divides_a_family():
    lab = np.stack([PALETTE[NAMES.index(name)] for name in ("sky_blue", "denim", "blue")])[:, None]
    allowed = allowed_names(lab, ["blue"] * 3)[:, 0]
    assert [NAMES[i] for i in allowed.argmax(1)] == ["sky_blue", "denim", "blue"]
    light_grey = PALETTE[NAMES.index("silver")][None, None]
    assert NAMES[allowed_names(light_grey, ["grey"]).argmax()] == "grey"


def test_a_naming_survives_its_file(tmp_path):
    naming = read_naming()
    write_naming(naming, tmp_path / "anchors.json")
    again = read_naming(tmp_path / "anchors.json")
    assert np.allclose(again.anchors, naming.anchors, atol=1e-4) and np.allclose(again.lead, naming.lead, atol=1e-4)


def test_light_changes_the_palette_within_its_names():
    lab, own = lit_palette(6, np.random.default_rng(1))
    assert lab.shape == (6 * len(NAMES), 3) and own.shape == (6 * len(NAMES), len(NAMES))
    assert (own.sum(1) == 1).all() and lab[:, 0].max() < 1.2


def test_random_colours_get_the_nearest_name():
    lab, own = nearest_names(50, np.random.default_rng(2))
    assert 0 < len(lab) == len(own) <= 50 and (own.sum(1) == 1).all()


@pytest.mark.parametrize(
    ("colour", "names"),
    [
        ((99, 185, 198), {"teal", "sky_blue", "mint", "blue"}),
        ((255, 240, 150), {"yellow"}),
        ((230, 40, 45), {"red"}),
        ((40, 52, 80), {"navy", "denim"}),
        ((120, 200, 60), {"green"}),
    ],
)
def test_what_anybody_would_say(colour, names):
    assert name_colour(to_oklab(np.array(colour))) in names

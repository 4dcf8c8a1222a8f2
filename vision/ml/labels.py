"""The closed vocabularies of the models, in the order of their output units.

The order is part of every trained artefact: append, never reorder. The card stores a copy; loading refuses a mismatch.
"""

from __future__ import annotations

CATEGORIES: tuple[str, ...] = (
    "t_shirt",
    "pants",
    "long_sleeve",
    "jacket",
    "shoes",
    "shirt",
    "dress",
    "shorts",
    "hat",
    "sleeveless",
    "skirt",
    "hoodie",
)

PATTERNS: tuple[str, ...] = (
    "solid",
    "graphic",
    "motif",
    "stripe",
    "floral",
    "color_block",
    "check",
    "dot",
    "camouflage",
    "animal",
)

# What a photo of one garment is asked, and the possible answers.
TASKS: dict[str, tuple[str, ...]] = {"category": CATEGORIES, "pattern": PATTERNS}

# What a photo shows: one garment, none, or several; only the first has a category and a pattern.
SCENES: tuple[str, ...] = ("single", "none", "several")

# slug -> representative sRGB; the shop's own palette, chosen so that no two names mean one garment colour.
COLOURS: dict[str, str] = {
    "black": "#161618",
    "charcoal": "#3f4247",
    "grey": "#8c8e91",
    "silver": "#c3c6ca",
    "white": "#f4f4f2",
    "ivory": "#ebe5d3",
    "beige": "#d3c1a3",
    "camel": "#b98a56",
    "brown": "#65432e",
    "khaki": "#a39a72",
    "olive": "#5e6138",
    "green": "#2f7d46",
    "mint": "#a9dcc3",
    "teal": "#1f7a80",
    "sky_blue": "#93bfe3",
    "blue": "#2b5fb4",
    "denim": "#5a7896",
    "navy": "#1e2744",
    "lavender": "#b9a6d6",
    "purple": "#67408e",
    "pink": "#eab3bf",
    "hot_pink": "#d83a83",
    "red": "#c0232c",
    "burgundy": "#67202f",
    "coral": "#ee7f6b",
    "orange": "#e5762b",
    "yellow": "#f0d546",
    "mustard": "#c4962c",
    "gold": "#cfb16a",
}

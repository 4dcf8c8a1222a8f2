"""How the studio set's words map onto ours; an article type that has no clear home is left out on purpose.

Kurtas, tunics and tops hang between shirt, dress and sleeveless, so they only teach the article head.
"""

from __future__ import annotations

ARTICLE_CATEGORY: dict[str, str] = {
    "Tshirts": "t_shirt",
    "Jeans": "pants",
    "Trousers": "pants",
    "Track Pants": "pants",
    "Leggings": "pants",
    "Lounge Pants": "pants",
    "Sweaters": "long_sleeve",
    "Jackets": "jacket",
    "Casual Shoes": "shoes",
    "Sports Shoes": "shoes",
    "Formal Shoes": "shoes",
    "Heels": "shoes",
    "Flats": "shoes",
    "Sandals": "shoes",
    "Sports Sandals": "shoes",
    "Flip Flops": "shoes",
    "Shirts": "shirt",
    "Dresses": "dress",
    "Shorts": "shorts",
    "Lounge Shorts": "shorts",
    "Caps": "hat",
    "Hat": "hat",
    "Innerwear Vests": "sleeveless",
    "Skirts": "skirt",
}

# Kinds of goods, as the studio set groups them, that a shop may photograph and that are no garment.
NO_GARMENT = frozenset(
    {"Watches", "Bags", "Belts", "Wallets", "Shoe Accessories", "Cufflinks", "Jewellery", "Umbrellas", "Eyewear"}
    | {"Accessories"}
)

# The 46 base colours of the studio set in our palette; Multi, NA, Nude and Skin have no single home.
BASE_COLOUR: dict[str, str] = {
    "Black": "black",
    "Blue": "blue",
    "White": "white",
    "Grey": "grey",
    "Brown": "brown",
    "Red": "red",
    "Green": "green",
    "Navy Blue": "navy",
    "Purple": "purple",
    "Pink": "pink",
    "Beige": "beige",
    "Maroon": "burgundy",
    "Yellow": "yellow",
    "Olive": "olive",
    "Silver": "silver",
    "Steel": "silver",
    "Orange": "orange",
    "Cream": "ivory",
    "Gold": "gold",
    "Tan": "camel",
    "Charcoal": "charcoal",
    "Khaki": "khaki",
    "Magenta": "hot_pink",
    "Off White": "ivory",
    "Copper": "camel",
    "Lavender": "lavender",
    "Peach": "coral",
    "Teal": "teal",
    "Mustard": "mustard",
    "Coffee Brown": "brown",
    "Rust": "brown",
    "Turquoise Blue": "teal",
    "Grey Melange": "grey",
    "Bronze": "brown",
    "Burgundy": "burgundy",
    "Taupe": "beige",
    "Fluorescent Green": "green",
    "Lime Green": "green",
    "Sea Green": "teal",
    "Metallic": "silver",
    "Mauve": "lavender",
    "Rose": "pink",
    "Mushroom Brown": "beige",
}

# Which of our names the shop's coarser word covers: its "Blue" is worn as denim, sky blue and blue alike.
COLOUR_FAMILY: dict[str, tuple[str, ...]] = {name: (name,) for name in BASE_COLOUR.values()} | {
    "blue": ("blue", "sky_blue", "denim"),
    "navy": ("navy",),
    "green": ("green", "mint"),
    "purple": ("purple", "lavender"),
    "pink": ("pink", "hot_pink"),
    "grey": ("grey", "silver", "charcoal"),
    "white": ("white", "ivory"),
    "brown": ("brown", "camel"),
}

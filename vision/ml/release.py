"""The words of a release's card that no measurement writes: data and licences, compute, use and known failures."""

from __future__ import annotations

DATA: list[dict[str, str]] = [
    {
        "name": "garments (clothing-dataset)",
        "source": "https://github.com/alexeygrigorev/clothing-dataset",
        "author": "Alexey Grigorev and contributors",
        "licence": "CC0 1.0",
        "use": "4,129 phone photos; category and pattern labels; split by sender and near-duplicate group",
    },
    {
        "name": "studio (Fashion Product Images)",
        "source": "https://www.kaggle.com/datasets/paramaggarwal/fashion-product-images-dataset",
        "author": "Param Aggarwal",
        "licence": "MIT, as published on Kaggle",
        "use": "9,034 shop pictures on white; article types, base colours; cut out and laid on other backgrounds",
    },
    {
        "name": "rendered rooms and prints",
        "source": "vision/ml/backgrounds.py, vision/ml/prints.py",
        "author": "this project",
        "licence": "the repository's",
        "use": "backgrounds of composites; rare patterns over plain garments",
    },
]

COMPUTE = (
    "2 CPU cores (x86-64; bfloat16 autocast), at times shared with other work; no GPU; wall-clock budgets in the recipe"
)

INTENDED_USE = (
    "Suggesting category, pattern, colours and a cut-out for photos of single garments that a seller took (on a floor, "
    "a bed or a hanger). Prefilled answers stay editable. Not for photos of people, for several garments in one photo, "
    "nor for any judgement about a person."
)

KNOWN_FAILURES: list[str] = [
    "Masks take in floor or lose parts on dark or strongly patterned beds and rugs.",
    "Garments of nearly the floor's colour and texture: the mask takes floor in or leaves sleeves out.",
    "Several garments in one photo, or one with its box, are often named as one garment (see the table of scenes).",
    "A room or a thing without a garment is sometimes still given a category (see the same table).",
    "Long sleeve against hoodie, shirt and jacket when the picture is folded, cropped or dark.",
    "Dresses are read as T-shirts or sleeveless tops when they are folded or the hem is out of the picture.",
    "Colour blocks read as solid, floral prints as motif: two panels of near colours, small or loose flowers.",
    "Fine stripes and checks vanish at the network's input size and read as solid.",
    "Dots, camouflage and animal prints are rare in the data; their figures rest on a handful of photos.",
    "Colours shift with strong coloured light; white under a lamp may be named ivory or beige.",
]

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
    "2 CPU cores (x86-64 with AMX, bfloat16 autocast), shared with other work; no GPU; wall-clock budgets in the recipe"
)

INTENDED_USE = (
    "Suggesting category, pattern, colours and a cut-out for photos of single garments that a seller took (on a floor, "
    "a bed or a hanger). Prefilled answers stay editable. Not for photos of people, for several garments in one photo, "
    "nor for any judgement about a person."
)

KNOWN_FAILURES: list[str] = [
    "Masks take in floor or lose parts on dark or strongly patterned beds and rugs.",
    "Garments of nearly the floor's colour and texture: the mask takes floor in or leaves sleeves out.",
    "Several garments or a garment with its box in one photo: named as one garment.",
    "Things that are no garment are still ranked; only a nearly empty mask or a low confidence leads to 'unknown'.",
    "Long sleeve against hoodie, shirt and jacket when the picture is folded, cropped or dark.",
    "Sleeveless tops against dresses and T-shirts when the hem is out of the picture.",
    "Fine stripes and checks vanish at the network's input size and read as solid.",
    "Camouflage and animal prints are rare in the data; their figures rest on a handful of photos.",
    "Colours shift with strong coloured light; white under a lamp may be named ivory or beige.",
]

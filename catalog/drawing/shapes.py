"""Outlines of garments laid flat, on a sheet of 1000 x 1250.

Most garments are the same left and right: then only the right half is written, as offsets from the middle, from the
neck outwards and down to the hem.
"""

from __future__ import annotations

Point = tuple[float, float]

WIDTH, HEIGHT = 1000, 1250
MIDDLE = WIDTH / 2

HALVES: dict[str, list[list[Point]]] = {
    "t_shirt": [
        [
            (0, 285),
            (60, 268),
            (98, 215),
            (210, 250),
            (372, 430),
            (268, 512),
            (222, 455),
            (226, 700),
            (232, 1030),
            (0, 1038),
        ]
    ],
    "sleeveless": [
        [(0, 400), (70, 370), (112, 215), (176, 225), (176, 360), (222, 455), (232, 700), (246, 1040), (0, 1048)]
    ],
    "long_sleeve": [
        [
            (0, 272),
            (62, 255),
            (100, 205),
            (212, 240),
            (318, 430),
            (408, 905),
            (318, 935),
            (226, 560),
            (236, 1020),
            (0, 1030),
        ]
    ],
    "hoodie": [
        [
            (0, 330),
            (60, 305),
            (120, 235),
            (226, 275),
            (338, 470),
            (424, 930),
            (330, 962),
            (246, 600),
            (254, 1040),
            (0, 1050),
        ],
        [(0, 130), (92, 150), (142, 225), (120, 330), (60, 372), (0, 388)],
    ],
    "jacket": [
        [
            (0, 255),
            (70, 235),
            (110, 200),
            (230, 240),
            (340, 440),
            (430, 930),
            (330, 962),
            (252, 590),
            (262, 1065),
            (0, 1072),
        ]
    ],
    "shirt": [
        [
            (0, 240),
            (66, 225),
            (104, 200),
            (214, 236),
            (318, 430),
            (404, 900),
            (320, 930),
            (226, 560),
            (238, 985),
            (150, 1062),
            (0, 1052),
        ]
    ],
    "dress": [
        [
            (0, 300),
            (58, 282),
            (104, 175),
            (178, 200),
            (262, 330),
            (204, 378),
            (172, 330),
            (152, 560),
            (238, 860),
            (322, 1140),
            (0, 1168),
        ]
    ],
    "skirt": [[(0, 225), (150, 225), (158, 290), (250, 700), (330, 1030), (0, 1062)]],
    "pants": [[(0, 130), (178, 130), (190, 240), (222, 560), (232, 1140), (96, 1148), (66, 700), (16, 420), (0, 420)]],
    "shorts": [[(0, 290), (200, 290), (216, 420), (292, 900), (66, 925), (18, 640), (0, 640)]],
    "hat": [[(0, 330), (120, 345), (238, 440), (292, 620), (300, 730), (0, 760)]],
}

# Seen from the side, the toe to the left.
SHOE: list[Point] = [
    (120, 800), (128, 742), (200, 690), (330, 640), (430, 560), (505, 470), (580, 452), (690, 470), (700, 520),
    (780, 500), (838, 452), (868, 470), (888, 640), (892, 800),
]  # fmt: skip
SOLE_TOP = 792
SOLE: list[Point] = [(104, 790), (896, 790), (900, 850), (870, 884), (160, 884), (112, 858)]
VISOR: list[Point] = [(205, 735), (500, 752), (795, 735), (838, 800), (760, 872), (500, 908), (240, 872), (162, 800)]


def outline(kind: str) -> list[list[Point]]:
    """The polygons of a garment; several where parts overlap, such as a hood over its body."""
    if kind == "shoes":
        return [SHOE, SOLE]
    polygons = [mirrored(half) for half in HALVES[kind]]
    return [*polygons, VISOR] if kind == "hat" else polygons


def mirrored(half: list[Point]) -> list[Point]:
    right = [(MIDDLE + x, y) for x, y in half]
    left = [(MIDDLE - x, y) for x, y in reversed(half)]
    return right + left

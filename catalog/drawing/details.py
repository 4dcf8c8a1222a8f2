"""Seams, collars, buttons and laces: lines on a transparent layer, in the coordinates of the sheet."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from catalog.drawing.shapes import HEIGHT, MIDDLE, VISOR, WIDTH, Point

Pen = ImageDraw.ImageDraw
Ink = tuple[int, int, int, int]
SEAM: Ink = (0, 0, 0, 96)
FOLD: Ink = (0, 0, 0, 60)
INSIDE: Ink = (20, 18, 18, 150)
METAL: Ink = (205, 205, 210, 255)
BUTTON: Ink = (246, 243, 236, 255)
CORD: Ink = (240, 238, 232, 255)


def details(kind: str, *, pale: bool) -> Image.Image:
    """The lines of a garment; `pale` on dark cloth, where dark seams would not be seen."""
    layer = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    DETAILS[kind](ImageDraw.Draw(layer))
    if not pale:
        return layer
    alpha = layer.getchannel("A")
    seams = alpha.point(lambda value: 255 if 0 < value <= SEAM[3] else 0)
    return Image.composite(Image.merge("RGBA", (seams, seams, seams, alpha.point(lambda v: v * 2 // 3))), layer, seams)


def both(pen: Pen, points: list[Point], ink: Ink = SEAM, width: int = 4) -> None:
    """A line and its mirror image; x counts from the middle."""
    for side in (1, -1):
        pen.line([(MIDDLE + side * x, y) for x, y in points], fill=ink, width=width, joint="curve")


def across(pen: Pen, y: float, half: float, ink: Ink = SEAM, width: int = 4) -> None:
    pen.line([(MIDDLE - half, y), (MIDDLE + half, y)], fill=ink, width=width)


def disc(pen: Pen, x: float, y: float, radius: float, ink: Ink) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink, outline=SEAM, width=2)


def neck(pen: Pen, half: float, top: float, depth: float) -> None:
    """The opening, the back of the neck seen inside, and the rib around it."""
    box = (MIDDLE - half, top - depth, MIDDLE + half, top + depth)
    pen.chord((box[0], top - depth * 0.5, box[2], top + depth * 0.42), 0, 180, fill=INSIDE)
    pen.arc(box, 0, 180, fill=SEAM, width=5)
    pen.arc((box[0] - 20, box[1] - 20, box[2] + 20, box[3] + 22), 12, 168, fill=SEAM, width=3)


def _tee(pen: Pen) -> None:
    neck(pen, 92, 222, 62)
    both(pen, [(206, 252), (224, 330), (222, 452)])
    both(pen, [(352, 414), (254, 494)], FOLD)
    across(pen, 1008, 228, FOLD)


def _sleeveless(pen: Pen) -> None:
    neck(pen, 100, 225, 160)
    both(pen, [(164, 232), (163, 362), (214, 466)], FOLD)
    across(pen, 1018, 240, FOLD)


def _long(pen: Pen) -> None:
    neck(pen, 94, 212, 62)
    both(pen, [(206, 242), (230, 340), (226, 552)])
    both(pen, [(396, 862), (312, 892)])
    across(pen, 985, 234)


def _hoodie(pen: Pen) -> None:
    pen.ellipse((MIDDLE - 84, 178, MIDDLE + 84, 372), fill=INSIDE)
    pen.arc((MIDDLE - 96, 166, MIDDLE + 96, 384), 0, 360, fill=SEAM, width=4)
    both(pen, [(214, 272), (248, 380), (246, 592)])
    both(pen, [(412, 884), (322, 916)])
    across(pen, 994, 250)
    both(pen, [(0, 700), (118, 700), (176, 880), (176, 930), (0, 930)])
    both(pen, [(30, 372), (34, 470), (30, 560)], CORD, 9)


def _jacket(pen: Pen) -> None:
    pen.polygon([(MIDDLE - 70, 236), (MIDDLE + 70, 236), (MIDDLE, 350)], fill=INSIDE)
    both(pen, [(70, 232), (112, 200), (150, 300), (30, 402), (0, 352)], SEAM, 5)
    pen.line([(MIDDLE, 352), (MIDDLE, 1068)], fill=METAL, width=9)
    pen.line([(MIDDLE + 7, 352), (MIDDLE + 7, 1068)], fill=SEAM, width=3)
    both(pen, [(218, 238), (254, 360), (252, 586)])
    both(pen, [(418, 884), (324, 916)])
    across(pen, 1010, 258)
    both(pen, [(96, 720), (206, 760), (212, 880)])


def _shirt(pen: Pen) -> None:
    pen.polygon([(MIDDLE - 66, 222), (MIDDLE + 66, 222), (MIDDLE, 318)], fill=INSIDE)
    both(pen, [(66, 208), (104, 198), (140, 296), (52, 342), (0, 300)], SEAM, 5)
    both(pen, [(22, 330), (22, 1050)], FOLD, 3)
    for y in range(360, 1010, 92):
        disc(pen, MIDDLE, y, 10, BUTTON)
    both(pen, [(206, 238), (230, 340), (226, 552)])
    both(pen, [(392, 846), (312, 876)])
    pen.line([(560, 470), (670, 470), (670, 590), (615, 622), (560, 590), (560, 470)], fill=SEAM, width=4)


def _dress(pen: Pen) -> None:
    neck(pen, 98, 190, 108)
    both(pen, [(170, 202), (180, 260), (172, 330)])
    across(pen, 562, 152)
    for x, foot in ((40, 90), (96, 205), (0, 0)):
        both(pen, [(x, 570), (x + (foot - x) * 0.5, 860), (foot, 1150)], FOLD, 5)


def _skirt(pen: Pen) -> None:
    across(pen, 290, 158)
    for x, foot in ((0, 0), (52, 110), (104, 222)):
        both(pen, [(x, 296), (x + (foot - x) * 0.5, 660), (foot, 1046)], FOLD, 6)
    disc(pen, MIDDLE + 120, 258, 11, BUTTON)


def _pants(pen: Pen) -> None:
    across(pen, 190, 184)
    pen.line([(MIDDLE, 192), (MIDDLE, 418)], fill=SEAM, width=4)
    pen.arc((MIDDLE - 62, 190, MIDDLE + 30, 372), 20, 90, fill=SEAM, width=4)
    both(pen, [(86, 192), (128, 262), (194, 288)])
    both(pen, [(132, 340), (150, 700), (164, 1140)], FOLD, 5)
    both(pen, [(232, 1108), (96, 1116)], FOLD)
    disc(pen, MIDDLE, 162, 11, METAL)


def _shorts(pen: Pen) -> None:
    across(pen, 350, 208)
    pen.line([(MIDDLE, 352), (MIDDLE, 638)], fill=SEAM, width=4)
    both(pen, [(96, 352), (146, 430), (222, 458)])
    both(pen, [(288, 862), (66, 888)], FOLD)
    both(pen, [(18, 356), (24, 440), (20, 500)], CORD, 8)


def _shoe(pen: Pen) -> None:
    pen.line([(104, 792), (898, 792)], fill=SEAM, width=5)
    pen.line([(112, 836), (896, 836)], fill=FOLD, width=4)
    pen.arc((120, 640, 400, 960), 200, 290, fill=SEAM, width=5)
    pen.line([(430, 562), (520, 690), (700, 780)], fill=FOLD, width=5)
    pen.line([(700, 522), (716, 650), (690, 788)], fill=SEAM, width=4)
    for n in range(4):
        x, y = 366 + n * 46, 628 - n * 44
        pen.line([(x, y), (x + 92, y + 34)], fill=CORD, width=13)
    pen.line([(600, 460), (690, 478), (780, 506), (836, 462)], fill=INSIDE, width=14, joint="curve")


def _hat(pen: Pen) -> None:
    pen.line([(MIDDLE, 336), (MIDDLE, 742)], fill=SEAM, width=4)
    both(pen, [(0, 338), (120, 430), (172, 738)])
    disc(pen, MIDDLE, 332, 15, SEAM)
    for inset in (0, 18, 36):
        pen.line([(x, y + inset * (0.4 if y < 760 else -0.6)) for x, y in VISOR[2:]], fill=FOLD, width=3)
    pen.line([(205, 738), (500, 756), (795, 738)], fill=SEAM, width=6, joint="curve")


DETAILS: dict[str, Callable[[Pen], None]] = {
    "t_shirt": _tee,
    "sleeveless": _sleeveless,
    "long_sleeve": _long,
    "hoodie": _hoodie,
    "jacket": _jacket,
    "shirt": _shirt,
    "dress": _dress,
    "skirt": _skirt,
    "pants": _pants,
    "shorts": _shorts,
    "shoes": _shoe,
    "hat": _hat,
}

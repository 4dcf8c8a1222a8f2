"""Puts outline, cloth, light and room together to one photo."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.drawing.details import details
from catalog.drawing.rooms import room
from catalog.drawing.shapes import HEIGHT, SOLE_TOP, WIDTH, outline
from catalog.drawing.textures import Cloth, Random, noise, rgb, weave

RESAMPLING = Image.Resampling.BILINEAR
SIZE = (640, 800)
SOLE_COLOUR = "#f1efe9"
DARK = 0.28


@dataclass(frozen=True)
class Sketch:
    """What to draw: `kind` is a category's slug, `colours` begin with the ground of the cloth.

    `seed` varies folds, grain and prints, `tilt` turns the garment by degrees.
    """

    kind: str
    colours: list[str]
    pattern: str = "solid"
    room: str = "studio"
    seed: int = 0
    tilt: float = 0


def draw_photo(sketch: Sketch) -> bytes:
    """A JPEG of 640 x 800, the same bytes for the same sketch."""
    random = np.random.default_rng(sketch.seed)
    mask = _mask(sketch.kind)
    garment = _picture(_lit(_dyed(sketch, random), mask, random))
    seams = details(sketch.kind, pale=float(rgb(sketch.colours[0]).mean()) < DARK).resize(SIZE, RESAMPLING)
    garment.paste(seams, (0, 0), seams)
    if sketch.tilt:
        garment, mask = (layer.rotate(sketch.tilt, Image.Resampling.BICUBIC) for layer in (garment, mask))
    photo = _picture(room(sketch.room, SIZE, random))
    _cast_shadow(photo, mask)
    photo.paste(garment, (0, 0), mask)
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=88)
    return out.getvalue()


def _picture(values: Cloth) -> Image.Image:
    return Image.fromarray((values * 255).astype(np.uint8))


def _mask(kind: str) -> Image.Image:
    """The silhouette, its corners rounded as cloth is."""
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(mask)
    for polygon in outline(kind):
        pen.polygon(polygon, fill=255)
    blurred = np.asarray(mask.resize(SIZE, RESAMPLING).filter(ImageFilter.GaussianBlur(6)), dtype=np.float32)
    return Image.fromarray(((blurred - 118) * 10).clip(0, 255).astype(np.uint8))


def _dyed(sketch: Sketch, random: Random) -> Cloth:
    cloth = weave(sketch.pattern, sketch.colours, SIZE, random)
    if sketch.kind == "shoes":
        cloth[int(SOLE_TOP * SIZE[1] / HEIGHT) :] = rgb(SOLE_COLOUR)
    return cloth


def _lit(cloth: Cloth, mask: Image.Image, random: Random) -> Cloth:
    """Folds, the roundness towards the edges, and the threads."""
    folds = noise(SIZE, (120, 330), random) * 0.22 + noise(SIZE, (48, 150), random) * 0.1
    depth = np.asarray(mask.filter(ImageFilter.GaussianBlur(16)), dtype=np.float32) / 255
    threads = (random.random(folds.shape, dtype=np.float32) - 0.5) * 0.035
    shade = (0.86 + folds) * (0.68 + 0.32 * depth.clip(0.45, 1)) + threads
    # Dark cloth still shows its folds: a little light is added, not only taken away.
    return (cloth * shade[..., None] + (folds[..., None] - 0.12) * 0.09).clip(0, 1)


def _cast_shadow(photo: Image.Image, mask: Image.Image) -> None:
    for blur, offset, strength in ((16, (6, 16), 90), (4, (2, 4), 80)):
        shadow = Image.new("L", SIZE, 0)
        shadow.paste(mask.point(lambda value, most=strength: value * most // 255), offset)
        photo.paste((38, 32, 28), (0, 0), shadow.filter(ImageFilter.GaussianBlur(blur)))

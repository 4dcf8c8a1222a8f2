"""A photo as a marketplace wants it: size, square, white behind the garment, bytes. Nothing of the camera's notes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image

from erp.channels.formats.template import DATA

WHITE = (255, 255, 255)
MARGIN = 0.06  # of white around a cut-out, on each side
QUALITIES = (90, 82, 74, 66, 58)
FORMATS = {"jpeg": "JPEG", "png": "PNG"}


@dataclass(frozen=True, slots=True)
class PictureRule:
    """`size` is the most a picture may have, `smallest` the least of its shorter side (a smaller photo is enlarged to
    it, and no further). `background` "white" asks for the cut-out where there is one."""

    least: int = 0
    most: int = 50
    size: tuple[int, int] = (1600, 1600)
    smallest: int = 0
    square: bool = False
    background: str = ""
    format: str = "jpeg"
    max_bytes: int = 10_000_000
    name: str = "{style}-{n}.jpg"

    def name_of(self, style: str, number: int) -> str:
        return self.name.format(style=style, n=number)


def rule_of(raw: Mapping[str, Any]) -> PictureRule:
    return PictureRule(**{**raw, "size": tuple(raw["size"])}) if raw else PictureRule()


def rule_beside(name: str) -> PictureRule:
    """Of a marketplace whose table is the people's own form."""
    return rule_of(beside(name)["pictures"])


@cache
def beside(name: str) -> dict[str, Any]:
    """What is known of a marketplace whose table is the people's own form: its `pictures`, its `rules`."""
    return json.loads((DATA / "pictures" / f"{name}.json").read_text(encoding="utf-8"))


def packed(image: Image.Image, rule: PictureRule) -> bytes:
    """The picture's file. `image` is upright: RGB, or RGBA where it is the garment cut out."""
    shown = _cut_out(image, rule) if image.mode == "RGBA" else _photo(image, rule)
    return _encoded(shown, rule)


def _cut_out(image: Image.Image, rule: PictureRule) -> Image.Image:
    """The garment in the middle of white."""
    box = image.getchannel("A").point(lambda level: 255 if level > 40 else 0).getbbox()
    garment = image.crop(box) if box else image
    room = 1 - 2 * MARGIN
    whole = (round(garment.width / room), round(garment.height / room))
    if rule.square:
        whole = (max(whole), max(whole))
    width, height = _allowed(whole, rule)
    scale = min(width * room / garment.width, height * room / garment.height)
    fitted = (max(round(garment.width * scale), 1), max(round(garment.height * scale), 1))
    garment = garment.resize(fitted, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (width, height), WHITE)
    canvas.paste(garment, ((width - fitted[0]) // 2, (height - fitted[1]) // 2), garment)
    return canvas


def _photo(image: Image.Image, rule: PictureRule) -> Image.Image:
    """The photo as it is; white beside it where a square is asked."""
    whole = (max(image.size), max(image.size)) if rule.square else image.size
    width, height = _allowed(whole, rule)
    scale = min(width / image.width, height / image.height)
    fitted = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    shown = image.resize(fitted, Image.Resampling.LANCZOS) if fitted != image.size else image
    if fitted == (width, height):
        return shown
    canvas = Image.new("RGB", (width, height), WHITE)
    canvas.paste(shown, ((width - fitted[0]) // 2, (height - fitted[1]) // 2))
    return canvas


def _allowed(size: tuple[int, int], rule: PictureRule) -> tuple[int, int]:
    """The size as it may be: enlarged only to the smallest that is taken, made smaller where it is too large."""
    scale = max(rule.smallest / min(size), 1.0)
    scale = min(scale, rule.size[0] / size[0], rule.size[1] / size[1])
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _encoded(image: Image.Image, rule: PictureRule) -> bytes:
    """Within the bytes that are taken: at less quality first, then smaller."""
    data = b""
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, FORMATS[rule.format], quality=quality, optimize=True)
            data = out.getvalue()
            if len(data) <= rule.max_bytes:
                return data
        if max(image.size) < 64:
            return data
        image = image.resize((max(image.width * 3 // 4, 1), max(image.height * 3 // 4, 1)), Image.Resampling.LANCZOS)

"""Photos and things that pose as photos, made in memory."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

SIZE = (96, 72)


def picture(size: tuple[int, int] = SIZE, mode: str = "RGB", colour: Any = (40, 60, 110), seed: int = 0) -> Image.Image:
    """A garment of sorts: a dark block on a light ground; another `seed` makes other bytes."""
    image = Image.new("RGB", size, (235, 232 - seed % 100, 226))
    width, height = size
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=colour)
    return image.convert(mode)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(size: tuple[int, int] = SIZE, seed: int = 0, **options: Any) -> bytes:
    return encode(picture(size, seed=seed), "JPEG", comment=f"seed {seed}".encode(), **options)


def png(mode: str = "RGB", **options: Any) -> bytes:
    return encode(picture(mode=mode), "PNG", **options)


def rotated_jpeg(orientation: int = 6) -> bytes:
    """Stored lying down, as phones do, with the EXIF note that tells viewers to turn it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(exif=exif)


def deep_png() -> bytes:
    """16-bit grey."""
    return encode(Image.new("I;16", SIZE, 40_000), "PNG")


def transparent_png() -> bytes:
    image = picture(mode="RGBA")
    image.putalpha(128)
    return encode(image, "PNG")


def animation(kind: str) -> bytes:
    frames = [picture(seed=n, colour=(n * 60, 60, 110)) for n in range(3)]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture((128, 96))).save(out)
    return out.getvalue()


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A header that promises 900 megapixels in a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"

"""From uploaded bytes to one upright sRGB picture, or to a `PhotoError` that says what is wrong with the file.

The file's name and extension are never asked. Size and animation are judged from the header, before a pixel is decoded.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()
Image.init()

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF")
# MPO, TIFF and HEIF may hold several pictures of one shot (depth maps, previews); the first or primary is the photo.
ANIMATED_FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
CODES = (
    "empty",
    "not_an_image",
    "truncated",
    "file_too_large",
    "too_many_pixels",
    "too_small",
    "animated",
    "unsupported_format",
)
KNOWN_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
OTHER_PICTURES = {
    b"%PDF": "PDF",
    b"8BPS": "PSD",
    b"\x00\x00\x01\x00": "ICO",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"%!PS": "EPS",
    b"\x76\x2f\x31\x01": "EXR",
    b"qoif": "QOI",
}
# Pillow's readers divide and index by what a damaged file says.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    IndexError,
    ArithmeticError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class PhotoLimits:
    """What is taken in; sides in pixels."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000
    min_side: int = 32
    formats: tuple[str, ...] = FORMATS


class PhotoError(Exception):
    """A file that is no usable photo: `code` (one of CODES) for translation, an English message, and its numbers."""

    def __init__(self, code: str, message: str, params: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params = params or {}


@dataclass(frozen=True)
class DecodedPhoto:
    """An upright RGB picture; `size` is (width, height) of the photo itself, also when `image` was decoded smaller."""

    image: Image.Image
    format: str
    size: tuple[int, int]
    had_alpha: bool = False
    info: dict[str, Any] = field(default_factory=dict)


def decode_photo(
    data: bytes,
    *,
    limits: PhotoLimits = PhotoLimits(),
    max_side: int | None = None,  # noqa: B008 - frozen
) -> DecodedPhoto:
    """Decode uploaded bytes.

    `max_side` lets a JPEG be decoded at 1/2, 1/4 or 1/8 when the longer side stays at least that long: enough for
    analysis and several times faster. Leave it out where a cut-out is delivered in the photo's own size.
    Raises `PhotoError`.
    """
    check_bytes(data, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = open_header(data, limits)
        try:
            check_header(image, limits)
            size = upright_size(image)
            try:
                if max_side is not None and image.format in ("JPEG", "MPO"):
                    image.draft(None, fitted_size(image.size, max_side))
                image.load()
                had_alpha = has_alpha(image)
                picture = to_rgb(ImageOps.exif_transpose(image))
            except Image.DecompressionBombError as error:
                raise too_many_pixels(image.size, limits) from error
            except DECODE_ERRORS as error:
                raise damaged(error) from error
            return DecodedPhoto(picture, image.format or "", size, had_alpha)
        finally:
            image.close()


def check_bytes(data: bytes, limits: PhotoLimits) -> None:
    if not data:
        raise PhotoError("empty", "The file is empty.")
    if len(data) > limits.max_bytes:
        megabytes = limits.max_bytes // (1024 * 1024)
        raise PhotoError(
            "file_too_large",
            f"The file is {len(data) / 1024 / 1024:.1f} MB; at most {megabytes} MB are taken.",
            {"bytes": len(data), "limit": limits.max_bytes},
        )


def open_header(data: bytes, limits: PhotoLimits) -> Image.Image:
    """Read the header only, as one of the formats we take."""
    try:
        # Pillow reads MPO through its JPEG plug-in and knows no opener of that name.
        return Image.open(io.BytesIO(data), formats=[name for name in limits.formats if name in Image.OPEN])
    except Image.DecompressionBombError as error:
        raise PhotoError(
            "too_many_pixels",
            f"The picture has too many pixels; at most {limits.max_pixels // 1_000_000} megapixels are taken.",
            {"limit": limits.max_pixels},
        ) from error
    except (UnidentifiedImageError, *DECODE_ERRORS) as error:
        raise explain_unreadable(data) from error


def explain_unreadable(data: bytes) -> PhotoError:
    """Tell a damaged photo, a picture of another kind and something else apart by the first bytes."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        return PhotoError(
            "not_an_image", "This is a web page or drawing (HTML, SVG or XML), not a photo.", {"kind": "markup"}
        )
    for magic, name in OTHER_PICTURES.items():
        if data.startswith(magic):
            return PhotoError(
                "unsupported_format", f"{name} files are not taken; save it as JPEG or PNG.", {"format": name}
            )
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if data.startswith(KNOWN_STARTS) or webp or data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypavif"):
        return damaged(None)
    if data[4:8] == b"ftyp":
        return PhotoError(
            "unsupported_format", "This is a video or an unknown container, not a photo.", {"format": "video"}
        )
    return PhotoError("not_an_image", "This file is not a picture.", {"kind": "unknown"})


def damaged(error: Exception | None) -> PhotoError:
    return PhotoError(
        "truncated",
        "The picture is damaged or was cut off while copying.",
        {"reason": str(error)[:120] if error else ""},
    )


def too_many_pixels(size: tuple[int, int], limits: PhotoLimits) -> PhotoError:
    width, height = size
    return PhotoError(
        "too_many_pixels",
        f"The picture is {width} x {height}; at most {limits.max_pixels // 1_000_000} megapixels are taken.",
        {"width": width, "height": height, "limit": limits.max_pixels},
    )


def check_header(image: Image.Image, limits: PhotoLimits) -> None:
    """Everything that the header already decides."""
    width, height = image.size
    if width * height > limits.max_pixels:
        raise too_many_pixels(image.size, limits)
    if min(width, height) < limits.min_side:
        raise PhotoError(
            "too_small",
            f"The picture is {width} x {height}; each side needs at least {limits.min_side} pixels.",
            {"width": width, "height": height, "limit": limits.min_side},
        )
    if image.format in ANIMATED_FORMATS:
        try:
            frames = getattr(image, "n_frames", 1)
        except DECODE_ERRORS as error:
            raise damaged(error) from error
        if frames > 1:
            raise PhotoError(
                "animated", f"This is an animation of {frames} frames; send a still photo.", {"frames": frames}
            )


def upright_size(image: Image.Image) -> tuple[int, int]:
    """(width, height) after the EXIF orientation, from the header."""
    try:
        orientation = image.getexif().get(0x0112, 1)
    except DECODE_ERRORS:
        orientation = 1
    return (image.height, image.width) if orientation in (5, 6, 7, 8) else image.size


def fitted_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` with `side` as its longer side; a strip's shorter one stays at least a pixel."""
    width, height = size
    return max(side * width // max(size), 1), max(side * height // max(size), 1)


def has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info


def to_rgb(image: Image.Image) -> Image.Image:
    """Any Pillow mode to 8-bit sRGB, transparency laid on white."""
    if image.mode.startswith("I") or image.mode == "F":
        image = from_deep_grey(image)
    if has_alpha(image):
        layer = image.convert("RGBA")
        canvas = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        flat = Image.alpha_composite(canvas, layer).convert("RGB")
        return to_srgb(flat, image.info.get("icc_profile"))
    if image.mode not in ("RGB", "CMYK"):
        image = image.convert("RGB")
    return to_srgb(image, image.info.get("icc_profile"))


def from_deep_grey(image: Image.Image) -> Image.Image:
    """16- and 32-bit grey to 8 bits. 16-bit files keep their full range; 32-bit and float ones are stretched."""
    values = np.asarray(image).astype(np.float32)
    low, high = (0.0, 65535.0) if image.mode.startswith("I") and values.max() > 255 else (0.0, 255.0)
    if image.mode == "F" or values.max() > 65535:
        low, high = float(values.min()), max(float(values.max()), float(values.min()) + 1)
    return Image.fromarray(((values - low) / (high - low) * 255).clip(0, 255).astype(np.uint8))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Follow an embedded ICC profile; a broken one is ignored, as browsers do."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" in ImageCms.getProfileDescription(source) and image.mode == "RGB":
                return image
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, *DECODE_ERRORS):
            pass
    return image if image.mode == "RGB" else image.convert("RGB")

"""What people are told about an unusable photo, and what is made of a usable one."""

from __future__ import annotations

import io
import re
import unicodedata

from django.utils.translation import gettext as _
from PIL import Image

from erp.core.photos import PhotoError

THUMBNAIL_SIDE = 640
TILE_SIDE = 320
NAME_LENGTH = 200
CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}


def photo_message(error: PhotoError) -> str:
    """What is wrong with a file and how to mend it, in the language of the current request."""
    params = error.params
    if error.code == "file_too_large":
        sizes = {"size": _megabytes(params["bytes"]), "limit": _megabytes(params["limit"])}
        return _("This photo has %(size)s MB; at most %(limit)s MB fit. Save it smaller and send it again.") % sizes
    if error.code == "too_many_pixels":
        limit = {"limit": params["limit"] // 1_000_000}
        return _("This picture has too many pixels; at most %(limit)s megapixels fit. Make it smaller.") % limit
    if error.code == "too_small":
        return (
            _("This picture has %(width)s × %(height)s pixels; each side needs %(limit)s. Take a larger one.") % params
        )
    if error.code == "unsupported_format":
        return _("%(format)s files do not work here. Save the photo as JPEG or PNG.") % params
    if error.code == "not_an_image" and params.get("kind") == "markup":
        return _("This is a web page or a drawing, not a photo. Choose a JPEG, PNG, WebP or HEIC photo.")
    return {
        "empty": _("This file is empty. Take the photo again or choose another one."),
        "truncated": _("This photo is damaged or was cut off while copying. Send it again from where it was taken."),
        "animated": _("This is an animation. Choose a still photo."),
    }.get(error.code) or _("This file is not a photo. Choose a JPEG, PNG, WebP or HEIC photo.")


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0")


def smaller_jpeg(image: Image.Image, side: int) -> bytes:
    """A JPEG of at most `side` pixels a side, upright and without the camera's notes (place, time, device)."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def clean_name(filename: str) -> str:
    """An uploaded file's name, to be shown only: no folders, no control or direction signs, Hangul composed."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", filename)[-1])
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs")).strip()
    if len(name) <= NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) <= 8 else ""
    return name[: NAME_LENGTH - len(ending)] + ending

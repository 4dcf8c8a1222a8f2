"""The codes in a picture, read by ZXing."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from catalog.photos import photo_message
from erp.core.errors import DomainError, Problem
from erp.core.photos import PhotoError, PhotoLimits, decode_photo

# A code that fills a picture is found in a small one, and in a tenth of the time; a small code needs the large one.
SIDES = (1280, 3200)
TILTS = (22, 45, 68)  # degrees; with ZXing's own quarter turns these are all directions
MOST_CODES = 20
FORMATS = "EAN13|EAN8|UPCA|UPCE|Code128|Code39|Code93|ITF|Codabar|QRCode|MicroQRCode|DataMatrix"
# What a label holds; what is longer is some other code in the picture.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class FoundCode:
    text: str
    format: str


def read_photo(data: bytes) -> list[FoundCode]:
    """The codes in an uploaded picture, once each; none is an empty list.

    Raises DomainError `photo_<code>` for a file that is no usable photo.
    """
    try:
        image = decode_photo(data, max_side=SIDES[-1]).image
    except PhotoError as error:
        raise _refusal(error) from error
    return read_image(image)


def read_upload(file: UploadedFile) -> list[FoundCode]:
    """The same of an uploaded file; one that is too large is refused before it fills the memory."""
    if (file.size or 0) > PhotoLimits().max_bytes:
        error = PhotoError("file_too_large", "too large", {"bytes": file.size, "limit": PhotoLimits().max_bytes})
        raise _refusal(error) from error
    return read_photo(file.read())


def read_image(image: Image.Image) -> list[FoundCode]:
    """The codes in a picture: looked for in a smaller copy, in the picture itself, and in tilted copies.

    ZXing looks along rows and columns, so that bars at a slant are found only where they are turned straight.
    """
    grey = image.convert("L")
    small = _fitted(grey, SIDES[0])
    found = _read(small)
    if not found and small.size != grey.size:
        found = _read(_fitted(grey, SIDES[1]))
    for degrees in TILTS:
        found = found or _read(small.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=255))
    return found


def _fitted(image: Image.Image, side: int) -> Image.Image:
    fitted = image.copy()
    fitted.thumbnail((side, side), Image.Resampling.BILINEAR)
    return fitted


def _read(image: Image.Image) -> list[FoundCode]:
    import zxingcpp  # the only ones who need it are those who scan

    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str(FORMATS))
    found = (FoundCode(code.text.strip(), str(code.format)) for code in codes[:MOST_CODES])
    return [code for code in dict.fromkeys(found) if 0 < len(code.text) <= LONGEST and code.text.isprintable()]


def _refusal(error: PhotoError) -> DomainError:
    message = photo_message(error)
    return DomainError(f"photo_{error.code}", message, [Problem(error.code, message, field="photo")])

"""Every kind of bad or odd upload gets its own clear answer, and every usable one becomes upright RGB."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile

from erp.core.photos import CODES, PhotoError, PhotoLimits, decode_photo

from .drawing import encode, garment_photo


def refusal(data: bytes, **options) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        decode_photo(data, **options)
    assert caught.value.code in CODES
    assert caught.value.message.endswith(".")
    return caught.value


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size in its header and has no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    idat = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, idat)
    )


@pytest.fixture
def photo() -> Image.Image:
    return garment_photo()[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_usable_formats_become_rgb(photo, kind):
    decoded = decode_photo(encode(photo, kind))
    assert (decoded.image.mode, decoded.image.size, decoded.size, decoded.format) == (
        "RGB",
        photo.size,
        photo.size,
        kind,
    )
    assert decoded.had_alpha is False


def test_heic_round_trip(photo):
    buffer = io.BytesIO()
    pillow_heif.from_pillow(photo).save(buffer, quality=90)
    decoded = decode_photo(buffer.getvalue())
    assert decoded.format == "HEIF" and decoded.image.size == photo.size
    difference = np.abs(np.asarray(decoded.image, dtype=int) - np.asarray(photo, dtype=int))
    assert difference.mean() < 6


def test_empty_file():
    assert refusal(b"").code == "empty"


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><html><body>photo.jpg</body></html>",
        b"  \n<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
    ],
)
def test_markup_posing_as_a_photo(data):
    error = refusal(data)
    assert (error.code, error.params["kind"]) == ("not_an_image", "markup")


@pytest.mark.parametrize("data", [b"hello", b"BMW and other words " * 9, b"\x00" * 500, bytes(range(256)) * 8])
def test_other_bytes(data):
    assert refusal(data).code == "not_an_image"


@pytest.mark.parametrize(("data", "name"), [(b"%PDF-1.7\n...", "PDF"), (b"8BPS" + b"\0" * 40, "PSD")])
def test_known_but_unsupported(data, name):
    error = refusal(data)
    assert (error.code, error.params["format"]) == ("unsupported_format", name)


def test_video_is_unsupported():
    assert refusal(b"\x00\x00\x00\x18ftypmp42" + b"\0" * 100).code == "unsupported_format"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_cut_off_files(photo, kind, share):
    data = encode(photo, kind)
    assert refusal(data[: int(len(data) * share)]).code == "truncated"


def test_only_the_first_bytes_of_a_jpeg():
    assert refusal(b"\xff\xd8\xff\xe0\x00\x10JFIF").code == "truncated"


def test_file_too_large(photo):
    error = refusal(encode(photo), limits=PhotoLimits(max_bytes=1000))
    assert error.code == "file_too_large" and error.params["limit"] == 1000


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])
def test_bomb_is_refused_from_its_header(size):
    error = refusal(png_header(*size))
    assert error.code == "too_many_pixels" and "megapixels" in error.message


@pytest.mark.parametrize("size", [(1, 1), (20, 400), (400, 20)])
def test_too_small(size):
    error = refusal(encode(Image.new("RGB", size), "PNG"))
    assert error.code == "too_small" and error.params["width"] == size[0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations(photo, kind):
    frames = [photo, garment_photo(colour="#1e2744", seed=1)[0]]
    error = refusal(encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=80))
    assert error.code == "animated" and error.params["frames"] == 2


def test_phone_with_a_second_picture_inside(photo):
    decoded = decode_photo(encode(photo, "MPO", save_all=True, append_images=[photo.resize((60, 80))]))
    assert decoded.format == "MPO" and decoded.image.size == photo.size


def test_cmyk(photo):
    decoded = decode_photo(encode(photo.convert("CMYK"), "JPEG", quality=95))
    middle = decoded.image.getpixel((120, 160))
    assert decoded.image.mode == "RGB" and middle[0] > 150 and middle[1] < 80


def test_16_bit_grey_keeps_its_range():
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    decoded = np.asarray(decode_photo(encode(Image.fromarray(ramp), "PNG")).image)
    assert decoded.shape == (64, 64, 3) and decoded[0, 0, 0] == 0 and decoded[-1, -1, 0] == 255
    assert 120 < decoded[32, 0, 0] < 135


def test_palette_with_transparency(photo):
    image = photo.quantize(16)
    image.info["transparency"] = 0
    decoded = decode_photo(encode(image, "PNG", transparency=0))
    assert decoded.had_alpha and decoded.image.mode == "RGB"


def test_alpha_is_laid_on_white():
    image = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    image.paste((0, 0, 200, 255), (16, 16, 48, 48))
    decoded = decode_photo(encode(image, "PNG"))
    assert decoded.had_alpha
    assert decoded.image.getpixel((2, 2)) == (255, 255, 255)
    assert decoded.image.getpixel((32, 32)) == (0, 0, 200)


def test_grey_and_bilevel():
    assert decode_photo(encode(Image.new("L", (64, 64), 90), "JPEG")).image.getpixel((5, 5)) == (90, 90, 90)
    assert decode_photo(encode(Image.new("1", (64, 64), 1), "PNG")).image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation):
    upright = Image.new("RGB", (80, 48), "white")
    upright.paste((220, 20, 20), (0, 0, 40, 24))
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_photo(encode(stored, "JPEG", exif=exif, quality=95))
    assert decoded.image.size == decoded.size == (80, 48)
    assert decoded.image.getpixel((10, 8))[1] < 90 and decoded.image.getpixel((70, 40))[1] > 200


def test_embedded_profile_is_followed_and_a_broken_one_ignored(photo):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode_photo(encode(photo, "PNG", icc_profile=lab)).image.size == photo.size
    assert decode_photo(encode(photo, "PNG", icc_profile=b"no profile at all")).image.size == photo.size


def test_analysis_copy_is_smaller_but_names_the_photos_own_size():
    big = garment_photo((1600, 2000))[0]
    decoded = decode_photo(encode(big, "JPEG"), max_side=500)
    assert decoded.size == (1600, 2000)
    assert 500 <= max(decoded.image.size) <= 1000


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(40, 60000), (60000, 40), (40, 40000)])
@pytest.mark.parametrize("max_side", [768, 1280, None])
def test_a_strip_is_a_photo_too(size, kind, max_side):
    decoded = decode_photo(encode(Image.new("RGB", size, "navy"), kind), max_side=max_side)
    assert decoded.size == size
    assert min(decoded.image.size) >= 1
    assert max(decoded.image.size) >= (max_side or max(size))


def test_a_reader_that_divides_by_zero_says_that_the_photo_is_damaged(photo, monkeypatch):
    def divide(image: Image.Image, *args: object) -> None:
        raise ZeroDivisionError

    for step in ("draft", "load"):
        with monkeypatch.context() as patch:
            patch.setattr(JpegImageFile, step, divide)
            assert refusal(encode(photo, "JPEG"), max_side=50).code == "truncated"


def test_extension_does_not_matter(photo):
    assert decode_photo(encode(photo, "PNG")).format == "PNG"

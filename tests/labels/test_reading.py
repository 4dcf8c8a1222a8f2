"""Codes in pictures: straight, turned, out of focus, in a photo of full size; and pictures that are none."""

from __future__ import annotations

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from erp.core.errors import DomainError
from erp.core.photos import PhotoLimits
from erp.labels.reading import read_photo, read_upload
from tests import photos
from tests.labels.pictures import drawn, jpeg, photo

CODES = [("2000000000015", "EAN-13"), ("HR-0012-NV-M", "Code 128"), ("HR-0012-NV-M", "QR Code")]


def read(data: bytes) -> list[tuple[str, str]]:
    return [(code.text, code.format) for code in read_photo(data)]


@pytest.mark.parametrize(("text", "kind"), CODES)
@pytest.mark.parametrize("degrees", [0, 17, 90, 180, 213])
def test_turned(text: str, kind: str, degrees: float) -> None:
    assert read(photo(drawn(text, kind, scale=6), degrees=degrees, size=(1600, 1200))) == [(text, kind)]


@pytest.mark.parametrize(("text", "kind"), CODES)
def test_out_of_focus(text: str, kind: str) -> None:
    assert read(photo(drawn(text, kind, scale=6), degrees=4, blur=2.5, size=(1600, 1200))) == [(text, kind)]


@pytest.mark.parametrize(("text", "kind"), CODES)
def test_small_in_a_photo_of_twelve_megapixels(text: str, kind: str) -> None:
    data = photo(drawn(text, kind, scale=5), degrees=6, blur=1, size=(4000, 3000))
    began = time.perf_counter()
    assert read(data) == [(text, kind)]
    assert time.perf_counter() - began < 10  # below a second on an idle machine


def test_hangul_in_a_qr_code() -> None:
    assert read(photo(drawn("하루-12-M", "QR Code", scale=8), size=(1200, 900))) == [("하루-12-M", "QR Code")]


def test_several_codes_in_one_picture() -> None:
    sheet = Image.new("L", (1200, 900), 255)
    sheet.paste(drawn("2000000000015", "EAN-13"), (100, 100))
    sheet.paste(drawn("HR-0012-NV-M", "QR Code", scale=8), (700, 500))
    assert sorted(read(jpeg(sheet))) == [("2000000000015", "EAN-13"), ("HR-0012-NV-M", "QR Code")]


def test_light_on_dark_and_transparent() -> None:
    code = drawn("HR-0012-NV-M", "QR Code", scale=8)
    assert read(jpeg(code.point(lambda value: 255 - value))) == [("HR-0012-NV-M", "QR Code")]


def test_a_picture_without_a_code_is_no_error() -> None:
    assert read(photos.jpeg((1600, 1200))) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo_empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_not_an_image"),
        (b"%PDF-1.4", "photo_unsupported_format"),
        (photos.jpeg((600, 400))[:300], "photo_truncated"),
        (photos.animation("GIF"), "photo_animated"),
        (photos.jpeg((16, 16)), "photo_too_small"),
    ],
)
def test_files_that_are_no_usable_photo_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_photo(data)
    assert refused.value.code == code
    assert refused.value.problems[0].field == "photo"


def test_a_file_that_is_too_large_is_not_read() -> None:
    file = SimpleUploadedFile("x.jpg", b"x")
    file.size = PhotoLimits().max_bytes + 1
    file.file = None  # reading it would fail
    with pytest.raises(DomainError, match="20MB") as refused:
        read_upload(file)
    assert refused.value.code == "photo_file_too_large"
